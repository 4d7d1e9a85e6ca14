"""What is asked for on the pages of value."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from choir.channels.models import Channel
from choir.conversions.amounts import UnclearAmountError, amount_in
from choir.conversions.models import Attribution, ConversionKind
from choir.people.models import Workspace
from choir.strategy.models import Goal, Initiative
from choir.value.assuming import Assumed, AssumptionUnit, Range
from choir.value.models import SpendKind

STAGES = [
    ("", _("None in particular")), ("consideration", _("Consideration")), ("purchase", _("Purchase")),
    ("support", _("Support")), ("advocacy", _("Advocacy")),
]  # fmt: skip
UNITS = {
    AssumptionUnit.SHARE: _("in per cent"), AssumptionUnit.MONEY: _("in %s"), AssumptionUnit.MINUTES: _("in minutes"),
    AssumptionUnit.TIMES: _("how many"),
}  # fmt: skip


class AssumptionForm(forms.Form):
    """Low, likely, high, and where they are known from. All three empty: nothing is assumed any more."""

    low = forms.CharField(label=_("At least"), required=False, max_length=20)
    likely = forms.CharField(label=_("Most likely"), required=False, max_length=20)
    high = forms.CharField(label=_("At most"), required=False, max_length=20)
    because = forms.CharField(
        label=_("Where this is known from"), max_length=1_000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("A study, last year's books, a guess of whom: others decide by it whether to believe the result."),
    )  # fmt: skip

    def __init__(self, *args: Any, about: Assumed, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.about = about
        unit = str(UNITS[about.unit])
        unit = unit % currency if "%s" in unit else unit
        for name in ("low", "likely", "high"):
            self.fields[name].label = f"{self.fields[name].label} ({unit})"
            self.fields[name].widget.attrs["inputmode"] = "decimal"

    def clean(self) -> dict[str, Any]:
        """All three, or none; the range as the action takes it."""
        cleaned: dict[str, Any] = super().clean() or {}
        read: list[float | None] = []
        for name in ("low", "likely", "high"):
            text = str(cleaned.get(name) or "").replace("%", "").strip()
            try:
                read.append(float(amount_in(text)) if text else None)
            except UnclearAmountError as unclear:
                self.add_error(name, str(unclear))
                return cleaned
        known = [one for one in read if one is not None]
        if known and len(known) < 3:
            raise forms.ValidationError(_("Give all three, or none to take the assumption back."))
        scale = 100 if self.about.unit is AssumptionUnit.SHARE else 1
        cleaned["values"] = Range(*(one / scale for one in known)) if known else None
        return cleaned


class RuleForm(forms.Form):
    """The rule of attribution."""

    credits = forms.ChoiceField(label=_("Credit goes to"), choices=Attribution.choices, widget=forms.RadioSelect)
    window_days = forms.IntegerField(
        label=_("Within so many days before"), min_value=1, max_value=365,
        help_text=_("What was longer ago counts as no touch."),
    )  # fmt: skip
    because = forms.CharField(label=_("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class SpendForm(forms.Form):
    """Money spent."""

    name = forms.CharField(label=_("For what"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=SpendKind.choices)
    amount = forms.DecimalField(label=_("Amount"), min_value=0, max_digits=12, decimal_places=2)
    starts_on = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    ends_on = forms.DateField(label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}))
    initiative = forms.ModelChoiceField(
        Initiative.objects.none(), label=_("Initiative"), required=False, empty_label=_("For everything"),
        help_text=_("Its goal is charged; what is for everything is charged where the answers went."),
    )  # fmt: skip

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].help_text = workspace.organisation.currency
        chosen = self.fields["initiative"]
        assert isinstance(chosen, forms.ModelChoiceField)
        chosen.queryset = Initiative.objects.filter(workspace=workspace, ended_at=None).order_by("name")


class LinkForm(forms.Form):
    """A tracked link."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("What people choose it by."))
    target = forms.URLField(label=_("Leads to"), max_length=2000, assume_scheme="https")
    campaign = forms.SlugField(
        label=_("Campaign"), max_length=60, required=False,
        help_text=_("One word; goes along as utm_campaign, and clicks and conversions are counted by it."),
    )  # fmt: skip
    channel = forms.ModelChoiceField(
        Channel.objects.none(), label=_("Channel"), required=False, empty_label=_("Any"),
        help_text=_("Where it stands, if it stands in one place only."),
    )  # fmt: skip

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["channel"]
        assert isinstance(chosen, forms.ModelChoiceField)
        chosen.queryset = Channel.objects.filter(workspace=workspace).defer("secret", "settings", "cursor")


class KindForm(forms.Form):
    """A kind of conversion."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Order placed, appointment booked…"))
    slug = forms.SlugField(label=_("Word for it in files and webhooks"), max_length=40)
    stage = forms.ChoiceField(
        label=_("Shows a customer to be at"), choices=STAGES, required=False,
        help_text=_("A purchase moves a customer to that stage of their journey."),
    )  # fmt: skip


class SourceForm(forms.Form):
    """A system that sends webhooks."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("The shop, the booking system…"))


class FileForm(forms.Form):
    """A file of conversions."""

    file = forms.FileField(label=_("File"), help_text=_("CSV with a header line, plain or gzipped."))


class CountsForForm(forms.Form):
    """Which goal a kind counts for."""

    goal = forms.ModelChoiceField(Goal.objects.none(), required=False, empty_label=_("No goal"))

    def __init__(self, *args: Any, workspace: Workspace, kind: ConversionKind, **kwargs: Any) -> None:
        super().__init__(*args, **{"prefix": kind.slug, **kwargs})
        chosen = self.fields["goal"]
        assert isinstance(chosen, forms.ModelChoiceField)
        chosen.queryset = Goal.objects.filter(workspace=workspace, ended_at=None)
        chosen.widget.attrs["class"] = "input"
        chosen.widget.attrs["aria-label"] = str(_("Goal of “%s”") % kind.name)
