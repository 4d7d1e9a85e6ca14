"""Learning: simulated corrections on real labelled posts, and how often something useless takes over.

A stream of posts is read as shipped. Where the answer is wrong a person corrects it, where it is right it stands; after
so many corrections the workspace's heads are tried as in the product, and what holds is measured on posts of another
third of the data. Beside it the same number of posts labelled one after the other, right or wrong. Departments of an
organisation's own are known by their charters alone. Data: the folder named by CHOIR_BENCH_DATA, with airline-smoke/,
sentiment-validation/, multilingual-validation/ and clinc150/.
"""

from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bench.figures import say
from choir.flow.learn import FEWEST_STOOD, MOST_EXAMPLES, MOST_STOOD
from choir.triage.charters import Charter, Charters
from choir.triage.encoder import WIDTH, Matrix, one_thread
from choir.triage.gently import gently
from choir.triage.learning.fitting import Lessons
from choir.triage.learning.judging import fitted, judge
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
# Departments that a company of these seven trades might have, as it might describe them; no shipped head knows them.
OWN = {
    "banking": "Accounts. Balances, transfers, bills and PINs of current accounts.",
    "credit_cards": "Credit cards. Limits, rewards, rates, and cards that are lost or declined.",
    "travel": "Travel desk. Flights, hotels, hire cars, visas, and what to know before a journey.",
    "work": "People team. Pay, leave, insurance and taxes of those who work here.",
    "home": "Home assistant. Lists, reminders, music, orders and devices at home.",
    "auto_and_commute": "Roadside. Cars, fuel, tyres, repairs, and the way there.",
    "kitchen_and_dining": "Kitchen and tables. Recipes, ingredients, and tables in restaurants.",
}
USELESS_TRIES = 60


class Posts:
    """Labelled posts of one field, encoded once."""

    def __init__(
        self, field: str, texts: Sequence[str], labels: Sequence[str], using: Reader, *, own: Charters | None = None
    ) -> None:
        self.field, self.texts, self.labels = field, list(texts), list(labels)
        names = own.slugs if own else using.heads.labels[field]
        features, shares = using.shares(self.texts)
        self.features = features[:, :WIDTH] if own else features
        self.shipped = own.shares(self.features, shares[field]) if own else shares[field].copy()
        # Three-class sets have no “mixed”: it is then no possible answer.
        absent = [at for at, name in enumerate(names) if name == "mixed" and name not in self.labels]
        self.shipped[:, absent] = 1e-6
        self.truth = np.array([names.index(label) for label in self.labels])
        self.wrong = self.shipped.argmax(axis=1) != self.truth

    def right(self, said: Matrix, at: Sequence[int]) -> float:
        """Share of posts answered right, in percent."""
        return round(100 * float((said.argmax(axis=1) == self.truth[list(at)]).mean()), 1)


def measure(_sizes: list[int]) -> dict[str, Any]:
    """Accuracy on posts never learnt from: after 0, 10, 50, 200, 1000 corrections, after as many posts labelled, and
    after 32 of each department."""
    folder = Path(os.environ.get("CHOIR_BENCH_DATA", "data"))
    if not (folder / "airline-smoke").is_dir():
        raise SystemExit(f"There is no {folder}/airline-smoke. Name the folder of labelled data in CHOIR_BENCH_DATA.")
    using, figures = reader(), {}
    for name, posts in _sets(folder, using).items():
        for wanted, kind, choose in (
            (0, "corrections", _until_corrected),
            *((one, "corrections", _until_corrected) for one in CORRECTIONS),
            *((one, "posts labelled", _first) for one in CORRECTIONS),
            *(((EACH, "posts of each", _of_each),) if posts.field == "department" else ()),
        ):
            found = [_after(posts, choose, wanted, seed) for seed in SEEDS]
            if None not in found:
                figures[f"{name}, after {wanted} {kind}"] = _mean(found)
                say(f"{name}, after {wanted} {kind}", f"{_mean(found)} % right", " ".join(map(str, found)))
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
    posted = _rows(folder / "sentiment-validation" / "posts.csv.gz") + spoken
    asked = [row for row in _rows(folder / "clinc150" / "train_val.csv.gz") if row["domain"] in OWN]
    own = Charters(
        [Charter(slug, text) for slug, text in OWN.items()], using.department_shares, using.heads.labels["department"]
    )
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
        "sentiment of all posts": Posts(
            "sentiment", [one["text"] for one in posted], [one["label"] for one in posted], using
        ),
        "departments of its own": Posts(
            "department", [one["text"] for one in asked], [one["domain"] for one in asked], using, own=own
        ),
    }


def _rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def _split(posts: Posts, seed: int) -> tuple[list[int], list[int]]:
    order = np.random.default_rng(seed).permutation(len(posts.texts)).tolist()
    third = len(order) // 3
    return order[:third], order[third:]


def _until_corrected(posts: Posts, stream: list[int], corrections: int) -> list[int] | None:
    """What was seen once people corrected so many; None where the data has not so many mistakes."""
    mistakes = np.flatnonzero(posts.wrong[stream])
    if len(mistakes) < corrections:
        return None
    return stream[: int(mistakes[corrections - 1]) + 1] if corrections else []


def _first(posts: Posts, stream: list[int], size: int) -> list[int] | None:
    """The first so many; None where there are fewer."""
    return stream[:size] if len(stream) >= size else None


def _of_each(posts: Posts, stream: list[int], each: int) -> list[int]:
    """So many of each label."""
    return [
        at for label in sorted(set(posts.labels)) for at in [one for one in stream if posts.labels[one] == label][:each]
    ]


def _after(
    posts: Posts, choose: Callable[[Posts, list[int], int], list[int] | None], size: int, seed: int
) -> float | None:
    """Share right on the third kept back once people saw what `choose` takes of the rest, in percent."""
    test, stream = _split(posts, seed)
    seen = choose(posts, stream, size)
    if seen is None:
        return None
    said = posts.shipped[test]
    if seen:
        lessons = _lessons(posts, seen)
        with one_thread():
            judged = judge(lessons, [""] * len(lessons))
        if judged.holds and judged.stood >= FEWEST_STOOD:
            said = fitted(lessons, judged.way).shares(posts.features[test], said)
    return posts.right(said, test)


def _lessons(posts: Posts, seen: Sequence[int]) -> Lessons:
    """As `choir.flow.learn` takes them: the newest corrections, and the newest that stood for all that stood."""
    corrected = [at for at in seen if posts.wrong[at]][-MOST_EXAMPLES:]
    all_stood = [at for at in seen if not posts.wrong[at]]
    stood = all_stood[-MOST_STOOD:]
    rows = [*corrected, *stood]
    weight = [1.0] * len(corrected) + [len(all_stood) / max(1, len(stood))] * len(stood)
    return Lessons(
        posts.features[rows],
        posts.shipped[rows],
        np.eye(posts.shipped.shape[1], dtype=np.float32)[posts.truth[rows]],
        np.array(weight, dtype=np.float32),
        posts.wrong[rows].astype(np.float32),
    )


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
        taken += gently(partial(judge, lessons, ["en"] * 80)).holds
    return taken


def _mean(found: Sequence[float | None]) -> float:
    return round(float(np.mean([one for one in found if one is not None])), 1)
