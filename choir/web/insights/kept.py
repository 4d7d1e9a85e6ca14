"""Figures kept for as long as they are the same: until the workspace is measured again.

A question is of the moment of the last measuring, so one answer to it holds until the next. Each process keeps its
own answers; nothing needs to be told when they are out of date, because the next question is another.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import TypeVar

from django.core.cache import caches

from choir.measurement.metric import Metric
from choir.web.insights.lens import Lens

KEPT_SECONDS = 15 * 60
Answer = TypeVar("Answer")


def kept(lens: Lens, metric: Metric, what: str, answer: Callable[[], Answer]) -> Answer:
    """The answer to a question, from the store or worked out now."""
    if lens.counted_at is None:
        return answer()
    key = _key(lens, metric, what)
    found: Answer | None = caches["local"].get(key)
    if found is None:
        found = answer()
        caches["local"].set(key, found, KEPT_SECONDS)
    return found


def _key(lens: Lens, metric: Metric, what: str) -> str:
    asked = lens.asked
    seen = "all" if asked.departments is None else ",".join(sorted(map(str, asked.departments)))
    moments = (asked.period.first, asked.period.end.astimezone(dt.UTC), lens.counted_at, asked.period.zone)
    parts = ("figure", asked.workspace_id, metric.slug, what, seen, asked.hours, asked.narrowed, *moments)
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()
