"""Where a drift shows: since which day, on which channel and about what most, and what was said. Only what drifted is
looked at, in three statements."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate

from choir.flow.drift import OTHER, WEEK, Drift
from choir.inbox.models import Conversation, Direction, Message
from choir.people.models import Person, Workspace

LOOKS_BACK = 2 * WEEK  # the change may have begun before the week in which it shows
EXAMPLES = 3
MOST_OF_IT = 0.4  # of what is so now; a part that has less is not named


@dataclass(frozen=True, slots=True)
class Part:
    """A channel, an objective or a topic that much of it is on or about."""

    kind: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """One drift's."""

    since: dt.date
    parts: tuple[Part, ...]
    examples: tuple[tuple[uuid.UUID, str], ...]  # conversations that the person may read, with what was said first


def evidence_of(workspace: Workspace, drift: Drift, *, person: Person, at: dt.datetime) -> Evidence:
    """Since when and where, and the newest examples that the person may read. Days are the person's."""
    begins = at - LOOKS_BACK
    arrived = Conversation.objects.filter(
        workspace=workspace, first_inbound_at__gt=begins, first_inbound_at__lte=at, reading__isnull=False
    )
    zone = ZoneInfo(person.time_zone)
    days = _days(arrived, drift, zone)
    so = arrived.filter(_so(drift), first_inbound_at__gt=at - WEEK)
    newest = list(
        Conversation.objects.visible_to(person)
        .filter(pk__in=so.values("pk"))
        .order_by("-first_inbound_at", "-id")
        .values_list("pk", flat=True)[:EXAMPLES]
    )
    firsts = (
        Message.objects.filter(conversation__in=newest, direction=Direction.INBOUND)
        .order_by("conversation_id", "at", "id")
        .distinct("conversation_id")
    )
    said = dict(firsts.values_list("conversation_id", "text"))
    return Evidence(
        since=since(days, share=drift.before, rises=drift.now > drift.before) or (at - WEEK).astimezone(zone).date(),
        parts=_parts(so, drift),
        examples=tuple((pk, said.get(pk, "")) for pk in newest),
    )


def since(days: Sequence[tuple[dt.date, int, int]], *, share: float, rises: bool) -> dt.date | None:
    """The day from which on most is above (or below) what the share before lets expect: where the sum of what is
    unexpected, up to now, is largest (CUSUM; Page 1954). Days come oldest first, each with how many are so, of how
    many; None without any."""
    best, found, total = 0.0, None, 0.0
    for day, so, of in reversed(days):
        total += (so - share * of) * (1 if rises else -1)
        if total > best:
            best, found = total, day
    return found


def _so(drift: Drift) -> Q:
    if drift.about == "unsure":
        return Q(is_unsure=True)
    if drift.about == "topic" and drift.name == OTHER:
        return Q(reading__topic="")
    return Q(**{f"reading__{drift.about}": drift.name})


def _days(arrived: QuerySet[Conversation], drift: Drift, zone: ZoneInfo) -> list[tuple[dt.date, int, int]]:
    rows = (
        arrived.annotate(day=TruncDate("first_inbound_at", tzinfo=zone))
        .values("day")
        .annotate(so=Count("pk", filter=_so(drift)), of=Count("pk"))
        .order_by("day")
    )
    return [(row["day"], row["so"], row["of"]) for row in rows]


def _parts(so: QuerySet[Conversation], drift: Drift) -> tuple[Part, ...]:
    """The channel, the objective and the topic that most of it has; what drifted itself says nothing new."""
    counted: dict[str, Counter[str]] = {"channel": Counter(), "objective": Counter(), "topic": Counter()}
    names = ("channel__name", "reading__objective", "reading__topic")
    for channel, objective, topic, n in so.values(*names).annotate(n=Count("pk")).values_list(*names, "n"):
        for kind, name in (("channel", channel), ("objective", objective), ("topic", topic)):
            counted[kind][name] += n
    found = []
    for kind, names_of in counted.items():
        name, n = next(iter(names_of.most_common(1)), ("", 0))
        if kind != drift.about and name and n >= MOST_OF_IT * names_of.total():
            found.append(Part(kind, name, n))
    return tuple(found)
