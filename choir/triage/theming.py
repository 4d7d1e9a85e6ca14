"""Themes of a workspace: found in its newest mentions, then accepted, renamed, merged or dismissed by a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db import IntegrityError, transaction

from choir.events.actions import record
from choir.people.models import Person, Workspace
from choir.people.policy import Permission
from choir.triage.encoder import Matrix
from choir.triage.models import Reading, Term, Theme, ThemeSearch, ThemeState
from choir.triage.naming import NAMING, named, tells
from choir.triage.reader import reader
from choir.triage.themes import EXAMPLES, REACHES, Found, Themes, apart_from, groups, middle, packed, unpacked, whole
from choir.wake import Step, wake

SAMPLE = 3_000  # newest mentions that are looked at
DAYS = 60
LONGEST_NAME = 60
FEWEST_MENTIONS = 60  # fewer say nothing about what recurs
SAME = 0.8  # likeness of two centres from which they are one theme
RELABELLED = dt.timedelta(days=90)


class ThemeRefusedError(Exception):
    """It cannot be done like this; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Looked:
    """How many mentions were looked through, and how many themes are new."""

    looked_at: int
    proposed: int = 0


def find_themes(workspace: Workspace, *, at: dt.datetime) -> Looked:
    """Look for themes in the newest mentions and propose those not known yet. What waited for a person
    and was not found again makes room; what a person decided stays as it is, dismissed ones too."""
    rows = list(
        Reading.objects.filter(
            workspace=workspace, is_current=True, is_spam=False, mention__posted_at__gte=at - dt.timedelta(days=DAYS)
        )
        .exclude(mention__text="")
        .order_by("-mention__posted_at")
        .values_list("mention_id", "mention__text")[:SAMPLE]
    )
    if len(rows) < FEWEST_MENTIONS:
        return Looked(len(rows))
    looked_at = len(rows)
    rows = [(pk, text) for pk, text in rows if tells(text)]
    texts = [text for _, text in rows]
    vectors = reader().vectors(texts)
    found = groups(vectors)
    ours = f"{workspace.name} {workspace.organisation.name}".lower().split()
    told = named(found, texts, reader().vectors, leaving_out=ours)
    with transaction.atomic():
        Workspace.objects.select_for_update().get(pk=workspace.pk)
        Theme.objects.filter(workspace=workspace, state=ThemeState.PROPOSED).delete()
        known = [_whole(one) for one in Theme.objects.filter(workspace=workspace)]
        new = [(one, words) for one, words in zip(found, told, strict=True) if words and not _is_known(one, known)]
        Theme.objects.bulk_create(
            Theme(
                workspace=workspace, name=_name(words), words=list(words), centre=packed(one.centre),
                origin=packed(one.origin), reach=one.reach, found_count=len(one.members), found_at=at,
                examples=[str(rows[place][0]) for place in one.members[:EXAMPLES]],
            )
            for one, words in new
        )  # fmt: skip
    return Looked(looked_at, len(new))


def _name(words: Sequence[str]) -> str:
    """A name to begin with: as many of the most telling words as there is room for."""
    for count in range(NAMING, 1, -1):
        if len(name := ", ".join(words[:count])) <= LONGEST_NAME:
            return name
    return words[0][:LONGEST_NAME]


def _whole(theme: Theme) -> Matrix:
    return whole(unpacked(theme.centre), unpacked(theme.origin))


def _is_known(one: Found, known: Sequence[Matrix]) -> bool:
    return any(float(apart_from(one.origin, other) @ one.centre) >= SAME for other in known)


@transaction.atomic
def accept(theme: Theme, *, name: str, by: Person, at: dt.datetime) -> Theme:
    """The theme is one of the workspace's, under this name; the mentions of the last 90 days that were found near it
    carry it from now on, and so do new ones. Records theme.accepted. Refuses an empty name and one that is taken."""
    return _decide(theme, ThemeState.ACCEPTED, "theme.accepted", name=name, by=by, at=at)


@transaction.atomic
def rename(theme: Theme, *, name: str, by: Person, at: dt.datetime) -> Theme:
    """An accepted theme is called otherwise. Records theme.renamed."""
    if theme.state != ThemeState.ACCEPTED:
        raise ThemeRefusedError("Only an accepted theme has a name of its own. Accept it under the new name.")
    return _decide(theme, ThemeState.ACCEPTED, "theme.renamed", name=name, by=by, at=at)


@transaction.atomic
def dismiss(theme: Theme, *, by: Person, at: dt.datetime) -> Theme:
    """It is no theme: its mentions carry it no longer and it is not proposed again. Records theme.dismissed."""
    Reading.objects.filter(theme=theme).update(theme=None)
    return _decide(theme, ThemeState.DISMISSED, "theme.dismissed", by=by, at=at)


