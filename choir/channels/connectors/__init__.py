"""One folder per network; the list of folders is the list of connectors."""
