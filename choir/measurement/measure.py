"""Measuring: conversations that the sealed record speaks of anew → their course and their stretches of work.

The record's chain gives each event of a workspace a place with no gaps, so “measured up to here” is one number and a
lost job loses nothing. What triage reads is no event; a conversation whose reading is younger than its course is
measured again as well. Measuring a conversation twice changes nothing.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, Max, QuerySet

from choir.events.models import Event
from choir.inbox.clocks import calendars_of
from choir.inbox.models import Clock, Conversation, Direction, Message
from choir.measurement.campaign import campaigns_of, clicked_since
from choir.measurement.course import Happening, Turn, course_of, work_of
from choir.measurement.models import Course, Progress, Stretch
from choir.measurement.tally import forget_tallies, mark, moments_of
from choir.outbound.models import Engagement
from choir.people.models import Team, Workspace
from choir.prepared import Slot, one_of, prepared
from choir.routing.hours import Calendar
from choir.rows import insert
from choir.statements import told

EVENTS_AT_ONCE = 2_000
CONVERSATIONS_AT_ONCE = 1_000
OVERLAP = dt.timedelta(minutes=15)  # a reading may be committed this long after its id was made
VERBS = (
    "conversation.routed", "conversation.reopened", "conversation.woken", "conversation.handed_over",
    "conversation.resolved", "conversation.noted",
)  # fmt: skip
QUIET = frozenset({
    "conversation.assigned", "conversation.snoozed", "note.added", "label.put", "label.taken", "consult.asked",
    "consult.answered", "delivery.started", "delivery.retried",
})  # fmt: skip
"""What changes no row that is counted, unless the course it leads to says so."""
ABOUT, MERGED, NOW = "conversation", "conversation.merged", "measured_at"
DERIVED = [one.name for one in Course._meta.concrete_fields if not one.primary_key]

STRETCHES = [one.name for one in Stretch._meta.concrete_fields if one.name not in ("id", "conversation")]


def measure(*, at: dt.datetime) -> int:
    """Take the next sealed events of every workspace into the figures; how many."""
    return sum(measure_workspace(one, at=at) for one in Workspace.objects.all())


@transaction.atomic
def measure_workspace(workspace: Workspace, *, at: dt.datetime) -> int:
    """One batch of one workspace. Nothing happens while another process measures the same one."""
    Progress.objects.get_or_create(workspace=workspace, defaults={"at": at})
    progress = Progress.objects.select_for_update(skip_locked=True).filter(workspace=workspace).first()
    if progress is None:
        return 0
    sealed = Event.objects.filter(
        organisation_id=workspace.organisation_id, workspace=workspace, position__gt=progress.position
    ).order_by("position")
    events = list(sealed.values_list("position", "subject_type", "subject_id", "verb", "at")[:EVENTS_AT_ONCE])
    about = [(subject_id, verb, when) for _, subject_type, subject_id, verb, when in events if subject_type == ABOUT]
    spoken_of = {subject_id for subject_id, _, _ in about}
    read_anew = _read_anew(workspace, since=progress.at) | clicked_since(workspace, progress.at - OVERLAP)
    loud = {subject_id for subject_id, verb, _ in about if verb not in QUIET}
    mark(progress, [when for _, verb, when in about if verb not in QUIET])
    mark(progress, _merged_away(events))
    mark(progress, _told_anew(workspace, since=progress.at))
    keep_courses(workspace, spoken_of | read_anew, at=at, progress=progress, loud=loud)
    progress.position = max((one[0] or 0 for one in events), default=progress.position)
    progress.at = at
    progress.save()
    return len(events) + len(read_anew - spoken_of)


def first_id_of(moment: dt.datetime) -> uuid.UUID:
    """The smallest id (UUIDv7) that a row made at this moment can have: a place in an index ordered by time."""
    return uuid.UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


def _read_anew(workspace: Workspace, *, since: dt.datetime) -> set[uuid.UUID]:
    """Conversations whose reading, language or mood moved on since they were measured."""
    stale = Course.objects.filter(
        workspace=workspace,
        conversation__reading_id__gte=first_id_of(since - OVERLAP),
        conversation__reading__at__gt=F("measured_at"),
    )
    return set(stale.values_list("conversation_id", flat=True)[:CONVERSATIONS_AT_ONCE])


def _told_anew(workspace: Workspace, *, since: dt.datetime) -> list[dt.datetime]:
    """When messages left whose networks told since how they do."""
    anew = Engagement.objects.filter(workspace=workspace, measured_at__gte=since - OVERLAP)
    return list(anew.values_list("message__at", flat=True))


def _merged_away(events: Sequence[tuple[Any, ...]]) -> list[dt.datetime]:
    """When the rows counted that went with conversations merged into others: all that is known are the days of what
    was recorded of them."""
    kept = [subject_id for _, _, subject_id, verb, _ in events if verb == MERGED]
    if not kept:
        return []
    facts = Event.objects.filter(subject_type=ABOUT, subject_id__in=kept, verb=MERGED).values_list("facts", flat=True)
    gone = [one for one in (_id(fact.get("merged")) for fact in facts) if one]
    return list(Event.objects.filter(subject_type=ABOUT, subject_id__in=gone).values_list("at", flat=True))


def rebuild(workspace: Workspace, *, at: dt.datetime) -> int:
    """Measure every conversation of a workspace from nothing; how many. Its tallies are thrown away: the step `tally`
    counts them anew, and figures are read from rows until then."""
    with transaction.atomic():
        Progress.objects.get_or_create(workspace=workspace, defaults={"at": at})
        progress = Progress.objects.select_for_update().get(workspace=workspace)
        Course.objects.filter(workspace=workspace).delete()
        Stretch.objects.filter(workspace=workspace).delete()
        last = Event.objects.filter(organisation_id=workspace.organisation_id, workspace=workspace)
        progress.position = last.aggregate(last=Max("position"))["last"] or 0
        progress.at = at
        ids = list(Conversation.objects.filter(workspace=workspace).values_list("pk", flat=True))
        for start in range(0, len(ids), CONVERSATIONS_AT_ONCE):
            keep_courses(workspace, set(ids[start : start + CONVERSATIONS_AT_ONCE]), at=at)
        progress.save()
        forget_tallies(workspace)
    return len(ids)


def keep_courses(
    workspace: Workspace,
    conversation_ids: set[uuid.UUID],
    *,
    at: dt.datetime,
    progress: Progress | None = None,
    loud: Collection[uuid.UUID] = (),
) -> None:
    """Work out how these conversations went and keep it, replacing what was kept before. With `progress` the days on
    which anything changed are marked stale; of the `loud` ones every day is."""
    if not conversation_ids:
        return
    before = _kept(conversation_ids) if progress else {}
    counted = moments_of(conversation_ids) if progress else {}
    conversations = _conversations(workspace=workspace.pk, ids=list(conversation_ids))
    turns, clocks = _turns(conversation_ids), _clocks(conversation_ids)
    happenings = _happenings(conversation_ids)
    calendars, campaigns = _calendars(workspace), campaigns_of(workspace, conversation_ids)
    courses, stretches = [], []
    for one in conversations:
        work = work_of(one, [_known(happening, calendars) for happening in happenings[one.pk]])
        course = course_of(one, turns=turns[one.pk], work=work, clocks=clocks[one.pk], calendars=calendars, at=at)
        for row in (course, *work.stretches):
            row.campaign = campaigns.get(one.pk)
        courses.append(course)
        stretches.extend(work.stretches)
    told("DELETE FROM measurement_stretch WHERE conversation_id = ANY(%s)", [list(conversation_ids)])
    insert(stretches)
    insert(courses, replaces=["conversation"], fields=DERIVED)
    if progress:
        after = _kept(conversation_ids)
        changed = {pk for pk in conversation_ids if pk in loud or before.get(pk) != after.get(pk)}
        mark(progress, [when for pk in changed for when in counted.get(pk, ())])
        mark(progress, [when for found in moments_of(changed).values() for when in found])


def _kept(conversation_ids: set[uuid.UUID]) -> dict[uuid.UUID, tuple[Any, ...]]:
    """What the figures of these conversations rest on, to see whether it changed."""
    ids = list(conversation_ids)
    stretches: dict[uuid.UUID, list[tuple[Any, ...]]] = defaultdict(list)
    for pk, *rest in _stretches(ids=ids):
        stretches[pk].append(tuple(rest))
    return {pk: (*rest, *stretches[pk]) for pk, *rest in _courses(ids=ids)}


@prepared
def _courses(ids: Slot) -> QuerySet[Course, tuple[Any, ...]]:
    return Course.objects.filter(one_of("pk", ids)).values_list("pk", *(one for one in DERIVED if one != NOW))


@prepared
def _stretches(ids: Slot) -> QuerySet[Stretch, tuple[Any, ...]]:
    rows = Stretch.objects.filter(one_of("conversation_id", ids)).order_by("began_at")
    return rows.values_list("conversation_id", *STRETCHES)


@prepared
def _conversations(workspace: Slot, ids: Slot) -> QuerySet[Conversation]:
    return Conversation.objects.filter(one_of("pk", ids), workspace=workspace).select_related("reading")


def _known(one: Happening, calendars: Mapping[uuid.UUID, Calendar]) -> Happening:
    """A team that is gone since is no longer named."""
    if one.team_id is None or one.team_id in calendars:
        return one
    return Happening(one.verb, one.at, None, None, one.by_person)


def _calendars(workspace: Workspace) -> dict[uuid.UUID, Calendar]:
    teams = Team.objects.filter(department__organisation_id=workspace.organisation_id)
    return {uuid.UUID(str(pk)): calendar for pk, calendar in calendars_of(teams).items()}


def _turns(conversation_ids: set[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[Turn]]:
    """What was said, and what has left; an answer still on its way is none yet, what a machine of ours said never."""
    turns: dict[uuid.UUID, list[Turn]] = defaultdict(list)
    for conversation_id, direction, sent_at in _said(ids=list(conversation_ids)):
        if sent_at is not None:
            turns[conversation_id].append(Turn(direction, sent_at))
    return turns


@prepared
def _said(ids: Slot) -> QuerySet[Message, tuple[uuid.UUID, str, dt.datetime | None]]:
    said = Message.objects.filter(one_of("conversation_id", ids), sent_at__isnull=False)
    said = said.exclude(direction=Direction.OUTBOUND, is_automatic=True)
    return said.order_by("sent_at").values_list("conversation_id", "direction", "sent_at")


def _clocks(conversation_ids: set[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[Clock]]:
    clocks: dict[uuid.UUID, list[Clock]] = defaultdict(list)
    for clock in _running(ids=list(conversation_ids)):
        clocks[clock.conversation_id].append(clock)
    return clocks


@prepared
def _running(ids: Slot) -> QuerySet[Clock]:
    return Clock.objects.filter(one_of("conversation_id", ids))


def _happenings(conversation_ids: set[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[Happening]]:
    happenings: dict[uuid.UUID, list[Happening]] = defaultdict(list)
    for subject_id, verb, at, facts, by_id in _events(ids=list(conversation_ids)):
        happenings[subject_id].append(
            Happening(verb, at, _id(facts.get("department")), _id(facts.get("team")), by_id is not None)
        )
    return happenings


@prepared
def _events(ids: Slot) -> QuerySet[Event, tuple[Any, ...]]:
    events = Event.objects.filter(one_of("subject_id", ids), subject_type=ABOUT, verb__in=VERBS)
    return events.order_by("at", "id").values_list("subject_id", "verb", "at", "facts", "by_id")


def _id(text: object) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(text)) if text else None
    except ValueError:
        return None
