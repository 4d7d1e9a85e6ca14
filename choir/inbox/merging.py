"""Two conversations turn out to be one thread: everything about one moves to the other."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import IntegrityError, models, transaction

from choir.events.actions import record
from choir.inbox.models import Conversation, State

LIVELINESS = {State.OPEN: 0, State.SNOOZED: 1, State.RESOLVED: 2, State.ARRIVING: 3, State.NOTED: 4}


def the_one_to_keep(conversations: list[Conversation]) -> Conversation:
    """The one people work on; among equals the oldest, so that addresses people know stay good."""
    return min(conversations, key=lambda one: (LIVELINESS[State(one.state)], one.created_at, one.pk))


def merge(kept: Conversation, other: Conversation, *, at: dt.datetime) -> None:
    """Move all that hangs on `other` to `kept` and delete `other`. Where both have what a conversation has once (a
    present assignment, a clock), the kept one's stays. Both rows must be locked; kept's fields are the caller's."""
    for relation in Conversation._meta.related_objects:
        _move(relation.related_model, relation.field.name, kept.pk, other.pk)
    record(
        verb="conversation.merged",
        subject=kept,
        organisation_id=kept.workspace.organisation_id,
        workspace_id=kept.workspace_id,
        at=at,
        because="A message arrived that joins two threads into one.",
        facts={"merged": str(other.pk), "thread": other.thread_key},
    )
    other.delete()


def _move(model: type[models.Model], field: str, kept: uuid.UUID, other: uuid.UUID) -> None:
    rows = model._base_manager.filter(**{field: other})
    try:
        with transaction.atomic():
            rows.update(**{field: kept})
    except IntegrityError:
        for pk in list(rows.values_list("pk", flat=True)):
            try:
                with transaction.atomic():
                    model._base_manager.filter(pk=pk).update(**{field: kept})
            except IntegrityError:
                continue  # the kept conversation has its own; this row goes with the other
