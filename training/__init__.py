"""How the small language models of notebook 06 were made. Never needed to read or to test the series."""
