"""Recording: the only way into the record. Each action records exactly one event for what it did."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from django.utils import timezone

from choir.events.models import Event
from choir.people.models import Person
from choir.rows import insert, made


def event(
    *,
    verb: str,
    subject: models.Model,
    organisation_id: uuid.UUID,
    workspace_id: uuid.UUID | None,
    at: dt.datetime,
    by: Person | None = None,
    because: str = "",
    facts: Mapping[str, Any] | None = None,
) -> Event:
    """An event ready to be recorded (not saved). `subject` is any saved row; `facts` hold what figures need
    and never the text of a message."""
    return made(
        Event,
        organisation_id=organisation_id,
        workspace_id=workspace_id,
        at=at,
        recorded_at=timezone.now(),
        verb=verb,
        by=by,
        by_name=by.name if by else "",
        subject_type=subject._meta.model_name or "",
        subject_id=subject.pk,
        because=because,
        facts=dict(facts or {}),
    )


def record(
    *,
    verb: str,
    subject: models.Model,
    organisation_id: uuid.UUID,
    workspace_id: uuid.UUID | None,
    at: dt.datetime,
    by: Person | None = None,
    because: str = "",
    facts: Mapping[str, Any] | None = None,
) -> Event:
    """Record one event in the caller's transaction, so that the fact and its record stand or fall together."""
    recorded = event(
        verb=verb,
        subject=subject,
        organisation_id=organisation_id,
        workspace_id=workspace_id,
        at=at,
        by=by,
        because=because,
        facts=facts,
    )
    recorded.save(force_insert=True)
    return recorded


def record_many(events: Iterable[Event]) -> None:
    """Record a batch in one statement."""
    insert(list(events))
