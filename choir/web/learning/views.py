"""The learning page: how often triage was right, what taught it more, and the way back."""

from __future__ import annotations

import datetime as dt
import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from choir.flow.accuracy import Accuracies, accuracy_of
from choir.flow.examples import is_gathered
from choir.people.policy import Permission, Reach
from choir.triage.learning.examples import take_back
from choir.triage.learning.models import Adaptation, Example
from choir.triage.learning.versions import RollbackRefusedError, roll_back
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.charts import shapes
from choir.web.charts.drawing import drawn
from choir.web.learning.drifting import drift_rows
from choir.web.learning.reading import FIELDS, SHOWN, field_rows, latest_examples, split_rows, version_rows
from choir.web.taking import at_most

LOOKS_BACK = dt.timedelta(weeks=26)

figures_read = requires(Permission.FIGURES_READ, at_least=Reach.DEPARTMENT)


@require_safe
@figures_read
def learning(request: WorkspaceRequest) -> HttpResponse:
    """Accuracy of one field over time and by what it was about; the versions; the newest examples."""
    chosen, at = field_of(request), timezone.now()
    found = accuracy_of(request.workspace, chosen, since=at - LOOKS_BACK)
    reach = request.person.access.reach
    context = {
        "section": "insights",
        "drifts": drift_rows(request.workspace, request.person),
        "fields": field_rows(request.workspace, chosen),
        "chosen": chosen,
        "chosen_title": FIELDS[chosen],
        "accuracy": found,
        "is_gathered": is_gathered(request.workspace),
        "splits": [
            ("objective", _("Objective"), split_rows(found.objectives)),
            ("language", _("Language"), split_rows(found.languages, are_languages=True)),
            ("department", _("Department"), split_rows(found.departments)),
        ],
        "versions": version_rows(request.workspace, chosen, most=at_most(request, SHOWN)),
        "examples": latest_examples(request.workspace, request.person, chosen, most=at_most(request, SHOWN)),
        "may_change": reach(Permission.ROUTING_CHANGE, request.workspace.pk) is Reach.WORKSPACE,
    }
    return answer(request, "learning/learning.html", context)


@require_safe
@figures_read
def chart(request: WorkspaceRequest) -> HttpResponse:
    """Accuracy by week, as a drawing; the table beside it has the same numbers."""
    chosen = field_of(request)
    found = accuracy_of(request.workspace, chosen, since=timezone.now() - LOOKS_BACK)
    width = request.GET.get("width", "")
    title = _("Right at once, by week: %s") % FIELDS[chosen]
    spec = shapes.line_of_days(_points(found, f"{_page(request)}worked-on/?field={chosen}"), title=title, unit="share")
    response = HttpResponse(drawn(spec, int(width) if width.isdecimal() else 0), content_type="image/svg+xml")
    response["Cache-Control"] = "private, max-age=60"
    return response


def _points(found: Accuracies, url: str) -> list[dict[str, object]]:
    return [
        {
            "day": week.date().isoformat(),
            "value": one.share,
            "words": _("Week of %(day)s: %(share).0f %% of %(n)s")
            % {"day": format_date(week, "j M"), "share": 100 * one.share, "n": one.worked_on},
            "url": f"{url}&week={week.date().isoformat()}",
        }
        for week, one in found.weeks
    ]


@require_POST
@requires(Permission.ROUTING_CHANGE, at_least=Reach.WORKSPACE)
def rollback(request: WorkspaceRequest, version: uuid.UUID) -> HttpResponse:
    """One version is no longer in force; the one before it is, or what Choir ships."""
    found = get_object_or_404(Adaptation, pk=version, workspace=request.workspace)
    try:
        before = roll_back(found, by=request.person, at=timezone.now())
        messages.success(
            request,
            _("Rolled back to version %s.") % before.number if before else _("Rolled back to what Choir ships."),
        )
    except RollbackRefusedError as refused:
        messages.error(request, str(refused))
    return redirect(f"{_page(request)}?field={found.field}")


@require_POST
@requires(Permission.ROUTING_CHANGE, at_least=Reach.WORKSPACE)
def withdrawal(request: WorkspaceRequest, example: uuid.UUID) -> HttpResponse:
    """An example that teaches the wrong thing is no longer learnt from."""
    found = get_object_or_404(Example, pk=example, workspace=request.workspace)
    take_back(found, by=request.person, at=timezone.now())
    messages.success(request, _("The next version is made without it."))
    return redirect(f"{_page(request)}?field={found.field}")


def field_of(request: WorkspaceRequest) -> str:
    """The field that the address asks for; the objective where it asks for none."""
    wanted = request.GET.get("field", "")
    return wanted if wanted in FIELDS else "objective"


def _page(request: WorkspaceRequest) -> str:
    return f"/w/{request.workspace.slug}/learning/"
