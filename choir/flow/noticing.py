"""Spikes: noticed, explained, given to whoever should act, and over again. Each is one row and one event a turn."""

from __future__ import annotations

import datetime as dt
import math
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Min, Q, Sum

from choir.events.actions import record
from choir.flow.reasons import ownership_part
from choir.inbox.live import announce_listening
from choir.listening.expecting import HOURS_OF_WEEK, LENGTHS, Usual, usual
from choir.listening.language.folding import words_in
from choir.listening.models import Match, Query, Spike, Volume, Wording
from choir.listening.noticing import HANDFUL, Look, looks, worst
from choir.people.models import Department, Person, Workspace
from choir.people.policy import Permission
from choir.routing.decide import Contact, owning_cell, regions_of
from choir.routing.queries import cells_in_force

HOUR, WEEK = dt.timedelta(hours=1), dt.timedelta(weeks=1)
WEEKS = 8
COMPARED = 1_500  # mentions of before whose words are held against the spike's
WORDS_SHOWN, MENTIONS_SHOWN = 6, 5
FALLBACK = "reputation"


def notice(workspace: Workspace, *, at: dt.datetime) -> int:
    """Look at every query of a workspace that tells of spikes; how many began or ended."""
    first = Wording.objects.filter(workspace=workspace).aggregate(first=Min("posted_at"))["first"]
    if first is None:
        return 0
    weeks = min(WEEKS, (at - first) // WEEK)
    turned = 0
    running = {(one.query_id, one.topic): one for one in Spike.objects.running().filter(workspace=workspace)}
    queries = Query.objects.filter(workspace=workspace, alerts=True, past_matched_at__isnull=False).listening()
    for query in queries.select_related("workspace"):
        for topic in _topics(query, running, at=at):
            turned += _look_at(query, topic, running.get((query.pk, topic)), weeks=weeks, at=at)
    if turned:
        announce_listening(workspace.pk, what="spikes")
    return turned


def _topics(query: Query, running: Mapping[tuple[uuid.UUID, str], Spike], *, at: dt.datetime) -> list[str]:
    """Any topic first, then those that have more than a handful just now, or a spike that may be over."""
    last = Match.objects.filter(query=query, posted_at__gt=at - max(LENGTHS) * HOUR).exclude(topic="")
    busy = last.order_by().values("topic").annotate(count=Count("pk")).filter(count__gte=HANDFUL)
    spiking = [topic for query_id, topic in running if query_id == query.pk]
    return ["", *sorted({row["topic"] for row in busy} | {topic for topic in spiking if topic})]


def _look_at(query: Query, topic: str, spike: Spike | None, *, weeks: int, at: dt.datetime) -> int:
    known = usual_of(query, topic, weeks=weeks, at=at)
    if known is None:
        return 0
    found = looks(known, _last(query, topic, at=at), hour=0, minute=at.minute)
    if spike is not None:
        return _go_on(spike, known, found, at=at)
    look = worst(found)
    is_told_already = topic and Spike.objects.running().filter(query=query, topic="").exists()
    return _begin(query, topic, look, at=at) if look is not None and not is_told_already else 0


def usual_of(query: Query, topic: str, *, weeks: int, at: dt.datetime) -> Usual | None:
    """What is usual for a query (and topic) just before a moment; hour 0 of the week is the present hour. None while
    there are less than two weeks to learn from."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    since = hour - weeks * WEEK
    counts = [0.0] * (weeks * HOURS_OF_WEEK - max(LENGTHS))
    for when, count in _by_hour(query, topic).filter(hour__gte=since).values_list("hour", "total"):
        place = int((when - since) / HOUR)
        if 0 <= place < len(counts):
            counts[place] = float(count)
    return usual(counts)


def _by_hour(query: Query, topic: str) -> Any:
    rows = Volume.objects.filter(query=query)
    rows = rows.filter(topic=topic) if topic else rows
    return rows.order_by().values("hour").annotate(total=Sum("count"))


def _mentions(query: Query, topic: str) -> Any:
    rows = Match.objects.filter(query=query)
    return rows.filter(topic=topic) if topic else rows


def _last(query: Query, topic: str, *, at: dt.datetime) -> dict[int, int]:
    """How many mentions each of LENGTHS up to now has: one query."""
    counts = {f"of_{hours}": Count("pk", filter=Q(posted_at__gt=at - hours * HOUR)) for hours in LENGTHS}
    rows = _mentions(query, topic).filter(posted_at__gt=at - max(LENGTHS) * HOUR, posted_at__lte=at)
    found = rows.order_by().aggregate(**counts)
    return {hours: found[f"of_{hours}"] for hours in LENGTHS}


def _begin(query: Query, topic: str, look: Look, *, at: dt.datetime) -> int:
    mentions = _mentions(query, topic).filter(posted_at__gt=at - look.length * HOUR, posted_at__lte=at)
    began_at = mentions.aggregate(first=Min("posted_at"))["first"] or at
    wordings = _said(query, topic, began_at, at)
    department, because = _who_acts(query.workspace, wordings, at=at)
    spike = Spike(
        workspace_id=query.workspace_id,
        query=query,
        topic=topic,
        began_at=began_at,
        found_at=at,
        seen_at=at,
        count=look.count,
        expected=look.expected,
        chance=look.chance,
        explanation=_explanation(query, topic, wordings, began_at),
        department=department,
        department_because=because,
    )
    try:
        with transaction.atomic():
            spike.save(force_insert=True)
            _tell(spike, "spike.began", at=at, because=in_words(spike))
    except IntegrityError:
        return 0  # another worker noticed it at the same moment
    return 1


def _said(query: Query, topic: str, since: dt.datetime, at: dt.datetime) -> list[Wording]:
    """What was said from one moment to another, the newest of it when that is very much."""
    mentions = _mentions(query, topic).filter(posted_at__gte=since, posted_at__lte=at).order_by("-posted_at")
    ids = list(mentions.values_list("mention_id", flat=True)[:COMPARED])
    return list(Wording.objects.filter(pk__in=ids).defer("search", "bands"))


def _go_on(spike: Spike, known: Usual, found: Sequence[Look], *, at: dt.datetime) -> int:
    """A spike that runs: how many by now; over when nothing is unusual any more."""
    spike.count = _mentions(spike.query, spike.topic).filter(posted_at__gte=spike.began_at, posted_at__lte=at).count()
    hours = max(1, math.ceil((at - spike.began_at) / HOUR))
    spike.expected = sum(float(known.means[-back % HOURS_OF_WEEK]) for back in range(hours))
    spike.seen_at = at
    is_over = all(one.is_over for one in found)
    if not is_over:
        wordings = _said(spike.query, spike.topic, spike.began_at, at)
        spike.explanation = _explanation(spike.query, spike.topic, wordings, spike.began_at)
    with transaction.atomic():
        if is_over:
            spike.ended_at = at
            _tell(spike, "spike.ended", at=at, because=in_words(spike))
        spike.save(update_fields=["count", "expected", "seen_at", "ended_at", "explanation"])
    return int(is_over)


def in_words(spike: Spike) -> str:
    """What, since when, and how much more than usual."""
    about = f" about {spike.topic.replace('_', ' ')}" if spike.topic else ""
    return (
        f"“{spike.query.name}”{about}: {spike.count} mentions since {spike.began_at:%Y-%m-%d %H:%M} UTC; "
        f"about {spike.expected:.1f} are usual for that time."
    )


def _explanation(query: Query, topic: str, wordings: Sequence[Wording], began_at: dt.datetime) -> dict[str, Any]:
    """What stands out in the mentions of a spike: words, mood, copies, and those that most people see."""
    moods = Counter(one.sentiment for one in wordings)
    before = _mentions(query, topic).filter(posted_at__lt=began_at, posted_at__gte=began_at - 4 * WEEK)
    usual_moods = dict(
        before.order_by().values("sentiment").annotate(count=Count("pk")).values_list("sentiment", "count")
    )
    families = Counter(one.family for one in wordings if one.family is not None)
    sample = list(before.order_by("-posted_at").values_list("mention__wording__words", flat=True)[:COMPARED])
    seen = set[uuid.UUID]()
    shown = []
    for one in sorted(wordings, key=lambda wording: -(wording.followers or 0)):
        family = one.family or one.mention_id
        if family not in seen:
            seen.add(family)
            shown.append(str(one.mention_id))
    return {
        "words": telling_words([one.words for one in wordings], [one or "" for one in sample], words_in(query.text)),
        "negative": moods["negative"] / max(1, len(wordings)),
        "negative_usually": usual_moods.get("negative", 0) / max(1, sum(usual_moods.values())),
        "authors": len({one.author for one in wordings}),
        "copies": max(families.values(), default=0),
        "mentions": shown[:MENTIONS_SHOWN],
    }


def telling_words(now: Sequence[str], before: Sequence[str], left_out: Sequence[str]) -> list[str]:
    """The words that far more of these texts have than those before: by how much more likely they are, weighed by how
    many have them (a log-likelihood ratio's first term). Spaced texts."""
    here, there = _in_how_many(now), _in_how_many(before)
    bare = {word.lstrip("#@$") for word in left_out}
    scores = {}
    for word, count in here.items():
        if count < max(3, len(now) / 8) or word.lstrip("#@$") in bare or len(word) < 3:
            continue
        more = (count / len(now)) / ((there[word] + 0.5) / (len(before) + 1))
        if more > 2:
            scores[word] = count * math.log(more)
    return sorted(scores, key=lambda word: (-scores[word], word))[:WORDS_SHOWN]


def _in_how_many(texts: Sequence[str]) -> Counter[str]:
    return Counter(word for text in texts for word in set(text.split()))


def _who_acts(workspace: Workspace, wordings: Sequence[Wording], *, at: dt.datetime) -> tuple[Department | None, str]:
    """The department that owns what most of these mentions are about; reputation's owner when they are nothing that is
    answered."""
    cells = cells_in_force(workspace.organisation_id, at=at)
    about = Counter((one.objective, one.topic, one.channel_id) for one in wordings if one.objective)
    tried = [key for key, _ in about.most_common(3)]
    if wordings:
        tried.append((FALLBACK, "", wordings[0].channel_id))
    for objective, topic, channel_id in tried:
        contact = Contact(objective, 1.0, topic, "", workspace.pk, channel_id, regions=regions_of((), workspace.market))
        cell = owning_cell(cells, contact)
        if objective not in ("listening", "community") and cell is not None:
            department = Department.objects.get(pk=cell.responsible_id)
            return department, ownership_part(cell, department.name).words
    return None, ""


def _tell(spike: Spike, verb: str, *, at: dt.datetime, because: str, by: Person | None = None) -> None:
    record(
        verb=verb,
        subject=spike,
        organisation_id=spike.query.workspace.organisation_id,
        workspace_id=spike.workspace_id,
        at=at,
        by=by,
        because=because,
        facts={
            "query": str(spike.query_id), "topic": spike.topic, "count": spike.count,
            "expected": round(spike.expected, 2), "department": str(spike.department_id or ""),
        },
    )  # fmt: skip


@transaction.atomic
def acknowledge(spike: Spike, *, by: Person, at: dt.datetime) -> Spike:
    """A person has seen it and takes care of it; it leaves everybody's Today. The first who says so is kept."""
    by.access.require(Permission.LISTENING_READ, workspace_id=spike.workspace_id)
    row = Spike.objects.select_for_update(of=("self",)).select_related("query__workspace").get(pk=spike.pk)
    if row.acknowledged_at is None:
        row.acknowledged_at, row.acknowledged_by = at, by
        row.save(update_fields=["acknowledged_at", "acknowledged_by"])
        _tell(row, "spike.acknowledged", at=at, by=by, because=f"{by.name} has seen it.")
        announce_listening(row.workspace_id, what="spikes")
    return row
