"""How well triage does on labelled texts. Plain numpy; every figure's definition stands with it."""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from choir.triage.charters import Charters
from choir.triage.learning.adapted import Learnt
from choir.triage.reader import AS_SHIPPED, Judgement, Reader, Text, reader

TASKS = ("sentiment", "objective", "department", "intent", "language", "urgency", "stage", "needs_reply", "spam")
BATCH = 64
BINS = 10
PRECISION = 0.9


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled text; `language` only sorts the figures."""

    text: str
    label: str
    language: str = ""


Figures = dict[str, object]


def evaluate(
    rows: Sequence[Row],
    task: str,
    *,
    using: Reader | None = None,
    learnt: Learnt = AS_SHIPPED,
    charters: Charters | None = None,
    clock: Callable[[], float] = time.process_time,
) -> Figures:
    """Figures of one task on labelled rows; raises ValueError for an unknown task, no rows or labels it never gives.
    `learnt` is what a workspace taught; with `charters` departments are the organisation's own.

    Where no row is labelled "mixed", an answer "mixed" counts as the side it leans to: three-class sets stay fair.
    """
    if task not in TASKS:
        raise ValueError(f"There is no task {task!r}. Choose one of: {', '.join(TASKS)}.")
    if not rows:
        raise ValueError("There are no labelled rows to score. Check the file and the --text and --label columns.")
    using = using or reader()
    labels = {row.label for row in rows}
    known = answers_to(task, labels, using=using, charters=charters)
    if not labels & known:
        raise ValueError(
            f"None of the labels is an answer to {task!r}: {', '.join(sorted(labels)[:8])}. Answers are"
            f" {', '.join(sorted(known))}. Rename yours with --map old=new, or choose another column with --label."
        )
    began = clock()
    answers = []
    for begin in range(0, len(rows), BATCH):
        part = rows[begin : begin + BATCH]
        readings = using.read([Text(row.text) for row in part], learnt=[learnt] * len(part))
        if task == "department" and charters is not None:
            vectors, usual = (np.stack([getattr(one, name) for one in readings]) for name in ("vector", "usual"))
            answers += [Judgement(*fitting) for fitting in charters.best(vectors, usual, [learnt] * len(part))]
        else:
            answers += [leaning(getattr(reading, task), reading.sentiment_score, labels) for reading in readings]
    seconds = clock() - began
    truth = [row.label for row in rows]
    said = [answer.value for answer in answers]
    sure = [answer.confidence for answer in answers]
    return {
        "task": task,
        "rows": len(rows),
        **scores(truth, said),
        "per_language": by_language(rows, said),
        "ece": calibration_error(truth, said, sure),
        "coverage_at_90": coverage(truth, said, sure),
        "texts_per_second": round(len(rows) / max(seconds, 1e-9), 1),
    }


def answers_to(
    task: str, labels: set[str], *, using: Reader | None = None, charters: Charters | None = None
) -> set[str]:
    """What a task can be answered with; for languages, which are not listed, whatever `labels` are asked about."""
    if task == "department" and charters:
        return set(charters.slugs)
    return set((using or reader()).heads.labels.get(task, labels))


def leaning(answer: Judgement, score: float, labels: set[str]) -> Judgement:
    """The answer, "mixed" as the side it leans to where the labels have no "mixed"."""
    if answer.value != "mixed" or "mixed" in labels:
        return answer
    return Judgement("positive" if score > 0 else "negative", answer.confidence)


def scores(truth: Sequence[str], said: Sequence[str]) -> Figures:
    """Accuracy, and over the classes that occur in the labels: mean F1 and mean recall."""
    per_class: dict[str, dict[str, float]] = {}
    recalls, balanced = [], []
    for label in sorted(set(truth)):
        hits = sum(true == label == answer for true, answer in zip(truth, said, strict=True))
        true_count, said_count = truth.count(label), said.count(label)
        recall, precision = hits / true_count, hits / said_count if said_count else 0.0
        f1 = 2 * hits / (true_count + said_count)
        recalls.append(recall)
        balanced.append(f1)
        per_class[label] = {
            "precision": round(precision, 4),
            "recall": round(recall, 4),
            "f1": round(f1, 4),
            "rows": true_count,
        }
    right = sum(true == answer for true, answer in zip(truth, said, strict=True))
    return {
        "accuracy": round(right / len(truth), 4),
        "macro_f1": round(float(np.mean(balanced)), 4),
        "macro_recall": round(float(np.mean(recalls)), 4),
        "per_class": per_class,
    }


def by_language(rows: Sequence[Row], said: Sequence[str]) -> Figures:
    """The same, per language named in the rows."""
    groups: dict[str, list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        if row.language:
            groups[row.language].append(at)
    found: Figures = {}
    for language, places in sorted(groups.items()):
        group = scores([rows[at].label for at in places], [said[at] for at in places])
        found[language] = {
            "rows": len(places),
            **{name: group[name] for name in ("accuracy", "macro_f1", "macro_recall")},
        }
    return found


def calibration_error(truth: Sequence[str], said: Sequence[str], sure: Sequence[float]) -> float:
    """Expected calibration error: mean gap between confidence and share right, over ten equal bins of confidence."""
    confidence = np.array(sure)
    right = np.array([true == answer for true, answer in zip(truth, said, strict=True)])
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [
        abs(right[bins == which].mean() - confidence[bins == which].mean()) * (bins == which).mean()
        for which in np.unique(bins)
    ]
    return round(float(sum(gaps)), 4)


def coverage(truth: Sequence[str], said: Sequence[str], sure: Sequence[float]) -> float:
    """The largest share of texts, most confident first, that is right nine times in ten."""
    order = np.argsort(-np.array(sure), kind="stable")
    right = np.array([true == answer for true, answer in zip(truth, said, strict=True)])[order]
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    good = np.flatnonzero(precision >= PRECISION)
    return round(float((good[-1] + 1) / len(right)), 4) if len(good) else 0.0
