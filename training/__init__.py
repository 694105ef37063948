"""How the small language models of notebook 07 were made. Never needed to read or to test the series."""
