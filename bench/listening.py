"""Spikes: how often a query is alarmed falsely, how many spikes are found and how soon; and how fast queries match.

Histories keep the shape of real ones where a file of posts with their times is given (`--posts FILE.csv --column NAME
--format FORMAT`): its days are drawn again at random, each on its weekday as far as there is one, and thinned or
thickened to a volume, so that bunches within hours stay as they were. Without a file, hours of the week follow a curve
and counts scatter around it more than Poisson's. Spikes of a size (times what is usual in an hour) are put into a
history that is otherwise left alone and looked for every five minutes, as the product looks.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import gzip
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import numpy.typing as npt

from choir.listening.expecting import HOURS_OF_WEEK, LENGTHS, usual
from choir.listening.language.folding import spaced, words_in
from choir.listening.language.matching import Document, Matcher
from choir.listening.language.parsing import parse
from choir.listening.noticing import looks, worst

WEEKS_KNOWN, WEEKS_LOOKED = 8, 6
SLOTS = 12  # of five minutes an hour
SPIKES_EACH = 40
Counts = npt.NDArray[np.int64]


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--posts", type=Path)
    options.add_argument("--column", default="tweet_created")
    options.add_argument("--format", default="%d-%m-%Y %H.%M")
    options.add_argument("--by", default="airline")
    options.add_argument("--queries", type=int, default=10)
    chosen = options.parse_args()
    days = real_days(chosen) if chosen.posts else None
    chance = np.random.default_rng(7)
    say(f"History: {'days of ' + chosen.posts.name if days else 'invented'}")
    say("mentions a week | false alarms a query-week | found of spikes x2, x3, x5, x10 | median minutes until found")
    for volume in (20, 100, 500, 3000):
        alarms = weeks = 0
        found: dict[int, list[float | None]] = defaultdict(list)
        for _ in range(chosen.queries):
            slots = history(chance, volume, days)
            alarms += false_alarms(slots)
            weeks += WEEKS_LOOKED
            for times in (2, 3, 5, 10):
                found[times] += [spiked(chance, slots, times) for _ in range(SPIKES_EACH // chosen.queries)]
        rates = " ".join(f"{sum(one is not None for one in found[times]) / len(found[times]):4.0%}" for times in found)
        delays = " ".join(
            f"{np.median([one for one in found[times] if one is not None] or [0]):4.0f}" for times in found
        )
        say(f"{volume:15} | {alarms / weeks:25.3f} | {rates} | {delays}")
    matching()


def say(line: str) -> None:
    """One line of the table."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def real_days(chosen: argparse.Namespace) -> list[dict[int, list[Counts]]]:
    """For each series of a file, its days by weekday, as counts of five minutes."""
    series: dict[str, Counter[tuple[dt.date, int]]] = defaultdict(Counter)
    opened = gzip.open if chosen.posts.suffix == ".gz" else open
    with opened(chosen.posts, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            when = dt.datetime.strptime(row[chosen.column], chosen.format)  # noqa: DTZ007 -- only its shape is used
            series[row.get(chosen.by, "")][(when.date(), when.hour * SLOTS + when.minute // 5)] += 1
    shapes = []
    for counted in series.values():
        by_weekday: dict[int, list[Counts]] = defaultdict(list)
        dates = sorted({date for date, _ in counted})[1:-1]  # the first and last are cut off
        for date in dates:
            by_weekday[date.weekday()].append(np.array([counted[(date, slot)] for slot in range(24 * SLOTS)]))
        if len(by_weekday) >= 5:
            shapes.append(by_weekday)
    return shapes


def history(chance: np.random.Generator, volume: int, days: list[dict[int, list[Counts]]] | None) -> Counts:
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


def matching() -> None:
    """Texts a second against many queries."""
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
        say(f"{count} queries: {len(texts) / took:,.0f} texts a second on one core, folding included ({found} matches)")


if __name__ == "__main__":
    main()
