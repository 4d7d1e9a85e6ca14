"""Replies that wait for somebody's yes."""
