"""The steps of the tour: each a page of the product and what to see there. Where the demo company no longer has what a
step shows, or the person may not open it, the step is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from choir.governance.models import Decision
from choir.inbox.models import Assignment
from choir.people.models import Person, Workspace
from choir.pilots.models import Pilot
from choir.routing.models import Ownership
from choir.strategy.models import KPI
from choir.web.access import may_open
from choir.web.ownership.drafts import Change, draft_url

BEGINS_WITH = 4  # with fewer steps there is no story


@dataclass(frozen=True, slots=True)
class Step:
    """One page of the tour."""

    url: str
    title: str
    words: str


Finds = Callable[[Workspace, Pilot], str]


def _page(name: str, workspace: Workspace, query: str = "", **where: Any) -> str:
    return reverse(name, kwargs={"workspace": workspace.slug, **where}) + query


def _trouble(workspace: Workspace, pilot: Pilot) -> str:
    """The weeks in which the owner had all of it, after the pilot and before the decision."""
    days = f"since={pilot.ends_at.date()}&until={pilot.ending.at.date()}"
    query = f"?objective={pilot.objective.slug}&{days}&sort=longest"
    query += f"&topic={pilot.topic}" if pilot.topic else ""
    return _page("insights-metric", workspace, query, metric="first_response")


def _evidence(workspace: Workspace, pilot: Pilot) -> str:
    query = f"?topic={pilot.topic}" if pilot.topic else ""
    return _page("ownership_evidence", workspace, query, objective=pilot.objective.slug)


def _what_if(workspace: Workspace, pilot: Pilot) -> str:
    change = Change(pilot.objective.slug, pilot.topic, "", "", "", "", pilot.owner.slug)
    return draft_url(workspace, [change])


def _pilot(workspace: Workspace, pilot: Pilot) -> str:
    return _page("ownership_pilot", workspace, pilot=pilot.pk)


def _meeting(workspace: Workspace, pilot: Pilot) -> str:
    return _page("committee_meeting", workspace, number=_decision(pilot).meeting.number)


def _routing(workspace: Workspace, pilot: Pilot) -> str:
    """The newest conversation that is where it is by the decision."""
    cells = Ownership.objects.filter(decision_id=pilot.ending.decision_id)
    present = Assignment.objects.filter(workspace=workspace, ownership__in=cells, ended_at=None)
    given = present.filter(because__contains=f"decision {pilot.ending.decision_number}").order_by("-at").first()
    if given is None:
        raise NoReverseMatch
    return _page("conversation", workspace, conversation=given.conversation_id)


def _kpi(workspace: Workspace, pilot: Pilot) -> str:
    found = KPI.objects.filter(workspace=workspace, objective=pilot.objective, ended_at=None)
    chosen = found.filter(metric=pilot.metric).first() or found.first()
    if chosen is None:
        raise NoReverseMatch
    return _page("strategy_kpi", workspace, kpi=chosen.pk)


def _review(workspace: Workspace, pilot: Pilot) -> str:
    return _page("committee_decision", workspace, decision=_decision(pilot).pk)


def _value(workspace: Workspace, _pilot: Pilot) -> str:
    return _page("value", workspace)


def _decision(pilot: Pilot) -> Decision:
    assert pilot.ending.decision_id is not None
    return Decision.objects.select_related("meeting").get(pk=pilot.ending.decision_id)


STORY: tuple[tuple[Finds, Any, Any], ...] = (
    (_trouble, _("Trouble"), _("Care about delivery was owned by customer service. The longest waits of those weeks: "
                               "open one and see how it went from hand to hand.")),
    (_evidence, _("Evidence"), _("Who does best at care about delivery, all compared on the same mix, and how sure "
                                 "that is. History is no experiment: it says what a pilot should find out.")),
    (_what_if, _("What if"), _("The last 90 days under another matrix. Today the other way round: what if customer "
                               "service had deliveries back?")),
    (_pilot, _("Pilot"), _("For two weeks chance gave half of the delivery questions to operations. The rule was set "
                           "before; the result has its range.")),
    (_meeting, _("The committee decides"), _("The result stood on the agenda by itself, with a proposal. The "
                                             "departments voted; the decision was dated.")),
    (_routing, _("Routing changes"), _("From its date the decision routes: “Here because …” names it.")),
    (_kpi, _("The KPI moves"), _("Baseline, target and course of what was wanted; each point opens to its rows.")),
    (_review, _("The review"), _("On its review date the effect was worked out: before and after, against what was not "
                                 "decided upon, with the range that holds it.")),
    (_value, _("What it was worth"), _("Cost and value of each goal, its assumptions, and what cannot be claimed.")),
)  # fmt: skip


def steps_for(person: Person, workspace: Workspace) -> list[Step]:
    """The steps that the person can open; none where there is no story to tell."""
    pilot = (
        Pilot.objects.filter(workspace=workspace, ending__decision_id__isnull=False)
        .select_related("objective", "owner", "ending")
        .order_by("starts_at")
        .first()
    )
    found = list(_found(person, workspace, pilot)) if pilot is not None else []
    return found if len(found) >= BEGINS_WITH else []


def _found(person: Person, workspace: Workspace, pilot: Pilot) -> Iterator[Step]:
    for finds, title, words in STORY:
        try:
            url = finds(workspace, pilot)
        except (NoReverseMatch, Decision.DoesNotExist):
            continue
        if may_open(person, workspace, url.partition("#")[0]):
            yield Step(url, str(title), str(words))
