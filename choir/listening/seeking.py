"""What people do with queries: add one, change it, pause it, remove it. Its past is matched anew whenever its text
changes."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from choir.channels.models import Channel
from choir.events.actions import record
from choir.listening.language.parsing import parse
from choir.listening.matching import own, rewriting
from choir.listening.models import Match, Query, Spike, Volume, Wording
from choir.people.models import Person, Workspace
from choir.people.policy import Permission
from choir.wake import Step, wake

MOST_QUERIES = 500


class QueryRefusedError(Exception):
    """The query cannot be kept like this; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What a query is called, looks for and belongs to; which networks it is put to, and how far back."""

    name: str
    text: str
    group: str = ""
    is_ours: bool = False  # its group is us
    alerts: bool = True
    is_paused: bool = False
    brings_work: bool = False
    spared: tuple[uuid.UUID, ...] = ()  # channels whose networks are not asked
    days_back: int = 30


@transaction.atomic
def add_query(workspace: Workspace, *, sought: Sought, by: Person, at: dt.datetime) -> Query:
    """Listen for something from now on, and find it in the past. Raises NotAllowedError, QueryError, and
    QueryRefusedError for a name that is taken."""
    by.access.require(Permission.LISTENING_CHANGE, workspace_id=workspace.pk)
    parse(sought.text)
    own(workspace.pk)
    others = Query.objects.filter(workspace=workspace)
    if others.count() >= MOST_QUERIES:
        raise QueryRefusedError(f"A workspace has {MOST_QUERIES} queries at most. Remove one that nobody needs.")
    _refuse_taken(others, sought)
    query = Query(workspace=workspace, by=by, created_at=at)
    _set(query, sought, at=at)
    query.save(force_insert=True)
    _spare(query, sought)
    _tell(query, "query.added", by=by, at=at)
    return query


@transaction.atomic
def change_query(query: Query, *, sought: Sought, by: Person, at: dt.datetime) -> Query:
    """Look for something else, or under another name. Another text finds its past anew; what the old one found is no
    longer its. Raises as `add_query` does."""
    by.access.require(Permission.LISTENING_CHANGE, workspace_id=query.workspace_id)
    parse(sought.text)
    rewriting(query.workspace_id)
    own(query.workspace_id)
    row = Query.objects.select_for_update().get(pk=query.pk)
    _refuse_taken(Query.objects.filter(workspace=row.workspace_id).exclude(pk=row.pk), sought)
    before = row.text
    _set(row, sought, at=at)
    if row.text != before:
        row.version += 1
    row.save()
    _spare(row, sought)
    _tell(row, "query.changed", by=by, at=at, before=before)
    return row


@transaction.atomic
def remove_query(query: Query, *, by: Person, at: dt.datetime) -> None:
    """Listen for it no longer, and forget what it found. The mentions stay."""
    by.access.require(Permission.LISTENING_CHANGE, workspace_id=query.workspace_id)
    rewriting(query.workspace_id)
    own(query.workspace_id)
    row = Query.objects.select_for_update().get(pk=query.pk)
    _tell(row, "query.removed", by=by, at=at)
    row.delete()


def _refuse_taken(others: QuerySet[Query], sought: Sought) -> None:
    if others.filter(name__iexact=sought.name).exists():
        raise QueryRefusedError(f"There is a query “{sought.name}” already. Choose another name, or change that one.")


def _set(query: Query, sought: Sought, *, at: dt.datetime) -> None:
    """Take over what is sought. Matching starts anew for another text, and after a pause, in which mentions
    passed by."""
    is_found_anew = query.text != sought.text or (query.is_paused and not sought.is_paused)
    query.name, query.text, query.group = sought.name, sought.text, sought.group
    query.is_ours = sought.is_ours
    query.alerts, query.is_paused, query.changed_at = sought.alerts, sought.is_paused, at
    query.brings_work, query.days_back = sought.brings_work, sought.days_back
    wake(Step.SEARCH)
    if not is_found_anew:
        return
    Match.objects.filter(query=query.pk).delete()
    Volume.objects.filter(query=query.pk).delete()
    Spike.objects.filter(query=query.pk).delete()
    query.past_before, query.past_matched_at, query.past_count = None, None, 0
    query.past_total = Wording.objects.filter(workspace=query.workspace_id).count()
    wake(Step.LISTEN)


def _spare(query: Query, sought: Sought) -> None:
    """Leave alone the channels that are to be spared, of this workspace."""
    query.spared.set(Channel.objects.filter(workspace=query.workspace_id, pk__in=sought.spared))


def _tell(query: Query, verb: str, *, by: Person, at: dt.datetime, before: str = "") -> None:
    facts = {
        "name": query.name, "text": query.text, "group": query.group, "ours": query.is_ours, "paused": query.is_paused,
    }  # fmt: skip
    record(
        verb=verb,
        subject=query,
        organisation_id=query.workspace.organisation_id,
        workspace_id=query.workspace_id,
        at=at,
        by=by,
        facts=facts | ({"text_before": before} if before and before != query.text else {}),
    )
