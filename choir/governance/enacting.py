"""The step that puts decisions into force: due is a query, each is done in its own transaction, exactly once. A worker
that was down finds them when it comes back."""

from __future__ import annotations

import datetime as dt
import uuid

import structlog
from django.db import transaction

from choir.governance.changing.kind import as_committee
from choir.governance.changing.kinds import REFUSALS, kind_of
from choir.governance.models import Decision, Enactment
from choir.governance.reversing import tell

log = structlog.get_logger()


def enact(*, at: dt.datetime) -> int:
    """Put every decision whose time has come into force; how many."""
    due = Decision.objects.due(at).order_by("effective_at", "number").values_list("pk", flat=True)
    return sum(_enacted(pk, at=at) for pk in list(due))


def _enacted(pk: uuid.UUID, *, at: dt.datetime) -> int:
    try:
        with transaction.atomic():
            return _enact(pk, at=at)
    except Exception:  # one decision that fails must not keep the others from coming into force
        log.exception("decision.not_enacted", decision=str(pk))
        return 0


def _enact(pk: uuid.UUID, *, at: dt.datetime) -> int:
    decision = (
        Decision.objects.due(at)
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("workspace__organisation", "decided_by")
        .filter(pk=pk)
        .first()
    )
    if decision is None:
        return 0  # another worker has it, or had it just now
    try:
        with transaction.atomic():
            hand = as_committee(decision.decided_by, decision.workspace)
            before, refused = kind_of(decision.change).apply(decision, hand, at), ""
    except REFUSALS as refusal:
        before, refused = {}, str(refusal)
    Enactment.objects.create(decision=decision, at=at, before=before, refused=refused)
    verb = "decision.not_enacted" if refused else "decision.enacted"
    tell(decision, verb, by=None, at=at, because=refused or decision.because, kind=str(decision.change["kind"]))
    return 1
