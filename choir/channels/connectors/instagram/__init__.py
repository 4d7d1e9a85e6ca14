"""Instagram for businesses: comments, tags, direct messages, posts and their figures."""
