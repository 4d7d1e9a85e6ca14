"""The demo company's pilot: half of the delivery questions went to operations for four weeks, chance decided which, and
what that showed went to the committee."""

from __future__ import annotations

import datetime as dt
import tomllib
import uuid
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from choir.demo.company import CONTENT, Company
from choir.demo.rows import Rows
from choir.governance.models import Decision
from choir.inbox.models import Conversation, Direction, Handover, Message, State
from choir.pilots.looking import look_at, seen
from choir.pilots.models import Draw, Ending, Outcome, Pilot
from choir.triage.models import Reading

SALT = "brindlewick"  # the same each time, so that the same conversations take part


def begin(company: Company, *, at: dt.datetime) -> Pilot:
    """The pilot as it was set; `at` is now, from which its days are counted back."""
    told = tomllib.loads((CONTENT / "company.toml").read_text(encoding="utf-8"))["pilot"]
    began = at - dt.timedelta(days=told["from"])
    return Pilot.objects.create(
        workspace=company.workspace, name=told["name"], because=told["because"],
        objective=company.objectives[told["objective"]], topic=told["topic"], owner=company.departments[told["owner"]],
        candidate=company.departments[told["candidate"]], share=0.5, salt=SALT, starts_at=began,
        ends_at=at - dt.timedelta(days=told["until"]), metric=told["metric"], also=told["also"], worth=told["worth"],
        started_by=company.people["Kirsten Vale"], created_at=began,
    )  # fmt: skip


def end(pilot: Pilot, decision: Decision, *, at: dt.datetime) -> None:
    """The committee's decision gave the work to the candidate."""
    Ending.objects.create(
        pilot=pilot, at=at, outcome=Outcome.ADOPTED, because=f"Decision {decision.number}: {decision.because}",
        by=decision.decided_by, decision_id=decision.pk, decision_number=decision.number,
    )  # fmt: skip


def conclude(pilot: Pilot, rows: Rows) -> None:
    """The look at its end, at what had happened by then."""
    at = look_at(pilot, 1)
    went = _went(rows)
    drawn = [one for one in rows.of(Draw) if one.at < pilot.drawn_until(1)]
    seen(
        pilot, 1, [{**went[one.conversation_id], "is_candidate": one.is_candidate} for one in drawn], before=[], at=at
    ).save()


def _went(rows: Rows) -> Mapping[uuid.UUID, dict[str, Any]]:
    """How each conversation went, as `choir.pilots.outcomes.rows_of` would read it."""
    said: dict[uuid.UUID, list[Message]] = defaultdict(list)
    for message in rows.of(Message):
        said[message.conversation_id].append(message)
    moods: dict[uuid.UUID | None, float] = {
        one.mention_id: one.sentiment_score for one in rows.of(Reading) if one.is_current
    }
    handed = {one.conversation_id for one in rows.of(Handover)}
    return {one.pk: _of(one, said[one.pk], moods) | {"handed": one.pk in handed} for one in rows.of(Conversation)}


def _of(conversation: Conversation, messages: list[Message], moods: Mapping[uuid.UUID | None, float]) -> dict[str, Any]:
    ours = [one.at for one in messages if one.direction == Direction.OUTBOUND]
    theirs = sorted((one for one in messages if one.direction == Direction.INBOUND), key=lambda one: one.at)
    began, resolved = theirs[0].at, conversation.state_at if conversation.state == State.RESOLVED else None
    first, last = theirs[0].mention_id, theirs[-1].mention_id
    return {
        "responded": (min(ours) - began).total_seconds() if ours else None,
        "took": (resolved - began).total_seconds() if resolved else None,
        "resolved": resolved, "first_resolved": resolved, "reopened": None, "answers": len(ours), "score": None,
        "first_mention": first, "last_mention": last, "mood_first": moods.get(first), "mood_last": moods.get(last),
    }  # fmt: skip
