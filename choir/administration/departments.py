"""Departments: what each is there for, and the teams it works in."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Max, Q
from django.utils.text import slugify

from choir.administration.changes import apply
from choir.administration.permitted import require_everywhere
from choir.administration.teams import TeamRefusedError, add_team
from choir.channels.models import Channel
from choir.events.actions import record
from choir.inbox.models import Consult, Conversation, Handover
from choir.knowledge.models import Answer
from choir.people.models import Department, Membership, Organisation, Person, Team, Workspace
from choir.people.policy import Permission
from choir.routing.models import Ownership


@transaction.atomic
def add_department(organisation: Organisation, *, name: str, charter: str, by: Person, at: dt.datetime) -> Department:
    """A department with a team of its own, which works where and when the organisation does until somebody says
    otherwise. It owns nothing yet."""
    require_everywhere(Permission.PEOPLE_MANAGE, organisation, by=by)
    _check_name(organisation, name, but=None)
    slug = slugify(name).replace("-", "_")[:50] or "department"
    taken = set(organisation.departments.filter(slug__startswith=slug).values_list("slug", flat=True))
    free = next(one for n in range(1, len(taken) + 3) if (one := slug if n == 1 else f"{slug}_{n}") not in taken)
    last = organisation.departments.aggregate(last=Max("position"))["last"]
    department = Department.objects.create(
        organisation=organisation, name=name, slug=free, charter=charter, position=0 if last is None else last + 1
    )
    add_team(department, name=f"{name} team", time_zone=organisation.time_zone)
    _record(department, "department.added", because=f"{name} is there", by=by, at=at)
    return department


@transaction.atomic
def change_department(department: Department, *, name: str, charter: str, by: Person, at: dt.datetime) -> None:
    """Another name or another charter; its conversations and figures stay with it."""
    require_everywhere(Permission.PEOPLE_MANAGE, department.organisation, by=by)
    _check_name(department.organisation, name, but=department)
    because = apply(department, {"name": name, "charter": charter}, unsaid=frozenset({"charter"}))
    if because:
        department.save(update_fields=["name", "charter"])
        _record(department, "department.changed", because=because, by=by, at=at)


@transaction.atomic
def remove_department(department: Department, *, by: Person, at: dt.datetime) -> None:
    """A department that never had anything to do with a customer goes. One that has stays in the record and in the
    figures, and is refused with what stands in the way."""
    require_everywhere(Permission.PEOPLE_MANAGE, department.organisation, by=by)
    stands = _what_stands_on(department)
    if stands:
        raise TeamRefusedError(f"{department.name} cannot go: {'; '.join(stands)}.")
    _record(department, "department.removed", because=f"{department.name} is gone", by=by, at=at)
    department.delete()


def _what_stands_on(department: Department) -> list[str]:
    """What would lose its department, each in words, with what to do."""
    rows = (
        (
            Ownership.objects.filter(Q(responsible=department) | Q(accountable=department)),
            "it owns or has owned objectives, which the record keeps",
        ),
        (Channel.objects.filter(accountable=department), "it answers for a channel; let another do so"),
        (Membership.objects.filter(team__department=department), "people work in it; move them first"),
        (Workspace.objects.filter(sorting_team__department=department), "its team sorts what is unsure; name another"),
        (Answer.objects.filter(department=department), "it owns answers in the knowledge"),
        (Consult.objects.filter(department=department), "it was asked by colleagues, which the record keeps"),
        (
            Conversation.objects.filter(department=department),
            "it has had conversations with customers, which the record keeps",
        ),
        (
            Handover.objects.filter(Q(from_department=department) | Q(to_department=department)),
            "conversations were handed over by it or to it, which the record keeps",
        ),
    )
    return [words for found, words in rows if found.exists()]


@transaction.atomic
def open_team(department: Department, *, name: str, by: Person, at: dt.datetime) -> Team:
    """Another team of a department. Nobody works in it yet, so nothing is routed to it."""
    require_everywhere(Permission.PEOPLE_MANAGE, department.organisation, by=by)
    if department.teams.filter(name__iexact=name).exists():
        raise TeamRefusedError(f"{department.name} has a team called “{name}” already. Choose another name.")
    team = add_team(department, name=name, time_zone=department.organisation.time_zone)
    record(
        verb="team.added", subject=team, organisation_id=department.organisation_id, workspace_id=None, at=at, by=by,
        because=f"{name} is a team of {department.name}", facts={"department": department.slug},
    )  # fmt: skip
    return team


def _check_name(organisation: Organisation, name: str, *, but: Department | None) -> None:
    same = organisation.departments.filter(name__iexact=name)
    if (same if but is None else same.exclude(pk=but.pk)).exists():
        raise TeamRefusedError(f"There is a department called “{name}” already. Choose another name.")


def _record(department: Department, verb: str, *, because: str, by: Person, at: dt.datetime) -> None:
    record(
        verb=verb, subject=department, organisation_id=department.organisation_id, workspace_id=None, at=at, by=by,
        because=because, facts={"department": department.slug},
    )  # fmt: skip
