"""Stages and what stands beside them, in words; and what shows a move."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from choir.customers.models import Customer
from choir.inbox.models import Conversation
from choir.journey.models import Move, Shows, Stage
from choir.journey.queries import GONE, NEW, UNTOLD
from choir.people.models import Person, Workspace
from choir.people.policy import Permission, Reach
from choir.prepared import Slot, prepared

ORDER = (NEW, *Stage.values, UNTOLD, GONE)
WORDS: Mapping[str, str | Promise] = {
    **dict(Stage.choices),
    NEW: gettext_lazy("Not known yet"),
    UNTOLD: gettext_lazy("Nothing tells yet"),
    GONE: gettext_lazy("Not heard of any more"),
}


@dataclass(frozen=True, slots=True)
class ShownMove:
    """One move with its evidence, for one person: what they may not read is not linked."""

    move: Move
    stage: str
    before: str
    because: str
    url: str


def may_correct(person: Person, customer: Customer) -> bool:
    """Whether the person may put the stage right of a customer whom they may see."""
    return person.access.reach(Permission.CONVERSATION_CORRECT, customer.workspace_id) > Reach.NOTHING


def shown_moves(customer: Customer, person: Person, workspace: Workspace, *, most: int = 20) -> list[ShownMove]:
    """A customer's moves, the newest first: two queries."""
    moves = list(
        Move.objects.filter(customer=customer)
        .select_related("conversion__kind", "correction__by").order_by("-at", "-id")[:most]
    )  # fmt: skip
    ids = [one.conversation_id for one in moves if one.conversation_id]
    readable = Conversation.objects.visible_to(person).filter(pk__in=ids).values_list("pk", flat=True) if ids else []
    return in_words(moves, set(readable), workspace)


def latest_move(customer: Customer, may_read: Collection[Any], workspace: Workspace) -> list[ShownMove]:
    """Only the last one, beside conversations that are known to be readable: one query."""
    return in_words(_latest_move(customer=customer.pk), may_read, workspace)


@prepared
def _latest_move(customer: Slot) -> QuerySet[Move]:
    moves = Move.objects.filter(customer=customer).select_related("conversion__kind", "correction__by")
    return moves.order_by("-at", "-id")[:1]


def in_words(rows: Iterable[Move], may_read: Collection[Any], workspace: Workspace) -> list[ShownMove]:
    """Moves with what shows each; a conversation is linked where it may be read."""
    return [
        ShownMove(
            one, str(WORDS[one.stage]), str(WORDS.get(one.from_stage, "")), _because(one),
            reverse("conversation", args=[workspace.slug, one.conversation_id])
            if one.conversation_id in may_read else "",
        )
        for one in rows
    ]  # fmt: skip


def _because(move: Move) -> str:
    if move.shown_by == Shows.PERSON and move.correction is not None:
        who = move.correction.by.name if move.correction.by else _("somebody gone since")
        return _("%(who)s said so: %(why)s") % {"who": who, "why": move.correction.because}
    if move.shown_by == Shows.DID and move.conversion is not None:
        return _("did: %s") % move.conversion.kind.name.lower()
    if move.confidence is None:
        return _("said so")
    return _("what they said reads so, %s sure") % f"{move.confidence * 100:.0f}\u202f%"
