"""What the inbox's pages read: lists, counts, search, one conversation."""
