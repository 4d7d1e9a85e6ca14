"""What waits for one person: their conversations, approvals, questions asked of them, answers that did not leave.

Each is at most two queries, however much waits.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from choir.channels.models import Arrival, Channel, ChannelState
from choir.executive.models import Attention, Brief, Hearing
from choir.governance.doing import open_actions
from choir.inbox.models import Consult, Conversation, Direction, Message
from choir.listening.models import Spike
from choir.outbound.models import Approval, ApprovalVote, Delivery
from choir.people.models import Person, Workspace
from choir.people.policy import Permission, Reach
from choir.strategy.queries import off_track

SHOWN = 6
SILENT_ON_PURPOSE = (ChannelState.PAUSED, ChannelState.DISCONNECTED)
SPIKES_TOLD = dt.timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Some rows, and how many there are in all; for conversations also how many are late."""

    rows: list[Any]
    count: int
    late: int = 0

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.rows)


def conversations_of(person: Person, workspace: Workspace, *, at: dt.datetime) -> Waiting:
    """Open conversations that the person has, the next clock to run out first."""
    mine = Conversation.objects.open().filter(workspace=workspace, assignee=person)
    return _by_clock(mine, at)


def unclaimed_in(person: Person, workspace: Workspace, *, at: dt.datetime) -> Waiting:
    """Open conversations of the person's departments that nobody has yet."""
    free = Conversation.objects.unassigned().filter(workspace=workspace)
    return _by_clock(free.filter(department_id__in=person.access.department_ids), at)


def late_in(person: Person, workspace: Workspace, *, at: dt.datetime) -> Waiting:
    """Open conversations of the person's departments whose clock has run out, whoever has them."""
    late = Conversation.objects.overdue(at).filter(workspace=workspace)
    return _by_clock(late.filter(department_id__in=person.access.department_ids), at)


def _by_clock(rows: QuerySet[Conversation], at: dt.datetime) -> Waiting:
    counted = rows.aggregate(count=Count("pk"), late=Count("pk", filter=Q(due_at__lt=at)))
    shown = rows.select_related("customer", "channel", "objective", "assignee").order_by(
        F("due_at").asc(nulls_last=True)
    )
    return Waiting(list(shown[:SHOWN]), counted["count"], counted["late"])


def approvals_for(person: Person, workspace: Workspace, *, at: dt.datetime) -> Waiting:
    """Texts the person may decide on and has not: never their own."""
    reach = person.access.reach(Permission.APPROVAL_DECIDE, workspace.pk)
    if reach < Reach.DEPARTMENT:
        return Waiting([], 0)
    voted = ApprovalVote.objects.filter(approval=OuterRef("pk"), person=person)
    open_ones = Approval.objects.filter(workspace=workspace, closed_at=None, expires_at__gt=at)
    open_ones = open_ones.exclude(author=person).filter(~Exists(voted))
    if reach < Reach.WORKSPACE:
        open_ones = open_ones.filter(conversation__department_id__in=person.access.department_ids)
    shown = open_ones.select_related("author", "conversation__customer", "policy").order_by("asked_at")
    return _of(list(shown[: SHOWN + 1]), open_ones)


def questions_for(person: Person, workspace: Workspace, *, at: dt.datetime) -> Waiting:
    """Consults asked of the person or of their departments and not answered, soonest first."""
    asked = Consult.objects.waiting().asked_of(person).filter(workspace=workspace)
    shown = asked.select_related("asked_by", "department", "expert", "conversation__customer").order_by("answer_by")
    return _of(list(shown[: SHOWN + 1]), asked)


def actions_of(person: Person, workspace: Workspace, *, at: dt.datetime) -> Waiting:
    """What the person promised the committee and has not done, the soonest first; `late` are overdue."""
    mine = open_actions(workspace).filter(owner=person)
    counted = mine.aggregate(count=Count("pk"), late=Count("pk", filter=Q(due_on__lt=at.date())))
    return Waiting(list(mine.order_by("due_on")[:SHOWN]), counted["count"], counted["late"])


def problems_for(person: Person, workspace: Workspace) -> Waiting:
    """Answers that did not leave, or of which nobody knows, in conversations that the person answers."""
    visible = Conversation.objects.visible_to(person, Permission.CONVERSATION_ANSWER).filter(workspace=workspace)
    found = Delivery.objects.problems().filter(workspace=workspace, message__conversation__in=visible)
    shown = found.select_related("message__conversation__customer", "channel").order_by("-created_at")
    return _of(list(shown[: SHOWN + 1]), found)


