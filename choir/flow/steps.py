"""The table of the flow: for each step, the function that moves one batch of due rows and says how many."""

import importlib
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache

import structlog
from django.utils import timezone

from choir.channels.models import Arrival
from choir.flow import outgrown
from choir.wake import IN_HINDSIGHT, Step, holding, wake

log = structlog.get_logger()

SMALL = 64  # rows
ONWARD = frozenset({Step.UNDERSTAND, Step.ROUTE})
WHILE_BUSY_SECONDS = 1.0
"""While something arrives, what is done in hindsight takes no longer in a minute, each step: a long past to catch up
with (after an upgrade, an import, an outage) keeps no customer waiting."""
BATCHES_AT_MOST = 10_000  # a step that never empties gives its worker back; the tick wakes it again

STEPS: Mapping[Step, str] = {
    Step.SANDBOX: "choir.flow.announce_sandbox.announce_sandbox",
    Step.FETCH: "choir.flow.fetch.fetch",
    Step.SEARCH: "choir.flow.search.search",
    Step.LOOK_AGAIN: "choir.flow.look_again.look_again",
    Step.IMPORT: "choir.flow.continue_imports.continue_imports",
    Step.HEAR: "choir.flow.hear.hear",
    Step.UNDERSTAND: "choir.flow.understand.understand",
    Step.ROUTE: "choir.flow.route.route",
    Step.ASSIGN: "choir.flow.assign.assign_waiting",
    Step.RETURNS: "choir.flow.returns.return_untouched",
    Step.SNOOZED: "choir.flow.returns.wake_snoozed",
    Step.ABANDONED: "choir.flow.abandoned.place_abandoned",
    Step.MEDIA: "choir.flow.media.fetch_media",
    Step.SURVEY: "choir.flow.survey.survey",
    Step.ATTRIBUTE: "choir.conversions.attributing.attribute",
    Step.FOLLOW: "choir.journey.following.follow",
    Step.DELIVER: "choir.flow.deliver.deliver",
    Step.MODERATE: "choir.flow.moderate.moderate",
    Step.ENGAGEMENT: "choir.flow.engagement.measure_engagement",
    Step.LISTEN: "choir.flow.listen.listen",
    Step.SEAL: "choir.flow.seal.seal",
    Step.MEASURE: "choir.measurement.measure.measure",
    Step.TALLY: "choir.measurement.tally.tally",
    Step.LEARN: "choir.flow.learn.learn",
    Step.DRIFT: "choir.flow.drifting.notice_drift",
    Step.LOOK_AHEAD: "choir.strategy.outlook.look_ahead",
    Step.THEMES: "choir.flow.themes.keep_themes",
    Step.ENACT: "choir.governance.enacting.enact",
    Step.CONVENE: "choir.governance.jobs.convene",
    Step.BRIEF: "choir.executive.jobs.brief",
}


@cache
def function_of(step: Step) -> Callable[..., int]:
    """The function behind a step: `(at) -> rows moved`, 0 when nothing is due."""
    module, name = STEPS[step].rsplit(".", 1)
    function: Callable[..., int] = getattr(importlib.import_module(module), name)
    return function


def advance(step: Step) -> int:
    """Move everything that is due in one step, batch by batch; how many rows were moved."""
    moved = 0
    for _ in range(BATCHES_AT_MOST):
        batch = function_of(step)(at=timezone.now())
        outgrown.moved(batch)
        if not batch:
            break
        moved += batch
    return moved


def advance_onward(step: Step) -> Mapping[Step, int]:
    """Like `advance`, and what a small batch brought on is moved by the same worker before the next batch: a message
    that comes alone goes its whole way without waiting for another job. What a large batch brought on is woken, so that
    other workers help. How many rows were moved, by step."""
    moved: Counter[Step] = Counter()
    began = time.monotonic()
    for _ in range(BATCHES_AT_MOST):
        if not _move(step, moved) or _must_wait(step, began):
            break
    return +moved


def _must_wait(step: Step, began: float) -> bool:
    """Whether what arrives goes first; the tick of the next minute goes on."""
    is_long = step in IN_HINDSIGHT and time.monotonic() - began > WHILE_BUSY_SECONDS
    return is_long and Arrival.objects.waiting().exists()


def _move(step: Step, moved: Counter[Step]) -> int:
    """One batch of a step and, if it is small, one of each that it brought on."""
    with holding() as woken:
        batch = function_of(step)(at=timezone.now())
    outgrown.moved(batch)
    moved[step] += batch
    for following in sorted(woken, key=list(Step).index):
        if following not in ONWARD or batch >= SMALL or not _is_done(following, moved):
            wake(following)
    return batch


def _is_done(step: Step, moved: Counter[Step]) -> bool:
    """Whether one batch of a step was all there was. What goes wrong in it is its own job's to fail of: it must not
    stop the step that brought it on."""
    try:
        return _move(step, moved) < SMALL
    except Exception:
        log.exception("flow.failed", step=str(step))
        return False


def advance_all(*, rounds: int = 20, only: tuple[Step, ...] = tuple(Step)) -> dict[str, int]:
    """Run steps in order until none of them has anything due: for commands that must end with the work done."""
    moved: dict[str, int] = {}
    for _ in range(rounds):
        this_round = {step: advance(step) for step in only}
        for step, count in this_round.items():
            moved[step] = moved.get(step, 0) + count
        if not any(this_round.values()):
            break
    return moved
