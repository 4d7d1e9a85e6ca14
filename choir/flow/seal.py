"""Seal: what was recorded gets its place in the chain, behind the writers."""

import datetime as dt

from choir.events.chain import seal_all


def seal(*, at: dt.datetime) -> int:
    """Seal one batch of every chain; how many events."""
    return seal_all(at=at)
