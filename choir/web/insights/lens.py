"""What a page of figures looks at: period, filters and hours, from the address and back into it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.urls import reverse
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from choir.channels.models import Channel
from choir.conversions.models import TrackedLink
from choir.measurement.metric import DIMENSIONS
from choir.measurement.models import Progress
from choir.measurement.question import NOT, ORGANISATION, Period, Question, question
from choir.measurement.tallies import held_by
from choir.people.models import Department, Person, Team, Workspace
from choir.people.policy import Permission, Reach
from choir.routing.choose import language_name
from choir.routing.models import Hours, Objective
from choir.routing.queries import topics_known
from choir.triage.models import Theme

BY_DAYS = ("", _("Days chosen"))
PERIODS = [
    BY_DAYS,
    ("7", _("Last 7 days")),
    ("28", _("Last 28 days")),
    ("90", _("Last 90 days")),
    ("365", _("Last 365 days")),
]
DEFAULT_PERIOD = "28"
OTHERS, BESIDES = ("objective", "department"), "not-"  # of these an address may name all values but one
LONGEST = dt.timedelta(days=3 * 366)


class LensForm(forms.Form):
    """The filters; an empty one does not count. Days win over the period, unless the page was already looking at days
    (`by_days`): then a period was chosen instead of them."""

    by_days = forms.CharField(required=False, widget=forms.HiddenInput)
    zone = forms.ChoiceField(
        choices=[("", ""), (ORGANISATION, _("The organisation's days"))], required=False, widget=forms.HiddenInput
    )

    period = forms.ChoiceField(label=_("Period"), choices=PERIODS, required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    department = forms.ChoiceField(label=_("Department"), required=False)
    team = forms.ChoiceField(label=_("Team"), required=False)
    channel = forms.ChoiceField(label=_("Channel"), required=False)
    objective = forms.ChoiceField(label=_("Objective"), required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)
    campaign = forms.ChoiceField(label=_("Campaign"), required=False)
    topic = forms.ChoiceField(label=_("Topic"), required=False)
    theme = forms.ChoiceField(label=_("Theme"), required=False)
    hours = forms.ChoiceField(
        label=_("Hours"),
        choices=[(Hours.BUSINESS, _("Business hours")), (Hours.CALENDAR, _("All hours"))],
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """Days in order, and not further apart than anybody would wait for."""
        cleaned: dict[str, Any] = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            raise forms.ValidationError(_("The first day is after the last. Exchange them."))
        if since and until and until - since > LONGEST:
            raise forms.ValidationError(_("That is more than three years. Choose a shorter time."))
        return cleaned


@dataclass(frozen=True)
class Names:
    """What ids mean: departments, teams, channels, objectives and languages of a workspace, in their order."""

    workspace: Workspace
    person: Person

    @cached_property
    def departments(self) -> list[Department]:
        """Those whose figures the person may see."""
        found = Department.objects.filter(organisation_id=self.workspace.organisation_id)
        if self.person.access.reach(Permission.FIGURES_READ, self.workspace.pk) < Reach.WORKSPACE:
            found = found.filter(pk__in=self.person.access.department_ids)
        return list(found)

    @cached_property
    def teams(self) -> list[Team]:
        """Those of the departments whose figures the person may see."""
        return list(Team.objects.filter(department__in=self.departments).select_related("department"))

    @cached_property
    def channels(self) -> list[Channel]:
        """All of the workspace."""
        return list(Channel.objects.filter(workspace=self.workspace).defer("secret", "settings", "cursor"))

    @cached_property
    def objectives(self) -> list[Objective]:
        """All of the organisation."""
        return list(Objective.objects.filter(organisation_id=self.workspace.organisation_id))

    @cached_property
    def themes(self) -> list[Theme]:
        """Those that label mentions of the workspace."""
        return list(Theme.objects.accepted().filter(workspace=self.workspace))

    @cached_property
    def topics(self) -> list[str]:
        """Those that split an objective in the matrix, now or once."""
        return sorted(topics_known(self.workspace.organisation_id))

    @cached_property
    def campaigns(self) -> list[str]:
        """Those that tracked links of the workspace name."""
        links = TrackedLink.objects.filter(workspace=self.workspace).exclude(campaign="").order_by("campaign")
        return list(links.values_list("campaign", flat=True).distinct())

    @cached_property
    def everywhere(self) -> dict[Any, Department]:
        """Every department by id, those of others too: a hand-over names its other side."""
        found = Department.objects.filter(organisation_id=self.workspace.organisation_id)
        return {one.pk: one for one in found}

    @cached_property
    def _known(self) -> Mapping[str, Mapping[str, tuple[str, str]]]:
        return {
            "department": {str(pk): (one.slug, one.name) for pk, one in self.everywhere.items()},
            "team": {str(one.pk): (str(one.pk), one.name) for one in self.teams},
            "channel": {str(one.pk): (str(one.pk), one.name) for one in self.channels},
            "objective": {str(one.pk): (one.slug, one.name) for one in self.objectives},
            "campaign": {one: (one, one) for one in self.campaigns},
            "topic": {one: (one, one.replace("_", " ")) for one in self.topics},
            "theme": {str(one.pk): (str(one.pk), one.name) for one in self.themes},
        }

    def word(self, dimension: str, key: object) -> str:
        """A value of a dimension as a person reads it."""
        if isinstance(key, str) and key.startswith(NOT):
            return gettext("all but %s") % self.word(dimension, key.removeprefix(NOT))
        if dimension == "campaign" and not key:
            return gettext("no campaign")
        if key is None or key == "":
            return gettext("none yet")
        if dimension == "language":
            return language_name(str(key))
        if dimension == "topic":
            parts = str(key).split(",")
            return ", ".join(gettext("no topic") if one == "none" else one.replace("_", " ") for one in parts)
        return self._known[dimension].get(str(key), ("", gettext("gone since")))[1]

    def slug(self, dimension: str, key: object) -> str:
        """A value of a dimension as the address has it."""
        if isinstance(key, str) and key.startswith(NOT):
            return BESIDES + self.slug(dimension, key.removeprefix(NOT))
        if key is None or key == "":
            return "none"
        if dimension in ("language", "topic"):
            return str(key)
        return self._known[dimension].get(str(key), ("none", ""))[0]

    def id_of(self, dimension: str, slug: str) -> str:
        """The id behind a value in the address."""
        if dimension in OTHERS and slug.startswith(BESIDES):
            return NOT + self.id_of(dimension, slug.removeprefix(BESIDES))
        if slug == "none" or dimension in ("language", "topic"):
            return slug
        return next(key for key, (known, _) in self._known[dimension].items() if known == slug)

    def choices(self, dimension: str) -> list[tuple[str, Any]]:
        """What a filter offers."""
        if dimension == "language":
            offered = [(code, language_name(code)) for code in self.workspace.languages]
        elif dimension == "department":
            offered = [(one.slug, one.name) for one in self.departments]
        else:
            offered = list(self._known[dimension].values())
        return [("", _("Any")), *offered]


@dataclass(frozen=True)
class Lens:
    """A checked set of filters with the question it makes."""

    person: Person
    workspace: Workspace
    names: Names
    form: LensForm
    asked: Question
    counted_at: dt.datetime | None
    chosen: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_narrowed(self) -> bool:
        """Whether more than the period is chosen."""
        return bool(self.chosen.keys() - {"period", "zone"})

    def url(self, name: str, *, kwargs: Mapping[str, str] | None = None, **changes: object) -> str:
        """The address of another page of figures with these filters, some of them changed (empty: dropped)."""
        query = {key: str(value) for key, value in (dict(self.chosen) | changes).items() if value not in ("", None)}
        path = reverse(name, kwargs={"workspace": self.workspace.slug, **(kwargs or {})})
        return f"{path}?{urlencode(query)}" if query else path

    def to(self, **changes: str) -> Lens:
        """The same filters for addresses, some of them changed."""
        return replace(self, chosen={key: value for key, value in (dict(self.chosen) | changes).items() if value})

    def place(self, name: str) -> str:
        """A page that is not of figures."""
        return reverse(name, kwargs={"workspace": self.workspace.slug})

    def metric_url(self, slug: str, **changes: object) -> str:
        """The page of one metric, under these filters."""
        return self.url("insights-metric", kwargs={"metric": slug}, **changes)

    def narrower(self, dimension: str, key: object) -> dict[str, str]:
        """The change to the address that narrows to one value of a dimension."""
        return {dimension: self.names.slug(dimension, key)}

    @staticmethod
    def day(on: dt.date, last: dt.date | None = None) -> dict[str, str]:
        """The change to the address that narrows to one day, or to some."""
        return {"since": on.isoformat(), "until": (last or on).isoformat(), "period": ""}

    @property
    def currency(self) -> str:
        """What money is in."""
        return self.workspace.organisation.currency

    @property
    def period_words(self) -> str:
        """The period as it is read: its days, in the person's time zone unless it says whose."""
        first, last = self.asked.period.first, self.asked.period.last
        whose = gettext(", days of %s") % self.asked.period.zone if "zone" in self.chosen else ""
        if first == last:
            return format_date(first, "l j F Y") + whose
        return f"{format_date(first, 'j M Y')} – {format_date(last, 'j M Y')}{whose}"

    @property
    def narrowed_words(self) -> list[tuple[str, str]]:
        """Each filter in force, in words, with the address without it."""
        here = [(key, self.chosen[key]) for key in DIMENSIONS if key in self.chosen]
        return [(key, self.names.word(key, self.names.id_of(key, slug))) for key, slug in here]


