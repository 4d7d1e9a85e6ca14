"""A pilot for tests: half of care goes to operations for four weeks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from choir.flow.route import route
from choir.inbox.models import Conversation
from choir.measurement.models import Course, Progress
from choir.pilots.actions import Design, begin
from choir.pilots.models import Draw, Pilot
from choir.routing.actions import Scope
from tests.cast import NOON, Cast
from tests.conversing import arrived, read_as

DAY = dt.timedelta(days=1)


def design(company: Cast, **told: Any) -> Design:
    """Half of care to operations, decided by the first response after four weeks."""
    usual: dict[str, Any] = {
        "name": "Care elsewhere", "objective": company.objectives["care"], "scope": Scope(),
        "candidate": company.departments["operations"], "share": 0.5, "days": 28, "metric": "first_response",
        "also": ["one_touch", "csat"], "looks": 1, "worth": -0.2, "needed_count": None,
        "because": "They may be quicker.",
    }  # fmt: skip
    return Design(**(usual | told))


def begun(company: Cast, **told: Any) -> Pilot:
    """A pilot that began at noon."""
    return begin(company.workspace, design(company, **told), by=company.cho, at=NOON)


def came(company: Cast, count: int, *, at: dt.datetime = NOON, **reading: Any) -> list[Conversation]:
    """Conversations that arrived and were routed."""
    made = [arrived(company, "Where is my parcel?", at=at) for _ in range(count)]
    for one in made:
        read_as(company, one.messages.get(), **reading)
    while route(at=at):
        pass
    for one in made:
        one.refresh_from_db()
    return made


def went(company: Cast, pilot: Pilot, *, owner: Sequence[int | None], candidate: Sequence[int | None]) -> None:
    """Conversations drawn at the beginning, each answered after so many seconds, or not at all; all is measured."""
    for is_candidate, seconds in ((False, owner), (True, candidate)):
        for waited in seconds:
            conversation = arrived(company, "Where is my parcel?")
            Draw.objects.create(
                workspace=company.workspace, pilot=pilot, conversation=conversation, is_candidate=is_candidate, at=NOON
            )
            Course.objects.create(
                workspace=company.workspace, conversation=conversation, channel=company.channel,
                objective=pilot.objective, arrived_at=NOON, needed_reply=True, answers_count=1 if waited else 0,
                answered_at=NOON if waited else None, first_response_seconds=waited, measured_at=NOON,
                resolved_at=NOON if waited else None,
            )  # fmt: skip
    Progress.objects.update_or_create(workspace=company.workspace, defaults={"at": NOON + 60 * DAY})
