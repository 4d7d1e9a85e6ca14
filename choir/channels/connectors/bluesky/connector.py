"""The capabilities on Bluesky, on the atproto package.

Sending is exactly once by construction: an answer's record key is worked out beforehand (`records.record_key`), so a
second attempt looks where the first would have put it, and could only put it in the same place.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from choir.channels.connectors.bluesky import listening, mapping, records, stream
from choir.channels.connectors.bluesky.asking import MissingError, Server
from choir.channels.contract import (
    Account,
    Author,
    Figures,
    Item,
    Located,
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
    TemporaryError,
    Wanted,
)
from choir.channels.exchange import promised_shape

NAME = "Bluesky"
REASONS = {
    ReportReason.SPAM: "com.atproto.moderation.defs#reasonSpam",
    ReportReason.ABUSE: "com.atproto.moderation.defs#reasonRude",
    ReportReason.ILLEGAL: "com.atproto.moderation.defs#reasonViolation",
    ReportReason.MISLEADING: "com.atproto.moderation.defs#reasonMisleading",
    ReportReason.OTHER: "com.atproto.moderation.defs#reasonOther",
}


class Connector:
    """One account."""

    ability = SearchAbility(
        phrases=True, fields={"author": "from:{value}", "language": "lang:{value}"}, longest=500, is_streamed=True
    )

    def __init__(self, account: Account) -> None:
        self._account = account
        self._us = account.external_id

    def __repr__(self) -> str:
        return f"bluesky.Connector(@{self._account.handle})"

    def items(self, raw: Raw) -> Sequence[Item | Removal]:
        """What was said or taken back in one payload."""
        return mapping.items_of(raw, us=self._us)

    def fetch(self, cursor: str, *, limit: int) -> Page:
        """New mentions, replies, quotes and followers, and our own posts."""
        return listening.fetch(Server(self._account), self._us, cursor, limit=limit)

    def listen(self, cursor: str, *, wanted: Wanted) -> Iterator[Page]:
        """Everything said on the network that is to us, of us, or wanted; from the place the cursor names."""
        return stream.listen(Server(self._account), self, self._us, cursor, wanted=wanted)

    def search(self, question: str, cursor: str, *, limit: int, since: dt.datetime | None = None) -> Page:
        """Posts anywhere on the network."""
        return listening.search(Server(self._account), question, cursor, limit=limit, since=since)

    def look_again(self, raws: Sequence[Raw]) -> Sequence[Raw]:
        """Which of these posts are gone. Bluesky has no edits."""
        return listening.gone_among(Server(self._account), raws)

    def content_of(self, raw: Raw, place: int) -> Located:
        """Where a picture is of a post that the stream told of."""
        return listening.located(Server(self._account), raw, place)

    def length(self, text: str) -> int:
        """In graphemes."""
        return records.length(text)

    def reply(self, outgoing: Outgoing) -> Sent:
        """Answer under what it answers, in its thread."""
        records.refuse_long(outgoing.text)
        server = Server(self._account)
        at = _began(outgoing.attempted_at)
        record = records.post_record(
            server,
            outgoing.text,
            at=at,
            language=outgoing.language,
            media=outgoing.media,
            card=outgoing.card,
            reply=self._place(server, outgoing.in_reply_to),
        )
        return self._create(server, record, records.record_key(outgoing.key, attempted_at=at))[0]

    def find_sent(self, outgoing: Outgoing) -> Sent | None:
        """What is at the place where this answer goes."""
        key = records.record_key(outgoing.key, attempted_at=_began(outgoing.attempted_at))
        found = self._at(Server(self._account), key)
        return found[0] if found else None

    def publish(self, post: Post, *, already: Sequence[Sent] = ()) -> Sequence[Sent]:
        """Post, or post a thread: each part answers the one before, all of them under the first."""
        for part in post.parts:
            records.refuse_long(part.text)
        server, at = Server(self._account), _began(post.attempted_at)
        sent = list(already)
        marks = [self._mark(server, one.external_id) for one in (sent[:1] + sent[-1:] if sent else [])]
        for number, part in enumerate(post.parts[len(sent) :], start=len(sent)):
            record = records.post_record(
                server,
                part.text,
                at=at + dt.timedelta(milliseconds=number),
                language=post.language,
                media=part.media,
                card=part.card,
                reply={"root": marks[0], "parent": marks[-1]} if marks else None,
                warning=post.content_warning,
            )
            key = records.record_key(post.key, attempted_at=at, number=number)
            one, mark = self._create(server, record, key)
            sent.append(one)
            marks = [marks[0] if marks else mark, mark]
        return sent

    def find_published(self, post: Post) -> Sequence[Sent]:
        """The parts that are at their places, from the first on."""
        server, at = Server(self._account), _began(post.attempted_at)
        found: list[Sent] = []
        for number in range(len(post.parts)):
            one = self._at(server, records.record_key(post.key, attempted_at=at, number=number))
            if one is None:
                break
            found.append(one[0])
        return found

    def remove(self, external_id: str) -> None:
        """Delete a post of ours; one that is gone is fine."""
        said = {"repo": self._us, "collection": records.POSTS, "rkey": _key(external_id)}
        Server(self._account).post("com.atproto.repo.deleteRecord", said)

    def measure(self, external_ids: Sequence[str]) -> Mapping[str, Figures]:
        """Likes, reposts, replies and quotes."""
        with promised_shape(NAME):
            return {
                str(one["uri"]): Figures(
                    likes_count=one.get("likeCount"),
                    reposts_count=one.get("repostCount"),
                    replies_count=one.get("replyCount"),
                    quotes_count=one.get("quoteCount"),
                )
                for one in listening.posts(Server(self._account), external_ids)
            }

    def report(self, external_id: str, *, author: Author, reason: ReportReason, comment: str) -> None:
        """Tell the moderators."""
        server = Server(self._account)
        subject = {"$type": "com.atproto.repo.strongRef"} | self._mark(server, external_id)
        said = {"reasonType": REASONS[reason], "reason": comment[:2000], "subject": subject}
        server.post("com.atproto.moderation.createReport", said)

    def hide(self, external_id: str, *, is_hidden: bool = True) -> None:
        """Hide a reply in a thread that we began, for everybody (its thread gate's hidden replies)."""
        server = Server(self._account)
        found = listening.posts(server, [external_id])
        with promised_shape(NAME):
            reply = found[0]["record"].get("reply") if found else None
            root = str(reply["root"]["uri"]) if reply else ""
        if not root.startswith(f"at://{self._us}/"):
            raise RejectedError("Only replies in a thread that we began can be hidden. Report it, or leave it.")
        gates, key = "app.bsky.feed.threadgate", _key(root)
        try:
            gate = server.get("com.atproto.repo.getRecord", repo=self._us, collection=gates, rkey=key)["value"]
        except MissingError:
            gate = {"$type": gates, "post": root, "createdAt": dt.datetime.now(dt.UTC).isoformat()}
        hidden = [uri for uri in gate.get("hiddenReplies", []) if uri != external_id]
        gate["hiddenReplies"] = hidden + ([external_id] if is_hidden else [])
        said = {"repo": self._us, "collection": gates, "rkey": key, "record": gate}
        server.post("com.atproto.repo.putRecord", said)

    def sign_in(self) -> SignedIn:
        """Whose app password it is, and which server the account lives on."""
        session = Server(self._account).sign_in()
        with promised_shape(NAME):
            services = (session.get("didDoc") or {}).get("service") or []
            pds = next((one["serviceEndpoint"] for one in services if str(one["id"]).endswith("#atproto_pds")), "")
            return SignedIn(
                external_id=str(session["did"]),
                handle=str(session["handle"]),
                settings={"pds": str(pds)} if pds else {},
                secret={"access": str(session["accessJwt"]), "refresh": str(session["refreshJwt"])},
            )

    def _place(self, server: Server, uri: str) -> dict[str, Any]:
        """Parent and root of an answer, each with its version."""
        found = listening.posts(server, [uri])
        if not found:
            raise RejectedError("What this answers is no longer on Bluesky. Trying again will not help.")
        with promised_shape(NAME):
            parent = {"uri": str(found[0]["uri"]), "cid": str(found[0]["cid"])}
            above = found[0]["record"].get("reply")
            return {"root": above["root"] if above else parent, "parent": parent}

    def _create(self, server: Server, record: Mapping[str, Any], key: str) -> tuple[Sent, dict[str, str]]:
        """Put a record in its place. Servers refuse to put a second one there: what is there already is it, from an
        attempt that nobody heard the end of."""
        said = {"repo": self._us, "collection": records.POSTS, "rkey": key, "record": record}
        try:
            made = server.post("com.atproto.repo.createRecord", said)
        except RejectedError:
            found = self._at(server, key)
            if found is None:
                raise
            return found
        with promised_shape(NAME, may_have_happened=True):
            return self._sent(str(made["uri"]), str(record["createdAt"])), {"uri": made["uri"], "cid": made["cid"]}

    def _at(self, server: Server, key: str) -> tuple[Sent, dict[str, str]] | None:
        """What is at a place of ours; None when there is certainly nothing."""
        try:
            found = server.get("com.atproto.repo.getRecord", repo=self._us, collection=records.POSTS, rkey=key)
        except MissingError:
            return None
        except RejectedError as error:
            raise TemporaryError(
                f"Bluesky cannot tell whether it has this. {error.words}", may_have_happened=False
            ) from None
        with promised_shape(NAME):
            mark = {"uri": str(found["uri"]), "cid": str(found["cid"])}
            return self._sent(mark["uri"], str(found["value"]["createdAt"])), mark

    def _mark(self, server: Server, uri: str) -> dict[str, str]:
        """The address and version of a record; ours straight from our repository, which knows it at once."""
        if uri.startswith(f"at://{self._us}/"):
            found = self._at(server, _key(uri))
            if found is not None:
                return found[1]
        shown = listening.posts(server, [uri])
        if not shown:
            raise RejectedError("This is no longer on Bluesky. Trying again will not help.")
        with promised_shape(NAME):
            return {"uri": str(shown[0]["uri"]), "cid": str(shown[0]["cid"])}

    def _sent(self, uri: str, stated: str) -> Sent:
        return Sent(
            external_id=uri,
            sent_at=mapping.moment(stated, indexed=None),
            url=mapping.web_address(uri, self._account.handle),
        )


def _key(uri: str) -> str:
    return uri.rpartition("/")[2]


def _began(attempted_at: dt.datetime | None) -> dt.datetime:
    if attempted_at is None:
        raise RejectedError("This answer has no time of its first attempt, without which it has no place on Bluesky.")
    return attempted_at
