"""The step of the brief: weeks that are over are told of, and sent to those who asked."""

from __future__ import annotations

import datetime as dt

from choir.executive.mailing import mail
from choir.executive.writing import due, write


def brief(*, at: dt.datetime) -> int:
    """Whatever is due for any workspace; how many briefs were written and sent."""
    return sum(write(one) is not None for one in due(at=at)) + mail()
