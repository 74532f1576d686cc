"""One module for each kind of statement."""
