"""Learn: in a workspace where people taught enough since the last time, try whether it reads better with it.

The arithmetic runs beside live work, with low priority; what comes of it takes over only if it holds on examples kept
back (`choir.triage.learning.judging`). One field of one workspace at a time, so that a worker is never gone for long.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from django.db import transaction
from django.db.models import Count

from choir.flow.examples import FIELDS, gather, stood, values_of
from choir.people.models import Workspace
from choir.triage.charters import Charters, mark_of
from choir.triage.encoder import WIDTH, Matrix
from choir.triage.gently import at_once, gently
from choir.triage.learning.adapted import Method
from choir.triage.learning.fitting import Lessons
from choir.triage.learning.judging import Judgement, fitted, judge
from choir.triage.learning.models import Adaptation, Example, Lesson
from choir.triage.learning.versions import keep
from choir.triage.models import Reading
from choir.triage.queries import charters_of, own_departments
from choir.triage.reader import Reader, reader

FEWEST = 5  # examples of a field before it is worth trying
GROWTH = 0.2  # share of new examples that makes another try worth its time
FEWEST_STOOD = 5  # answers that stood, without which nobody can tell what a change would break
MOST_EXAMPLES = 2000
MOST_STOOD = 1500
LOOKS_BACK = dt.timedelta(days=365)
CHUNK = 64
Vectors = Mapping[str, Matrix]  # the encoder's, by text


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text, what it is, whether a person had to say so, and how many conversations it stands for."""

    text: str
    value: str
    language: str
    is_corrected: bool
    weight: float


def learn(*, at: dt.datetime) -> int:
    """Gather what people taught, and try the one field that waits longest; 0 when nothing is due."""
    return next((done for one in Workspace.objects.order_by("pk") if (done := learn_in(one, at=at))), 0)


def learn_in(workspace: Workspace, *, at: dt.datetime, vectors: Vectors | None = None) -> int:
    """The same in one workspace. `vectors` of texts that were encoded already are given where nothing live is beside
    it: then it does not make way either."""
    if gathered := gather(workspace, at=at):
        return gathered
    counts = taught(workspace)
    due = next((field for field in FIELDS if counts[field] >= next_try(workspace, field)), None)
    return _try(workspace, due, count=counts[due], at=at, vectors=vectors) if due is not None else 0


def taught(workspace: Workspace) -> dict[str, int]:
    """How many examples each field has that a head can learn from."""
    known = {field: answers(workspace, field) for field in FIELDS}
    rows = Example.objects.filter(workspace=workspace, taken_back_at=None).values("field", "value")
    found: dict[str, int] = dict.fromkeys(FIELDS, 0)
    for field, value, count in rows.annotate(count=Count("mention", distinct=True)).values_list(
        "field", "value", "count"
    ):
        if value in known.get(field, ()):
            found[field] = found.get(field, 0) + count
    return found


def next_try(workspace: Workspace, field: str) -> int:
    """With how many examples of a field the next version is tried."""
    last = (
        Adaptation.objects.filter(workspace=workspace, field=field, base=base_of(workspace, field))
        .order_by("-number")
        .values_list("examples_count", flat=True)
        .first()
    )
    return FEWEST if last is None else last + max(FEWEST, round(last * GROWTH))


def _try(workspace: Workspace, field: str, *, count: int, at: dt.datetime, vectors: Vectors | None) -> int:
    labelled = labelled_texts(workspace, field, at=at)
    own = charters_of([workspace.organisation_id])[workspace.organisation_id] if field == "department" else None
    work = partial(tried, reader(), field, labelled, own=own, vectors=vectors)
    judged, method = gently(work) if vectors is None else at_once(work)
    enough = judged.stood >= FEWEST_STOOD
    with transaction.atomic():
        Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
        if count >= next_try(workspace, field):  # another worker may have been quicker
            keep(
                workspace,
                field=field,
                base=base_of(workspace, field),
                judgement=judged,
                method=method if judged.holds and enough else None,
                examples_count=count,
                at=at,
            )
    return 1


def labelled_texts(workspace: Workspace, field: str, *, at: dt.datetime) -> list[Labelled]:
    """The examples of one field, oldest first, and what stood beside them."""
    newest: dict[object, Example] = {}
    rows = Example.objects.filter(workspace=workspace, field=field, taken_back_at=None).select_related("mention")
    for one in rows.order_by("-at", "-id")[: 2 * MOST_EXAMPLES]:
        newest.setdefault(one.mention_id, one)
    examples = list(newest.values())[:MOST_EXAMPLES][::-1]
    readings, total = stood(workspace, since=at - LOOKS_BACK, at_most=MOST_STOOD)
    return [
        Labelled(one.mention.text, one.value, one.language, one.lesson != Lesson.CONFIRMATION, 1.0) for one in examples
    ] + _standing(readings, field, answers(workspace, field), total)


def _standing(readings: Sequence[tuple[Reading, str]], field: str, known: Sequence[str], total: int) -> list[Labelled]:
    """What stood. The right department is the one that answered, whatever its reading says: the matrix may have
    known better."""
    weight = max(total / len(readings), 1.0) if readings else 1.0
    return [
        Labelled(
            one.mention.text,
            answered if field == "department" and answered in known else values_of(one)[field],
            one.language,
            False,
            weight,
        )
        for one, answered in reversed(readings)
    ]


def answers(workspace: Workspace, field: str) -> Sequence[str]:
    """What can be answered to a field in a workspace: its organisation's own departments where charters decide."""
    own = own_departments(workspace.organisation_id) if field == "department" else ()
    return own or reader().heads.labels[field]


def base_of(workspace: Workspace, field: str) -> str:
    """What a version of a field is fitted to: the shipped weights, and the organisation's own departments."""
    own = own_departments(workspace.organisation_id) if field == "department" else ()
    return reader().heads.version + (mark_of(own) if own else "")


def tried(
    using: Reader,
    field: str,
    labelled: Sequence[Labelled],
    *,
    own: Charters | None = None,
    vectors: Vectors | None = None,
) -> tuple[Judgement, Method]:
    """Encode, fit and judge. Rows whose value the head does not know are left out. `own` are the organisation's
    departments, where `field` is theirs; `vectors` those of texts that were encoded already."""
    labels = own.slugs if own else using.heads.labels[field]
    known = [one for one in labelled if one.value in labels]
    chunks = [[one.text for one in known[begin : begin + CHUNK]] for begin in range(0, len(known), CHUNK)]
    parts = [_seen(using, field, texts, own, vectors or {}) for texts in chunks]
    lessons = Lessons(
        features=np.concatenate([features for features, _ in parts]),
        shipped=np.concatenate([shares for _, shares in parts]),
        answers=np.eye(len(labels), dtype=np.float32)[[labels.index(one.value) for one in known]],
        weight=np.array([one.weight for one in known], dtype=np.float32),
        is_corrected=np.array([one.is_corrected for one in known], dtype=np.float32),
    )
    judged = judge(lessons, [one.language for one in known])
    return judged, fitted(lessons, judged.way)


def _seen(
    using: Reader, field: str, texts: Sequence[str], own: Charters | None, vectors: Vectors
) -> tuple[Matrix, Matrix]:
    """What learning starts from: rows of features, and what is said of the field as shipped."""
    known = np.stack([vectors[text] for text in texts]) if all(text in vectors for text in texts) else None
    features, shares = using.shares(texts, vectors=known)
    if own is None:
        return features, shares[field]
    return features[:, :WIDTH], own.shares(features[:, :WIDTH], shares["department"])
