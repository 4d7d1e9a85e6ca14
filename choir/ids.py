"""Identifiers: UUID version 7, so that rows are unique on any machine and sort by the time they were made."""

import uuid

import uuid_utils.compat


def new_id() -> uuid.UUID:
    """A new UUIDv7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then randomness."""
    return uuid_utils.compat.uuid7()
