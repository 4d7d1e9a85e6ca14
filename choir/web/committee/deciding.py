"""Deciding on an item: a form for each kind of change, filled in with what the figures propose."""

from __future__ import annotations

import uuid
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from choir.governance.changing.kind import ChangeRefusedError
from choir.governance.changing.kinds import KINDS, REFUSALS
from choir.governance.changing.ownership import scope_of
from choir.governance.convening import MeetingRefusedError
from choir.governance.deciding import agreement_on, decide
from choir.web.access import WorkspaceRequest
from choir.web.answers import answer
from choir.web.committee.changes import CHANGE_FORMS, ChangeForm, change_values
from choir.web.committee.frame import RUNS, frame, item_of
from choir.web.committee.motions import MotionForm, motion_of, motion_values
from choir.web.committee.showing import facts_of
from choir.web.ownership.previewing import Preview, preview, was_seen

USUAL = "agreement"


@RUNS
def decision(request: WorkspaceRequest, number: int, item: uuid.UUID) -> HttpResponse:
    """The form, and the decision itself."""
    found = item_of(request, number, item)
    proposed = str(found.proposal.get("kind") or USUAL)
    asked = request.POST.get("kind") or request.GET.get("kind") or proposed
    kind = asked if asked in CHANGE_FORMS else USUAL
    sent = request.POST or None
    change = CHANGE_FORMS[kind](sent, workspace=request.workspace, initial=change_values(found.proposal, kind))
    motion = MotionForm(sent, workspace=request.workspace, initial=motion_values(found, kind))
    refused, seen = "", None
    if request.method == "POST" and change.is_valid() & motion.is_valid():
        try:
            told = motion_of({"kind": kind, **change.told}, motion, request.workspace)
            seen = _to_be_seen(request, change) if kind == "ownership" else None
            made = decide(found, told, by=request.person, at=timezone.now()) if seen is None else None
        except (MeetingRefusedError, ChangeRefusedError, *REFUSALS) as refusal:
            refused = str(refusal)
        else:
            if made is not None:
                messages.success(request, _("%s is made.") % made)
                return redirect("committee_meeting", workspace=request.workspace.slug, number=found.meeting.number)
    is_bad = refused or change.errors or motion.errors
    context = frame(
        request, "home", item=found, meeting=found.meeting, kind=kind, change=change, motion=motion, refused=refused,
        preview=seen,
        kinds=[one for one in KINDS.values() if one.slug in CHANGE_FORMS], agreement=agreement_on(found),
        facts=facts_of(found.evidence, request.workspace, request.person),
    )  # fmt: skip
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_bad else HTTPStatus.OK
    return answer(request, "committee/deciding.html", context, status=status)


def _to_be_seen(request: WorkspaceRequest, change: ChangeForm) -> Preview | None:
    """What a change of the matrix would have done, unless just that was seen. Refuses what cannot be decided."""
    at, workspace = timezone.now(), request.workspace
    KINDS["ownership"].check(workspace, change.told, request.person)
    objective, responsible = change.cleaned_data["objective"], change.cleaned_data["responsible"]
    scope = scope_of(workspace, change.told)
    if was_seen(request.POST.get("previewed", ""), objective, scope, responsible):
        return None
    return preview(objective, scope, responsible, by=request.person, at=at)
