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

ACCEPTED = 10  # of the largest themes that somebody has a name for; the largest other is dismissed, the rest waits

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
    names = dict(company.plan["theme_names"])
    unknown = []
    accepted = 0
    for theme in Theme.objects.filter(workspace=company.workspace).proposed():
        word = next((one for one in names if one in theme.name.split(", ")), None)
        if word is None:
            unknown.append(theme)
        elif accepted < ACCEPTED:
            name = names[word]
            names = {one: other for one, other in names.items() if other != name}
            accept(theme, name=name, by=by, at=at)
            accepted += 1
    for theme in unknown[:1]:
        dismiss(theme, by=by, at=at)
