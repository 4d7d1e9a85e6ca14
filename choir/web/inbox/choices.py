"""What can be chosen: until when to snooze, who could take a conversation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from choir.inbox.models import Conversation
from choir.inbox.queries.holding import held_by
from choir.people.models import Person
from choir.people.models.person import SkillKind

MORNING = dt.time(9)


@dataclass(frozen=True, slots=True)
class SnoozeChoice:
    """A time by a name."""

    name: str
    title: str | Promise
    until: dt.datetime


def snooze_choices(person: Person, *, now: dt.datetime) -> list[SnoozeChoice]:
    """The usual times, in the person's own zone."""
    zone = ZoneInfo(person.time_zone)
    local = now.astimezone(zone)
    tomorrow = dt.datetime.combine(local.date() + dt.timedelta(days=1), MORNING, zone)
    monday = dt.datetime.combine(local.date() + dt.timedelta(days=7 - local.weekday()), MORNING, zone)
    return [
        SnoozeChoice("hour", _("In an hour"), now + dt.timedelta(hours=1)),
        SnoozeChoice("later", _("In four hours"), now + dt.timedelta(hours=4)),
        SnoozeChoice("tomorrow", _("Tomorrow morning"), tomorrow),
        SnoozeChoice("monday", _("Monday morning"), monday),
        SnoozeChoice("week", _("In a week"), tomorrow + dt.timedelta(days=6)),
    ]


def snooze_until(chosen: Mapping[str, Any], person: Person, *, now: dt.datetime) -> dt.datetime | None:
    """What a form asks for: a choice by name, or a time of one's own. None when it names no time to come."""
    named = {choice.name: choice.until for choice in snooze_choices(person, now=now)}
    if until := named.get(str(chosen.get("until", ""))):
        return until
    try:
        own = dt.datetime.fromisoformat(str(chosen.get("at", ""))).replace(tzinfo=ZoneInfo(person.time_zone))
    except ValueError:
        return None
    return own if own > now else None


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who could take a conversation: what they hold, and why they fit."""

    person: Person
    held: float  # the weight of their open conversations
    speaks: bool

    @property
    def has_room(self) -> bool:
        """Whether they hold less than they can."""
        return self.held < self.person.capacity


def colleagues(conversation: Conversation) -> list[Colleague]:
    """The people of the department that has it, those who fit first: who speaks its language, is online and has
    room."""
    rows = (
        Person.objects.filter(memberships__team__department=conversation.department_id, is_active=True)
        .annotate(
            speaks=Count(
                "skills",
                filter=Q(skills__kind=SkillKind.LANGUAGE, skills__value=conversation.language),
                distinct=True,
            ),
        )
        .distinct()
    )
    held = held_by([row.pk for row in rows])
    found = [Colleague(row, held.get(row.pk, 0.0), bool(row.speaks)) for row in rows]
    return sorted(
        found,
        key=lambda one: (
            one.person.presence != "online",
            not one.has_room,
            not one.speaks,
            one.held,
            one.person.name,
        ),
    )
