"""Spikes: how often a query is alarmed falsely, how many spikes are found and how soon; and how fast queries match.

Histories keep the shape of real ones where the folder named in CHOIR_BENCH_DATA has the posts to airlines: their days
are drawn again at random, each on its weekday as far as there is one, and thinned or thickened to a volume, so that
bunches within hours stay as they were. Without a file, hours of the week follow a curve
and counts scatter around it more than Poisson's. Spikes of a size (times what is usual in an hour) are put into a
history that is otherwise left alone and looked for every five minutes, as the product looks.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import os
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.figures import say
from choir.listening.expecting import HOURS_OF_WEEK, LENGTHS, usual
from choir.listening.language.folding import spaced, words_in
from choir.listening.language.matching import Document, Matcher
from choir.listening.language.parsing import parse
from choir.listening.noticing import looks, worst

WEEKS_KNOWN, WEEKS_LOOKED = 8, 6
SLOTS = 12  # of five minutes an hour
SPIKES_EACH = 40
QUERIES = 10  # of each volume
Counts = npt.NDArray[np.int64]
Days = list[dict[int, list[Counts]]]  # of each series, by weekday


def measure(sizes: Sequence[int]) -> dict[str, float]:
    """Spikes at each volume, then matching; `sizes` are of no concern to it."""
    folder = os.environ.get("CHOIR_BENCH_DATA", "")
    posts = Path(folder) / "airline-smoke" / "posts.csv.gz"
    days = real_days(posts) if folder and posts.exists() else None
    chance = np.random.default_rng(7)
    figures: dict[str, float] = {}
    for volume in (20, 100, 500, 3000):
        figures |= _at_volume(volume, days, chance)
    return figures | matching()


def _at_volume(volume: int, days: Days | None, chance: np.random.Generator) -> dict[str, float]:
    alarms = weeks = 0
    found: dict[int, list[float | None]] = defaultdict(list)
    for _ in range(QUERIES):
        slots = history(chance, volume, days)
        alarms += false_alarms(slots)
        weeks += WEEKS_LOOKED
        for times in (2, 3, 5, 10):
            found[times] += [spiked(chance, slots, times) for _ in range(SPIKES_EACH // QUERIES)]
    name = f"{volume} mentions a week, {'days of real posts' if days else 'invented days'}"
    figures = {f"false alarms, {name}": alarms / weeks}
    say(f"false alarms a query-week, {name}", f"{alarms / weeks:.3f}")
    for times, minutes in found.items():
        noticed = [one for one in minutes if one is not None]
        figures[f"x{times} found, {name}"] = share = len(noticed) / len(minutes)
        median = f"{np.median(noticed):.0f} min" if noticed else "–"
        say(f"spikes of {times} times, {name}", f"{share:.0%} found, {median}", "the median until they are")
    return figures


def real_days(posts: Path) -> Days:
    """For each series of a file, its days by weekday, as counts of five minutes."""
    series: dict[str, Counter[tuple[dt.date, int]]] = defaultdict(Counter)
    with gzip.open(posts, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            when = dt.datetime.strptime(row["tweet_created"], "%d-%m-%Y %H.%M")  # noqa: DTZ007 -- only its shape is used
            series[row["airline"]][(when.date(), when.hour * SLOTS + when.minute // 5)] += 1
    shapes = []
    for counted in series.values():
        by_weekday: dict[int, list[Counts]] = defaultdict(list)
        dates = sorted({date for date, _ in counted})[1:-1]  # the first and last are cut off
        for date in dates:
            by_weekday[date.weekday()].append(np.array([counted[(date, slot)] for slot in range(24 * SLOTS)]))
        if len(by_weekday) >= 5:
            shapes.append(by_weekday)
    return shapes


def history(chance: np.random.Generator, volume: int, days: Days | None) -> Counts:
    """Counts of five minutes over the weeks known and looked at, of about so many mentions a week."""
    whole = (WEEKS_KNOWN + WEEKS_LOOKED) * 7
    if days is None:
        hours = np.arange(whole * 24)
        curve = (1.1 + np.sin((hours % 24 - 8) / 24 * 2 * np.pi)) * np.where(hours // 24 % 7 < 5, 1.15, 0.7)
        means = np.repeat(curve / curve.mean() * volume / HOURS_OF_WEEK, SLOTS) / SLOTS
        bunched = np.repeat(chance.gamma(4, 0.25, whole * 24), SLOTS)
        invented: Counts = chance.poisson(means * bunched)
        return invented
    shape = days[chance.integers(len(days))]
    drawn = []
    for day in range(whole):
        known = shape.get(day % 7) or [one for days_of in shape.values() for one in days_of]
        drawn.append(known[chance.integers(len(known))])
    slots = np.concatenate(drawn).astype(np.float64)
    thinned: Counts = chance.poisson(slots * volume / (slots.mean() * HOURS_OF_WEEK * SLOTS))
    return thinned


def false_alarms(slots: Counts) -> int:
    """How many spikes begin in weeks in which nothing was put."""
    start = WEEKS_KNOWN * HOURS_OF_WEEK * SLOTS
    alarms, until = 0, 0
    for slot in range(start, len(slots)):
        if slot >= until and looked(slots, slot):
            alarms += 1
            until = slot + 12 * SLOTS
    return alarms


def spiked(chance: np.random.Generator, slots: Counts, times: int) -> float | None:
    """Minutes until a spike of two hours is found that brings so many times what is usual; None: it is not found
    within four hours."""
    start = WEEKS_KNOWN * HOURS_OF_WEEK * SLOTS
    at = int(chance.integers(start, len(slots) - 6 * SLOTS))
    hour = at // SLOTS % HOURS_OF_WEEK
    usual_now = slots.reshape(-1, HOURS_OF_WEEK, SLOTS)[:, hour].sum(axis=1).mean()
    changed = slots.copy()
    changed[at : at + 2 * SLOTS] += chance.poisson(max(usual_now, 0.5) * (times - 1) / SLOTS, 2 * SLOTS)
    _kept.clear()
    for slot in range(at, at + 4 * SLOTS):
        if looked(changed, slot):
            return (slot - at + 1) * 5.0
    return None


_kept: dict[tuple[int, int], object] = {}


def looked(slots: Counts, slot: int) -> bool:
    """Whether a look at the end of a slot tells of a spike, as `choir.flow.noticing` looks."""
    hour = slot // SLOTS
    key = (id(slots), hour)
    if key not in _kept:
        _kept.clear()
        begun = (hour - WEEKS_KNOWN * HOURS_OF_WEEK) * SLOTS
        known = slots[begun : (hour - max(LENGTHS)) * SLOTS].reshape(-1, SLOTS).sum(axis=1)
        _kept[key] = usual(known)
    known = _kept[key]
    end = slot + 1
    counts = {length: int(slots[end - length * SLOTS : end].sum()) for length in LENGTHS}
    return worst(looks(known, counts, hour=0, minute=(slot % SLOTS + 1) * 5)) is not None  # type: ignore[arg-type]


def matching() -> dict[str, float]:
    """Texts a second against many queries."""
    figures: dict[str, float] = {}
    words = [f"word{number}" for number in range(4_000)]
    chance = np.random.default_rng(3)
    shares = 1 / np.arange(10, len(words) + 10)
    texts = [" ".join(chance.choice(words, 20, p=shares / shares.sum())) for _ in range(3_000)]
    for count in (100, 500):
        queries = {
            number: parse('({} OR "{} {}") {} OR {} NEAR/5 {} OR {}*'.format(*chance.choice(words[50:], 7)))
            for number in range(count)
        }
        matcher = Matcher(queries)
        began = time.process_time()
        found = sum(len(matcher.matching(Document(words=spaced(words_in(text))))) for text in texts)
        took = time.process_time() - began
        figures[f"texts a second, {count} queries"] = len(texts) / took
        say(f"texts matched a second with {count} queries, one core", f"{len(texts) / took:,.0f}/s", f"{found} matches")
    return figures
