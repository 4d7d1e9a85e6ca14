"""What of the record to show."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from choir.events.models import Event


class RecordFilter(forms.Form):
    """Filters that live in the address; an empty one does not filter."""

    verb = forms.CharField(label=_("What"), required=False, max_length=60)
    by = forms.CharField(label=_("Who"), required=False, max_length=120)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    about = forms.UUIDField(label=_("About (id)"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "input")

    def applied_to(self, events: QuerySet[Event]) -> QuerySet[Event]:
        """The events that fit. Days are whole days in the person's time zone."""
        asked = self.cleaned_data
        if asked["verb"]:
            events = events.filter(verb__startswith=asked["verb"].strip().lower())
        if asked["by"]:
            events = events.filter(by_name__icontains=asked["by"].strip())
        if asked["about"]:
            events = events.filter(subject_id=asked["about"])
        if asked["since"]:
            events = events.filter(at__gte=_midnight(asked["since"]))
        if asked["until"]:
            events = events.filter(at__lt=_midnight(asked["until"] + dt.timedelta(days=1)))
        return events


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), tzinfo=timezone.get_current_timezone())
