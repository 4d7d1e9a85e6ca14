"""The views that everybody has: which question each asks of the inbox."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from choir.inbox.models import Note, State
from choir.inbox.queries.wanted import Wanted, Whose
from choir.outbound.models import Approval
from choir.people.models import Person, Workspace
from choir.people.policy import Permission


@dataclass(frozen=True, slots=True)
class StandingView:
    """One of them. `empty` says what it means that nothing is in it; `counts_late` shows how many are overdue."""

    name: str
    title: str | Promise
    icon: str
    empty: str | Promise
    states: tuple[State, ...] = (State.OPEN,)
    whose: Whose = Whose.ANYBODYS
    condition: Callable[[Person], Q] | None = None
    permission: Permission = Permission.CONVERSATION_READ
    counts_late: bool = False

    def wanted(self, workspace: Workspace, person: Person) -> Wanted:
        """The question, asked by a person."""
        conditions = (self.condition(person),) if self.condition else ()
        return Wanted(workspace.pk, self.states, self.whose, conditions, self.permission)


def _mentioned(person: Person) -> Q:
    through = Note.mentioned.through
    return Q(pk__in=through.objects.filter(person=person).values("note__conversation"))


def _for_approval(person: Person) -> Q:
    waiting = Approval.objects.filter(closed_at=None).exclude(author=person).exclude(votes__person=person)
    return Q(pk__in=waiting.values("conversation"))


UNFINISHED = (State.OPEN, State.SNOOZED)
STANDING: dict[str, StandingView] = {
    view.name: view
    for view in (
        StandingView(
            "mine", _("Mine"), "inbox", _("Nothing waits for you. Take something from your department's."),
            whose=Whose.MINE, counts_late=True,
        ),
        StandingView(
            "department", _("My department"), "team", _("Nothing is open in your departments."),
            whose=Whose.DEPARTMENTS, counts_late=True,
        ),
        StandingView(
            "unassigned", _("Unassigned"), "assign", _("Everything open has somebody who looks after it."),
            condition=lambda person: Q(assignee=None),
        ),
        StandingView(
            "mentioned", _("Mentioned"), "mention", _("Nobody named you in a note on anything unfinished."),
            states=UNFINISHED, condition=_mentioned,
        ),
        StandingView(
            "approval", _("For approval"), "approval", _("No answer waits for your yes or no."),
            states=UNFINISHED, condition=_for_approval, permission=Permission.APPROVAL_DECIDE,
        ),
        StandingView(
            "problems", _("Problems"), "problems", _("Every answer got through."),
            states=(), condition=lambda person: Q(has_problem=True),
        ),
        StandingView("snoozed", _("Snoozed"), "snooze", _("Nothing sleeps."), states=(State.SNOOZED,)),
        StandingView("resolved", _("Resolved"), "resolve", _("Nothing is resolved yet."), states=(State.RESOLVED,)),
        StandingView(
            "noted", _("Noted"), "note", _("Nothing was kept for insight alone."), states=(State.NOTED,)
        ),
        StandingView("all", _("All"), "more", _("Nothing yet that is yours to see."), states=()),
    )
}  # fmt: skip


def first_view(workspace: Workspace, person: Person) -> StandingView:
    """Where a person starts: with what is theirs when they answer customers, otherwise with everything they see."""
    from_departments = bool(person.access.department_ids)
    return STANDING["mine" if from_departments else "all"]
