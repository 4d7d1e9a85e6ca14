"""Setting a committee up: its terms, its seats, meetings called off, and the address of a person's calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from choir.events.actions import record
from choir.governance.models import CalendarFeed, Committee, Meeting, Seat
from choir.governance.models.committee import new_key
from choir.governance.series import plan_ahead, replan
from choir.people.models import Department, Person, Workspace
from choir.people.policy import Permission
from choir.wake import Step, wake


class MeetingRefusedError(Exception):
    """The committee cannot do this, or not now; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Seating:
    """Who takes a department's seat, and who stands in."""

    department: Department
    person: Person | None
    deputy: Person | None


@transaction.atomic
def set_up(workspace: Workspace, *, terms: Mapping[str, Any], by: Person, at: dt.datetime) -> Committee:
    """Found the workspace's committee, or give it other terms; planned meetings follow them and calendars are told."""
    by.access.require(Permission.COMMITTEE_RUN, workspace_id=workspace.pk)
    committee = Committee.objects.select_for_update().filter(workspace=workspace).first()
    is_new = committee is None
    committee = committee or Committee(workspace=workspace)
    for name, value in terms.items():
        setattr(committee, name, value)
    committee.save()
    _tell(committee, "committee.founded" if is_new else "committee.changed", by=by, at=at, facts=_plain(terms))
    if is_new:
        plan_ahead(committee, at=at)
    else:
        replan(committee, at=at)
    wake(Step.CONVENE)
    return committee


@transaction.atomic
def seat(committee: Committee, seatings: list[Seating], *, by: Person, at: dt.datetime) -> None:
    """These departments sit in the committee, each with its person and deputy; all others no longer do. Refuses
    somebody who may not take part, and one person for two seats."""
    by.access.require(Permission.COMMITTEE_RUN, workspace_id=committee.workspace_id)
    taken: set[object] = set()
    for one in seatings:
        for person in (one.person, one.deputy):
            if person is None:
                continue
            if person.pk in taken:
                raise MeetingRefusedError(f"{person} cannot hold two seats. Choose another person for one of them.")
            taken.add(person.pk)
            if not person.access.allows(Permission.COMMITTEE_TAKE_PART, workspace_id=committee.workspace_id):
                raise MeetingRefusedError(f"{person} may not take part. Give them the role “committee” first.")
    kept = {one.department.pk for one in seatings}
    Seat.objects.filter(committee=committee).exclude(department__in=kept).delete()
    for one in seatings:
        Seat.objects.update_or_create(
            committee=committee, department=one.department, defaults={"person": one.person, "deputy": one.deputy}
        )
    facts = {one.department.slug: str(one.person.pk) if one.person else "" for one in seatings}
    _tell(committee, "committee.seated", by=by, at=at, facts=facts)


@transaction.atomic
def call_off(meeting: Meeting, *, because: str, by: Person, at: dt.datetime) -> None:
    """A planned meeting is not held; calendars take it out. What was on its agenda comes up in the next one."""
    by.access.require(Permission.COMMITTEE_RUN, workspace_id=meeting.workspace_id)
    row = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if not row.is_planned:
        raise MeetingRefusedError("Only a meeting that is still ahead can be called off.")
    row.cancelled_at, row.revision, row.invited_at = at, row.revision + 1, None
    row.save(update_fields=["cancelled_at", "revision", "invited_at"])
    record(
        verb="meeting.called_off", subject=row, organisation_id=meeting.workspace.organisation_id,
        workspace_id=meeting.workspace_id, at=at, by=by, because=because, facts={"number": row.number},
    )  # fmt: skip
    wake(Step.CONVENE)


def feed_of(workspace: Workspace, *, by: Person) -> CalendarFeed:
    """The person's own calendar address for this workspace's committee."""
    by.access.require(Permission.COMMITTEE_READ, workspace_id=workspace.pk)
    return CalendarFeed.objects.get_or_create(workspace=workspace, person=by)[0]


@transaction.atomic
def renew_feed(workspace: Workspace, *, by: Person, at: dt.datetime) -> CalendarFeed:
    """Another address; the old one finds nothing from now on."""
    feed = feed_of(workspace, by=by)
    feed.key, feed.made_at = new_key(), at
    feed.save(update_fields=["key", "made_at"])
    record(
        verb="calendar_feed.renewed", subject=feed, organisation_id=workspace.organisation_id,
        workspace_id=workspace.pk, at=at, by=by,
    )  # fmt: skip
    return feed


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, int) else str(value) for name, value in values.items()}


def _tell(committee: Committee, verb: str, *, by: Person, at: dt.datetime, facts: Mapping[str, Any]) -> None:
    record(
        verb=verb, subject=committee, organisation_id=committee.workspace.organisation_id,
        workspace_id=committee.workspace_id, at=at, by=by, facts=facts,
    )  # fmt: skip
