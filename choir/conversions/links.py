"""Tracked links: made, given to one customer or to all, followed and counted."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from choir.channels.models import Channel
from choir.conversions.models import Click, TrackedLink
from choir.events.actions import record
from choir.inbox.models import Conversation
from choir.people.models import Person, Workspace
from choir.people.policy import Permission

CARRIES = "choir_click"  # the parameter by which a click goes along to the target
LOOKS_AHEAD = (
    "bot", "crawler", "spider", "preview", "facebookexternalhit", "whatsapp", "telegram", "slack", "discord",
    "mastodon", "pleroma", "misskey", "cardyb", "embedly", "curl", "wget", "python-", "httpx", "go-http-client",
    "headless", "monitor", "google-read-aloud",
)  # fmt: skip
"""What machines call themselves that fetch a link to draw a card of it; compared in small letters."""


class LinkRefusedError(Exception):
    """A link cannot be made like this; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who follows a link, as their browser tells it."""

    address: str
    agent: str
    is_ahead: bool = False  # fetched before anybody clicked
    is_ours: bool = False  # somebody who is signed in here

    @property
    def counts(self) -> bool:
        """Whether a person from outside is behind it, as far as it says itself."""
        agent = self.agent.lower()
        return bool(agent) and not (self.is_ours or self.is_ahead or any(one in agent for one in LOOKS_AHEAD))


@transaction.atomic
def make_link(
    workspace: Workspace, *, name: str, target: str, campaign: str = "", channel: Channel | None = None, by: Person,
    at: dt.datetime,
) -> TrackedLink:  # fmt: skip
    """A new tracked link. Refuses with NotAllowedError, or LinkRefusedError for what is no address of the web."""
    by.access.require(Permission.LINK_MAKE, workspace_id=workspace.pk)
    parts = urlsplit(target)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise LinkRefusedError("A link leads to an address that begins with https://. Write the whole address.")
    link = TrackedLink.objects.create(
        workspace=workspace, code=secrets.token_urlsafe(6), name=name, target=target, campaign=campaign,
        channel=channel, by=by, created_at=at,
    )  # fmt: skip
    record_link(link, "made", by, at)
    return link


@transaction.atomic
def retire_link(link: TrackedLink, *, by: Person, at: dt.datetime) -> None:
    """It leads on, and counts no more. Nothing happens the second time."""
    by.access.require(Permission.LINK_MAKE, workspace_id=link.workspace_id)
    if link.ended_at is None:
        link.ended_at = at
        link.save(update_fields=["ended_at"])
        record_link(link, "retired", by, at)


def record_link(link: TrackedLink, verb: str, by: Person, at: dt.datetime) -> None:
    """Somebody made or retired a link."""
    record(
        verb=f"link.{verb}", subject=link, organisation_id=link.workspace.organisation_id,
        workspace_id=link.workspace_id, at=at, by=by, facts={"name": link.name, "campaign": link.campaign},
    )  # fmt: skip


def address_of(link: TrackedLink, conversation: Conversation | None = None) -> str:
    """The whole address of a link. Given in a conversation, it says in which, signed, so that nobody can speak for
    somebody else, and short, as networks count the letters of an answer."""
    if conversation is None:
        return f"{settings.PUBLIC_URL}/l/{link.code}"
    return f"{settings.PUBLIC_URL}/l/{link.code}/{_short(conversation.pk.bytes + _seal(link, conversation.pk))}"


def conversation_in(signed: str, link: TrackedLink) -> Conversation | None:
    """The conversation in which the address of a link was given; None where nobody signed it, or it is gone."""
    try:
        told = base64.urlsafe_b64decode(signed + "=" * (-len(signed) % 4))
        pk = uuid.UUID(bytes=told[:16])
    except (binascii.Error, ValueError):
        return None
    if not constant_time_compare(told[16:], _seal(link, pk)):
        return None
    return Conversation.objects.filter(pk=pk, workspace=link.workspace_id).first()


def _seal(link: TrackedLink, pk: uuid.UUID) -> bytes:
    """64 bits are enough: whoever guessed one could claim a click for somebody else, by 2⁶³ tries on average."""
    return salted_hmac("choir.link", f"{link.code} {pk.hex}", algorithm="sha256").digest()[:8]


def _short(told: bytes) -> str:
    return base64.urlsafe_b64encode(told).decode().rstrip("=")


def follow(link: TrackedLink, asked: Asked, *, conversation: Conversation | None, at: dt.datetime) -> str:
    """Count who follows a link, once a visitor and day, and say where it leads. Machines lead on uncounted."""
    if link.ended_at is not None or not asked.counts:
        return target_of(link)
    click, _ = Click.objects.get_or_create(
        link=link,
        visitor=visitor_of(asked, at.date()),
        defaults={"workspace_id": link.workspace_id, "conversation": conversation, "at": at},
    )
    return target_of(link, click)


def visitor_of(asked: Asked, day: dt.date) -> str:
    """Who it is for one day: a keyed digest of address, browser and day, so that no address is kept and nobody is
    followed from day to day."""
    told = f"{day.isoformat()}\0{asked.address}\0{asked.agent}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), told, hashlib.sha256).hexdigest()[:32]


def target_of(link: TrackedLink, click: Click | None = None) -> str:
    """Where it leads, with what the target's own statistics read (utm_…), and the click, so that it can be named when
    something comes of it. What the target's address says already stays."""
    parts = urlsplit(link.target)
    known = parse_qsl(parts.query, keep_blank_values=True)
    more = {"utm_source": link.channel.network if link.channel else "choir", "utm_medium": "social"}
    if link.campaign:
        more["utm_campaign"] = link.campaign
    if click is not None:
        more[CARRIES] = str(click.pk)
    has = {name for name, _ in known}
    query = urlencode([*known, *((name, value) for name, value in more.items() if name not in has)])
    return urlunsplit(parts._replace(query=query))
