"""Which query is put to which network, in which words; kept in step with the queries and the channels."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from choir.channels.contract import Capability, SearchAbility, Searches
from choir.channels.models import Channel, ChannelState
from choir.channels.registry import manifest, reader
from choir.listening.language.matching import has_anchor
from choir.listening.language.native import for_network
from choir.listening.language.unread import possible
from choir.listening.models import Inquiry, Query
from choir.people.models import Person, Workspace
from choir.people.policy import Permission
from choir.wake import Step, wake

UNASKABLE = (
    "This network cannot be asked: it would have to be asked for a word that is in everything the query finds, and "
    "there is none that it understands. What reaches the channel otherwise is matched all the same. To have it asked, "
    "add such a word, or use fewer alternatives."
)
TOO_WIDE = (
    "No network is asked: without a word that must be there, nearly everything that anybody says would come. What "
    "reaches the channels otherwise is matched all the same. To have networks asked, add a word."
)


@dataclass(frozen=True, slots=True)
class Searchable:
    """A channel whose network can be searched, and what that understands."""

    channel: Channel
    ability: SearchAbility

    @property
    def place(self) -> tuple[str, str]:
        """Which part of which network it shows: accounts that show the same need not all ask."""
        server = str(self.channel.settings.get("address") or "") if self.ability.is_of_one_server else ""
        return self.channel.connector, server


def searchable(workspace_id: uuid.UUID) -> list[Searchable]:
    """The channels of a workspace that can be searched, connected or not, the oldest first."""
    found = []
    channels = Channel.objects.filter(workspace=workspace_id).exclude(state=ChannelState.DISCONNECTED)
    for channel in channels.order_by("created_at", "pk"):
        if Capability.SEARCH in manifest(channel.connector).capabilities:
            connector: object = reader(channel)
            if isinstance(connector, Searches):
                found.append(Searchable(channel, connector.ability))
    return found


def asking(found: Iterable[Searchable]) -> list[Searchable]:
    """Of those that show the same, the first that is connected, else the first: one asks for all."""
    by_place: dict[tuple[str, str], Searchable] = {}
    for one in found:
        kept = by_place.setdefault(one.place, one)
        if kept.channel.state != ChannelState.CONNECTED and one.channel.state == ChannelState.CONNECTED:
            by_place[one.place] = one
    return list(by_place.values())


def questions_for(query: Query, ability: SearchAbility) -> tuple[tuple[str, ...], bool, str]:
    """The query in a network's words; whether the network understands all of it; why it cannot be asked, if so."""
    tree = possible(query.tree)
    if tree is None or not has_anchor(tree):
        return (), False, TOO_WIDE
    native = for_network(query.tree, ability)
    return native.questions, native.is_exact, "" if native.questions else UNASKABLE


@transaction.atomic
def plan(workspace: Workspace, *, at: dt.datetime) -> int:
    """Have an inquiry for each query and each network it is put to, and none besides; how many changed. Another text
    of a query, or going further back, reads the past anew; a channel that is not connected for now keeps its places."""
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)  # one worker at a time
    rows = Inquiry.objects.filter(workspace=workspace).select_for_update(of=("self",))
    known = {(one.query_id, one.channel_id): one for one in rows}
    found = searchable(workspace.pk)
    wanted = asking(found)
    asleep = {one.channel.pk for one in found if one.channel.state != ChannelState.CONNECTED}
    spared = _spared(workspace)
    kept: set[tuple[uuid.UUID, uuid.UUID]] = set()
    changed = 0
    for query in Query.objects.filter(workspace=workspace):
        for one in wanted:
            if (query.pk, one.channel.pk) in spared:
                continue
            kept.add((query.pk, one.channel.pk))
            changed += _brought_in_step(query, one, known.get((query.pk, one.channel.pk)), at=at)
    gone = [
        one.pk
        for place, one in known.items()
        if place not in kept and (one.channel_id not in asleep or place in spared)
    ]
    Inquiry.objects.filter(pk__in=gone).delete()
    return changed + len(gone)


def _spared(workspace: Workspace) -> set[tuple[uuid.UUID, uuid.UUID]]:
    rows = Query.spared.through.objects.filter(query__workspace=workspace).values_list("query_id", "channel_id")
    return set(rows)


def _brought_in_step(query: Query, one: Searchable, known: Inquiry | None, *, at: dt.datetime) -> bool:
    since = query.created_at - dt.timedelta(days=query.days_back) if query.days_back else None
    if known is not None and known.version == query.version:
        if known.past_since == since:
            return False
        known.past, known.past_since = _places(known.questions if since else ()), since
        known.past_reached_at, known.past_count, known.past_stopped_at = None, 0, None
        known.past_ended_at = None if since else at
        known.due_at = at if known.questions else None
        known.save()
        return True
    questions, is_exact, because = questions_for(query, one.ability)
    fresh = Inquiry(
        workspace_id=query.workspace_id,
        query=query,
        channel=one.channel,
        version=query.version,
        questions=list(questions),
        is_exact=is_exact,
        unaskable_because=because,
        cursors=_places(questions),
        since=at,
        due_at=at if questions else None,
        past=_places(questions if since else ()),
        past_since=since,
        past_ended_at=None if since and questions else at,
        created_at=at,
    )
    if known is not None:
        fresh.pk, fresh._state.adding = known.pk, False
    fresh.save()
    return True


def _places(questions: Sequence[str]) -> dict[str, str]:
    return dict.fromkeys(questions, "")


@transaction.atomic
def stop_looking_back(query: Query, *, by: Person, at: dt.datetime) -> int:
    """What was said before the query was is read no further; what was found of it stays. On how many networks."""
    by.access.require(Permission.LISTENING_CHANGE, workspace_id=query.workspace_id)
    return Inquiry.objects.filter(query=query).looking_back().update(past_stopped_at=at)


@transaction.atomic
def look_back_again(query: Query, *, by: Person, at: dt.datetime) -> int:
    """Go on where reading the past was stopped. How many networks that are."""
    by.access.require(Permission.LISTENING_CHANGE, workspace_id=query.workspace_id)
    wake(Step.SEARCH)
    stopped = Inquiry.objects.filter(query=query, past_ended_at=None).exclude(past_stopped_at=None)
    return stopped.update(past_stopped_at=None, due_at=at)


def abilities(workspace_id: uuid.UUID) -> Mapping[uuid.UUID, SearchAbility]:
    """What each channel that asks understands."""
    return {one.channel.pk: one.ability for one in asking(searchable(workspace_id))}
