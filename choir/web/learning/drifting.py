"""Drift as pages show it: what shifted against what is usual, since when, where, and what to do about it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from choir.flow.drift import Drift, drift_of
from choir.flow.drifted import Evidence, Part, evidence_of
from choir.people.models import Person, Workspace
from choir.web.access import may_open


@dataclass(frozen=True, slots=True)
class DriftRow:
    """One shift in words, with its rows and where to act; an address is "" for whoever may not go there."""

    said: str
    usual: str
    where: str
    examples: tuple[tuple[uuid.UUID, str], ...]
    advice: str
    action: str
    url: str


def drift_rows(workspace: Workspace, person: Person, *, at: dt.datetime) -> list[DriftRow]:
    """What shifted in the last seven days, as cards."""
    return [
        _row(workspace, person, one, evidence_of(workspace, one, person=person, at=at))
        for one in drift_of(workspace, at=at)
    ]


def _row(workspace: Workspace, person: Person, drift: Drift, found: Evidence) -> DriftRow:
    advice, action, url = _advice(workspace, drift, found.since)
    return DriftRow(
        said=_said(drift, found.since),
        usual=_usual(drift),
        where=_where(found.parts, drift.count),
        examples=found.examples,
        advice=advice,
        action=action,
        url=url if may_open(person, workspace, url) else "",
    )


def _said(drift: Drift, since: dt.date) -> str:
    told = {
        "now": _percent(drift.now), "n": drift.count, "of": drift.total,
        "since": format_date(since, "j F"), "name": drift.name.replace("_", " "),
    }  # fmt: skip
    rises = drift.now > drift.before
    if drift.about == "unsure":
        begun = _("Since %(since)s triage is unsure more often:") % told
    elif drift.about == "objective":
        begun = (_("Since %(since)s more is %(name)s:") if rises else _("Since %(since)s less is %(name)s:")) % told
    else:
        begun = (
            _("Since %(since)s more is about %(name)s:") if rises else _("Since %(since)s less is about %(name)s:")
        ) % told
    return f"{begun} " + _("%(now)s of the last seven days (%(n)s of %(of)s conversations).") % told


def _usual(drift: Drift) -> str:
    told = {"before": _percent(drift.before), "least": _percent(drift.least), "most": _percent(drift.most)}
    return _("Usual is %(before)s; in single weeks of the eight before it was %(least)s to %(most)s.") % told


def _where(parts: Sequence[Part], count: int) -> str:
    kinds = {
        "channel": _("on %(name)s (%(n)s)"), "objective": _("read as %(name)s (%(n)s)"),
        "topic": _("about %(name)s (%(n)s)"),
    }  # fmt: skip
    named = [kinds[one.kind] % {"name": one.name.replace("_", " "), "n": one.count} for one in parts]
    return _("Of these %(count)s: %(parts)s.") % {"count": count, "parts": ", ".join(named)} if named else ""


def _advice(workspace: Workspace, drift: Drift, since: dt.date) -> tuple[str, str, str]:
    slug = workspace.slug
    if drift.about == "unsure":
        advice = _("Correct what is read wrongly: each correction teaches. What is new and has a name becomes a theme.")
        return advice, _("Look for themes"), reverse("themes", args=[slug])
    if drift.about == "objective":
        advice = _("Read some. If it is right, see whether its department has room; if not, correct it.")
        asked = urlencode({"view": "all", "objective": drift.name, "since": since.isoformat()})
        return advice, _("Open them"), f"{reverse('inbox', args=[slug])}?{asked}"
    advice = _("Read some. If somebody else should own this topic, the matrix can say so for the topic alone.")
    return advice, _("Who owns what"), reverse("ownership", args=[slug])


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
