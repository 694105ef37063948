"""What the notebooks compute with. One module per subject; import the one you need."""
