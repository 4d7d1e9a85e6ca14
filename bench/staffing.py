"""Do the people that the staffing asks for keep the promise? Simulated weeks: arrivals at random, a first-come queue,
as many people in each hour as was said; the share that is begun within the promise, in open time."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence

import numpy as np

from bench.figures import say
from choir.governance.staffing import HOUR, HOURS_OF_WEEK, Terms, people_by_hour

WEEKS = 60
OPEN = [24 * day + hour for day in range(5) for hour in range(8, 20)] + [24 * 5 + hour for hour in range(10, 16)]
VOLUMES = (120, 600, 3_000)
PROMISES = (15 * 60, 3600, 4 * 3600)


def measure(_conversations: Sequence[int]) -> dict[str, float]:
    """The share in time for each volume and promise, with the people asked for and with one in five fewer."""
    figures = {}
    for per_week in VOLUMES:
        for within in PROMISES:
            terms = Terms(handle_seconds=720, within_seconds=within, share=0.85)
            arrivals = _arrivals(per_week)
            people = people_by_hour(arrivals, OPEN, terms)
            kept = simulated(arrivals, people, terms)
            title = f"staffing for {per_week} a week, promised within {within // 60} minutes: in time"
            figures[title] = kept
            say(title, f"{kept:.1%} with {sum(people.values())} hours of people", "85 %")
    return figures


def _arrivals(per_week: float) -> dict[int, float]:
    """By hour of the week: busy days, quiet nights, quieter weekends."""
    weights = [
        (0.25 + max(0.0, np.sin(np.pi * (hour - 6) / 17))) * (0.5 if day > 4 else 1.0)
        for day in range(7)
        for hour in range(24)
    ]
    return {hour: per_week * weight / sum(weights) for hour, weight in enumerate(weights)}


def simulated(arrivals: Mapping[int, float], people: Mapping[int, int], terms: Terms) -> float:
    """Open time is laid end to end: a week is as long as its open hours, and what arrives while all is closed is there
    when it opens."""
    chance = np.random.default_rng(7)
    ordered = sorted(people)
    place = {hour: number for number, hour in enumerate(ordered)}
    week = len(ordered) * HOUR
    came: list[float] = []
    for number in range(WEEKS):
        for hour in range(HOURS_OF_WEEK):
            at, waited = hour, False
            while at not in place:
                at, waited = (at + 1) % HOURS_OF_WEEK, True
            begins = number * week + place[at] * HOUR
            for _ in range(chance.poisson(arrivals[hour])):
                came.append(begins + (0.0 if waited else chance.uniform(0, HOUR)))
    return _served(sorted(came), people, ordered, terms, chance)


def _served(
    came: Sequence[float], people: Mapping[int, int], ordered: Sequence[int], terms: Terms, chance: np.random.Generator
) -> float:
    busy: list[float] = []
    kept = 0
    now = 0.0
    for at in came:
        now = max(now, at)
        while True:
            while busy and busy[0] <= now:
                heapq.heappop(busy)
            here = people[ordered[int(now // HOUR) % len(ordered)]]
            if len(busy) < here:
                break
            turn = (now // HOUR + 1) * HOUR
            now = min(turn, busy[0]) if busy else turn
        heapq.heappush(busy, now + chance.exponential(terms.handle_seconds))
        kept += now - at <= terms.within_seconds
    return kept / len(came)
