"""Generic webhook in: whatever can send signed JSON becomes a channel."""
