"""Bringing past conversations in from a file: upload, say what its columns hold, watch it, see what was set aside."""
