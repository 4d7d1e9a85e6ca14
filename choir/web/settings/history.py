"""What was changed on a page of the settings: by whom, when, what; newest first."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from choir.events.models import Event

SHOWN = 20


def history_of(subject_type: str, subject_id: uuid.UUID) -> QuerySet[Event]:
    """The record's latest events about one row."""
    return Event.objects.about(subject_type, subject_id).order_by("-at", "-id")[:SHOWN]


def history_of_kind(subject_type: str, organisation_id: uuid.UUID) -> QuerySet[Event]:
    """The record's latest events about all rows of one kind, those that are gone included."""
    rows = Event.objects.filter(organisation=organisation_id, subject_type=subject_type)
    return rows.order_by("-at", "-id")[:SHOWN]
