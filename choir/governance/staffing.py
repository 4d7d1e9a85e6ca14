"""How many people it takes: the Erlang C formula, hour of the week by hour of the week. Pure arithmetic.

Conversations arrive at random at a rate that depends on the hour of the week; each takes a person some minutes; who
comes while everybody is busy waits (the queue M/M/n: Erlang, 1917; Gross et al., Fundamentals of Queueing Theory, 2008,
ch. 2.3). The chance to wait longer than t is C(n, a) · exp(−(n − a) · t / h), with a = arrivals × handle time.

A promise of hours, unlike one of seconds, lets work wait for a quieter hour: what arrives is spread over as many open
hours as the promise has. What arrives while a team is closed waits for its next opening.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

HOUR = 3600
HOURS_OF_WEEK = 168
MOST_PEOPLE = 500


def waits(people: int, load: float) -> float:
    """Erlang C: the chance that somebody who comes must wait; `load` in Erlangs (arrivals an hour × handle hours)."""
    if load <= 0:
        return 0.0
    if people <= load:
        return 1.0
    blocked = 1.0
    for count in range(1, people + 1):
        blocked = load * blocked / (count + load * blocked)
    return people * blocked / (people - load * (1 - blocked))


def in_time(people: int, load: float, *, handle_seconds: float, within_seconds: float) -> float:
    """The share of those who come that is begun within a time."""
    if people <= load:
        return 0.0
    return 1.0 - waits(people, load) * math.exp(-(people - load) * within_seconds / handle_seconds)


def needed(load: float, *, handle_seconds: float, within_seconds: float, share: float) -> int:
    """The fewest people with whom at least that share is begun in time; none for no load."""
    if load <= 0:
        return 0
    people = max(1, math.ceil(load))
    while people < MOST_PEOPLE:
        if in_time(people, load, handle_seconds=handle_seconds, within_seconds=within_seconds) >= share:
            return people
        people += 1
    return people


@dataclass(frozen=True, slots=True)
class Terms:
    """What is promised and how long work takes: `share` of first answers within `within_seconds` of open time."""

    handle_seconds: float
    within_seconds: float
    share: float


@dataclass(frozen=True, slots=True)
class Worked:
    """How the people of one open hour of the week are worked out: the `hours` of the week whose arrivals it takes on,
    with each its conversations; among how many open hours these are shared (1: they are not); what comes of it in the
    hour, and what waits at its beginning where that is promised within minutes."""

    hours: tuple[tuple[int, float], ...]
    shared_by: int
    come: float
    waiting: float
    people: int


def people_by_hour(arrivals: Mapping[int, float], open_hours: Sequence[int], terms: Terms) -> dict[int, int]:
    """People needed in each open hour of the week (0 is Monday midnight), given arrivals in each hour of the week."""
    return {hour: one.people for hour, one in worked_by_hour(arrivals, open_hours, terms).items()}


def worked_by_hour(arrivals: Mapping[int, float], open_hours: Sequence[int], terms: Terms) -> dict[int, Worked]:
    """The same with what each is worked out from."""
    ordered = sorted(set(open_hours))
    if not ordered:
        return {}
    taken = _when_open(ordered)
    if terms.within_seconds < HOUR:
        return {hour: _at_once(hour, taken[hour], arrivals, terms) for hour in ordered}
    span = int(terms.within_seconds // HOUR)
    found = {}
    for place, hour in enumerate(ordered):
        # What came in the last `span` open hours may still be answered in time now; shared evenly among them.
        recent = [ordered[(place - back) % len(ordered)] for back in range(min(span, len(ordered)))]
        hours = tuple((one, arrivals.get(one, 0.0)) for last in recent for one in taken[last])
        come = sum(n for _, n in hours) / len(recent)
        found[hour] = Worked(hours, len(recent), come, 0.0, _enough(come, terms))
    return found


def load_of(come: float, terms: Terms) -> float:
    """Work in Erlangs: hours of it that come in an hour."""
    return come * terms.handle_seconds / HOUR


def _enough(come: float, terms: Terms) -> int:
    return needed(
        load_of(come, terms), handle_seconds=terms.handle_seconds, within_seconds=terms.within_seconds,
        share=terms.share,
    )  # fmt: skip


def _at_once(hour: int, taken: Sequence[int], arrivals: Mapping[int, float], terms: Terms) -> Worked:
    """For a promise of minutes: beside those for what comes, people who begin enough of what waits at the opening. Each
    begins one at once and another every handle time until the promise runs out."""
    fresh, waiting = arrivals.get(hour, 0.0), sum(arrivals.get(one, 0.0) for one in taken if one != hour)
    begun_each = 1 + terms.within_seconds / terms.handle_seconds
    people = _enough(fresh, terms) + math.ceil(terms.share * waiting / begun_each)
    return Worked(tuple((one, arrivals.get(one, 0.0)) for one in taken), 1, fresh, waiting, people)


def _when_open(ordered: Sequence[int]) -> dict[int, list[int]]:
    """By open hour: the hours of the week that it takes on, its own first, then those since the last closing."""
    is_open = set(ordered)
    taken = {hour: [hour] for hour in ordered}
    for hour in range(HOURS_OF_WEEK):
        at = hour
        while at not in is_open:
            at = (at + 1) % HOURS_OF_WEEK
        if at != hour:
            taken[at].append(hour)
    return taken
