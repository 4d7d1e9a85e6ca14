"""Raised from what happens: spikes and crises, answers that wait for approval, initiatives about to begin."""

from __future__ import annotations

import datetime as dt

from django.db.models import Min

from choir.governance.agenda.raised import Fact, Looking, Raised
from choir.listening.models import Spike
from choir.outbound.models import Approval
from choir.strategy.models import Initiative

RECENT = dt.timedelta(days=8)
SPIKES_AT_MOST = 3
SEVERE = 4.0  # times as many mentions as are usual, where moods are bad: a crisis
STUCK_AFTER = dt.timedelta(hours=24)
SOON = dt.timedelta(days=21)
BAD_MOOD = 0.4


def spikes(looking: Looking) -> list[Raised]:
    """The strongest spikes of the week; one with many times the usual mentions, in a bad mood, is a crisis."""
    rows = Spike.objects.filter(
        workspace=looking.workspace, began_at__gte=looking.at - RECENT, began_at__lte=looking.at
    )
    strongest = sorted(rows.select_related("query", "department"), key=lambda one: -one.count / max(1.0, one.expected))
    seen: set[object] = set()
    found: list[Raised] = []
    for one in strongest:
        if one.query_id not in seen and len(found) < SPIKES_AT_MOST:
            seen.add(one.query_id)
            found.append(_spike(one))
    return found


def _spike(spike: Spike) -> Raised:
    times = spike.count / max(1.0, spike.expected)
    mood = spike.explanation.get("mood") or {}
    is_bad = isinstance(mood, dict) and float(mood.get("negative") or 0) >= BAD_MOOD
    is_crisis = times >= SEVERE and is_bad
    about = f" about {spike.topic.replace('_', ' ')}" if spike.topic else ""
    department = f"{spike.department} speaks for us" if spike.department else "one department speaks for us"
    words = f"{spike.count} mentions instead of {spike.expected:.0f}"
    state = "goes on" if spike.ended_at is None else f"ended {spike.ended_at:%-d %B}"
    return Raised(
        key=f"spike:{spike.pk}",
        kind="crisis" if is_crisis else "spike",
        title=f"{'Crisis' if is_crisis else 'Spike'}: {spike.query}{about}",
        question="Is it over, who speaks, and what do we say?"
        if spike.ended_at is None
        else "What do we learn from it?",
        facts=(Fact(words, "spike", {"spike": str(spike.pk)}), Fact(f"began {spike.began_at:%-d %B}, {state}")),
        proposal={"kind": "agreement", "words": f"{department} until it is over, and everybody else refers to them"},
        because=spike.department_because,
        per_week=float(spike.count),
        since=spike.began_at,
    )


def approvals_stuck(looking: Looking) -> list[Raised]:
    """Answers that have waited for a yes for more than a day."""
    waiting = Approval.objects.filter(
        workspace=looking.workspace, closed_at=None, asked_at__lt=looking.at - STUCK_AFTER
    ).exclude(expires_at__lt=looking.at)
    count, oldest = waiting.count(), waiting.aggregate(oldest=Min("asked_at"))["oldest"]
    if not count:
        return []
    answers = "answer has" if count == 1 else "answers have"
    return [
        Raised(
            key="approvals",
            kind="approvals",
            title=f"{count} {answers} waited for approval for more than a day",
            question="Who else may approve, or which replies need no approval?",
            facts=(Fact(f"the oldest since {oldest:%-d %B}", "approvals"),),
            proposal={"kind": "agreement", "words": "every department names a second person who approves"},
            because="A customer waits for each of them.",
            per_week=float(count),
            since=oldest,
        )
    ]


def initiatives_coming(looking: Looking) -> list[Raised]:
    """Campaigns and projects that begin within three weeks: is everybody ready, above all those who answer?"""
    today = looking.at.astimezone(looking.zone).date()
    rows = Initiative.objects.filter(
        workspace=looking.workspace, ended_at=None, starts_on__gt=today, starts_on__lte=today + SOON
    )
    return [_coming(one) for one in rows.select_related("department", "objective", "goal")]


def _coming(one: Initiative) -> Raised:
    lacks = [word for word, has in (("goal", one.goal_id), ("objective", one.objective_id)) if not has]
    facts = [Fact(f"{one.starts_on:%-d %B} to {one.ends_on:%-d %B}", "strategy")]
    if lacks:
        facts.append(Fact(f"it names no {' and no '.join(lacks)}", "strategy"))
    return Raised(
        key=f"initiative:{one.pk}",
        kind="initiative",
        title=f"“{one}” begins on {one.starts_on:%-d %B}",
        question="Who answers what it brings in, and is there room?",
        facts=tuple(facts),
        proposal={
            "kind": "agreement",
            "words": f"{one.department or 'its owner'} tells customer-facing departments a week before what to expect",
        },
        because="What is published brings conversations with it.",
    )
