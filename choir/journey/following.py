"""Following customers: those who said or did something since → their moves, made again from all they ever said and did.

Nothing of it happens while a message comes in: the tick of every minute finds the readings and conversions that no
journey has in it yet. A customer followed twice is where they were.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

from django.db import transaction
from django.db.models import F, Q

from choir.conversions.models import Conversion
from choir.customers.models import Customer
from choir.events.actions import record
from choir.inbox.models import Message
from choir.journey.models import Journey, Move, Panorama, Shows, Stage, StageCorrection, Walk
from choir.journey.panorama import redraw
from choir.journey.stages import Sign, moves_of
from choir.measurement.measure import first_id_of
from choir.people.models import Person, Workspace
from choir.people.policy import Permission
from choir.rows import insert, made, write_back
from choir.triage.models import Reading
from choir.wake import Step, wake

AT_ONCE = 500
OVERLAP = dt.timedelta(minutes=5)  # a reading may be committed this long after its id was made
DERIVED = ["workspace", "stage", "since", "last_at", "read_to", "told_to"]


def follow(*, at: dt.datetime) -> int:
    """Follow the next customers of every workspace, and draw the next panorama once all are followed; how many."""
    return sum(_follow_in(one, at=at) for one in Workspace.objects.all()) or redraw(at=at)


@transaction.atomic
def _follow_in(workspace: Workspace, *, at: dt.datetime) -> int:
    Walk.objects.get_or_create(workspace=workspace, defaults={"at": at})
    walk = Walk.objects.select_for_update(skip_locked=True).filter(workspace=workspace).first()
    if walk is None:
        return 0
    found = _spoke_up(walk) if walk.is_whole else _next_on_the_walk(walk)
    if found:
        follow_customers(workspace, found)
    elif walk.is_whole:
        walk.at = at
    walk.is_whole = walk.is_whole or not found
    walk.save()
    return len(found)


def rebuild(workspace: Workspace, *, at: dt.datetime) -> int:
    """Follow every customer of a workspace again from nothing; how many."""
    with transaction.atomic():
        Journey.objects.filter(workspace=workspace).delete()
        Panorama.objects.filter(workspace=workspace).delete()
        Move.objects.filter(workspace=workspace).delete()
        Walk.objects.update_or_create(workspace=workspace, defaults={"at": at, "is_whole": False, "after": None})
    count = 0
    while batch := _follow_in(workspace, at=at):
        count += batch
    return count


def _next_on_the_walk(walk: Walk) -> list[uuid.UUID]:
    customers = Customer.objects.filter(workspace=walk.workspace_id).order_by("pk")
    if walk.after:
        customers = customers.filter(pk__gt=walk.after)
    found = list(customers.values_list("pk", flat=True)[:AT_ONCE])
    walk.after = found[-1] if found else None
    return found


def _spoke_up(walk: Walk) -> list[uuid.UUID]:
    """Customers with a reading or a conversion that their journey does not have in it."""
    since = walk.at - OVERLAP
    who = "mention__identity__customer"
    unread = Q(**{f"{who}__journey": None}) | Q(**{f"{who}__journey__read_to": None})
    unread |= Q(**{f"{who}__journey__read_to__lt": F("id")})
    readings = Reading.objects.filter(unread, workspace=walk.workspace_id, id__gte=first_id_of(since), is_current=True)
    said = readings.exclude(mention__identity=None).order_by().values_list(who, flat=True).distinct()[:AT_ONCE]
    untold = Q(customer__journey=None) | Q(customer__journey__told_to=None)
    untold |= Q(customer__journey__told_to__lt=F("recorded_at"))
    did = Conversion.objects.filter(untold, workspace=walk.workspace_id, recorded_at__gte=since, customer__isnull=False)
    return list({*said, *did.order_by().values_list("customer", flat=True).distinct()[:AT_ONCE]})


def follow_customers(workspace: Workspace, ids: Collection[uuid.UUID]) -> None:
    """Make the moves of these customers again: seven statements, however many they are."""
    said, last_said, read_to = _said(ids)
    did, told_to = _did(ids)
    corrected = _corrected(ids)
    moves: list[Move] = []
    journeys, customers = [], []
    known = Customer.objects.in_bulk(list(ids))
    for pk in ids:
        found = moves_of([*said[pk], *did[pk], *corrected[pk]])
        mine = _made(workspace, pk, found)
        moves += mine
        last = mine[-1] if mine else None
        heard = [*last_said.get(pk, ()), *(one.at for one in did[pk])]
        journeys.append(made(
            Journey, workspace=workspace, customer_id=pk, stage=last.stage if last else "",
            since=last.at if last else None, last_at=max(heard, default=None), read_to=read_to.get(pk),
            told_to=told_to.get(pk),
        ))  # fmt: skip
        customer, stage = known[pk], last.stage if last else ""
        if customer.stage != stage:
            customer.stage = stage
            customers.append(customer)
    Move.objects.filter(customer__in=list(ids)).delete()
    insert(moves)
    insert(journeys, replaces=["customer"], fields=DERIVED)
    write_back(customers, ["stage"])


def _made(workspace: Workspace, customer_id: uuid.UUID, found: Sequence[Sign]) -> list[Move]:
    moves = [
        made(
            Move, workspace=workspace, customer_id=customer_id, stage=one.stage, at=one.at, shown_by=one.shown_by,
            confidence=one.confidence, conversation_id=one.conversation_id, conversion_id=one.conversion_id,
            correction_id=one.correction_id,
        )
        for one in found
    ]  # fmt: skip
    for before, after in pairwise(moves):
        before.ended_at, after.from_stage = after.at, before.stage
    return moves


def _said(
    ids: Iterable[uuid.UUID],
) -> tuple[dict[uuid.UUID, list[Sign]], dict[uuid.UUID, list[dt.datetime]], dict[uuid.UUID, uuid.UUID]]:
    """What each customer's words show, when they spoke, and the newest of the readings."""
    rows = Reading.objects.filter(mention__identity__customer__in=list(ids), is_current=True).values_list(
        "id", "mention__identity__customer", "mention_id", "mention__posted_at", "stage", "confidences", "is_spam"
    )
    readings = list(rows)
    conversations = dict(
        Message.objects.filter(mention__in=[one[2] for one in readings]).values_list("mention_id", "conversation_id")
    )
    signs: dict[uuid.UUID, list[Sign]] = defaultdict(list)
    spoke: dict[uuid.UUID, list[dt.datetime]] = defaultdict(list)
    newest: dict[uuid.UUID, uuid.UUID] = {}
    for pk, customer, mention, at, stage, confidences, is_spam in readings:
        newest[customer] = max(newest.get(customer, pk), pk)
        spoke[customer].append(at)
        if stage in Stage.values and not is_spam:
            sure = confidences.get("stage")
            confidence = float(sure) if isinstance(sure, int | float) else 1.0
            signs[customer].append(Sign(at, stage, Shows.SAID, confidence, conversations.get(mention)))
    return signs, spoke, newest


