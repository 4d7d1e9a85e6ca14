"""The campaign of a conversation: that of the first tracked link with one that was given in it, as our words or a click
show it."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Collection

from choir.conversions.models import Click, TrackedLink
from choir.inbox.models import Direction, Message
from choir.measurement.models import Course
from choir.people.models import Workspace

LINK = re.compile(r"/l/([A-Za-z0-9_-]{1,16})")


def campaigns_of(workspace: Workspace, conversation_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The campaigns of some conversations, by id; those of none are left out. One query where the workspace has no link
    with a campaign, else three."""
    links = TrackedLink.objects.filter(workspace=workspace).exclude(campaign="")
    known = dict(links.values_list("code", "campaign"))
    if not known:
        return {}
    given: list[tuple[dt.datetime, uuid.UUID, str]] = []
    said = Message.objects.filter(
        conversation_id__in=conversation_ids, direction=Direction.OUTBOUND, sent_at__isnull=False, text__contains="/l/"
    )
    for pk, at, text in said.values_list("conversation_id", "at", "text"):
        given += [(at, pk, known[code]) for code in LINK.findall(text) if code in known][:1]
    clicks = Click.objects.filter(conversation_id__in=conversation_ids).exclude(link__campaign="")
    for pk, at, campaign in clicks.values_list("conversation_id", "at", "link__campaign"):
        if pk is not None:
            given.append((at, pk, campaign))
    return {pk: campaign for _, pk, campaign in sorted(given, reverse=True)}


def clicked_since(workspace: Workspace, moment: dt.datetime) -> set[uuid.UUID]:
    """Conversations whose campaign only a click shows that has come since."""
    clicks = Click.objects.filter(workspace=workspace, at__gte=moment, conversation__isnull=False)
    ids = clicks.exclude(link__campaign="").values("conversation_id")
    unknown = Course.objects.filter(workspace=workspace, conversation_id__in=ids, campaign=None)
    return set(unknown.values_list("conversation_id", flat=True))
