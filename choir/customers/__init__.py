"""Customers and their identities on networks: one person behind several accounts."""
