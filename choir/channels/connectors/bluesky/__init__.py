"""Bluesky, and whatever else speaks the AT Protocol with its posts."""
