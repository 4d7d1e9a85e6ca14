"""Seal: what was recorded gets its place in the chain, behind the writers; then it can be counted."""

import datetime as dt

from choir.events.chain import seal_all
from choir.wake import Step, wake


def seal(*, at: dt.datetime) -> int:
    """Seal one batch of every chain; how many events."""
    sealed = seal_all(at=at)
    if sealed:
        wake(Step.MEASURE)
    return sealed
