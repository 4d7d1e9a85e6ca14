"""What a person fills in about a theme or a term."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from choir.people.models import Workspace
from choir.triage.models import Term, TermKind, Theme

LONGEST_LIST = 40


class DecisionForm(forms.Form):
    """What becomes of a theme; a name where it is accepted or renamed, another theme where it is merged."""

    what = forms.ChoiceField(choices=[(one, one) for one in ("accept", "rename", "merge", "dismiss")])
    name = forms.CharField(max_length=60, required=False)
    into = forms.ModelChoiceField(queryset=Theme.objects.none(), required=False)

    def __init__(self, *given: object, workspace: Workspace) -> None:
        super().__init__(*given)  # type: ignore[arg-type]
        into = self.fields["into"]
        assert isinstance(into, forms.ModelChoiceField)
        into.queryset = Theme.objects.accepted().filter(workspace=workspace)


class TermForm(forms.Form):
    """One term; its spellings one a line."""

    kind = forms.ChoiceField(label=_("What it is"), choices=TermKind.choices)
    name = forms.CharField(label=_("Name"), max_length=80)
    spellings = forms.CharField(
        label=_("Also written"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line. In order numbers # stands for a figure and @ for a letter: BW-######"),
    )

    def clean_spellings(self) -> list[str]:
        """The lines that say something, each once."""
        lines = [" ".join(line.split()) for line in self.cleaned_data["spellings"].splitlines()]
        kept = list(dict.fromkeys(filter(None, lines)))
        if len(kept) > LONGEST_LIST or any(len(line) > 80 for line in kept):
            raise forms.ValidationError(_("At most 40 spellings, each of at most 80 characters."))
        return kept

    @property
    def term(self) -> Term:
        """The checked term, not kept yet."""
        return Term(**self.cleaned_data)
