"""Conversations turn out to be one thread: everything about one moves to the other. A whole batch at once."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping

from django.db import IntegrityError, connection, models, transaction

from choir.events.actions import event
from choir.events.models import Event
from choir.inbox.models import Conversation, Message, State

LIVELINESS = {State.OPEN: 0, State.SNOOZED: 1, State.RESOLVED: 2, State.ARRIVING: 3, State.NOTED: 4}


def the_one_to_keep(conversations: Iterable[Conversation]) -> Conversation:
    """The one people work on; among equals the oldest, so that addresses people know stay good."""
    return min(conversations, key=lambda one: (LIVELINESS[State(one.state)], one.created_at, one.pk))


def merge(pairs: Mapping[uuid.UUID, Conversation]) -> None:
    """Move all that hangs on a conversation (by its id) to the one kept for it, and delete the first. Where both have
    what a conversation has once (a present assignment, a clock), the kept one's stays. All rows must
    be locked; what the kept ones show of their messages is the caller's to refresh."""
    if not pairs:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE inbox_message AS message SET conversation_id = pair.kept"
            " FROM unnest(%s::uuid[], %s::uuid[]) AS pair (other, kept) WHERE message.conversation_id = pair.other",
            [list(pairs), [kept.pk for kept in pairs.values()]],
        )
    for relation in Conversation._meta.related_objects:
        if relation.related_model is not Message:
            _move(relation.related_model, relation.field.name, pairs)
    rows = Conversation.objects.filter(pk__in=pairs)
    rows._raw_delete(rows.db)  # nothing points at them any more, and looking for it would cost a query a table


def merged_events(
    pairs: Mapping[uuid.UUID, Conversation], others: Mapping[uuid.UUID, Conversation], *, at: dt.datetime
) -> list[Event]:
    """One event a merge, on the conversation that was kept."""
    return [
        event(
            verb="conversation.merged",
            subject=kept,
            organisation_id=kept.workspace.organisation_id,
            workspace_id=kept.workspace_id,
            at=at,
            because="A message arrived that joins two threads into one.",
            facts={"merged": str(other), "thread": others[other].thread_key},
        )
        for other, kept in pairs.items()
    ]


def _move(model: type[models.Model], field: str, pairs: Mapping[uuid.UUID, Conversation]) -> None:
    """Rows other than messages: few have any, and only what people worked on."""
    rows = model._base_manager
    for pk, other in rows.filter(**{f"{field}__in": list(pairs)}).values_list("pk", f"{field}_id"):
        try:
            with transaction.atomic():
                rows.filter(pk=pk).update(**{field: pairs[other]})
        except IntegrityError:
            rows.filter(pk=pk).delete()  # the kept conversation has its own
