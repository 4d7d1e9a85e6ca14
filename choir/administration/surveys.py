"""Which customers are asked how it went."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass

from django.db import transaction

from choir.administration.changes import apply
from choir.administration.promises import PromiseRefusedError
from choir.channels.models import Channel
from choir.events.actions import record
from choir.people.models import Person, Workspace
from choir.people.policy import Permission
from choir.surveys.models import SurveyPolicy
from choir.wake import Step, wake

MOST_WAIT_SECONDS, MOST_PAUSE_DAYS = 7 * 24 * 3600, 365


@dataclass(frozen=True, slots=True)
class Asking:
    """How customers are asked: whether, how long after the resolution, how seldom the same one, in public or not."""

    asks: bool
    wait_seconds: int
    pause_days: int
    asks_in_public: bool


@transaction.atomic
def ask_customers(
    workspace: Workspace, channel: Channel | None, asking: Asking, *, by: Person, at: dt.datetime
) -> SurveyPolicy:
    """From now on customers of the channel (None: of all without a policy of their own) are asked like this."""
    by.access.require(Permission.PROMISE_MANAGE, workspace_id=workspace.pk)
    if channel is not None and channel.workspace_id != workspace.pk:
        raise PromiseRefusedError("There is no such channel in this workspace.")
    if not 0 <= asking.wait_seconds <= MOST_WAIT_SECONDS:
        raise PromiseRefusedError("Ask within a week of the resolution; nobody remembers it later.")
    if not 1 <= asking.pause_days <= MOST_PAUSE_DAYS:
        raise PromiseRefusedError("Between two questions to the same customer lie a day to a year.")
    row = SurveyPolicy.objects.select_for_update().filter(workspace=workspace, channel=channel).first()
    is_new = row is None
    row = row or SurveyPolicy(workspace=workspace, channel=channel)
    because = apply(row, asdict(asking))
    if not is_new and not because:
        return row
    row.save()
    record(
        verb="survey_policy.added" if is_new else "survey_policy.changed", subject=row,
        organisation_id=workspace.organisation_id, workspace_id=workspace.pk, at=at, by=by,
        because="customers are asked how it went" if is_new else because,
        facts=asdict(asking) | {"channel": str(channel or "")},
    )  # fmt: skip
    wake(Step.SURVEY)
    return row


@transaction.atomic
def stop_asking(policy: SurveyPolicy, *, by: Person, at: dt.datetime) -> None:
    """The policy holds no longer; what was asked can still be answered."""
    by.access.require(Permission.PROMISE_MANAGE, workspace_id=policy.workspace_id)
    record(
        verb="survey_policy.removed", subject=policy, organisation_id=policy.workspace.organisation_id,
        workspace_id=policy.workspace_id, at=at, by=by, because=f"“{policy}” holds no longer",
    )  # fmt: skip
    policy.delete()
