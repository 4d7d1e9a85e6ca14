"""Attribution: which of our touches before a conversion are credited with it, by the workspace's rule.

Touches are our answers in the customer's conversations (of each the last one before the conversion) and clicks on
tracked links that are known to be theirs, within the rule's window. A conversion without one is credited to nobody: it
is counted, and never claimed. A new version of the rule credits every conversion anew.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from choir.conversions.models import Attribution, AttributionRule, Click, Conversion, Credit
from choir.events.actions import record
from choir.inbox.models import Direction, Message
from choir.people.models import Person, Workspace
from choir.people.policy import Permission
from choir.rows import insert, made, write_back
from choir.wake import Step, wake

AT_ONCE = 500
USUAL = (Attribution.LAST, 28)
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Touch:
    """Something of ours that a customer met: an answer in a conversation, or a link they followed."""

    at: dt.datetime
    conversation_id: uuid.UUID | None = None
    click_id: uuid.UUID | None = None


def shares(touches: Sequence[Touch], rule: str) -> list[tuple[Touch, float]]:
    """Who is credited with how much: of touches at the same moment the later in the list is the last. Nothing for
    none."""
    if not touches:
        return []
    in_order = sorted(touches, key=lambda one: one.at)
    if rule == Attribution.LINEAR:
        return [(one, 1 / len(in_order)) for one in in_order]
    return [(in_order[0 if rule == Attribution.FIRST else -1], 1.0)]


def rule_of(workspace_id: uuid.UUID) -> AttributionRule | None:
    """The rule in force; None while nobody has chosen one, which means `USUAL`."""
    return AttributionRule.objects.filter(workspace=workspace_id).order_by("-version").first()


@transaction.atomic
def choose_rule(
    workspace: Workspace, *, credits: str, window_days: int, because: str, by: Person | None, at: dt.datetime
) -> AttributionRule:
    """A new version of the rule. Every conversion is credited anew under it, and the record says who chose it."""
    if by is not None:
        by.access.require(Permission.STRATEGY_CHANGE, workspace_id=workspace.pk)
    Workspace.objects.select_for_update().get(pk=workspace.pk)
    before = rule_of(workspace.pk)
    rule = AttributionRule.objects.create(
        workspace=workspace, version=before.version + 1 if before else 1, credits=credits, window_days=window_days,
        because=because, by=by, at=at,
    )  # fmt: skip
    record(
        verb="attribution.chosen", subject=rule, organisation_id=workspace.organisation_id, workspace_id=workspace.pk,
        at=at, by=by, because=because, facts={"credits": credits, "window_days": window_days, "version": rule.version},
    )  # fmt: skip
    wake(Step.ATTRIBUTE)
    return rule


def attribute(*, at: dt.datetime) -> int:
    """Credit the next conversions that the rule in force has not been asked about; how many."""
    due = Conversion.objects.order_by().values_list("workspace", flat=True).distinct()
    return sum(_attribute_in(one, at=at) for one in Workspace.objects.filter(pk__in=due))


@transaction.atomic
def _attribute_in(workspace: Workspace, *, at: dt.datetime) -> int:
    rule = rule_of(workspace.pk) or choose_rule(
        workspace, credits=USUAL[0], window_days=USUAL[1], because="The usual beginning: nobody has chosen yet.",
        by=None, at=at,
    )  # fmt: skip
    due = Conversion.objects.filter(Q(credited_under=None) | ~Q(credited_under=rule), workspace=workspace)
    found = list(due.select_related("click").select_for_update(skip_locked=True, of=("self",)).order_by("id")[:AT_ONCE])
    if found:
        _credit(found, rule)
    return len(found)


def _credit(conversions: Sequence[Conversion], rule: AttributionRule) -> None:
    touches = touches_of(conversions, window=rule.window_days * DAY)
    Credit.objects.filter(conversion__in=[one.pk for one in conversions]).delete()
    credits = []
    for one in conversions:
        credited = shares(touches[one.pk], rule.credits)
        one.touches_count, one.credited_under = len(touches[one.pk]), rule
        leading = max(credited, key=lambda pair: (pair[1], pair[0].at), default=None)
        one.conversation_id = leading[0].conversation_id if leading else None
        credits += [
            made(
                Credit, workspace_id=one.workspace_id, conversion_id=one.pk, conversation_id=touch.conversation_id,
                click_id=touch.click_id, share=share, at=touch.at,
            )
            for touch, share in credited
        ]  # fmt: skip
    write_back(conversions, ["touches_count", "credited_under", "conversation"])
    insert(credits)


def touches_of(conversions: Sequence[Conversion], *, window: dt.timedelta) -> dict[uuid.UUID, list[Touch]]:
    """The touches before each conversion: two queries, however many there are."""
    found: dict[uuid.UUID, list[Touch]] = defaultdict(list)
    customers = {one.customer_id for one in conversions if one.customer_id}
    if not conversions:
        return found
    first = min(one.at for one in conversions) - window
    last = max(one.at for one in conversions)
    answers, clicks = _answers(customers, first, last), _clicks(customers, first, last)
    for one in conversions:
        within = (one.at - window, one.at)
        touched: dict[uuid.UUID, Touch] = {}
        for at, conversation_id in answers.get(one.customer_id, ()) if one.customer_id else ():
            if within[0] <= at <= within[1]:
                touched[conversation_id] = Touch(at, conversation_id)
        loose: list[Touch] = []
        own = [(one.click.at, one.click.conversation_id, one.click.pk)] if one.click else []
        for at, conversation, click in {*(clicks.get(one.customer_id, ()) if one.customer_id else ()), *own}:
            if not within[0] <= at <= within[1]:
                continue
            if conversation is None:
                loose.append(Touch(at, None, click))
            elif conversation not in touched or touched[conversation].at <= at:
                touched[conversation] = Touch(at, conversation, click)
        found[one.pk] = [*touched.values(), *loose]
    return found


def _answers(
    customers: Iterable[uuid.UUID], first: dt.datetime, last: dt.datetime
) -> dict[uuid.UUID, list[tuple[dt.datetime, uuid.UUID]]]:
    """What people of ours said to each customer, oldest first."""
    said = Message.objects.filter(
        conversation__customer__in=list(customers), direction=Direction.OUTBOUND, is_automatic=False,
        sent_at__range=(first, last),
    )  # fmt: skip
    found: dict[uuid.UUID, list[tuple[dt.datetime, uuid.UUID]]] = defaultdict(list)
    for customer, at, conversation in said.order_by("sent_at").values_list(
        "conversation__customer", "sent_at", "conversation"
    ):
        if at is not None:
            found[customer].append((at, conversation))
    return found


def _clicks(
    customers: Iterable[uuid.UUID], first: dt.datetime, last: dt.datetime
) -> dict[uuid.UUID, set[tuple[dt.datetime, uuid.UUID | None, uuid.UUID]]]:
    clicked = Click.objects.filter(conversation__customer__in=list(customers), at__range=(first, last))
    found: dict[uuid.UUID, set[tuple[dt.datetime, uuid.UUID | None, uuid.UUID]]] = defaultdict(set)
    for customer, at, conversation, click in clicked.values_list("conversation__customer", "at", "conversation", "pk"):
        found[customer].add((at, conversation, click))
    return found
