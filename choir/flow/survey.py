"""Survey: customers whose conversations were resolved some time ago are asked how it went, as policy says."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, QuerySet

from choir.inbox.models import Conversation, State
from choir.measurement.models import Course
from choir.surveys.actions import ask
from choir.surveys.models import Survey, SurveyPolicy

AT_ONCE = 100
STILL_FRESH = dt.timedelta(days=2)  # who would remember it later


def survey(*, at: dt.datetime) -> int:
    """Ask the next customers of every workspace; how many were tried."""
    policies = SurveyPolicy.objects.select_related("workspace__organisation", "channel")
    return sum(_ask_by(one, at=at) for one in policies.filter(asks=True))


def _ask_by(policy: SurveyPolicy, *, at: dt.datetime) -> int:
    until = at - dt.timedelta(seconds=policy.wait_seconds)
    courses = Course.objects.filter(
        workspace=policy.workspace, resolved_at__gt=until - STILL_FRESH, resolved_at__lte=until, answers_count__gte=1
    )
    due = Conversation.objects.filter(
        ~Exists(Survey.objects.filter(conversation=OuterRef("pk"))),
        ~Exists(_lately(policy, at)),
        pk__in=courses.values("conversation_id"),
        state=State.RESOLVED,
    )
    if policy.channel_id:
        due = due.filter(channel=policy.channel_id)
    else:
        own = SurveyPolicy.objects.filter(workspace=policy.workspace, channel__isnull=False)
        due = due.exclude(channel__in=own.values("channel_id"))
    if not policy.asks_in_public:
        due = due.filter(is_private=True)
    found = list(due.select_related("workspace__organisation", "channel").order_by("state_at")[:AT_ONCE])
    return sum(ask(one, policy, at=at) is not None for one in found)


def _lately(policy: SurveyPolicy, at: dt.datetime) -> QuerySet[Survey]:
    since = at - dt.timedelta(days=policy.pause_days)
    return Survey.objects.filter(customer=OuterRef("customer"), asked_at__gt=since)
