"""Choir: every department that talks to customers, in one place."""
