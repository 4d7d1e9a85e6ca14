"""Writing an agenda: what the sources raise, and what people put there before and the last meeting did not come to."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable

from django.db import transaction
from django.db.models import Q

from choir.events.actions import record
from choir.governance.agenda import earlier, figures, happenings, ownership, pilots
from choir.governance.agenda.raised import Looking, Raised
from choir.governance.agenda.ranking import EACH_POSTPONED, MOST_FOR_POSTPONED, ranked
from choir.governance.models import AgendaItem, Meeting, Outcome
from choir.governance.sitting import ADDED, ADDED_POINTS
from choir.measurement.models import Progress

Source = Callable[[Looking], list[Raised]]
SOURCES: tuple[Source, ...] = (
    figures.kpis_off_track, figures.promises_broken, figures.better_owners, pilots.pilots_ready,
    ownership.without_owner, ownership.overlaps, ownership.passed_on, happenings.spikes, happenings.approvals_stuck,
    happenings.initiatives_coming, earlier.reviewed, earlier.refused, earlier.overdue,
)  # fmt: skip
MOST_ITEMS = 14  # more than a meeting can talk about; what is left out comes up again as it waits
SETTLED_FOR = dt.timedelta(days=20)  # what was decided on or talked about is not raised again at once


@transaction.atomic
def write_agenda(meeting: Meeting, *, at: dt.datetime) -> int:
    """Write the agenda of a meeting ahead anew: raised items are added, brought up to date, or taken away when they no
    longer hold and nobody has written a paper on them. How many items it has."""
    row = (
        Meeting.objects.select_for_update(of=("self",))
        .select_related("committee__workspace__organisation", "workspace")
        .get(pk=meeting.pk)
    )
    if not row.is_planned:
        return 0
    counted_at = Progress.objects.filter(workspace=row.workspace_id).values_list("at", flat=True).first() or at
    looking = Looking(row.committee.workspace, at, min(counted_at, at))
    postponed = _postponed(row)
    settled = _settled(row, at)
    raised = [one for source in SOURCES for one in source(looking) if one.key not in settled]
    placed = [(one, ranked(one, at=at, postponed=postponed[one.key])) for one in raised]
    placed.sort(key=lambda pair: -sum(points for _, points in pair[1]))
    kept = placed[:MOST_ITEMS]
    stale = AgendaItem.objects.filter(meeting=row, papers=None).exclude(kind=ADDED)
    stale.exclude(key__in=[one.key for one, _ in kept]).delete()
    known = {one.key: one for one in AgendaItem.objects.filter(meeting=row)}
    for one, ranking in kept:
        _keep(row, known.get(one.key), one, ranking, at=at)
    _carry_over(row, known, postponed, at=at)
    is_first = row.agenda_at is None
    row.agenda_at = at
    row.save(update_fields=["agenda_at"])
    count = AgendaItem.objects.filter(meeting=row).count()
    if is_first:
        record(
            verb="meeting.agenda_written", subject=row, organisation_id=row.workspace.organisation_id,
            workspace_id=row.workspace_id, at=at, facts={"number": row.number, "items": count},
        )  # fmt: skip
    return count


def _keep(
    meeting: Meeting, item: AgendaItem | None, raised: Raised, ranking: list[tuple[str, int]], *, at: dt.datetime
) -> None:
    item = item or AgendaItem(meeting=meeting, key=raised.key, created_at=at)
    item.kind, item.title, item.question = raised.kind, raised.title[:200], raised.question
    item.evidence = [one.kept() for one in raised.facts]
    item.proposal, item.proposal_because = dict(raised.proposal), raised.because
    item.ranking = [list(part) for part in ranking]
    item.points = sum(points for _, points in ranking)
    item.save()


def _carry_over(meeting: Meeting, known: dict[str, AgendaItem], postponed: Counter[str], *, at: dt.datetime) -> None:
    """What people had put on an agenda and was postponed comes up again, a little higher each time."""
    before = Q(meeting__closed_at__isnull=False) | Q(meeting__cancelled_at__isnull=False)
    rows = AgendaItem.objects.filter(before, meeting__committee=meeting.committee, kind=ADDED)
    newest: dict[str, AgendaItem] = {}
    for one in rows.order_by("meeting__begins_at"):
        newest[one.key] = one
    for key, one in newest.items():
        if key in known or one.outcome in (Outcome.DECIDED, Outcome.NOTED):
            continue
        more = min(MOST_FOR_POSTPONED, EACH_POSTPONED * max(1, postponed[key]))
        AgendaItem.objects.create(
            meeting=meeting, key=key, kind=ADDED, title=one.title, question=one.question, added_by=one.added_by,
            department=one.department, points=ADDED_POINTS + more, created_at=at,
            ranking=[["put on the agenda by a person", ADDED_POINTS], ["postponed before", more]],
        )  # fmt: skip


def _postponed(meeting: Meeting) -> Counter[str]:
    """How often each key was postponed before."""
    rows = AgendaItem.objects.filter(meeting__committee=meeting.committee, outcome=Outcome.POSTPONED)
    return Counter(rows.exclude(meeting=meeting).values_list("key", flat=True))


def _settled(meeting: Meeting, at: dt.datetime) -> set[str]:
    """What was decided on or talked about lately: it is given time to show."""
    rows = AgendaItem.objects.filter(
        meeting__committee=meeting.committee, outcome__in=[Outcome.DECIDED, Outcome.NOTED],
        settled_at__gte=at - SETTLED_FOR,
    )  # fmt: skip
    return set(rows.values_list("key", flat=True))
