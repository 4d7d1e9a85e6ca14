"""Answers that did not arrive, and what to do about each."""
