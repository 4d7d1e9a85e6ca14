"""Keeping readings: what triage made of a batch, and what a person put right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction

from choir.listening.models import Mention
from choir.people.models import Person
from choir.rows import insert, made, write_back
from choir.triage.entities import Terms
from choir.triage.models import Reading
from choir.triage.reader import DEPARTMENTS_OF, Judgement
from choir.triage.reader import Reading as Read
from choir.triage.themes import Themes

CORRECTED = "person"

INTENTS = (
    "question", "complaint", "request", "purchase", "praise", "idea", "press", "job", "threat", "spam", "abuse",
    "conversation",
)  # fmt: skip

# Care is split by where it happened; the labelling guide's departments say so.
TOPICS = {"operations": "delivery", "billing": "billing", "it": "app_and_site"}
DEPARTMENT_ABOUT = {topic: department for department, topic in TOPICS.items()}


def reading_of(
    mention: Mention,
    read: Read,
    *,
    at: dt.datetime,
    terms: Terms | None = None,
    themes: Themes | None = None,
    fitting: tuple[str, float] | None = None,
) -> Reading:
    """One reading, ready to be kept (not saved); `terms` are the workspace's own names to look for, `themes` those that
    it may carry, `fitting` the department that by its charter fits best, where the organisation has charters."""
    department, fits = fitting or (read.department.value, read.department.confidence)
    judged: dict[str, Judgement] = {
        "language": read.language,
        "sentiment": read.sentiment,
        "intent": read.intent,
        "objective": read.objective,
        "department": replace(read.department, value=department, confidence=fits),
        "urgency": read.urgency,
        "stage": read.stage,
        "needs_reply": read.needs_reply,
        "spam": read.spam,
    }
    felt = {one.value: one for one in read.emotions}
    return made(
        Reading,
        workspace_id=mention.workspace_id,
        mention=mention,
        version=read.version,
        at=at,
        language=read.language.value,
        sentiment=read.sentiment.value,
        sentiment_score=read.sentiment_score,
        intent=read.intent.value,
        objective=read.objective.value,
        objective_confidence=read.objective.confidence,
        topic=TOPICS.get(read.department.value, ""),
        department=department,
        emotions={one.value: round(one.confidence, 4) for one in read.emotions},
        personal=sorted({span.kind.value for span in read.personal}),
        theme_id=themes.of(read.vector) if themes else None,
        entities=[] if terms is None else terms.found(mention.text),
        urgency=int(read.urgency.value),
        stage=read.stage.value,
        needs_reply=read.needs_reply.value == "yes",
        is_spam=read.intent.value == "spam",  # the spam head alone takes customers' numbers and links for spam
        confidences={field: round(one.confidence, 4) for field, one in judged.items()},
        words={field: list(one.words) for field, one in (judged | felt).items() if one.words},
    )


def keep_readings(readings: Sequence[Reading], *, at: dt.datetime) -> None:
    """Keep a batch of first readings; their mentions count as read."""
    insert(readings, skips_known=True)
    mentions = [one.mention for one in readings]
    for mention in mentions:
        mention.read_at = at
    write_back(mentions, ["read_at"])


@transaction.atomic
def correct(
    mention: Mention,
    *,
    by: Person,
    at: dt.datetime,
    objective: str | None = None,
    topic: str | None = None,
    sentiment: str | None = None,
    intent: str | None = None,
    needs_reply: bool | None = None,
    department: str | None = None,
) -> Reading:
    """A person says what triage should have understood. The correction is a new reading, certain of what it
    changes, and the old one stays as history: a labelled example, with who and when."""
    current = Reading.objects.select_for_update().get(mention=mention, is_current=True)
    changed = {
        field: value
        for field, value in {
            "objective": objective,
            "topic": topic,
            "sentiment": sentiment,
            "intent": intent,
            "needs_reply": needs_reply,
            "department": department,
        }.items()
        if value is not None
    }
    Reading.objects.filter(pk=current.pk).update(is_current=False)
    kept = {
        field.attname: getattr(current, field.attname)
        for field in Reading._meta.concrete_fields
        if not field.primary_key
    }
    kept |= changed
    kept |= {"version": CORRECTED, "by_id": by.pk, "at": at, "is_current": True}
    kept["confidences"] = current.confidences | dict.fromkeys(changed, 1.0)
    kept["words"] = {field: words for field, words in current.words.items() if field not in changed}
    if objective is not None:
        kept["objective_confidence"] = 1.0
        kept["topic"] = topic or ""
    if (objective, topic) != (None, None):
        kept["department"] = department_for(str(kept["objective"]), str(kept["topic"]))
    if department is not None:
        kept["department"] = department
    if sentiment is not None:
        kept["sentiment_score"] = {"positive": 1.0, "negative": -1.0}.get(sentiment, 0.0)
    return Reading.objects.create(**kept)


def department_for(objective: str, topic: str) -> str:
    """The department that the labelling guide names for an objective and topic."""
    if objective == "care" and topic in DEPARTMENT_ABOUT:
        return DEPARTMENT_ABOUT[topic]
    return DEPARTMENTS_OF.get(objective, ("none",))[0]
