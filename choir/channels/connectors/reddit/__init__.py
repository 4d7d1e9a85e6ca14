"""Reddit: our subreddits, mentions, answers to us, modmail, search."""
