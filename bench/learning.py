"""Learning: simulated corrections on real labelled posts, and how often something useless takes over.

A stream of posts is read as shipped. Where the answer is wrong a person corrects it, where it is right it stands; after
so many corrections the workspace's heads are tried as in the product, and what holds is measured on posts of another
third of the data. Data: the folder named by CHOIR_BENCH_DATA, with airline-smoke/ and multilingual-validation/.
"""

from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.figures import say
from choir.flow.learn import FEWEST_STOOD, Labelled, tried
from choir.triage.encoder import Matrix
from choir.triage.gently import gently
from choir.triage.learning.fitting import Lessons
from choir.triage.learning.judging import judge
from choir.triage.reader import Reader, reader

CORRECTIONS = (10, 50, 200, 1000)
EACH = 32
SEEDS = (0, 1, 2)
REASONS = {
    "Late Flight": "operations", "Cancelled Flight": "operations", "Lost Luggage": "operations",
    "Damaged Luggage": "operations", "Flight Attendant Complaints": "operations", "longlines": "operations",
    "Bad Flight": "operations", "Customer Service Issue": "customer_service", "Flight Booking Problems": "it",
}  # fmt: skip
SURE_REASON = 0.6
USELESS_TRIES = 60


class Posts:
    """Labelled posts of one field, encoded once."""

    def __init__(self, field: str, texts: Sequence[str], labels: Sequence[str], using: Reader) -> None:
        self.field, self.texts, self.labels = field, list(texts), list(labels)
        names = using.heads.labels[field]
        features, shares = using.shares(self.texts)
        self.features = features
        self.shipped = shares[field].copy()
        # Three-class sets have no “mixed”: it is then no possible answer.
        absent = [at for at, name in enumerate(names) if name == "mixed" and name not in self.labels]
        self.shipped[:, absent] = 1e-6
        self.truth = np.array([names.index(label) for label in self.labels])

    def right(self, said: Matrix, at: Sequence[int]) -> float:
        """Share of posts answered right, in percent."""
        return round(100 * float((said.argmax(axis=1) == self.truth[list(at)]).mean()), 1)


def measure(_sizes: list[int]) -> dict[str, Any]:
    """Accuracy on posts never learnt from: after 0, 10, 50, 200, 1000 corrections, and after 32 of each department."""
    folder = Path(os.environ.get("CHOIR_BENCH_DATA", "data"))
    if not (folder / "airline-smoke").is_dir():
        raise SystemExit(f"There is no {folder}/airline-smoke. Name the folder of labelled data in CHOIR_BENCH_DATA.")
    using, figures = reader(), {}
    for name, posts in _sets(folder, using).items():
        for wanted in (0, *CORRECTIONS):
            found = [_after(posts, wanted, seed, using) for seed in SEEDS]
            if None not in found:
                figures[f"{name}, after {wanted} corrections"] = _mean(found)
                say(f"{name}, after {wanted} corrections", f"{_mean(found)} % right")
        if posts.field == "department":
            each = [_after_each(posts, EACH, seed, using) for seed in SEEDS]
            figures[f"{name}, after {EACH} examples each"] = _mean(each)
            say(f"{name}, after {EACH} examples each", f"{_mean(each)} % right")
    figures["useless heads that took over"] = useless = _useless()
    say("useless heads that took over", f"{useless} of {USELESS_TRIES}")
    return figures


def _sets(folder: Path, using: Reader) -> dict[str, Posts]:
    airline = _rows(folder / "airline-smoke" / "posts.csv.gz")
    reasoned = [
        row for row in airline
        if row["negativereason"] in REASONS and float(row["negativereason_confidence"] or 0) > SURE_REASON
    ]  # fmt: skip
    spoken = _rows(folder / "multilingual-validation" / "posts.csv.gz")
    return {
        "airline sentiment": Posts(
            "sentiment", [one["text"] for one in airline], [one["airline_sentiment"] for one in airline], using
        ),
        "airline department": Posts(
            "department",
            [one["text"] for one in reasoned],
            [REASONS[one["negativereason"]] for one in reasoned],
            using,
        ),
        "sentiment in eight languages": Posts(
            "sentiment", [one["text"] for one in spoken], [one["label"] for one in spoken], using
        ),
    }


def _rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def _split(posts: Posts, seed: int) -> tuple[list[int], list[int]]:
    order = np.random.default_rng(seed).permutation(len(posts.texts)).tolist()
    third = len(order) // 3
    return order[:third], order[third:]


def _after(posts: Posts, corrections: int, seed: int, using: Reader) -> float | None:
    """Share right once people corrected so many; None where the data has not so many mistakes."""
    test, stream = _split(posts, seed)
    wrong = posts.shipped.argmax(axis=1) != posts.truth
    seen, corrected = [], 0
    for at in stream:
        if corrected == corrections:
            break
        seen.append(at)
        corrected += int(wrong[at])
    if corrected < corrections:
        return None
    return _taught(posts, seen, wrong, test, using)


def _after_each(posts: Posts, each: int, seed: int, using: Reader) -> float:
    """Share right once people labelled so many of each department."""
    test, stream = _split(posts, seed)
    seen = [at for label in set(posts.labels) for at in [one for one in stream if posts.labels[one] == label][:each]]
    return _taught(posts, seen, posts.shipped.argmax(axis=1) != posts.truth, test, using)


def _taught(posts: Posts, seen: list[int], wrong: Any, test: list[int], using: Reader) -> float:
    said = posts.shipped[test]
    if seen:
        labelled = [Labelled(posts.texts[at], posts.labels[at], "", bool(wrong[at]), 1.0) for at in seen]
        judged, method = gently(lambda: tried(using, posts.field, labelled))
        if judged.holds and judged.stood >= FEWEST_STOOD:
            said = method.shares(posts.features[test], said)
    return posts.right(said, test)


def _useless() -> int:
    """How many of heads fitted to noise took over: answers changed at random in three of ten."""
    taken = 0
    for seed in range(USELESS_TRIES):
        chance = np.random.default_rng(seed)
        features = np.zeros((80, 520), dtype=np.float32)
        features[:, :512] = chance.normal(size=(80, 512))
        features /= np.linalg.norm(features, axis=1, keepdims=True)
        shipped = chance.dirichlet([1, 1, 1], 80).astype(np.float32)
        answers = np.eye(3, dtype=np.float32)[shipped.argmax(axis=1)]
        wrong = chance.random(80) < 0.3
        answers[wrong] = np.roll(answers[wrong], 1, axis=1)
        lessons = Lessons(features, shipped, answers, np.ones(80, dtype=np.float32), wrong.astype(np.float32))
        taken += gently(lambda lessons=lessons: judge(lessons, ["en"] * 80)).holds  # type: ignore[misc]
    return taken


def _mean(found: Sequence[float | None]) -> float:
    return round(float(np.mean([one for one in found if one is not None])), 1)
