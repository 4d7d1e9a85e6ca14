"""A person's own page: how they are called, how Choir looks for them, how they sign in."""
