"""Returns: an assigned conversation that nobody touched moves on by itself; a snoozed one wakes in time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from choir.events.actions import event, record_many
from choir.flow.assign import present_stretches
from choir.flow.reasons import returned_part
from choir.inbox.live import announce
from choir.inbox.models import Assignment, Conversation, State
from choir.inbox.reasons import Parts, and_then, sentence, why_there
from choir.inbox.returning import asked_again
from choir.rows import write_back
from choir.wake import Step, wake

BATCH = 200


@transaction.atomic
def return_untouched(*, at: dt.datetime) -> int:
    """Take untouched conversations back from their person to the team, from where the next fitting one gets them.
    What the team itself left lying is marked once, for its lead: it stays where it is, and in everybody's sight."""
    due = Conversation.objects.open().filter(return_at__lte=at).select_related("workspace", "assignee", "team")
    batch = list(due.select_for_update(skip_locked=True, of=("self",)).order_by("return_at")[:BATCH])
    return take_back(batch, [untouched(one) for one in batch], at=at)


def untouched(conversation: Conversation) -> str:
    """Why it moves on, as the end of a sentence."""
    if conversation.assignee:
        return f"{conversation.assignee.name} did not touch it in time, so it moved on"
    return f"nobody in {conversation.team} has touched it in time"


def take_back(batch: Sequence[Conversation], because: Sequence[str], *, at: dt.datetime) -> int:
    """Conversations are with their teams again, each for its reason, and are offered to others; how many."""
    present = present_stretches(batch)
    reasons: list[Parts] = []
    events = []
    for one, words in zip(batch, because, strict=True):
        reasons.append(and_then(why_there(present.get(one.pk)), returned_part(words, one)))
        events.append(
            event(
                verb="conversation.returned",
                subject=one,
                organisation_id=one.workspace.organisation_id,
                workspace_id=one.workspace_id,
                at=at,
                because=f"{words[0].upper()}{words[1:]}.",
                facts={
                    "person": str(one.assignee_id or ""),
                    "department": str(one.department_id),
                    "team": str(one.team_id),
                },
            )
        )
        one.assignee, one.return_at = None, None
    Assignment.objects.filter(conversation__in=batch, ended_at=None).update(ended_at=at)
    Assignment.objects.bulk_create(
        Assignment(
            workspace_id=one.workspace_id, conversation=one, department=one.department, team=one.team,
            because=sentence(reason), parts=reason, at=at,
            ownership_id=present[one.pk].ownership_id if one.pk in present else None,
        )
        for one, reason in zip(batch, reasons, strict=True)
        if one.department is not None and one.team is not None
    )  # fmt: skip
    write_back(batch, ["assignee", "return_at"])
    record_many(events)
    announce(batch, what="state")
    if batch:
        wake(Step.ASSIGN)
    return len(batch)


@transaction.atomic
def wake_snoozed(*, at: dt.datetime) -> int:
    """Bring snoozed conversations back whose time has come, to whoever had them; untouched, they move on."""
    due = Conversation.objects.filter(state=State.SNOOZED, snoozed_until__lte=at).select_related("workspace")
    batch = list(due.select_for_update(skip_locked=True, of=("self",)).order_by("snoozed_until")[:BATCH])
    for one in batch:
        one.state = State.OPEN if one.team_id else State.NOTED
        one.state_at, one.snoozed_until = at, None
    asked_again((one for one in batch if one.state == State.OPEN), at=at)
    write_back(batch, ["state", "state_at", "snoozed_until", "return_at"])
    record_many(
        event(
            verb="conversation.woken", subject=one, organisation_id=one.workspace.organisation_id,
            workspace_id=one.workspace_id, at=at, because="The snooze is over.",
            facts={"department": str(one.department_id or ""), "team": str(one.team_id or "")},
        )
        for one in batch
    )  # fmt: skip
    announce(batch, what="state")
    return len(batch)
