"""Action items: what one person does by a day, and that it is done."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet

from choir.events.actions import record
from choir.governance.convening import MeetingRefusedError
from choir.governance.models import ActionItem, AgendaItem, Meeting
from choir.people.access import NotAllowedError
from choir.people.models import Person, Workspace
from choir.people.policy import Permission


@transaction.atomic
def promise_action(
    meeting: Meeting,
    *,
    item: AgendaItem | None,
    title: str,
    owner: Person,
    due_on: dt.date,
    by: Person,
    at: dt.datetime,
) -> ActionItem:
    """A person promises a meeting something by a day. Refuses without an open meeting, and a day that is past."""
    by.access.require(Permission.COMMITTEE_TAKE_PART, workspace_id=meeting.workspace_id)
    if not Meeting.objects.get(pk=meeting.pk).is_open:
        raise MeetingRefusedError("Actions are promised while the meeting is open.")
    if not title.strip():
        raise MeetingRefusedError("Say what is to be done.")
    if due_on < at.date():
        raise MeetingRefusedError("That day is past. Choose today or later.")
    if owner.organisation_id != meeting.workspace.organisation_id or not owner.is_active:
        raise MeetingRefusedError("Choose somebody who works here.")
    action = ActionItem.objects.create(
        workspace=meeting.workspace, meeting=meeting, item=item, title=title.strip()[:200], owner=owner, due_on=due_on,
        created_at=at,
    )  # fmt: skip
    _tell(action, "action.promised", by=by, at=at)
    return action


@transaction.atomic
def finish_action(action: ActionItem, *, by: Person, at: dt.datetime) -> ActionItem:
    """It is done, says its owner or whoever runs the committee; said twice, nothing happens."""
    row = ActionItem.objects.select_for_update(of=("self",)).select_related("workspace").get(pk=action.pk)
    runs = by.access.allows(Permission.COMMITTEE_RUN, workspace_id=row.workspace_id)
    if row.owner_id != by.pk and not runs:
        raise NotAllowedError("Only the person who promised it, or whoever runs the committee, says that it is done.")
    if row.done_at is None:
        row.done_at = at
        row.save(update_fields=["done_at"])
        _tell(row, "action.done", by=by, at=at)
    return row


def open_actions(workspace: Workspace) -> QuerySet[ActionItem]:
    """What is promised and not done, the soonest first."""
    return ActionItem.objects.filter(workspace=workspace, done_at=None).select_related("owner", "meeting")


def _tell(action: ActionItem, verb: str, *, by: Person, at: dt.datetime) -> None:
    record(
        verb=verb, subject=action, organisation_id=action.workspace.organisation_id,
        workspace_id=action.workspace_id, at=at, by=by, facts={"due_on": action.due_on.isoformat(),
        "owner": str(action.owner_id)},
    )  # fmt: skip
