"""How many mentions are usual, and how unusual more are. Pure.

The usual number of an hour is a level, weighed towards the last weeks, times what its hour of the day and day of the
week do to it; hour-of-week factors refine that as far as there are enough mentions to tell (they are shrunk towards
one). Earlier spikes are cut down while fitting, so that last week's does not hide this week's. Mentions come in
bunches, so counts scatter more than Poisson's; what they scatter beyond that is measured at each length of time, and
how likely a count is follows a negative binomial with it (Hilbe 2011, the NB2 form: variance = mean + a × mean²). What
is not known of the mean widens it in the same way. Real counts have heavier tails than that, so a query's own history
is asked, too, how far out its days were at their worst, and how far they will be as seldom as a false alarm may happen
(`extremes`; largest values of heavy tails follow a Fréchet distribution: Gumbel 1958, Coles 2001).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

HOURS_OF_WEEK = 168
HALF_LIFE_HOURS = 14 * 24
LEAST_HOURS = 2 * HOURS_OF_WEEK
SHRINK = 8.0  # mentions that a factor's guess of “as usual” weighs
CUT = 3.5  # standard deviations beyond which a count of the past is cut down
LENGTHS = (1, 6)  # hours that are looked at together
FALSE_ALARMS = 0.1  # of a query in a week of which nothing is to be told, at most about
# Looks every five minutes at both lengths see more extremes than the whole hours that history is kept in: as measured,
# on days of real posts, by `bin/bench listening`.
CLOSER_LOOKS = 4.0
SELDOM_DAY = FALSE_ALARMS / 7 / CLOSER_LOOKS
ORDINARY = 1.0  # standard deviations; days that went less far out are alike
EULER = 0.5772156649015329

Counts = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual after a history: the mean for each hour of the week (0 is the first hour of the history's first
    day), what counts scatter beyond Poisson at each of LENGTHS, how much of the means is guessed, and how many standard
    deviations a day is out at its worst in one day of 1 / SELDOM_DAY, at each of LENGTHS."""

    means: Counts
    scatter: tuple[float, ...]
    doubt: Counts
    extremes: tuple[float, ...]

    def of(self, hours: Sequence[tuple[int, float]], length: int) -> tuple[float, float]:
        """The mean and the relative variance (a) of a count over hours of the week, each with the part of it that is
        looked at (0 to 1)."""
        parts = [self.means[hour % HOURS_OF_WEEK] * part for hour, part in hours]
        mean = float(sum(parts))
        if mean <= 0:
            return 0.0, 1.0
        doubt = sum(self.doubt[hour % HOURS_OF_WEEK] * one for (hour, _), one in zip(hours, parts, strict=True)) / mean
        return mean, self.scatter[LENGTHS.index(length)] + float(doubt)

    def is_unheard_of(self, count: int, mean: float, length: int) -> bool:
        """Whether a count is further out than days of this query are, but for one in very many."""
        place = LENGTHS.index(length)
        spread = math.sqrt(max(mean + self.scatter[place] * mean**2, 0.05))
        return (count - mean) / spread > self.extremes[place]


def usual(history: Sequence[float]) -> Usual | None:
    """Learn from hourly counts, oldest first, the first at an hour of the week that is called 0; None while there is
    less than two weeks of them."""
    counts = np.asarray(history, dtype=np.float64)
    if len(counts) < LEAST_HOURS:
        return None
    hours = np.arange(len(counts)) % HOURS_OF_WEEK
    weights = 0.5 ** ((len(counts) - 1 - np.arange(len(counts))) / HALF_LIFE_HOURS)
    kept = counts
    for _ in range(3):
        means, doubt = _fitted(kept, hours, weights)
        scatter = _scatter(kept, means[hours], 1)
        spread = np.sqrt(means + scatter * means**2)[hours]
        kept = np.minimum(counts, means[hours] + CUT * np.maximum(spread, 1.0))
    scatters = tuple(_scatter(kept, means[hours], length) for length in LENGTHS)
    extremes = tuple(
        _extreme(counts, means[hours], beyond, length) for beyond, length in zip(scatters, LENGTHS, strict=True)
    )
    return Usual(means, scatters, doubt, extremes)


def _fitted(counts: Counts, hours: npt.NDArray[np.int64], weights: Counts) -> tuple[Counts, Counts]:
    level = float((counts * weights).sum() / weights.sum())
    if level <= 0:
        level = 0.5 / len(counts)
    of_day = _factors(counts, np.full(len(counts), level), hours % 24, 24)
    by_day = of_day[hours % 24] * level
    of_week = _factors(counts, by_day, hours // 24, 7)
    means = level * of_day[np.arange(HOURS_OF_WEEK) % 24] * of_week[np.arange(HOURS_OF_WEEK) // 24]
    fine = _factors(counts, means[hours], hours, HOURS_OF_WEEK)
    seen = np.bincount(hours, counts, HOURS_OF_WEEK)
    doubt: Counts = 1.0 / (SHRINK + seen.astype(np.float64))
    return means * fine, doubt


def _factors(counts: Counts, means: Counts, groups: npt.NDArray[np.int64], size: int) -> Counts:
    """How far each group is from what was expected of it, pulled towards one."""
    return (np.bincount(groups, counts, size) + SHRINK) / (np.bincount(groups, means, size) + SHRINK)


def _scatter(counts: Counts, means: Counts, length: int) -> float:
    """What counts over so many hours vary beyond Poisson, relative to their mean squared; never below none."""
    whole = len(counts) // length * length
    sums = counts[:whole].reshape(-1, length).sum(axis=1)
    expected = means[:whole].reshape(-1, length).sum(axis=1)
    beyond = float(((sums - expected) ** 2 - expected).sum())
    return max(0.0, beyond / max(float((expected**2).sum()), 1e-9))


def _extreme(counts: Counts, means: Counts, beyond: float, length: int) -> float:
    """How many standard deviations out a day is at its worst, over stretches of so many hours, as seldom as SELDOM_DAY:
    the quantile of a Gumbel distribution fitted by its moments to the logarithms of the days' worst."""
    ones = np.ones(length)
    sums, expected = np.convolve(counts, ones, "valid"), np.convolve(means, ones, "valid")
    out = (sums - expected) / np.sqrt(np.maximum(expected + beyond * expected**2, 0.05))
    worst = np.log(np.maximum(out[: len(out) // 24 * 24].reshape(-1, 24).max(axis=1), ORDINARY))
    scale = float(worst.std(ddof=1)) * math.sqrt(6) / math.pi
    return math.exp(float(worst.mean()) + scale * (-math.log(-math.log1p(-SELDOM_DAY)) - EULER))


def chance_of(count: int, mean: float, relative: float) -> float:
    """How likely `count` or more are with this mean and relative variance: the negative binomial's upper tail."""
    if count <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    relative = max(relative, 1e-6)
    size = 1.0 / relative
    share = mean / (mean + size)
    log_first = (
        math.lgamma(count + size) - math.lgamma(size) - math.lgamma(count + 1)
        + size * math.log1p(-share) + count * math.log(share)
    )  # fmt: skip
    term, total, here = math.exp(log_first), 0.0, count
    if count <= mean:
        return 1.0  # not unusual; its exact chance is of no use to anybody
    while term > total * 1e-9 and here < count + 100_000:
        total += term
        term *= share * (here + size) / (here + 1)
        here += 1
    return min(1.0, total)
