"""Histories for the tests of figures: conversations that were routed, answered, handed over and resolved at times."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db.models import F

from choir.events.actions import record
from choir.inbox.models import Clock, ClockKind, Conversation, Direction, Handover, Message, State
from choir.listening.models import Match, Query, Spike, Volume
from choir.measurement.measure import rebuild
from choir.outbound.models import Engagement
from choir.people.models import Person
from choir.routing.models import Hours
from choir.surveys.models import Survey
from tests.cast import NOON, Cast
from tests.conversing import arrived, read_as

MONDAY = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
HOUR, MINUTE, DAY = dt.timedelta(hours=1), dt.timedelta(minutes=1), dt.timedelta(days=1)
NOW = NOON + 2 * DAY  # Friday noon


def begun(
    cast: Cast,
    at: dt.datetime,
    *,
    department: str = "customer_service",
    objective: str = "care",
    needs_reply: bool = True,
    sentiment: str = "neutral",
    language: str = "en",
) -> Conversation:
    """A conversation that arrives and is routed to a department at once."""
    one = arrived(cast, "Where is my parcel?", at=at)
    one.reading = read_as(cast, one.messages.get(), objective=objective, needs_reply=needs_reply)
    one.objective, one.sentiment, one.language = cast.objectives[objective], sentiment, language
    one.department, one.team = cast.departments[department], cast.teams[department]
    one.state, one.state_at = (State.OPEN, at) if needs_reply else (State.NOTED, at)
    one.save()
    happened(cast, one, "routed" if needs_reply else "noted", at)
    return one


def happened(cast: Cast, one: Conversation, what: str, at: dt.datetime, *, by: Person | None = None) -> None:
    """One event of a conversation, with who has it."""
    record(
        verb=f"conversation.{what}",
        subject=one,
        organisation_id=cast.organisation.pk,
        workspace_id=cast.workspace.pk,
        at=at,
        by=by,
        facts={"department": str(one.department_id or ""), "team": str(one.team_id or "")},
    )


def answered(cast: Cast, one: Conversation, at: dt.datetime, text: str = "It is on its way.") -> Message:
    """Our answer left then."""
    one.last_outbound_at, one.waiting_since = at, None
    one.save()
    return Message.objects.create(
        workspace=cast.workspace, conversation=one, direction=Direction.OUTBOUND, text=text,
        external_id=uuid.uuid4().hex, at=at, sent_at=at,
    )  # fmt: skip


def resolved(cast: Cast, one: Conversation, at: dt.datetime) -> None:
    """Done, then."""
    one.state, one.state_at = State.RESOLVED, at
    one.save()
    happened(cast, one, "resolved", at)


def reopened(cast: Cast, one: Conversation, at: dt.datetime) -> None:
    """Work again."""
    one.state, one.state_at = State.OPEN, at
    one.save()
    happened(cast, one, "reopened", at)


def handed(cast: Cast, one: Conversation, to: str, at: dt.datetime) -> Handover:
    """Another department's, from then on."""
    giver = one.department
    assert giver is not None
    one.department, one.team = cast.departments[to], cast.teams[to]
    one.save()
    happened(cast, one, "handed_over", at)
    return Handover.objects.create(
        workspace=cast.workspace, conversation=one, from_department=giver, to_department=one.department,
        because="It is theirs.", at=at,
    )  # fmt: skip


def engaged(cast: Cast, message: Message, *, at: dt.datetime, **counts: int) -> Engagement:
    """What the network told then of a message of ours."""
    row, _ = Engagement.objects.update_or_create(
        message=message,
        defaults={
            "workspace": cast.workspace, "channel": message.conversation.channel, "measured_at": at,
            **{f"{name}_count": count for name, count in counts.items()},
        },
    )  # fmt: skip
    return row


def surveyed(cast: Cast, one: Conversation, at: dt.datetime, *, score: int | None) -> Survey:
    """The customer was asked an hour before then, and said this; nothing without a score."""
    return Survey.objects.create(
        workspace=cast.workspace, conversation=one, customer=one.customer, language="en", asked_at=at - HOUR,
        score=score, answered_at=None if score is None else at,
    )  # fmt: skip


def found_by(cast: Cast, one: Conversation, *, group: str, is_ours: bool = False) -> Match:
    """A query of this group found what the conversation began with."""
    query, _ = Query.objects.get_or_create(
        workspace=cast.workspace, name=group or "No group", defaults={"text": "x", "group": group, "is_ours": is_ours}
    )
    mention = one.messages.earliest("at").mention
    assert mention is not None
    hour = mention.posted_at.replace(minute=0, second=0, microsecond=0)
    volume, _ = Volume.objects.get_or_create(workspace=cast.workspace, query=query, hour=hour, defaults={"count": 0})
    Volume.objects.filter(pk=volume.pk).update(count=F("count") + 1)
    return Match.objects.create(workspace=cast.workspace, query=query, mention=mention, posted_at=mention.posted_at)


def spiked(cast: Cast, query: Query, at: dt.datetime, *, department: str = "marketing", topic: str = "") -> Spike:
    """More was said than usual, from then on, and it is over."""
    return Spike.objects.create(
        workspace=cast.workspace, query=query, topic=topic, began_at=at, found_at=at, seen_at=at + HOUR,
        ended_at=at + HOUR, count=40, expected=4, chance=1e-9, department=cast.departments[department],
    )  # fmt: skip


def promised(
    cast: Cast, one: Conversation, *, due: dt.datetime, kept: dt.datetime | None, kind: str = ClockKind.FIRST_RESPONSE
) -> Clock:
    """A promise, kept at a time (in time or late) or still running."""
    return Clock.objects.create(
        workspace=cast.workspace, conversation=one, kind=kind, team=one.team, allowed_seconds=3600,
        hours=Hours.CALENDAR, started_at=due - HOUR, counted_from=due - HOUR, due_at=due, stopped_at=kept,
        is_met=None if kept is None else kept <= due,
    )  # fmt: skip


def measured(cast: Cast, at: dt.datetime = NOW) -> None:
    """Take all of it into the figures."""
    rebuild(cast.workspace, at=at)
