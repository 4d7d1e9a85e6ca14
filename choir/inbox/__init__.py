"""Conversations: what people work on."""
