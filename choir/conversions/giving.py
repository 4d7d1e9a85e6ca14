"""Giving tracked links in an answer: one of those that everybody may give, or the addresses that the text has already.

What is given is words of the draft, and leaves with it through the one gate, or does not.
"""

from __future__ import annotations

import datetime as dt
import secrets
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from choir.conversions.links import address_of, record_link
from choir.conversions.models import TrackedLink
from choir.inbox.models import Conversation
from choir.outbound.checks import LINK
from choir.people.models import Person
from choir.people.policy import Permission
from choir.prepared import Slot, prepared

OFFERED = 20
LONGEST = 2_000  # characters of a target, as it is kept
AROUND = ".,;:!?)]}’”»"  # behind an address these end the sentence, not the address


@prepared
def offered(workspace: Slot) -> QuerySet[TrackedLink]:
    """The newest links that everybody who answers may give."""
    found = TrackedLink.objects.filter(workspace=workspace, is_offered=True, ended_at=None)
    return found.order_by("-created_at")[:OFFERED]


@transaction.atomic
def tracked(text: str, *, conversation: Conversation, by: Person, at: dt.datetime) -> str:
    """The text with each address of the web as a tracked link to the same place, given in this conversation. What is
    tracked already stays; the same target has one link. Refuses whoever may not answer here."""
    conversation.require(by, Permission.CONVERSATION_ANSWER)
    pieces, end = [], 0
    for found in LINK.finditer(text):
        target = found.group().rstrip(AROUND)
        if target.startswith(f"{settings.PUBLIC_URL}/l/") or not _leads_somewhere(target):
            continue
        link = _leading_to(target, conversation=conversation, by=by, at=at)
        pieces += [text[end : found.start()], address_of(link, conversation)]
        end = found.start() + len(target)
    return "".join([*pieces, text[end:]])


def _leads_somewhere(target: str) -> bool:
    try:
        return bool(urlsplit(target).hostname) and len(target) <= LONGEST
    except ValueError:
        return False


def _leading_to(target: str, *, conversation: Conversation, by: Person, at: dt.datetime) -> TrackedLink:
    known = TrackedLink.objects.filter(workspace=conversation.workspace_id, target=target, ended_at=None)
    link = known.order_by("created_at").first()
    if link is None:
        parts = urlsplit(target)
        link = TrackedLink.objects.create(
            workspace_id=conversation.workspace_id, code=secrets.token_urlsafe(6), target=target, is_offered=False,
            name=f"{parts.hostname}{parts.path}".rstrip("/")[:120], by=by, created_at=at,
        )  # fmt: skip
        record_link(link, "made", by, at)
    return link