def channels_unwell(person: Person, workspace: Workspace) -> Waiting:
    """Channels that do not hear or speak as they should."""
    if person.access.reach(Permission.CHANNEL_READ, workspace.pk) < Reach.WORKSPACE:
        return Waiting([], 0)
    wanted = Channel.objects.filter(workspace=workspace).exclude(state__in=SILENT_ON_PURPOSE)
    unwell = wanted.filter(~Q(state=ChannelState.CONNECTED) | Q(failures_count__gt=0) | ~Q(failure=""))
    return _of(list(unwell.select_related("accountable")[: SHOWN + 1]), unwell)


def set_aside_in(person: Person, workspace: Workspace) -> Waiting:
    """What arrived and could not be read, by channel and reason."""
    if person.access.reach(Permission.CHANNEL_READ, workspace.pk) < Reach.WORKSPACE:
        return Waiting([], 0)
    aside = Arrival.objects.filter(workspace=workspace).exclude(set_aside_because="")
    grouped = aside.values("channel__name", "channel_id", "set_aside_because").annotate(count=Count("pk"))
    rows = list(grouped.order_by("-count")[:SHOWN])
    return Waiting(rows, sum(row["count"] for row in rows))


def kpis_off_track(person: Person, workspace: Workspace) -> Waiting:
    """KPIs that will miss their target, or have, the longest first."""
    if person.access.reach(Permission.STRATEGY_READ, workspace.pk) < Reach.WORKSPACE:
        return Waiting([], 0)
    found = off_track(workspace)
    return _of(list(found[: SHOWN + 1]), found)


def hearings_for(person: Person, workspace: Workspace) -> Waiting:
    """Customers of the newest brief that the person has not heard yet."""
    if person.access.reach(Permission.CUSTOMER_HEAR, workspace.pk) < Reach.WORKSPACE:
        return Waiting([], 0)
    newest = Brief.objects.filter(workspace=workspace).order_by("-last_on").values("pk")[:1]
    heard = Attention.objects.filter(hearing=OuterRef("pk"), person=person)
    rows = Hearing.objects.filter(~Exists(heard), brief__in=newest)
    rows = rows.filter(conversation__in=Conversation.objects.visible_to(person).values("pk"))
    found = rows.select_related("conversation__customer", "conversation__objective").order_by("place")
    return _of(list(found[: SHOWN + 1]), found)


def drafted_for(person: Person, workspace: Workspace) -> Waiting:
    """Answers to customers that the person wanted to give, drafted by their teams and not sent off yet."""
    later = Q(at__gte=OuterRef("drafting__answered_at"), conversation=OuterRef("hearing__conversation"))
    answered = Message.objects.filter(later, direction=Direction.OUTBOUND, person=person)
    asked = Approval.objects.filter(
        author=person, conversation=OuterRef("hearing__conversation"), asked_at__gte=OuterRef("drafting__answered_at"),
        closed_at=None,
    )  # fmt: skip
    rows = Attention.objects.filter(
        ~Exists(answered), ~Exists(asked), workspace=workspace, person=person, drafting__answered_at__isnull=False
    )
    found = rows.select_related("drafting__department", "hearing__conversation__customer").order_by("-read_at")
    return _of(list(found[: SHOWN + 1]), found)


def spikes_for(person: Person, workspace: Workspace) -> Waiting:
    """Spikes that nobody has seen yet, of the last days, those of the person's departments first."""
    if person.access.reach(Permission.LISTENING_READ, workspace.pk) < Reach.WORKSPACE:
        return Waiting([], 0)
    since = timezone.now() - SPIKES_TOLD
    unseen = (
        Spike.objects.unseen().filter(workspace=workspace, began_at__gte=since).select_related("query", "department")
    )
    own = person.access.department_ids
    rows = sorted(unseen.order_by("-began_at")[:50], key=lambda one: one.department_id not in own)
    return Waiting(rows[:SHOWN], len(rows))


def _of(fetched: list[Any], rows: QuerySet[Any]) -> Waiting:
    """The count costs a query only when more is there than is shown."""
    count = len(fetched) if len(fetched) <= SHOWN else rows.count()
    return Waiting(fetched[:SHOWN], count)
