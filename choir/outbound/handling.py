"""Handling: how long a person worked on an answer, as far as their work leaves a trace.

It begins with their last look at the conversation before they typed, and goes on from one save of what they type to the
next, until they send. A draft saves itself while it is typed, so a gap longer than `PAUSE` is somebody who does
something else, and does not count; a look longer ago than `LOOK` was not a look at this answer. Reading elsewhere,
asking a colleague aloud or thinking it over on a walk leaves no trace, and is in no figure.
"""

from __future__ import annotations

import datetime as dt

from django.db.models import Case, F, PositiveIntegerField, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Extract

from choir.inbox.models import Conversation, Visit
from choir.outbound.models import Draft, DraftKind
from choir.people.models import Person

PAUSE = dt.timedelta(minutes=2)
LOOK = dt.timedelta(minutes=10)


def worked_since_saved(at: dt.datetime) -> Combinable:
    """What a draft's seconds are once it is saved again."""
    since = Cast(Extract(at - F("saved_at"), "epoch"), PositiveIntegerField())
    return Case(When(saved_at__range=(at - PAUSE, at), then=F("working_seconds") + since), default=F("working_seconds"))


def looked_seconds(conversation: Conversation, *, by: Person, at: dt.datetime) -> int | None:
    """How long the person has been looking at the conversation; None where no look is known that was for this."""
    seen_at = Visit.objects.filter(conversation=conversation, person=by).values_list("at", flat=True).first()
    if seen_at is None or not at - LOOK <= seen_at <= at:
        return None
    return int((at - seen_at).total_seconds())


def handling_seconds(conversation: Conversation, *, by: Person, at: dt.datetime) -> int | None:
    """The work on an answer that is sent now; None where nothing tells."""
    kept = Draft.objects.filter(conversation=conversation, person=by, kind=DraftKind.REPLY)
    draft = kept.values_list("working_seconds", "saved_at").first()
    if draft is None:
        return looked_seconds(conversation, by=by, at=at)
    seconds, saved_at = draft
    return seconds + (int((at - saved_at).total_seconds()) if saved_at <= at <= saved_at + PAUSE else 0)
