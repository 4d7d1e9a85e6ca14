"""Signing in: password, second factor, passkeys; the demo's one click."""
