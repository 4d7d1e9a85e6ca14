"""Asking customers how it went, once, after a conversation is resolved: when, in which words, and what they said."""
