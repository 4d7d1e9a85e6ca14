"""What the demo company taught Choir to look for: names of its own, and the themes it accepted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from choir.demo.company import Company
from choir.people.policy import Permission, Reach
from choir.triage.learning.adapted import Learnt
from choir.triage.models import Term, Theme, ThemeSearch
from choir.triage.queries import fitting_departments
from choir.triage.reader import Reading as Read
from choir.triage.theming import accept, dismiss, find_themes

ACCEPTED = 8  # of the largest themes; the next is dismissed, what is left waits for somebody

Fitting = tuple[str, float] | None


def name(company: Company) -> None:
    """Write down its products, places and how its order numbers look."""
    Term.objects.bulk_create(
        Term(
            workspace=company.workspace, kind=one["kind"], name=one["name"], spellings=one.get("spellings", []),
        )
        for one in company.plan["terms"]
    )  # fmt: skip


def fitting(company: Company, reads: Sequence[Read]) -> list[Fitting]:
    """Which department each text is for by its charter, before anybody taught anything."""
    return fitting_departments(reads, [company.organisation.pk] * len(reads), [Learnt.nothing()] * len(reads))


def decide(company: Company, *, at: dt.datetime) -> None:
    """Look for themes in what was said; somebody who may has accepted the largest and dismissed one."""
    looked = find_themes(company.workspace, at=at)
    ThemeSearch.objects.create(workspace=company.workspace, searched_at=at, looked_at_count=looked.looked_at)
    may = (
        one for one in company.people.values()
        if one.access.reach(Permission.THEME_DECIDE, company.workspace.pk) is Reach.WORKSPACE
    )  # fmt: skip
    by = next(may)
    largest = list(Theme.objects.filter(workspace=company.workspace).proposed()[: ACCEPTED + 1])
    for theme in largest[:ACCEPTED]:
        accept(theme, name=theme.name[0].upper() + theme.name[1:], by=by, at=at)
    for theme in largest[ACCEPTED:]:
        dismiss(theme, by=by, at=at)
