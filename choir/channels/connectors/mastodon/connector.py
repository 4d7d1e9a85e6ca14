"""The capabilities on a server of the Mastodon API, on Mastodon.py: what each is, and in which file it is done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from choir.channels.connectors.mastodon import listening, mapping, searching, signing_in, streaming, text, writing
from choir.channels.connectors.mastodon.server import Server
from choir.channels.contract import (
    Account,
    Author,
    Authorization,
    Figures,
    Item,
    Outgoing,
    Page,
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

NAME = "the Mastodon server"
CATEGORIES = {ReportReason.SPAM: "spam", ReportReason.ILLEGAL: "legal"}


class Connector:
    """One account on one server."""

    ability = SearchAbility(
        phrases=True,
        without="-{value}",
        fields={"author": "from:{value}", "language": "language:{value}"},
        also_hashtags=True,
        is_of_one_server=True,
        remark="Words are found where the server has full-text search, and only of people who allow it; hashtags as "
        "far back as the server keeps them. What other servers never sent to this one is not on it.",
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
        return streaming.stream(self._server(), self, self._account.external_id, wanted=wanted)

    def search(self, question: str, cursor: str, *, limit: int, since: dt.datetime | None = None) -> Page:
        """Posts with a hashtag, or with the words where the server has full-text search."""
        return searching.search(self._server(), question, cursor, limit=limit, since=since)

    def look_again(self, raws: Sequence[Raw]) -> Sequence[Raw]:
        """Which of these posts were edited or are gone."""
        return listening.changed_among(self._server(), raws)

    def length(self, said: str) -> int:
        """As Mastodon counts."""
        return text.length(said)

    def reply(self, outgoing: Outgoing) -> Sent:
        """Answer, to those who could see what it answers and no others, under its content warning."""
        return writing.reply(self._server(), outgoing)

    def find_sent(self, outgoing: Outgoing) -> Sent | None:
        """Our post with these words under what it answers, not older than the first attempt."""
        return writing.find_sent(self._server(), self._number, outgoing)

    def publish(self, post: Post, *, already: Sequence[Sent] = ()) -> Sequence[Sent]:
        """Post, or post a thread: each part answers the one before."""
        return writing.publish(self._server(), post, already=already)

    def find_published(self, post: Post) -> Sequence[Sent]:
        """The first parts that are on our account since the first attempt, each under the one before."""
        return writing.find_published(self._server(), self._number, post)

    def remove(self, external_id: str) -> None:
        """Delete a post of ours; one that is gone is fine."""
        writing.remove(self._server(), external_id)

    def measure(self, external_ids: Sequence[str]) -> Mapping[str, Figures]:
        """Likes, reposts, replies and quotes."""
        figures: dict[str, Figures] = {}
        for status in listening.statuses(self._server(), list(external_ids)):
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
        return signing_in.signed_in(self._server())

    def authorize(self, *, redirect_to: str, state: str) -> Authorization:
        """Register Choir with the server, and send the person there."""
        return signing_in.authorize(self._server(), redirect_to=redirect_to, state=state)

    def redeem(self, code: str, *, redirect_to: str, kept: Secret) -> SignedIn:
        """Exchange what the person brought back for a token, and see whose it is."""
        return signing_in.redeem(self._account, code, redirect_to=redirect_to, kept=kept)

    def _server(self) -> Server:
        return Server(self._account)
