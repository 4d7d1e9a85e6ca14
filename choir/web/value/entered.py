"""What was spent, as it was entered: each row with what of it falls into the days that are looked at, and the sum."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.utils.translation import gettext as _

from choir.strategy.models import Initiative
from choir.value.counting import part_of
from choir.value.models import Spend, SpendKind
from choir.web.access import WorkspaceRequest
from choir.web.value.looking import Look


@dataclass(frozen=True, slots=True)
class Entered:
    """The rows, newest first, each with its part of the days; the sum of these parts; what they are narrowed to."""

    rows: list[tuple[Spend, float]]
    total: float
    words: str


def spent(request: WorkspaceRequest, shown: Look) -> Entered:
    """Everything entered, or only what the address asks for (`kind`, all `besides` one kind, `initiative`, or
    `initiative=none` for what is for everything) and falls into the days. What was struck out adds nothing."""
    found = Spend.objects.filter(workspace=request.workspace).select_related("initiative", "by")
    kind, initiative, words = request.GET.get("kind", ""), request.GET.get("initiative", ""), []
    if kind in SpendKind.values:
        found = found.filter(kind=kind)
        words.append(str(SpendKind(kind).label))
    elif request.GET.get("besides") in SpendKind.values:
        found = found.exclude(kind=request.GET["besides"])
        words.append(_("besides %s") % str(SpendKind(request.GET["besides"]).label).lower())
    if initiative == "none":
        found = found.filter(initiative=None)
        words.append(_("for everything"))
    elif (pk := _uuid(initiative)) is not None:
        found = found.filter(initiative=pk)
        words.extend(str(one) for one in Initiative.objects.filter(pk=pk, workspace=request.workspace))
    rows = [(one, 0.0 if one.struck_out_at else part_of(one, shown.period)) for one in found]
    if words:
        rows = [(one, part) for one, part in rows if part]
    return Entered(rows, sum(part for _one, part in rows), ", ".join(words))


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
