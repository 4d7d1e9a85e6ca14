"""The fault tests answer on a network of their own."""

from tests.outbound.network import loopback

__all__ = ["loopback"]
