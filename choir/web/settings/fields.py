"""Fields that take what a person would write: opening times, holidays, lengths of time, languages and how well."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from choir.administration.changes import length
from choir.routing.choose import LANGUAGES
from choir.routing.hours import Opening

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LEVELS = {0: "no", 1: "gets by", 2: "good", 3: "expert"}
_UNITS = {"d": 86400, "h": 3600, "m": 60}
_LENGTH = re.compile(r"(\d{1,4})\s*(d|h|m)[a-z]*")
_LINE = re.compile(r"^(?P<day>\w{3})\w*\s+(?P<opens>\d{1,2}:\d{2})\s*[-–]\s*(?P<closes>\d{1,2}:\d{2})$")


class HoursField(forms.CharField):
    """Opening times as lines a person can read: “Mon 09:00–12:00”. Cleans to a list of openings."""

    widget = forms.Textarea(attrs={"rows": 7})

    def clean(self, value: str) -> list[Opening]:
        """Parse each line; the error names the line."""
        text = super().clean(value)
        return [self._opening(line) for line in text.splitlines() if line.strip()]

    @staticmethod
    def _opening(line: str) -> Opening:
        found = _LINE.match(line.strip())
        if found is None or found["day"].lower() not in DAYS:
            raise forms.ValidationError(f"“{line.strip()}” is no opening. Write one a line, like: Mon 09:00-17:30")
        try:
            opens, closes = (dt.time.fromisoformat(found[name].zfill(5)) for name in ("opens", "closes"))
        except ValueError as error:
            raise forms.ValidationError(f"“{line.strip()}” has a time that no clock shows.") from error
        if closes <= opens and closes != dt.time(0):
            raise forms.ValidationError(f"“{line.strip()}” closes before it opens; midnight is written 00:00.")
        return Opening(DAYS.index(found["day"].lower()), opens, closes)


class HolidaysField(forms.CharField):
    """Holidays as lines: “2026-12-25 Christmas”. Cleans to (date, name) pairs."""

    widget = forms.Textarea(attrs={"rows": 5})

    def clean(self, value: str) -> list[tuple[dt.date, str]]:
        """Parse each line; the error names the line."""
        return [self._holiday(line) for line in super().clean(value).splitlines() if line.strip()]

    @staticmethod
    def _holiday(line: str) -> tuple[dt.date, str]:
        on, _, name = line.strip().partition(" ")
        try:
            return dt.date.fromisoformat(on), name.strip() or "Holiday"
        except ValueError as error:
            raise forms.ValidationError(
                f"“{line.strip()}” is no holiday. Write one a line: 2026-12-25 Christmas"
            ) from error


class LengthField(forms.CharField):
    """A length of time as a person writes it: “4h 30m”, “15 minutes”. Cleans to seconds, or None when left empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Seconds as they would be written."""
        return length(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        """Add up the parts; whatever is not one of them is refused by name."""
        text = super().clean(value).lower().strip()
        if not text:
            return None
        seconds = sum(int(count) * _UNITS[unit] for count, unit in _LENGTH.findall(text))
        if _LENGTH.sub("", text).strip(" ,") or not seconds:
            raise forms.ValidationError(f"“{text}” is no length of time. Write it like 15m, 4h or 1d 2h.")
        return seconds


class TopicsField(forms.CharField):
    """Topics with commas between them. Cleans to a list."""

    def prepare_value(self, value: Any) -> Any:
        """A list as it would be written."""
        return ", ".join(one.replace("_", " ") for one in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        """The topics, without empty ones."""
        return [one.strip() for one in super().clean(value).split(",") if one.strip()]


class LanguagesWidget(forms.MultiWidget):
    """A choice of level beside the name of each language."""

    template_name = "settings/languages.html"
    use_fieldset = True

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> SafeString:
        """By the pages' own templates; Django looks for a widget's among its own."""
        return mark_safe(render_to_string(template_name, context))  # noqa: S308 -- a template escapes

    def __init__(self) -> None:
        choices = list(LEVELS.items())
        super().__init__({code: forms.Select(choices=choices) for code in LANGUAGES})

    def decompress(self, value: Mapping[str, int] | None) -> list[int]:
        """The level in each language, in the widget's order."""
        return [(value or {}).get(code, 0) for code in LANGUAGES]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """With the languages' names, which label their levels."""
        context = super().get_context(name, value, attrs)
        for widget, language in zip(context["widget"]["subwidgets"], LANGUAGES.values(), strict=True):
            widget["language"] = language
        return context


class LanguagesField(forms.MultiValueField):
    """How well each language is spoken. Cleans to code → level, for those spoken at all."""

    widget = LanguagesWidget

    def __init__(self, **kwargs: Any) -> None:
        levels = [
            forms.TypedChoiceField(choices=list(LEVELS.items()), coerce=int, empty_value=None, required=False)
            for _ in LANGUAGES
        ]
        super().__init__(levels, require_all_fields=False, required=False, **kwargs)

    def compress(self, data_list: list[int]) -> dict[str, int]:
        """Only what is spoken."""
        levels = data_list or [0] * len(LANGUAGES)
        return {code: level for code, level in zip(LANGUAGES, levels, strict=True) if level}
