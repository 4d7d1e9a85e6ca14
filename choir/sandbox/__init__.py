"""A real little network inside Choir, where anyone can post, comment and message as a customer."""
