"""Themes: every day, or when somebody asks, a workspace's newest mentions are looked through for what recurs; what was
accepted since is put on earlier mentions."""

from __future__ import annotations

import datetime as dt

from django.db.models import F, Q

from choir.people.models import Workspace
from choir.triage.models import Theme, ThemeSearch
from choir.triage.theming import find_themes, relabel

EVERY = dt.timedelta(days=1)


def keep_themes(*, at: dt.datetime) -> int:
    """One theme spread, or one workspace looked through; 0 when neither is due."""
    return _spread(at) or _search(at)


def _spread(at: dt.datetime) -> int:
    theme = Theme.objects.accepted().filter(spread_at=None).first()
    if theme is None:
        return 0
    relabel(theme, at=at)
    Theme.objects.filter(pk=theme.pk).update(spread_at=at)
    return 1


def _search(at: dt.datetime) -> int:
    known = ThemeSearch.objects.values("workspace_id")
    ThemeSearch.objects.bulk_create(
        [ThemeSearch(workspace=one) for one in Workspace.objects.exclude(pk__in=known)], ignore_conflicts=True
    )
    asked = Q(asked_at__isnull=False) & (Q(searched_at=None) | Q(asked_at__gt=F("searched_at")))
    due = ThemeSearch.objects.filter(Q(searched_at=None) | Q(searched_at__lt=at - EVERY) | asked)
    search = due.select_related("workspace").first()
    if search is None:
        return 0
    claimed = ThemeSearch.objects.filter(pk=search.pk, searched_at=search.searched_at)
    if claimed.update(searched_at=max(at, search.asked_at or at)):
        search.looked_at_count = find_themes(search.workspace, at=at).looked_at
        ThemeSearch.objects.filter(pk=search.pk).update(looked_at_count=search.looked_at_count)
    return 1