def _did(ids: Iterable[uuid.UUID]) -> tuple[dict[uuid.UUID, list[Sign]], dict[uuid.UUID, dt.datetime]]:
    """What each customer's conversions show, and when the last was told."""
    rows = Conversion.objects.filter(customer__in=list(ids)).select_related("kind")
    signs: dict[uuid.UUID, list[Sign]] = defaultdict(list)
    told: dict[uuid.UUID, dt.datetime] = {}
    for one in rows:
        if one.customer_id is None:
            continue
        told[one.customer_id] = max(told.get(one.customer_id, one.recorded_at), one.recorded_at)
        if one.kind.stage and one.taken_back_at is None:
            signs[one.customer_id].append(Sign(one.at, one.kind.stage, Shows.DID, None, one.conversation_id, one.pk))
    return signs, told


def _corrected(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Sign]]:
    signs: dict[uuid.UUID, list[Sign]] = defaultdict(list)
    for one in StageCorrection.objects.filter(customer__in=list(ids)):
        signs[one.customer_id].append(Sign(one.at, one.stage, Shows.PERSON, correction_id=one.pk))
    return signs


@transaction.atomic
def correct_stage(customer: Customer, *, stage: str, because: str, by: Person, at: dt.datetime) -> StageCorrection:
    """Say at which stage a customer is. It holds until they say something sure, or do something, after it. Refuses with
    NotAllowedError whoever may not correct readings."""
    by.access.require(Permission.CONVERSATION_CORRECT, workspace_id=customer.workspace_id, own=True)
    correction = StageCorrection.objects.create(
        workspace_id=customer.workspace_id, customer=customer, stage=Stage(stage), because=because, by=by, at=at
    )
    record(
        verb="customer.stage_corrected", subject=customer, organisation_id=customer.workspace.organisation_id,
        workspace_id=customer.workspace_id, at=at, by=by, because=because,
        facts={"from": customer.stage, "to": stage},
    )  # fmt: skip
    follow_customers(customer.workspace, [customer.pk])
    wake(Step.FOLLOW)  # and draw it anew; until then pages show the one before, with its time
    return correction


def last_followed(workspace: Workspace) -> dt.datetime | None:
    """Up to when what customers said and did is in their journeys."""
    return Walk.objects.filter(workspace=workspace).values_list("at", flat=True).first()
