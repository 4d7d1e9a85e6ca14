"""What the committee's pages show of items and decisions: facts that open, changes in words, where it stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from choir.governance.agenda.earlier import effect_words
from choir.governance.agenda.opening import path_of
from choir.governance.changing.kinds import KINDS, in_words
from choir.governance.models import AgendaItem, Decision, Meeting, Paper, Vote
from choir.governance.sitting import ADDED
from choir.people.models import Department, Person, Workspace
from choir.web.access import may_open

LOOKS: Mapping[str, tuple[str, str]] = {
    "crisis": ("bad", "problems"), "refused": ("bad", "problems"), "without_owner": ("bad", "info"),
    "pilot": ("accent", "insights"),
    "review": ("accent", "history"), "kpi": ("bad", "strategy"), "sla": ("warn", "clock-late"),
    "best_fit": ("accent", "ownership"), "ping_pong": ("warn", "handover"), "approvals": ("warn", "approval"),
    "overlap": ("warn", "info"), "spike": ("warn", "listening"), "action": ("warn", "clock-late"),
    "initiative": ("", "strategy"), ADDED: ("", "mention"),
}  # fmt: skip
KIND_WORDS: Mapping[str, Any] = {
    "crisis": gettext_lazy("Crisis"),
    "refused": gettext_lazy("Not in force"),
    "without_owner": gettext_lazy("No owner"),
    "pilot": gettext_lazy("Pilot"),
    "review": gettext_lazy("Review"),
    "kpi": gettext_lazy("KPI"),
    "sla": gettext_lazy("Promises"),
    "best_fit": gettext_lazy("Evidence"),
    "ping_pong": gettext_lazy("Passed on"),
    "approvals": gettext_lazy("Approvals"),
    "overlap": gettext_lazy("Overlap"),
    "spike": gettext_lazy("Spike"),
    "action": gettext_lazy("Action"),
    "initiative": gettext_lazy("Coming"),
    ADDED: gettext_lazy("Added"),
}


@dataclass(frozen=True, slots=True)
class ShownFact:
    """Evidence in words, and the page behind it."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class ShownItem:
    """An agenda item as its card shows it."""

    item: AgendaItem
    place: int
    kind: str
    look: str
    drawing: str
    facts: list[ShownFact]
    proposal: str
    sum: str
    papers: list[Paper]
    votes: list[Vote]
    decisions: list[Decision]


@dataclass(frozen=True, slots=True)
class Stands:
    """Where a decision stands, as a chip."""

    words: str
    look: str
    drawing: str


def facts_of(kept: Iterable[Mapping[str, Any]], workspace: Workspace, person: Person) -> list[ShownFact]:
    """Evidence as links; where the page is gone or not the person's to open, the words stay."""
    return [ShownFact(str(one.get("words", "")), _url(one, workspace, person)) for one in kept]


def _url(fact: Mapping[str, Any], workspace: Workspace, person: Person) -> str:
    url = path_of(fact, workspace.slug)
    return url if url and may_open(person, workspace, url) else ""


def shown_items(meeting: Meeting, person: Person) -> list[ShownItem]:
    """The agenda in its order, each item with its papers, votes and decisions: four queries."""
    rows = meeting.items.select_related("added_by", "department").prefetch_related(
        "papers__department", "papers__person", "votes__department", "decisions__enactment", "decisions__reversal"
    )
    return [_shown(one, place, meeting.workspace, person) for place, one in enumerate(rows, start=1)]


def _shown(item: AgendaItem, place: int, workspace: Workspace, person: Person) -> ShownItem:
    look, drawing = LOOKS.get(item.kind, ("", "info"))
    parts = [f"{points} {words}" for words, points in item.ranking]
    return ShownItem(
        item=item,
        place=place,
        kind=str(KIND_WORDS.get(item.kind, item.kind)),
        look=look,
        drawing=drawing,
        facts=facts_of(item.evidence, workspace, person),
        proposal=sentence(in_words(workspace, item.proposal)) if item.proposal else "",
        sum=" + ".join(parts) + f" = {item.points}",
        papers=list(item.papers.all()),
        votes=list(item.votes.all()),
        decisions=list(item.decisions.all()),
    )


def sentence(words: str) -> str:
    """With a capital and a full stop."""
    return f"{words[:1].upper()}{words[1:].rstrip('.')}." if words else ""


def stands(decision: Decision, *, at: dt.datetime) -> Stands:
    """Where a decision stands."""
    enactment = getattr(decision, "enactment", None)
    if hasattr(decision, "reversal"):
        return Stands(_("Taken back"), "", "reopen")
    if hasattr(decision, "superseded_by"):
        return Stands(_("Superseded"), "", "history")
    if enactment is not None and enactment.refused:
        return Stands(_("Could not come into force"), "bad", "problems")
    if enactment is None:
        return Stands(
            _("Comes into force") if decision.effective_at > at else _("Within a minute"), "", "clock-running"
        )
    review = getattr(decision, "review", None)
    if review is not None and review.effect:
        return {
            "better": Stands(_("In force, did good"), "good", "up"),
            "worse": Stands(_("In force, did harm"), "bad", "down"),
        }.get(str(review.effect.get("verdict")), Stands(_("In force, effect unclear"), "warn", "info"))
    return Stands(_("In force"), "good", "check")


def effect_sentence(effect: Mapping[str, Any]) -> str:
    """An effect in words; empty where there is none."""
    return effect_words(dict(effect)) if effect else ""


def kind_title(decision: Decision) -> str:
    """What kind of change it is."""
    kind = KINDS.get(str(decision.change.get("kind")))
    return kind.title if kind else ""


def department_names(workspace: Workspace) -> dict[str, str]:
    """Departments' names by their slugs."""
    return dict(Department.objects.filter(organisation=workspace.organisation_id).values_list("slug", "name"))
