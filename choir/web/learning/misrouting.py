"""The misrouting page: what was handed over, what it cost, and for each pair of departments the change that the past
supports best, one click from being prepared."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from choir.inbox.models import Conversation
from choir.measurement.question import OUR_DAYS, Period
from choir.people.models import Department, Workspace
from choir.people.policy import Permission, Reach
from choir.routing.choose import language_name
from choir.strategy.misrouting import Change, Pair, first_said, handed_since, misrouting_of
from choir.triage.learning.models import Adaptation, Standing
from choir.web.access import WorkspaceRequest, may_open, requires
from choir.web.answers import answer
from choir.web.behind.listing import Behind, Column, behind
from choir.web.behind.listing import Row as Listed

LOOKS_BACK_DAYS = 90


@dataclass(frozen=True, slots=True)
class Row:
    """A pair with its proposal in words, and where it is prepared; "" for whoever may not."""

    pair: Pair
    proposal: str
    effect: str
    url: str
    examples: list[tuple[uuid.UUID, str]]  # conversations, each with what the customer said first: that was misplaced
    rows_url: str
    back_url: str


@require_safe
@requires(Permission.FIGURES_READ, at_least=Reach.WORKSPACE)
def misrouting(request: WorkspaceRequest) -> HttpResponse:
    """Hand-overs of the last 90 days and what would have spared them."""
    found = misrouting_of(request.workspace, since=_since(request.workspace))
    shown = {one.pk for pair in found.pairs for one in pair.examples}
    seen = list(Conversation.objects.visible_to(request.person).filter(pk__in=shown).values_list("pk", flat=True))
    said = dict.fromkeys(seen, "") | first_said(seen)
    rows = [_row(request, pair, said) for pair in found.pairs]
    context = {"section": "insights", "found": found, "lost_hours": round(found.lost_hours), "rows": rows}
    context["taught"] = _taught(request.workspace)
    context["rows_url"] = reverse("misrouting_rows", kwargs={"workspace": request.workspace.slug})
    return answer(request, "learning/misrouting.html", context)


def _row(request: WorkspaceRequest, pair: Pair, said: dict[uuid.UUID, str]) -> Row:
    proposal, url = _proposal(request.workspace, pair, pair.change)
    url = url if may_open(request.person, request.workspace, url) else ""
    examples = [(one.pk, said[one.pk]) for one in pair.examples if one.pk in said]
    return Row(pair, proposal, _effect(pair), url, examples, *(
        _handovers_url(request.workspace, giver, taker)
        for giver, taker in ((pair.giver, pair.taker), (pair.taker, pair.giver))
    ))  # fmt: skip


def _handovers_url(workspace: Workspace, giver: Department, taker: Department) -> str:
    """The hand-overs from one to another in the same days."""
    where = {"workspace": workspace.slug, "metric": "handovers"}
    asked = {"period": LOOKS_BACK_DAYS, "giver": giver.slug, "taker": taker.slug, **OUR_DAYS}
    return f"{reverse('insights-metric', kwargs=where)}?{urlencode(asked)}"


@require_safe
@requires(Permission.FIGURES_READ, at_least=Reach.WORKSPACE)
def handed(request: WorkspaceRequest) -> HttpResponseBase:
    """The conversations behind it: which way each went and how long that took; those that came back alone."""
    names = {one.pk: one.name for one in Department.objects.filter(organisation=request.workspace.organisation_id)}
    side, url = request.GET.get("side", ""), reverse("misrouting_rows", kwargs={"workspace": request.workspace.slug})
    found = handed_since(request.workspace, _since(request.workspace))
    found = [one for one in found if one.came_back or side != "back"]
    shown = Behind(
        section="insights", back_words=_("Misrouting"), title=_("Handed over"),
        back_url=reverse("misrouting", kwargs={"workspace": request.workspace.slug}),
        told=_("In the last 90 days, last handed over first. Until then: from the customer's first message on."),
        rows=[
            Listed(one.conversation_id, one.last_at,
                (" → ".join(names.get(pk, "–") for pk in one.way), one.times, one.lost_seconds))
            for one in found
        ],
        columns=[
            Column("way", _("Way")), Column("handovers", _("Hand-overs"), "number"),
            Column("seconds_until_then", _("Until then"), "seconds"),
        ],
        sides=[(_("All"), url, side != "back"), (_("Came back"), f"{url}?side=back", side == "back")],
    )  # fmt: skip
    return behind(request, shown)


def _since(workspace: Workspace) -> dt.datetime:
    """Days of the organisation, so that a figure and the page that it opens are of the same."""
    return Period.days_to(timezone.now(), ZoneInfo(workspace.organisation.time_zone), LOOKS_BACK_DAYS).start


def _effect(pair: Pair) -> str:
    """What the change would have done to the past, as it was counted."""
    if pair.change.kind == "examples":
        return _("No word and no topic tells these from what stays.")
    told = {"spared": pair.change.spared, "of": pair.count, "n": pair.change.misplaced}
    spared = _("In these 90 days it would have spared %(spared)s of the %(of)s hand-overs") % told
    taken = _("and taken nothing away from where it was answered.")
    if pair.change.misplaced:
        taken = (
            ngettext(
                "and taken %(n)s conversation away from where it was answered.",
                "and taken %(n)s conversations away from where they were answered.",
                pair.change.misplaced,
            )
            % told
        )
    return f"{spared}, {taken}"


def _taught(workspace: Workspace) -> str:
    """What all hand-overs have taught so far, as it was measured on examples kept back."""
    tried = Adaptation.objects.filter(workspace=workspace, field="department").defer("kept")
    last = tried.exclude(standing=Standing.ROLLED_BACK).order_by("-number").first()
    if last is None:
        return _("Each hand-over is an example; what they teach is tried once there are enough.")
    told = {
        "number": last.number, "before": round(100 * last.judgement.get("before", 0)),
        "after": round(100 * last.judgement.get("after", 0)),
    }  # fmt: skip
    if last.standing == Standing.REFUSED:
        return _("What all hand-overs taught so far was tried on examples kept back and was no better.")
    return (
        _("What all hand-overs taught is in force as version %(number)s: on examples kept back, %(before)s %% were ")
        + _("read for the right department before and %(after)s %% with it.")
    ) % told


def _proposal(workspace: Workspace, pair: Pair, change: Change) -> tuple[str, str]:
    slug, taker = workspace.slug, pair.taker
    because = _("%(n)s hand-overs from %(giver)s to %(taker)s in 90 days.") % {
        "n": pair.count, "giver": pair.giver, "taker": taker,
    }  # fmt: skip
    if change.kind == "cell":
        about = change.objective.replace("_", " ")
        about += f": {change.topic.replace('_', ' ')}" if change.topic else ""
        about += " " + _("in %s") % language_name(change.language) if change.language else ""
        asked = {"responsible": taker.pk, "topic": change.topic, "language": change.language, "because": because}
        url = reverse("ownership_objective", args=[slug, change.objective]) + f"?{urlencode(asked)}"
        return _("%(taker)s owns %(about)s") % {"taker": taker, "about": about}, url
    if change.kind == "rule":
        asked = {"name": f"{taker}: {change.word}", "words": change.word, "department": taker.pk, "because": because}
        url = reverse("rules_new", args=[slug]) + f"?{urlencode(asked)}"
        return _("A rule: whatever says “%(word)s” goes to %(taker)s") % {"word": change.word, "taker": taker}, url
    return _("More examples: each hand-over teaches one"), reverse("learning", args=[slug]) + "?field=department"
