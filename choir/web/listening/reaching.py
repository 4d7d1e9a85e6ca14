"""How far a query reaches: each network it is put to, in which words, how far back, and what keeps it from more."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.defaultfilters import date as shown_date
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from choir.channels.contract import SearchAbility
from choir.channels.models import Channel, ChannelState
from choir.listening.inquiring import abilities, look_back_again, questions_for, stop_looking_back
from choir.listening.models import Inquiry, Query
from choir.web.access import WorkspaceRequest
from choir.web.listening.frame import CHANGES

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reach:
    """One network a query is put to, as its page shows it."""

    inquiry: Inquiry
    ability: SearchAbility

    @property
    def channel(self) -> Channel:
        """Through which account."""
        return self.inquiry.channel

    @property
    def state(self) -> str:
        """What it does now, in a sentence."""
        inquiry = self.inquiry
        if inquiry.unaskable_because:
            return inquiry.unaskable_because
        if self.channel.state != ChannelState.CONNECTED:
            return _("Waits until the channel is connected again, and goes on where it stopped.")
        if inquiry.query.is_paused:
            return _("Paused with the query.")
        if inquiry.asked_at is None:
            return _("Is asked for the first time in a moment.")
        return _("Asked %(when)s. %(read)s posts came, %(kept)s of them were kept for this workspace's queries.") % {
            "when": shown_date(timezone.localtime(inquiry.asked_at), "j M H:i"),
            "read": inquiry.read_count + inquiry.past_count,
            "kept": inquiry.kept_count,
        }

    @property
    def is_moving(self) -> bool:
        """Whether it will soon be otherwise, by itself."""
        inquiry = self.inquiry
        if inquiry.failure or inquiry.query.is_paused or self.channel.state != ChannelState.CONNECTED:
            return False
        return inquiry.is_looking_back or (inquiry.due_at is not None and inquiry.asked_at is None)

    @property
    def days_wanted(self) -> int:
        """How many days of the past are to be read, as far as the network allows."""
        return min(self._days_asked_for, self.ability.days_back or self._days_asked_for)

    @property
    def _days_asked_for(self) -> int:
        return (self.inquiry.created_at - self.inquiry.past_since).days if self.inquiry.past_since else 0

    @property
    def days_read(self) -> int:
        """How many of them are."""
        reached = self.inquiry.past_reached_at
        return min((self.inquiry.created_at - reached).days, self.days_wanted) if reached else 0

    @property
    def past(self) -> str:
        """How far back it was read, and what the network allows."""
        inquiry = self.inquiry
        if inquiry.past_since is None or not inquiry.questions:
            return ""
        count = ngettext("%d post", "%d posts", inquiry.past_count) % inquiry.past_count
        reached = inquiry.past_reached_at
        back = shown_date(timezone.localtime(reached), "j M Y") if reached else ""
        if inquiry.past_ended_at is None:
            if inquiry.past_stopped_at is not None:
                return _("Reading the past was stopped. It came back to %(back)s, %(count)s.") % {
                    "back": back or _("nowhere yet"), "count": count,
                }  # fmt: skip
            return _("Back to %(back)s so far, %(count)s.") % {"back": back or _("today"), "count": count}
        if reached is None:
            return _("The network showed nothing of the past.") + self._limit
        older = "" if reached - inquiry.past_since < DAY else " " + _("It showed nothing older.")
        return _("Read back to %(back)s, %(count)s.") % {"back": back, "count": count} + older + self._limit

    @property
    def _limit(self) -> str:
        days = self.ability.days_back
        if days is None or days >= self._days_asked_for:
            return ""
        return " " + ngettext(
            "It lets nobody search further back than %d day.", "It lets nobody search further back than %d days.", days
        ) % days  # fmt: skip


def reaches_of(query: Query) -> list[Reach]:
    """Every network a query is put to."""
    known = abilities(query.workspace_id)
    rows = Inquiry.objects.filter(query=query).select_related("channel", "query").order_by("channel__name")
    return [Reach(one, known.get(one.channel_id, SearchAbility())) for one in rows]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a network would be asked, before a query is saved."""

    channel: Channel
    questions: Sequence[str]
    because: str


def asked_of(query: Query) -> list[Asked]:
    """What each network of a workspace would be asked; the query need not be saved."""
    known = abilities(query.workspace_id)
    channels = Channel.objects.filter(pk__in=known).order_by("name")
    found = []
    for channel in channels:
        questions, _is_exact, because = questions_for(query, known[channel.pk])
        found.append(Asked(channel, questions, because))
    return found


def reach_counts(workspace_id: uuid.UUID) -> dict[uuid.UUID, dict[str, int]]:
    """By query: how many networks it is put to, how many of them fail, and how many cannot be asked."""
    rows = Inquiry.objects.filter(workspace=workspace_id).order_by().values("query")
    counted = rows.annotate(
        asked=Count("pk", filter=~Q(questions=[])),
        failing=Count("pk", filter=~Q(failure="")),
        unaskable=Count("pk", filter=Q(questions=[])),
    )
    return {
        one["query"]: {"asked": one["asked"], "failing": one["failing"], "unaskable": one["unaskable"]}
        for one in counted
    }


@require_POST
@CHANGES
def past_ending(request: WorkspaceRequest, query: uuid.UUID) -> HttpResponse:
    """POST: the past is read no further."""
    known = get_object_or_404(Query, workspace=request.workspace, pk=query)
    stop_looking_back(known, by=request.person, at=timezone.now())
    return redirect("listening_query", workspace=request.workspace.slug, query=known.pk)


@require_POST
@CHANGES
def past_continuation(request: WorkspaceRequest, query: uuid.UUID) -> HttpResponse:
    """POST: reading the past goes on where it was stopped."""
    known = get_object_or_404(Query, workspace=request.workspace, pk=query)
    look_back_again(known, by=request.person, at=timezone.now())
    return redirect("listening_query", workspace=request.workspace.slug, query=known.pk)
