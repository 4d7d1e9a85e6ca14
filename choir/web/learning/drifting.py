"""Drift as pages show it: what shifted against what is usual, since when, where, and what to do about it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from choir.flow.drifting import acknowledge
from choir.inbox.models import Conversation
from choir.people.models import Person, Workspace
from choir.people.policy import Permission, Reach
from choir.strategy.misrouting import first_said
from choir.triage.learning.models import Drift
from choir.web.access import WorkspaceRequest, may_open, requires

EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class DriftRow:
    """One drift in words, with conversations and where to act; an address is "" for whoever may not go there."""

    drift: Drift
    said: str
    figures: str
    where: str
    examples: tuple[tuple[uuid.UUID, str], ...]
    advice: str
    action: str
    url: str
    is_ours: bool  # a department of the reader's should act


def drift_rows(workspace: Workspace, person: Person, *, unseen: bool = False) -> list[DriftRow]:
    """What runs now (`unseen`: and nobody has seen), what the person's departments should act on first. Three
    statements, however many; one where nothing drifts."""
    found = Drift.objects.running().filter(workspace=workspace).select_related("department", "acknowledged_by")
    drifts = list((found.unseen() if unseen else found).order_by("about", "name"))
    if not drifts:
        return []
    named = {uuid.UUID(pk) for one in drifts for pk in one.examples}
    seen = Conversation.objects.visible_to(person).filter(pk__in=named).values_list("pk", flat=True)
    said = first_said(list(seen))
    ours = set(person.memberships.values_list("team__department_id", flat=True))
    rows = [_row(workspace, person, one, said, is_ours=one.department_id in ours) for one in drifts]
    return sorted(rows, key=lambda one: not one.is_ours)


@require_POST
@requires(Permission.FIGURES_READ, at_least=Reach.DEPARTMENT)
def acknowledgement(request: WorkspaceRequest, drift: uuid.UUID) -> HttpResponse:
    """POST: somebody has seen it."""
    found = get_object_or_404(Drift, pk=drift, workspace=request.workspace)
    acknowledge(found, by=request.person, at=timezone.now())
    messages.success(request, _("Noted that you have seen it. It has left everybody’s Today."))
    return redirect("learning", workspace=request.workspace.slug)


def _row(workspace: Workspace, person: Person, drift: Drift, said: dict[uuid.UUID, str], *, is_ours: bool) -> DriftRow:
    advice, action, url = _advice(workspace, drift)
    shown = [pk for one in drift.examples if (pk := uuid.UUID(one)) in said][:EXAMPLES]
    return DriftRow(
        drift=drift,
        said=_said(drift),
        figures=_figures(drift),
        where=_where(drift.parts),
        examples=tuple((pk, said[pk]) for pk in shown),
        advice=advice,
        action=action,
        url=url if may_open(person, workspace, url) else "",
        is_ours=is_ours,
    )


def _said(drift: Drift) -> str:
    told = {"since": format_date(drift.began_on, "j F"), "name": drift.name.replace("_", " ")}
    if drift.about == "unsure":
        return _("Triage is unsure more often since %(since)s") % told
    rises = drift.now > drift.before
    if drift.about == "objective":
        more, less = _("More %(name)s than usual since %(since)s"), _("Less %(name)s than usual since %(since)s")
    else:
        more = _("More about %(name)s than usual since %(since)s")
        less = _("Less about %(name)s than usual since %(since)s")
    return (more if rises else less) % told


def _figures(drift: Drift) -> str:
    told = {
        "now": _percent(drift.now), "n": drift.count, "of": drift.total, "before": _percent(drift.before),
        "least": _percent(drift.least), "most": _percent(drift.most),
    }  # fmt: skip
    return (
        _("%(now)s of the conversations of the last seven days (%(n)s of %(of)s); %(before)s is usual, ") % told
        + _("and single weeks of the eight before had %(least)s to %(most)s.") % told
    )


def _where(parts: Sequence[tuple[str, str, int]]) -> str:
    kinds = {
        "channel": _("on %(name)s (%(n)s)"), "objective": _("read as %(name)s (%(n)s)"),
        "topic": _("about %(name)s (%(n)s)"),
    }  # fmt: skip
    named = [kinds[kind] % {"name": name.replace("_", " "), "n": n} for kind, name, n in parts]
    return _("Mostly %(parts)s.") % {"parts": ", ".join(named)} if named else ""


def _advice(workspace: Workspace, drift: Drift) -> tuple[str, str, str]:
    slug = workspace.slug
    if drift.about == "unsure":
        advice = _("Correct what is read wrongly: each correction teaches. What is new and has a name becomes a theme.")
        return advice, _("Look for themes"), reverse("themes", args=[slug])
    fewer = _(
        "If fewer write about it, there is room for other work; if they read as something else now, correct them."
    )
    if drift.about == "objective":
        advice = _("Read some. If they read rightly, see whether the department has room; if not, correct them.")
        asked = urlencode({"view": "all", "objective": drift.name, "since": drift.began_on.isoformat()})
        return (
            (fewer if drift.now < drift.before else advice),
            _("Open them"),
            f"{reverse('inbox', args=[slug])}?{asked}",
        )
    advice = _("Read some. If somebody else should own this topic, the matrix can say so for the topic alone.")
    return (fewer if drift.now < drift.before else advice), _("Who owns what"), reverse("ownership", args=[slug])


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
