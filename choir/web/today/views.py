"""Today: what needs this person, why, and what next. Which parts come first depends on what the person is there for."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from choir.people.models import Person, Workspace
from choir.people.policy import Permission, Reach, Role
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.insights.lens import Lens, lens
from choir.web.learning.drifting import drift_rows
from choir.web.today import moving, waiting

# For each role the parts in their order; who holds several sees the parts of all, in the order of this table.
PARTS: dict[Role, tuple[str, ...]] = {
    Role.ADMINISTRATOR: ("actions", "channels", "set_aside", "questions", "mine"),
    Role.LEGAL: ("actions", "approvals", "questions", "mine", "problems", "moved", "spikes"),
    Role.COMMUNICATIONS: ("actions", "spikes", "approvals", "mine", "questions", "problems", "moved"),
    Role.LEAD: (
        "actions",
        "drift",
        "late",
        "unclaimed",
        "approvals",
        "mine",
        "questions",
        "problems",
        "moved",
        "suggestion",
        "spikes",
    ),
    Role.CHAMPION: (
        "actions",
        "spikes",
        "drift",
        "leading",
        "off_track",
        "approvals",
        "questions",
        "suggestion",
        "hear",
        "mine",
    ),
    Role.EXECUTIVE: ("actions", "drafted", "spikes", "leading", "off_track", "approvals", "questions", "hear", "mine"),
    Role.COMMITTEE: ("actions", "leading", "off_track", "questions", "suggestion", "mine", "spikes"),
    Role.AGENT: ("actions", "mine", "unclaimed", "questions", "problems", "moved", "spikes"),
    Role.PUBLISHER: ("actions", "spikes", "mine", "unclaimed", "questions", "problems", "moved"),
}
ALWAYS = frozenset({"channels", "set_aside"})  # that nothing is wrong is what an administrator comes to see
FIGURES = frozenset({"moved", "leading", "suggestion", "drift"})


@require_safe
@requires(Permission.CONVERSATION_READ)
def today(request: WorkspaceRequest) -> HttpResponse:
    """One page for each person."""
    person, workspace, at = request.person, request.workspace, timezone.now()
    shown = parts_of(person, workspace)
    looked = None
    if person.access.reach(Permission.FIGURES_READ, workspace.pk) >= Reach.DEPARTMENT:
        looked = lens(person, workspace, {}, at=at)
    found = {part: made for part in shown if (made := _made(part, person, workspace, looked, at)) is not None}
    context = {
        "section": "today",
        "lens": looked,
        "parts": found,
        "lists": [part for part in found if part not in FIGURES and (found[part].rows or part in ALWAYS)],
        "sentence": needed(found),
        "inbox_url": reverse("inbox", kwargs={"workspace": workspace.slug}),
        "at": at,
    }
    return answer(request, "today/today.html", context)


def parts_of(person: Person, workspace: Workspace) -> tuple[str, ...]:
    """The parts of a person's page, in their order."""
    held = person.access.roles.get(workspace.pk, frozenset())
    return tuple(dict.fromkeys(part for role, parts in PARTS.items() if role in held for part in parts))


def _made(part: str, person: Person, workspace: Workspace, looked: Lens | None, at: dt.datetime) -> Any:
    """What a part shows; None where the person may not see it or the figures are not there yet."""
    if part in FIGURES:
        if looked is None or looked.counted_at is None:
            return None
        if part == "drift":
            return drift_rows(workspace, person, unseen=True)
        of_figures = {
            "moved": moving.moved, "leading": moving.leading, "suggestion": moving.suggestion,
        }  # fmt: skip
        return of_figures[part](looked)
    if part in ("problems", "channels", "set_aside", "off_track", "spikes", "hear", "drafted"):
        of_rows = {
            "problems": waiting.problems_for, "channels": waiting.channels_unwell, "set_aside": waiting.set_aside_in,
            "spikes": waiting.spikes_for,
            "off_track": waiting.kpis_off_track, "hear": waiting.hearings_for,
            "drafted": waiting.drafted_for,
        }  # fmt: skip
        return of_rows[part](person, workspace)
    of_time = {
        "mine": waiting.conversations_of, "unclaimed": waiting.unclaimed_in, "late": waiting.late_in,
        "approvals": waiting.approvals_for, "questions": waiting.questions_for, "actions": waiting.actions_of,
    }  # fmt: skip
    return of_time[part](person, workspace, at=at)


def needed(found: dict[str, Any]) -> str:
    """What needs the person, in one sentence."""
    parts = []
    mine = found.get("mine")
    if mine is not None and mine.count:
        words = ngettext("%s conversation of yours is open", "%s conversations of yours are open", mine.count)
        late = ngettext("%s late", "%s late", mine.late) % mine.late if mine.late else ""
        parts.append(words % mine.count + (f" ({late})" if late else ""))
    said = (
        ("spikes", "%s spike that nobody has seen", "%s spikes that nobody has seen"),
        ("drafted", "%s answer is drafted for you", "%s answers are drafted for you"),
        ("approvals", "%s text waits for your approval", "%s texts wait for your approval"),
        ("questions", "%s question is asked of you", "%s questions are asked of you"),
        ("actions", "%s action is due from you", "%s actions are due from you"),
        ("problems", "%s answer did not leave", "%s answers did not leave"),
        ("late", "%s conversation of your department is late", "%s conversations of your department are late"),
        ("unclaimed", "%s is nobody's yet", "%s are nobody's yet"),
        ("off_track", "%s KPI is off track", "%s KPIs are off track"),
        ("channels", "%s channel needs you", "%s channels need you"),
        ("set_aside", "%s arrival could not be read", "%s arrivals could not be read"),
    )
    for part, one, many in said:
        if part in found and found[part].count:
            parts.append(ngettext(one, many, found[part].count) % found[part].count)
    return "; ".join(parts) + "." if parts else _("Nothing waits for you.")
