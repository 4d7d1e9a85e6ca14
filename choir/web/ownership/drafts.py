"""A proposed matrix is an address: each change of it stands in the query, so that it can be sent, kept and compared."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from choir.channels.models import Channel
from choir.people.models import Department, Workspace
from choir.routing.choose import LANGUAGES, LONG_AGO
from choir.routing.decide import Cell
from choir.routing.models import Objective, Ownership
from choir.routing.queries import cell_of, markets_of
from choir.triage.actions import TOPICS
from choir.web.ownership.forms import products, regions

MOST_CHANGES = 12
BETWEEN = "~"


@dataclass(frozen=True, slots=True)
class Change:
    """One cell of a proposed matrix: objective and department by slug, channel by id; empty is “any”."""

    objective: str
    topic: str
    language: str
    channel: str
    region: str
    product: str
    responsible: str

    @property
    def kept(self) -> str:
        """As it stands in an address."""
        return BETWEEN.join(getattr(self, name) for name in self.__dataclass_fields__)

    @property
    def scope(self) -> tuple[str, ...]:
        """What it covers."""
        return self.objective, self.topic, self.language, self.channel, self.region, self.product


@dataclass(frozen=True)
class Known:
    """What changes may name, each read once."""

    departments: Mapping[str, Department]
    objectives: Mapping[str, Objective]
    channels: Mapping[str, Channel]
    regions: Mapping[str, str]
    products: Mapping[str, str]
    markets: Mapping[uuid.UUID, str]

    @classmethod
    def of(cls, workspace: Workspace) -> Known:
        """An organisation's departments and objectives, and the workspace's channels."""
        departments = Department.objects.filter(organisation=workspace.organisation_id)
        objectives = Objective.objects.filter(organisation=workspace.organisation_id)
        channels = Channel.objects.filter(workspace=workspace).defer("secret", "settings", "cursor")
        return cls(
            {one.slug: one for one in departments},
            {one.slug: one for one in objectives},
            {str(one.pk): one for one in channels},
            dict(regions(workspace)),
            dict(products(workspace)),
            markets_of(workspace.organisation_id),
        )

    def read(self, kept: Iterable[str]) -> list[Change]:
        """The changes of an address; what names nothing is left out, a later one of the same scope wins."""
        found: dict[tuple[str, ...], Change] = {}
        for text in list(kept)[:MOST_CHANGES]:
            parts = text.split(BETWEEN)
            if len(parts) == len(Change.__dataclass_fields__) and self._knows(change := Change(*parts)):
                found[change.scope] = change
        return list(found.values())

    def _knows(self, change: Change) -> bool:
        return (
            change.objective in self.objectives
            and change.responsible in self.departments
            and change.topic in ("", *TOPICS.values())
            and change.language in ("", *LANGUAGES)
            and change.channel in ("", *self.channels)
            and change.region in self.regions
            and change.product in self.products
        )

    def words(self, change: Change) -> str:
        """“Operations owns care about delivery in German”"""
        what = [self.objectives[change.objective].name.lower(), self.cell(change).scope_words]
        return _("%(department)s owns %(what)s") % {
            "department": self.departments[change.responsible].name, "what": " ".join(filter(None, what)),
        }  # fmt: skip

    def cell(self, change: Change) -> Cell:
        """As routing would read it."""
        row = Ownership(
            objective=self.objectives[change.objective], topic=change.topic, language=change.language,
            channel=self.channels.get(change.channel), region=change.region, product=change.product,
            responsible=self.departments[change.responsible], version=0, effective_from=LONG_AGO,
        )  # fmt: skip
        return cell_of(row, self.markets)


def with_changes(cells: Sequence[Cell], known: Known, changes: Sequence[Change]) -> list[Cell]:
    """The matrix with the changes in it: each takes the place of the cell of its scope."""
    made = [known.cell(one) for one in changes]
    scopes = {one.scope for one in made}
    return [*(one for one in cells if one.scope not in scopes), *made]


def draft_url(workspace: Workspace, changes: Sequence[Change], name: str = "ownership_what_if", **more: str) -> str:
    """The address of a proposed matrix."""
    path = reverse(name, kwargs={"workspace": workspace.slug})
    query = [("change", one.kept) for one in changes] + [(key, value) for key, value in more.items() if value]
    return f"{path}?{urlencode(query)}" if query else path


def pilot_url(workspace: Workspace, change: Change) -> str:
    """Where a change is tried by a pilot, filled in with what it says."""
    where = {name: getattr(change, name) for name in ("objective", "topic", "language", "channel", "region", "product")}
    query = {name: value for name, value in where.items() if value} | {"candidate": change.responsible}
    return f"{reverse('ownership_new_pilot', kwargs={'workspace': workspace.slug})}?{urlencode(query)}"


class ChangeForm(forms.Form):
    """One more change of a proposed matrix."""

    objective = forms.ChoiceField(label=gettext_lazy("Objective"))
    topic = forms.ChoiceField(label=gettext_lazy("Only about"), required=False)
    language = forms.ChoiceField(label=gettext_lazy("Only in"), required=False)
    channel = forms.ChoiceField(label=gettext_lazy("Only on"), required=False)
    region = forms.ChoiceField(label=gettext_lazy("Only in the region"), required=False)
    product = forms.ChoiceField(label=gettext_lazy("Only about the product"), required=False)
    responsible = forms.ChoiceField(label=gettext_lazy("Goes to"))

    def __init__(self, sent: Mapping[str, str] | None, *, known: Known, initial: Mapping[str, str]) -> None:
        super().__init__(sent, initial=dict(initial), label_suffix="")
        offered = {
            "objective": [(slug, one.name) for slug, one in known.objectives.items()],
            "topic": [("", _("any topic")), *((one, one.replace("_", " ")) for one in TOPICS.values())],
            "language": [("", _("any language")), *LANGUAGES.items()],
            "channel": [("", _("any channel")), *((pk, str(one)) for pk, one in known.channels.items())],
            "region": list(known.regions.items()),
            "product": list(known.products.items()),
            "responsible": [(slug, one.name) for slug, one in known.departments.items()],
        }
        for name, choices in offered.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]
            if len(choices) == 1:
                self.fields[name].widget = forms.HiddenInput()

    @property
    def change(self) -> Change:
        """What was chosen."""
        return Change(**{name: self.cleaned_data[name] for name in Change.__dataclass_fields__})
