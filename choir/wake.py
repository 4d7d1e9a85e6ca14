"""Waking a step: a job that says “look for what is due”, started within milliseconds by a waiting worker.

This lives below every package, because whoever writes a row that is due may wake the step that moves it. A job
carries nothing: what is due is a query over rows, so losing a job loses nothing, and the tick of every minute
finds whatever was missed.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from functools import partial

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from choir.statements import asked


class Step(StrEnum):
    """The steps of the flow, in the order a message takes them."""

    SANDBOX = "sandbox"
    FETCH = "fetch"
    SEARCH = "search"
    LOOK_AGAIN = "look_again"
    IMPORT = "import"
    HEAR = "hear"
    UNDERSTAND = "understand"
    ROUTE = "route"
    ASSIGN = "assign"
    RETURNS = "returns"
    SNOOZED = "snoozed"
    ABANDONED = "abandoned"
    MEDIA = "media"
    SURVEY = "survey"
    ATTRIBUTE = "attribute"
    FOLLOW = "follow"
    DELIVER = "deliver"
    MODERATE = "moderate"
    ENGAGEMENT = "engagement"
    LISTEN = "listen"
    SEAL = "seal"
    MEASURE = "measure"
    TALLY = "tally"
    LEARN = "learn"
    DRIFT = "drift"
    LOOK_AHEAD = "look_ahead"
    THEMES = "themes"
    ENACT = "enact"
    CONVENE = "convene"
    BRIEF = "brief"


IN_HINDSIGHT = frozenset({
    Step.ATTRIBUTE, Step.FOLLOW, Step.MEASURE, Step.TALLY, Step.LISTEN, Step.LEARN, Step.DRIFT, Step.LOOK_AHEAD,
    Step.THEMES,
})  # fmt: skip
"""Steps that nobody waits for. They have a queue of their own, so that none of them keeps an answer from leaving."""

ARRIVALS, OTHERS, HINDSIGHT = QUEUES = ("arrivals", "default", "hindsight")
"""Where jobs wait. A worker takes one job at a time of what arrives: while it hears, one more job can wait, however
much arrives. A job for each message would cost as much as hearing it."""


def queue_of(step: Step) -> str:
    """Where a step's jobs wait."""
    if step in IN_HINDSIGHT:
        return HINDSIGHT
    return ARRIVALS if step == Step.HEAR else OTHERS


def task_name(step: Step) -> str:
    """The job's name in the queue."""
    return f"choir.flow.{step}"


def wake(step: Step, *, at: dt.datetime | None = None) -> None:
    """Once the present transaction is committed, have a worker look for what is due: now, or at a time."""
    transaction.on_commit(partial(_defer, step, at))


WAITING = "SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = %s AND status = 'todo'"
"""Whether a job waits already; it has yet to look for what is due, and will find our rows too."""

_holding: ContextVar[set[Step] | None] = ContextVar("holding", default=None)


@contextmanager
def holding() -> Iterator[set[Step]]:
    """Within it, what is woken for now is gathered instead: whoever holds it sees to it. Where an error ends it, what
    was gathered is woken after all."""
    held: set[Step] = set()
    token = _holding.set(held)
    try:
        yield held
    except BaseException:
        _holding.reset(token)
        for step in held:
            _defer(step, None)
        raise
    _holding.reset(token)


def _defer(step: Step, at: dt.datetime | None) -> None:
    held = _holding.get()
    if held is not None and at is None:
        held.add(step)
        return
    # A job that waits for its time must not stand in the way of one that should run now: another lock.
    lock = str(step) if at is None else f"{step}@{at:%Y%m%d%H%M%S}"
    if asked(WAITING, [lock]):
        return
    try:
        app.configure_task(task_name(step), queueing_lock=lock, schedule_at=at, allow_unknown=False).defer()
    except AlreadyEnqueued:
        return
