"""Customers: finding one, and everything that happened between them and us."""