def zone_of(person: Person) -> ZoneInfo:
    """The person's time zone, UTC where it is unknown."""
    try:
        return ZoneInfo(person.time_zone)
    except (KeyError, ValueError):
        return ZoneInfo("UTC")


def lens(person: Person, workspace: Workspace, sent: Mapping[str, Any], *, at: dt.datetime) -> Lens:
    """Read the filters of an address, as of the last measuring, so that every figure of a page, an export and the
    next minute's reload is of the same moment. What cannot be understood is left out and said on the form."""
    names = Names(workspace, person)
    progress = Progress.objects.filter(workspace=workspace).first()
    counted_at = progress.at if progress else None
    at = min(at, counted_at or at)
    form = LensForm(_completed(sent), label_suffix="")
    if not names.campaigns:
        del form.fields["campaign"]
    for dimension in (one for one in DIMENSIONS if one in form.fields):
        chosen = form.fields[dimension]
        assert isinstance(chosen, forms.ChoiceField)
        known = names.choices(dimension)
        extra = sent.get(dimension, "")
        if extra == "none" or (dimension == "language" and extra and len(extra) <= 8):
            known = [*known, (extra, _("None yet") if extra == "none" else extra)]
        elif dimension in OTHERS and extra.removeprefix(BESIDES) in {slug for slug, _ in known if slug} - {extra}:
            known = [*known, (extra, names.word(dimension, names.id_of(dimension, extra)))]
        elif dimension == "topic" and "," in extra and {*extra.split(",")} <= {*names.topics, "none"}:
            known = [*known, (extra, names.word("topic", extra))]
        chosen.choices = known
    form.is_valid()
    cleaned = {key: value for key, value in form.cleaned_data.items() if value}
    zone = zone_of(person)
    if "zone" in cleaned:
        zone, own = ZoneInfo(workspace.organisation.time_zone), zone
        if zone == own:
            del cleaned["zone"]
    period = _period(cleaned, zone, at)
    narrowed = {key: names.id_of(key, cleaned[key]) for key in DIMENSIONS if key in cleaned}
    hours = Hours(cleaned.get("hours", Hours.BUSINESS))
    asked = replace(question(person, workspace, period, hours=hours, narrowed=narrowed), held=held_by(progress))
    return Lens(person, workspace, names, form, asked, counted_at, _chosen(cleaned))


