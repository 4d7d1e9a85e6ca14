"""Writing on a server of the Mastodon API, and reading back what was written.

Sending is exactly once twice over: the `Idempotency-Key` makes a repeated post the same post (for an hour on
Mastodon), and what was sent is read back from our own account.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any

from choir.channels.connectors.mastodon import mapping, text
from choir.channels.connectors.mastodon.server import Server
from choir.channels.contract import Attachment, Card, Outgoing, Part, Post, RejectedError, Sent
from choir.channels.exchange import promised_shape

CLOCK_SKEW = dt.timedelta(seconds=90)  # how far the server's clock may be behind ours when reading back
PAGES_READ_BACK = 5
USUAL_CHARACTERS = 500
NAME = "the Mastodon server"


def reply(server: Server, outgoing: Outgoing) -> Sent:
    """Answer, to those who could see what it answers and no others, under its content warning."""
    said = text.addressed(outgoing.text, outgoing.recipient.handle if outgoing.recipient else "")
    _refuse_long(server, outgoing.text)
    return _post(
        server,
        Part(said, outgoing.media, outgoing.card),
        key=outgoing.key,
        in_reply_to=outgoing.in_reply_to,
        visibility="direct" if outgoing.is_private else mapping.SENT_AS[outgoing.visibility],
        warning=outgoing.content_warning,
        language=outgoing.language,
    )


def find_sent(server: Server, us: str, outgoing: Outgoing) -> Sent | None:
    """Our post with these words under what it answers, not older than the first attempt."""
    words = text.addressed(outgoing.text, "").split()
    for status in _sent_since(server, us, outgoing.attempted_at):
        with promised_shape(NAME):
            parent = str(status.get("in_reply_to_id") or outgoing.in_reply_to)
            if parent == outgoing.in_reply_to and _is_same(status, outgoing.text, outgoing.card, words):
                return _sent(status)
    return None


def publish(server: Server, post: Post, *, already: Sequence[Sent]) -> Sequence[Sent]:
    """Post, or post a thread: each part answers the one before."""
    for part in post.parts:
        _refuse_long(server, part.text)
    sent = list(already)
    for number, part in enumerate(post.parts[len(sent) :], start=len(sent)):
        sent.append(
            _post(
                server,
                part,
                key=f"{post.key}:{number}",
                in_reply_to=sent[-1].external_id if sent else "",
                visibility=mapping.SENT_AS[post.visibility],
                warning=post.content_warning,
                language=post.language,
            )
        )
    return sent


def find_published(server: Server, us: str, post: Post) -> Sequence[Sent]:
    """The first parts that are on our account since the first attempt, each under the one before."""
    statuses = list(_sent_since(server, us, post.attempted_at))[::-1]
    found: list[Sent] = []
    for part in post.parts:
        above = found[-1].external_id if found else ""
        with promised_shape(NAME):
            one = next(
                (
                    status
                    for status in statuses
                    if str(status.get("in_reply_to_id") or "") == above
                    and _is_same(status, part.text, part.card, part.text.split())
                ),
                None,
            )
            if one is None:
                break
            found.append(_sent(one))
    return found


def remove(server: Server, external_id: str) -> None:
    """Delete a post of ours; one that is gone is fine."""
    try:
        server.asked(server.client.status_delete, external_id, writes=True)
    except RejectedError:
        if server.answers.last is None or server.answers.last.status_code != 404:
            raise


def _refuse_long(server: Server, said: str) -> None:
    stated = server.account.settings.get("limits", {})
    most = int(stated.get("reply_characters", USUAL_CHARACTERS))
    count = text.length(said)
    if count > most:
        raise RejectedError(f"The text has {count} characters; this server takes {most}.")


def _post(
    server: Server, part: Part, *, key: str, in_reply_to: str, visibility: str, warning: str, language: str
) -> Sent:
    media = [_upload(server, one) for one in part.media]
    status = server.asked(
        server.client.status_post,
        _with_card(part.text, part.card),
        in_reply_to_id=in_reply_to or None,
        media_ids=media or None,
        sensitive=bool(warning),
        visibility=visibility,
        spoiler_text=warning or None,
        language=language or None,
        idempotency_key=key,
        writes=True,
    )
    with promised_shape(NAME, may_have_happened=True):
        return _sent(status)


def _upload(server: Server, media: Attachment) -> str:
    uploaded = server.asked(
        server.client.media_post,
        BytesIO(media.content),
        mime_type=media.media_type,
        description=media.alt_text or None,
        file_name=media.name,
        synchronous=True,
    )
    with promised_shape(NAME):
        return str(uploaded["id"])


def _sent_since(server: Server, us: str, attempted_at: dt.datetime | None) -> Iterator[Mapping[str, Any]]:
    """Our posts since the first attempt, newest first."""
    before: str | None = None
    for _ in range(PAGES_READ_BACK):
        statuses = server.asked(server.client.account_statuses, us, exclude_reblogs=True, max_id=before, limit=40)
        with promised_shape(NAME):
            for status in statuses:
                if attempted_at is not None and mapping.moment(status["created_at"]) < attempted_at - CLOCK_SKEW:
                    return
                yield status
            if len(statuses) < 40:
                return
            before = str(statuses[-1]["id"])


def _is_same(status: Mapping[str, Any], said: str, card: Card | None, words: list[str]) -> bool:
    expected = _with_card(said, card).split() if card else words
    while expected and expected[0].startswith("@"):
        expected = expected[1:]
    return mapping.words_of(str(status["content"])) == expected


def _sent(status: Mapping[str, Any]) -> Sent:
    return Sent(
        external_id=str(status["id"]),
        sent_at=mapping.moment(status["created_at"]),
        url=str(status.get("url") or status.get("uri") or ""),
    )


def _with_card(said: str, card: Card | None) -> str:
    """Mastodon makes a card of the last link by itself."""
    return said if card is None or card.url in said else f"{said}\n\n{card.url}"
