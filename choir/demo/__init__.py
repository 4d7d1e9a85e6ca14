"""Brindlewick, an invented company with three months of history, to look at and try; it is marked and removable."""
