"""The conversations behind the evidence: which a department had first in a scope, and what did not go well."""

from __future__ import annotations

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from choir.people.models import Department
from choir.strategy.evidence import had_first
from choir.web.access import WorkspaceRequest
from choir.web.behind.listing import Behind, Column, Row, behind
from choir.web.ownership.evidence import READS, asked_of, here
from choir.web.ownership.fit_chart import had_first_url

AMISS = {
    "unanswered": gettext_lazy("not answered"),
    "late": gettext_lazy("late"),
    "handed_on": gettext_lazy("handed on"),
    "reopened": gettext_lazy("opened again"),
}
SIDES = {"": gettext_lazy("All"), "well": gettext_lazy("Went well"), "amiss": gettext_lazy("Did not")}


@require_safe
@READS
def rows(request: WorkspaceRequest, objective: str) -> HttpResponseBase:
    """Those of one department, or of all; one side of them."""
    _scopes, scope, looked, names = asked_of(request, objective)
    department = next((one for one in names.values() if one.slug == request.GET.get("department")), None)
    side = request.GET.get("side", "")
    slugs = {one.pk: one.slug for one in names.values()}
    found = [
        one
        for one in had_first(scope, looked.asked)
        if (department is None or one.department_id == department.pk)
        and (side not in ("well", "amiss") or bool(one.amiss) == (side == "amiss"))
        and one.department_id in slugs
    ]
    shown = Behind(
        section="ownership", back_words=_("Evidence: %s") % scope.words, back_url=here(request, scope),
        title=str(department) if department else _("The conversations behind it"),
        told=_told(len(found), side, department),
        rows=[
            Row(one.conversation_id, one.arrived_at,
                (names[one.department_id].name, ", ".join(str(AMISS[why]) for why in one.amiss) or _("yes")))
            for one in found
        ],
        columns=[Column("had_first", _("Had it first")), Column("went_well", _("Went well"))],
        sides=[
            (str(words), had_first_url(looked, scope, department, side=name), name == side)
            for name, words in SIDES.items()
        ],
    )  # fmt: skip
    return behind(request, shown)


def _told(count: int, side: str, department: Department | None) -> str:
    words = {
        "well": ngettext("%s conversation that went well.", "%s conversations that went well.", count),
        "amiss": ngettext("%s conversation that did not go well.", "%s conversations that did not go well.", count),
    }.get(side, ngettext("%s conversation.", "%s conversations.", count))
    whose = _("Had first in the last 90 days by %s:") % department if department else _("Of the last 90 days:")
    return f"{whose} {words % count}"
