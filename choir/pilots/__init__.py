"""Pilots: a random share of an objective's conversations goes to another department for a time, and is compared."""
