"""The first step: something came from a network. It is stored, and hearing is woken when that is committed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from choir.channels.actions import store
from choir.channels.contract import Raw
from choir.channels.models import ArrivalSource, Channel
from choir.flow.wake import Step, wake


@transaction.atomic
def arrive(
    channel: Channel, raws: Sequence[Raw], *, source: ArrivalSource, at: dt.datetime, cursor: str | None = None
) -> int:
    """Store raw things, each once, with the cursor that covers them, and wake `hear`; how many were offered."""
    offered = store(channel, raws, source=source, at=at, cursor=cursor)
    if offered:
        wake(Step.HEAR)
    return offered