def _completed(sent: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent, with what it leaves out, so that the form shows what is in force."""
    filled = {key: value for key, value in sent.items() if value}
    if filled.get("by_days") and filled.get("period"):
        filled = {key: value for key, value in filled.items() if key not in ("since", "until")}
    if "since" in filled or "until" in filled:
        return {"hours": Hours.BUSINESS, **filled, "period": "", "by_days": "yes"}
    return {"hours": Hours.BUSINESS, "period": DEFAULT_PERIOD, **filled, "by_days": ""}


def _period(cleaned: Mapping[str, Any], zone: ZoneInfo, at: dt.datetime) -> Period:
    since, until = cleaned.get("since"), cleaned.get("until")
    today = at.astimezone(zone).date()
    if since or until:
        last = min(until or today, today)
        return Period.between(min(since or last, last), last, zone, at)
    return Period.days_to(at, zone, int(cleaned.get("period") or DEFAULT_PERIOD))


def _chosen(cleaned: Mapping[str, Any]) -> dict[str, str]:
    chosen = {key: value.isoformat() if isinstance(value, dt.date) else str(value) for key, value in cleaned.items()}
    chosen.pop("by_days", None)
    if chosen.get("period") == DEFAULT_PERIOD:
        del chosen["period"]
    if chosen.get("hours") == Hours.BUSINESS:
        del chosen["hours"]
    return chosen
