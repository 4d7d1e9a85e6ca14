"""A person as work sees them: name and title, what they can do, how much they hold, whether they work here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import transaction

from choir.administration.changes import apply
from choir.administration.people import PeopleRefusedError, roles_of
from choir.administration.permitted import require_everywhere
from choir.events.actions import record
from choir.inbox.actions import held, tell
from choir.inbox.assigning import start_assignment
from choir.inbox.models import Conversation, State
from choir.measurement.tally import mark_all
from choir.people.access import NotAllowedError
from choir.people.models import Person, Presence, Skill, SkillKind
from choir.people.policy import Permission
from choir.wake import Step, wake

MOST_CAPACITY = 500


def leads(by: Person, person: Person) -> bool:
    """Whether `by` decides what this person can do and hold: an administrator, or the lead of a department the
    person works in."""
    for membership in person.memberships.select_related("team__department__organisation"):
        department = membership.team.department
        try:
            require_everywhere(Permission.TEAM_MANAGE, department.organisation, by=by, department=department)
        except NotAllowedError:
            continue
        return True
    try:
        require_everywhere(Permission.PEOPLE_MANAGE, person.organisation, by=by)
    except NotAllowedError:
        return False
    return True


@transaction.atomic
def change_person(
    person: Person, *, name: str, title: str, time_zone: str, hourly_cost: Decimal | None, by: Person, at: dt.datetime
) -> None:
    """Who they are and what an hour of theirs costs. The record says that a cost changed, not to what; figures of cost
    follow, those of the past too."""
    require_everywhere(Permission.PEOPLE_MANAGE, person.organisation, by=by)
    if time_zone not in available_timezones():
        raise PeopleRefusedError(f"“{time_zone}” is no time zone. Use a name such as Europe/Berlin.")
    wanted = {"name": name, "title": title, "time_zone": time_zone, "hourly_cost": hourly_cost}
    is_cost_new = person.hourly_cost != hourly_cost
    because = apply(person, wanted, unsaid=frozenset({"hourly_cost"}))
    try:
        person.full_clean(exclude=["password", "email"])
    except ValidationError as error:
        raise PeopleRefusedError("; ".join(error.messages)) from error
    if because:
        person.save(update_fields=list(wanted))
        if is_cost_new:
            mark_all(person.organisation_id)
        _record(person, "person.changed", because=because, by=by, at=at)


@transaction.atomic
def set_abilities(
    person: Person,
    *,
    capacity: int,
    languages: Mapping[str, int],
    topics: Iterable[str],
    by: Person,
    at: dt.datetime,
) -> None:
    """How many open conversations they hold at once, the languages they speak (code → level 1 to 3) and the topics
    they know. Routing gives them work by these from now on."""
    if not leads(by, person):
        raise NotAllowedError(f"Only an administrator or a lead of {person.name}'s department decides this.")
    if not 0 <= capacity <= MOST_CAPACITY:
        raise PeopleRefusedError(f"Between none and {MOST_CAPACITY} conversations fit at once.")
    said = [apply(person, {"capacity": capacity})]
    person.save(update_fields=["capacity"])
    known = {plain_topic(one) for one in topics} - {""}
    said.append(_set_skills(person, SkillKind.LANGUAGE, {code: level for code, level in languages.items() if level}))
    said.append(_set_skills(person, SkillKind.TOPIC, dict.fromkeys(known, 0)))
    because = "; ".join(one for one in said if one)
    if because:
        _record(person, "person.abilities_changed", because=because, by=by, at=at)
        wake(Step.ASSIGN)


def _set_skills(person: Person, kind: SkillKind, wanted: Mapping[str, int]) -> str:
    """Exactly these skills of one kind; a level of 0 leaves the level as it is. What changed, in words."""
    rows = {row.value: row for row in Skill.objects.filter(person=person, kind=kind)}
    before = _listed(rows.values())
    kept = []
    for value, level in wanted.items():
        row = rows.pop(value, None) or Skill(person=person, kind=kind, value=value)
        row.level = level or row.level
        row.save()
        kept.append(row)
    Skill.objects.filter(pk__in=[row.pk for row in rows.values()]).delete()
    after = _listed(kept)
    return "" if before == after else f"{kind.label.lower()}s: {before} → {after}"


def _listed(skills: Iterable[Skill]) -> str:
    return ", ".join(sorted(f"{one.value} ({one.level})" for one in skills)) or "none"


def plain_topic(text: str) -> str:
    """A topic as routing compares it: “App and site” is app_and_site."""
    return "_".join(text.lower().split())[:60]


@transaction.atomic
def set_active(person: Person, *, is_active: bool, by: Person, at: dt.datetime) -> None:
    """They work here, or no longer: then they cannot sign in, and what they had goes back to its team. Nobody shuts
    themselves out, and the last administrator stays."""
    require_everywhere(Permission.PEOPLE_MANAGE, person.organisation, by=by)
    if person.is_active == is_active:
        return
    if person.pk == by.pk:
        raise PeopleRefusedError("You cannot shut yourself out. Let another administrator do it.")
    person.is_active, person.presence = is_active, Presence.OFFLINE
    person.save(update_fields=["is_active", "presence"])
    if not is_active:
        _give_back(person, by=by, at=at)
    word = "may sign in again" if is_active else "no longer works here; what they had went back to its team"
    roles = {"roles": sorted(roles_of(person))}
    _record(
        person, "person.returned" if is_active else "person.left", because=f"{person.name} {word}", by=by, at=at,
        facts=roles,
    )  # fmt: skip
    wake(Step.ASSIGN)


def _give_back(person: Person, *, by: Person, at: dt.datetime) -> None:
    theirs = Conversation.objects.filter(assignee=person, state__in=[State.OPEN, State.SNOOZED, State.ARRIVING])
    for one in theirs.only("pk"):
        row = held(one)
        row.assignee, row.return_at = None, None
        because = f"{person.name} no longer works here."
        if row.department is not None and row.team is not None:
            start_assignment(row, because=because, by=by, at=at)
        row.save(update_fields=["assignee", "return_at"])
        tell(row, "assigned", by=by, at=at, because=because, facts={"person": "", "name": ""})


def _record(
    person: Person,
    verb: str,
    *,
    because: str,
    by: Person,
    at: dt.datetime,
    facts: Mapping[str, object] | None = None,
) -> None:
    record(
        verb=verb, subject=person, organisation_id=person.organisation_id, workspace_id=None, at=at, by=by,
        because=because, facts=facts,
    )  # fmt: skip
