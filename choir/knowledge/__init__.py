"""Answers and macros: what the organisation already knows how to say."""
