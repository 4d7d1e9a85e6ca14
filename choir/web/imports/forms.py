"""What is asked before a file is imported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from choir.channels.imports.formats import FORMATS
from choir.channels.imports.said import FIELDS
from choir.channels.uploads import LARGEST_MEGABYTES

FORMAT_NAMES = {
    "csv": _("CSV: any table; you say what its columns hold"),
    "jsonl": _("JSON Lines: one object a line"),
    "threads": _("Threads: conversation_id, turn, company, role, datetime, text"),
    "twcs": _("Customer Support on Twitter: tweet_id, author_id, inbound, created_at, text, …"),
}
assert set(FORMAT_NAMES) == set(FORMATS)
NOTHING = "nothing"  # a value of its own: a column has to be looked at, and left on purpose
SAMPLE_CHARACTERS = 60
DATES = [
    ("unmistakable", _("They are unmistakable")),
    ("day-first", _("Day first: 31/12/2026")),
    ("month-first", _("Month first: 12/31/2026")),
]


class UploadForm(forms.Form):
    """The file and the channel it goes into."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or JSON Lines, plain or gzipped, up to %(size)s MB.") % {"size": LARGEST_MEGABYTES},
    )
    format = forms.ChoiceField(label=_("Format"), choices=list(FORMAT_NAMES.items()), initial="csv")
    channel = forms.CharField(
        label=_("Channel"),
        max_length=120,
        help_text=_("The name under which these conversations are found; new or known."),
    )


class MappingForm(forms.Form):
    """What each column holds, and how times are read. One field a column, named by its place."""

    def __init__(
        self,
        *args: Any,
        columns: Sequence[str],
        guessed: Mapping[str, str],
        samples: Mapping[str, Sequence[str]],
        is_fixed: bool,
        zone: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.columns = list(columns)
        choices = [(NOTHING, _("– leave it –")), *FIELDS.items()]
        for number, column in enumerate([] if is_fixed else columns):
            self.fields[f"column-{number}"] = forms.ChoiceField(
                label=column,
                choices=choices,
                initial=guessed.get(column, NOTHING),
                help_text=" · ".join(Truncator(one).chars(SAMPLE_CHARACTERS) for one in samples.get(column, ())),
            )
        zones = [(name, name) for name in sorted(available_timezones())]
        self.fields["zone"] = forms.ChoiceField(label=_("Times without a zone are in"), choices=zones, initial=zone)
        self.fields["dates"] = forms.ChoiceField(label=_("Dates with slashes"), choices=DATES)

    def mapping(self) -> dict[str, str]:
        """Column → field, of what was chosen."""
        chosen = ((column, self.cleaned_data.get(f"column-{n}")) for n, column in enumerate(self.columns))
        return {column: to for column, to in chosen if to and to != NOTHING}

    def clean(self) -> dict[str, Any]:
        """Each field is held by one column at most."""
        cleaned = super().clean() or {}
        taken: set[str] = set()
        for number in range(len(self.columns)):
            to = cleaned.get(f"column-{number}")
            if to and to != NOTHING and to in taken:
                self.add_error(f"column-{number}", _("Another column holds this already."))
            taken.add(to or "")
        return cleaned
