"""X (formerly Twitter): mentions, replies, direct messages, search, posts and their figures."""