@transaction.atomic
def merge(theme: Theme, *, into: Theme, by: Person, at: dt.datetime) -> Theme:
    """Both are one: `into` moves to the middle of the two and reaches over both; mentions carry it. Records
    theme.merged. Refuses a target that is itself, of another workspace or not accepted."""
    if into.pk == theme.pk or into.workspace_id != theme.workspace_id or into.state != ThemeState.ACCEPTED:
        raise ThemeRefusedError("Themes merge into another accepted theme of the same workspace. Choose one.")
    ours, theirs = unpacked(into.centre), apart_from(unpacked(into.origin), _whole(theme))
    share = into.found_count / max(into.found_count + theme.found_count, 1)
    centre = middle(np.stack([ours * share * 2, theirs * (1 - share) * 2]))
    far = min(float(ours @ centre), float(theirs @ centre))
    into.centre, into.reach = packed(centre), max(REACHES[0], min(into.reach, theme.reach) * far)
    into.found_count += theme.found_count
    into.save(update_fields=["centre", "reach", "found_count"])
    Reading.objects.filter(theme=theme).update(theme=into)
    theme.merged_into = into
    return _decide(theme, ThemeState.MERGED, "theme.merged", by=by, at=at, facts={"into": into.name})


def _decide(
    theme: Theme, state: ThemeState, verb: str, *, by: Person, at: dt.datetime, name: str = "",
    facts: dict[str, str] | None = None,
) -> Theme:  # fmt: skip
    by.access.require(Permission.THEME_DECIDE, workspace_id=theme.workspace_id)
    before = theme.name
    if state == ThemeState.ACCEPTED:
        theme.name, theme.spread_at = " ".join(name.split()), theme.spread_at if verb == "theme.renamed" else None
        if not theme.name or len(theme.name) > LONGEST_NAME:
            raise ThemeRefusedError("A theme needs a name of at most 60 characters. Write one.")
    theme.state, theme.decided_by, theme.decided_at = state, by, at
    try:
        with transaction.atomic():
            theme.save()
    except IntegrityError as taken:
        raise ThemeRefusedError(
            f"There is a theme “{theme.name}” already. Merge into it, or choose another."
        ) from taken
    if state == ThemeState.ACCEPTED:
        wake(Step.THEMES)
    record(
        verb=verb, subject=theme, organisation_id=by.organisation_id, workspace_id=theme.workspace_id, at=at, by=by,
        facts={"name": theme.name, "before": before, **(facts or {})},
    )  # fmt: skip
    return theme


def relabel(theme: Theme, *, at: dt.datetime) -> int:
    """Put an accepted theme on the mentions of the last 90 days that are near it and carry none; how many."""
    rows = list(
        Reading.objects.filter(
            workspace_id=theme.workspace_id, is_current=True, theme=None, mention__posted_at__gte=at - RELABELLED
        )
        .exclude(mention__text="")
        .order_by("-mention__posted_at")
        .values_list("pk", "mention__text")[:SAMPLE]
    )
    if not rows:
        return 0
    themes = Themes([(theme.pk, bytes(theme.centre), bytes(theme.origin), theme.reach)])
    vectors = reader().vectors([text for _, text in rows])
    near = [pk for (pk, _), vector in zip(rows, vectors, strict=True) if themes.of(vector)]
    return Reading.objects.filter(pk__in=near, theme=None).update(theme=theme)


@transaction.atomic
def ask_for_themes(workspace: Workspace, *, by: Person, at: dt.datetime) -> None:
    """The workspace's mentions are looked through again, by the next worker that is free."""
    by.access.require(Permission.THEME_DECIDE, workspace_id=workspace.pk)
    ThemeSearch.objects.update_or_create(workspace=workspace, defaults={"asked_at": at})
    wake(Step.THEMES)


@transaction.atomic
def keep_term(term: Term, *, workspace: Workspace, by: Person, at: dt.datetime) -> Term:
    """New mentions are looked through for the term. Records term.added. Refuses one that is there already."""
    by.access.require(Permission.THEME_DECIDE, workspace_id=workspace.pk)
    term.workspace = workspace
    try:
        with transaction.atomic():
            term.save()
    except IntegrityError as taken:
        raise ThemeRefusedError(f"“{term.name}” is among them already. Take it away to write it anew.") from taken
    _record_term("term.added", term, by=by, at=at)
    return term


@transaction.atomic
def remove_term(term: Term, *, by: Person, at: dt.datetime) -> None:
    """The term is looked for no longer; readings keep what they found. Records term.removed."""
    by.access.require(Permission.THEME_DECIDE, workspace_id=term.workspace_id)
    _record_term("term.removed", term, by=by, at=at)
    term.delete()


def _record_term(verb: str, term: Term, *, by: Person, at: dt.datetime) -> None:
    record(
        verb=verb, subject=term, organisation_id=by.organisation_id, workspace_id=term.workspace_id, at=at, by=by,
        facts={"name": term.name, "kind": term.kind},
    )  # fmt: skip
