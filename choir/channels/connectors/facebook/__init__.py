"""Facebook Pages: comments, visitor posts, mentions, Messenger, posts and their figures."""
