"""The capabilities on a server of the Mastodon API, on Mastodon.py.

Sending is exactly once twice over: the `Idempotency-Key` makes a repeated post the same post (for an hour on
Mastodon), and what was sent is read back from our own account.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from mastodon import Mastodon

from choir.channels.connectors.mastodon import listening, mapping, text
from choir.channels.connectors.mastodon.server import Server, refusals
from choir.channels.contract import (
    Account,
    Attachment,
    Author,
    Authorization,
    Card,
    Figures,
    Item,
    Outgoing,
    Page,
    Part,
    Post,
    Raw,
    RejectedError,
    Removal,
    ReportReason,
    SearchAbility,
    Sent,
    SignedIn,
    Wanted,
)
from choir.channels.contract.account import Secret
from choir.channels.exchange import promised_shape

SCOPES = ["read", "write:statuses", "write:media", "write:reports"]
CLOCK_SKEW = dt.timedelta(seconds=90)  # how far the server's clock may be behind ours when reading back
PAGES_READ_BACK = 5
USUAL_CHARACTERS = 500
NAME = "the Mastodon server"
CATEGORIES = {ReportReason.SPAM: "spam", ReportReason.ILLEGAL: "legal"}


class Connector:
    """One account on one server."""

    ability = SearchAbility(
        phrases=True, without="-{value}", fields={"author": "from:{value}", "language": "language:{value}"}
    )

    def __init__(self, account: Account) -> None:
        self._account = account
        self._number = str(account.settings.get("account_id") or "")

    def __repr__(self) -> str:
        return f"mastodon.Connector(@{self._account.handle})"

    def items(self, raw: Raw) -> Sequence[Item | Removal]:
        """What was said or taken back in one payload."""
        return mapping.items_of(raw, us=self._account.external_id)

    def fetch(self, cursor: str, *, limit: int) -> Page:
        """New notifications and own posts, oldest first; and what became of the latest posts to us."""
        return listening.fetch(self._server(), self._number, cursor, limit=limit)

    def listen(self, cursor: str, *, wanted: Wanted) -> Iterator[Page]:
        """What the server tells as it happens. It remembers nothing: fetching finds what was missed."""
        return listening.stream(self._server(), self, self._account.external_id, wanted=wanted)

    def search(self, question: str, cursor: str, *, limit: int) -> Page:
        """Posts with a hashtag, or with the words where the server has full-text search."""
        return listening.search(self._server(), question, cursor, limit=limit)

    def length(self, said: str) -> int:
        """As Mastodon counts."""
        return text.length(said)

    def reply(self, outgoing: Outgoing) -> Sent:
        """Answer, to those who could see what it answers and no others, under its content warning."""
        said = Part(self._answer(outgoing), outgoing.media, outgoing.card)
        visibility = "direct" if outgoing.is_private else mapping.SENT_AS[outgoing.visibility]
        return self._post(
            said,
            key=outgoing.key,
            in_reply_to=outgoing.in_reply_to,
            visibility=visibility,
            warning=outgoing.content_warning,
            language=outgoing.language,
        )

    def find_sent(self, outgoing: Outgoing) -> Sent | None:
        """Our post with these words under what it answers, not older than the first attempt."""
        words = text.addressed(outgoing.text, "").split()
        for status in self._sent_since(outgoing.attempted_at):
            with promised_shape(NAME):
                parent = str(status.get("in_reply_to_id") or outgoing.in_reply_to)
                if parent == outgoing.in_reply_to and self._same(status, outgoing.text, outgoing.card, words):
                    return _sent(status)
        return None

    def publish(self, post: Post, *, already: Sequence[Sent] = ()) -> Sequence[Sent]:
        """Post, or post a thread: each part answers the one before."""
        for part in post.parts:
            self._refuse_long(part.text)
        sent = list(already)
        for number, part in enumerate(post.parts[len(sent) :], start=len(sent)):
            sent.append(
                self._post(
                    part,
                    key=f"{post.key}:{number}",
                    in_reply_to=sent[-1].external_id if sent else "",
                    visibility=mapping.SENT_AS[post.visibility],
                    warning=post.content_warning,
                    language=post.language,
                )
            )
        return sent

    def find_published(self, post: Post) -> Sequence[Sent]:
        """The first parts that are on our account since the first attempt, each under the one before."""
        statuses = list(self._sent_since(post.attempted_at))[::-1]
        found: list[Sent] = []
        for part in post.parts:
            above = found[-1].external_id if found else ""
            with promised_shape(NAME):
                one = next(
                    (
                        status
                        for status in statuses
                        if str(status.get("in_reply_to_id") or "") == above
                        and self._same(status, part.text, part.card, part.text.split())
                    ),
                    None,
                )
                if one is None:
                    break
                found.append(_sent(one))
        return found

    def remove(self, external_id: str) -> None:
        """Delete a post of ours; one that is gone is fine."""
        server = self._server()
        try:
            server.asked(server.client.status_delete, external_id, writes=True)
        except RejectedError:
            if server.answers.last is None or server.answers.last.status_code != 404:
                raise

    def measure(self, external_ids: Sequence[str]) -> Mapping[str, Figures]:
        """Likes, reposts, replies and quotes."""
        server = self._server()
        figures: dict[str, Figures] = {}
        for status in listening.statuses(server, list(external_ids)):
            with promised_shape(NAME):
                figures[str(status["id"])] = Figures(
                    likes_count=status.get("favourites_count"),
                    reposts_count=status.get("reblogs_count"),
                    replies_count=status.get("replies_count"),
                    quotes_count=status.get("quotes_count"),
                )
        return figures

    def report(self, external_id: str, *, author: Author, reason: ReportReason, comment: str) -> None:
        """Tell the moderators of our server."""
        server = self._server()
        with promised_shape(NAME):
            account_id = str(server.asked(server.client.status, external_id)["account"]["id"])
        category = CATEGORIES.get(reason, "other")
        server.asked(server.client.report, account_id, [external_id], comment=comment, category=category, writes=True)

    def hide(self, external_id: str, *, is_hidden: bool = True) -> None:
        """Not possible: on Mastodon nobody can hide what others say under their posts."""
        raise RejectedError("Mastodon lets nobody hide what others say. Report it to the moderators, or leave it.")

    def sign_in(self) -> SignedIn:
        """Whose token it is, and what its server takes."""
        if not self._account.secret.get("access_token"):
            raise RejectedError("There is no access token. Sign in on the server, or paste a token.")
        server = self._server()
        me = server.asked(server.client.account_verify_credentials)
        with promised_shape(NAME):
            return SignedIn(
                external_id=mapping.author_of(me).external_id,
                handle=str(me["acct"]),
                name=str(me.get("display_name") or ""),
                settings={"account_id": str(me["id"]), "limits": _limits(server)},
            )

    def authorize(self, *, redirect_to: str, state: str) -> Authorization:
        """Register Choir with the server, and send the person there."""
        server = self._server()
        with refusals(server.answers, writes=False):
            client_id, client_secret = Mastodon.create_app(
                "Choir",
                scopes=SCOPES,
                redirect_uris=redirect_to,
                api_base_url=server.address,
                session=server.answers,
            )
            server.client.client_id, server.client.client_secret = client_id, client_secret
            url = server.client.auth_request_url(
                redirect_uris=redirect_to,
                scopes=SCOPES,
                state=state,
                skip_server_info=True,
                allow_http=_is_loopback(server.address),
            )
        return Authorization(url=url, kept={"client_id": client_id, "client_secret": client_secret})

    def redeem(self, code: str, *, redirect_to: str, kept: Secret) -> SignedIn:
        """Exchange what the person brought back for a token, and see whose it is."""
        server = self._server()
        server.client.client_id, server.client.client_secret = kept["client_id"], kept["client_secret"]
        with refusals(server.answers, writes=False):
            token = server.client.log_in(
                code=code, redirect_uri=redirect_to, scopes=SCOPES, allow_http=_is_loopback(server.address)
            )
        secret = dict(kept) | {"access_token": token}
        found = Connector(Account("", "", self._account.settings, secret, note=self._account.note)).sign_in()
        return SignedIn(found.external_id, found.handle, found.name, found.settings, secret)

    def _server(self) -> Server:
        return Server(self._account)

    def _answer(self, outgoing: Outgoing) -> str:
        said = text.addressed(outgoing.text, outgoing.recipient.handle if outgoing.recipient else "")
        self._refuse_long(outgoing.text)
        return said

    def _refuse_long(self, said: str) -> None:
        stated = self._account.settings.get("limits", {})
        most = int(stated.get("reply_characters", USUAL_CHARACTERS))
        count = text.length(said)
        if count > most:
            raise RejectedError(f"The text has {count} characters; this server takes {most}.")

    def _post(self, part: Part, *, key: str, in_reply_to: str, visibility: str, warning: str, language: str) -> Sent:
        server = self._server()
        media = [self._upload(server, one) for one in part.media]
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

    def _upload(self, server: Server, media: Attachment) -> str:
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

    def _sent_since(self, attempted_at: dt.datetime | None) -> Iterator[Mapping[str, Any]]:
        """Our posts since the first attempt, newest first."""
        server = self._server()
        before: str | None = None
        for _ in range(PAGES_READ_BACK):
            statuses = server.asked(
                server.client.account_statuses, self._number, exclude_reblogs=True, max_id=before, limit=40
            )
            with promised_shape(NAME):
                for status in statuses:
                    if attempted_at is not None and mapping.moment(status["created_at"]) < attempted_at - CLOCK_SKEW:
                        return
                    yield status
                if len(statuses) < 40:
                    return
                before = str(statuses[-1]["id"])

    @staticmethod
    def _same(status: Mapping[str, Any], said: str, card: Card | None, words: list[str]) -> bool:
        expected = _with_card(said, card).split() if card else words
        while expected and expected[0].startswith("@"):
            expected = expected[1:]
        return mapping.words_of(str(status["content"])) == expected


def _is_loopback(address: str) -> bool:
    """A server on this machine: the only one that people are sent to without encryption."""
    return urlsplit(address).hostname in ("127.0.0.1", "::1", "localhost")


def _sent(status: Mapping[str, Any]) -> Sent:
    return Sent(
        external_id=str(status["id"]),
        sent_at=mapping.moment(status["created_at"]),
        url=str(status.get("url") or status.get("uri") or ""),
    )


def _with_card(said: str, card: Card | None) -> str:
    """Mastodon makes a card of the last link by itself."""
    return said if card is None or card.url in said else f"{said}\n\n{card.url}"


def _limits(server: Server) -> dict[str, int]:
    """What the server states it takes, in either version of the call, or Mastodon's own figures."""
    try:
        instance = server.asked(server.client.instance_v2)
    except RejectedError:
        instance = server.asked(server.client.instance_v1)
    with promised_shape(NAME):
        stated = instance.get("configuration") or {}
        statuses, media = stated.get("statuses") or {}, stated.get("media_attachments") or {}
        most = int(statuses.get("max_characters") or instance.get("max_toot_chars") or USUAL_CHARACTERS)
        return {
            "reply_characters": most,
            "direct_characters": most,
            "attachments_count": int(statuses.get("max_media_attachments") or 4),
            "alt_text_characters": int(media.get("description_limit") or 1500),
        }
