"""X's capabilities, over its API v2 as one of our accounts.

X has no idempotency keys: `find_sent` reads our own posts back from the time of the first attempt on. It does not tell
of deletions either: the posts handed over last are looked up again whenever nothing is new.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from choir.channels.connectors.x import mapping, signing_in
from choir.channels.connectors.x.pictures import handed_over
from choir.channels.connectors.x.refusals import explain, noting
from choir.channels.contract import (
    Account,
    Attachment,
    Author,
    Authorization,
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
)
from choir.channels.contract.account import Secret
from choir.channels.exchange import Exchange, promised_shape
from choir.channels.rotating import RotatingBearer
from choir.channels.sources import Change, Look, Source, Watch, in_turn, looked_again, newest_first

LONGEST_POST, LONGEST_DIRECT = 280, 10_000
CLOCK_SKEW = dt.timedelta(seconds=30)  # how far our clock may be ahead of X's when reading back
MOST_AT_ONCE = 100
DAYS_BACK = 7  # recent search
SHOWN = {
    "tweet.fields": "attachments,author_id,conversation_id,created_at,edit_history_tweet_ids,entities,"
    "in_reply_to_user_id,lang,note_tweet,referenced_tweets",
    "expansions": "author_id,attachments.media_keys",
    "user.fields": "name,public_metrics,username",
    "media.fields": "alt_text,preview_image_url,type,url",
}
SHOWN_DIRECT = {
    "event_types": "MessageCreate",
    "dm_event.fields": "attachments,created_at,dm_conversation_id,entities,id,sender_id,text",
    "expansions": "sender_id,attachments.media_keys",
    "user.fields": "name,public_metrics,username",
    "media.fields": "alt_text,preview_image_url,type,url",
}


class Connector:
    """One account of ours on X."""

    ability = SearchAbility(
        either=" OR ",
        without="-{value}",
        phrases=True,
        groups=True,
        fields={
            "author": "from:{value}",
            "language": "lang:{value}",
            "has:link": "has:links",
            "has:media": "has:media",
            "has:hashtag": "has:hashtags",
            "has:mention": "has:mentions",
            "is:reply": "is:reply",
        },
        longest=490,  # of the 512 that X takes, less what `search` adds
        days_back=DAYS_BACK,
        remark="X takes searches from paid plans alone, and reposts are left out.",
    )

    def __init__(self, account: Account) -> None:
        self._account = account
        self._us = account.external_id
        self._auth = signing_in.auth_of(account)

    def __repr__(self) -> str:
        return f"x.Connector(@{self._account.handle})"

    def sign_in(self) -> SignedIn:
        """Whose account the keys, or the consent, open."""
        signing_in.require_keys(self._account)
        answer = self._exchange().get("/2/users/me")
        brought = self._auth.secret if isinstance(self._auth, RotatingBearer) else {}
        with promised_shape("X"):
            us = answer["data"]
            return SignedIn(str(us["id"]), str(us["username"]), name=str(us.get("name", "")), secret=brought)

    def authorize(self, *, redirect_to: str, state: str) -> Authorization:
        """X's page on which our account allows the app in."""
        return signing_in.authorize(self._account, redirect_to=redirect_to, state=state)

    def redeem(self, code: str, *, redirect_to: str, kept: Secret) -> SignedIn:
        """Our account is back."""
        secret = signing_in.redeem(self._account, code, redirect_to=redirect_to, kept=kept)
        return Connector(replace(self._account, secret=dict(self._account.secret) | dict(secret))).sign_in()

    def items(self, raw: Raw) -> Sequence[Item | Removal]:
        """What was said in one post or message."""
        return mapping.items_of(raw, us=self._us)

    def content_of(self, raw: Raw, place: int) -> Located:
        """Where a picture of a direct message is, signed."""
        return signing_in.located(self._account, mapping.address_of_direct(raw, place))

    def fetch(self, cursor: str, *, limit: int) -> Page:
        """Mentions and replies to us, our own answers (perhaps written with another tool), direct messages; then what
        was deleted."""
        users = f"/2/users/{self._us}"
        sources = (
            Source("mentions", partial(self._posts, f"{users}/mentions", {})),
            Source("ours", partial(self._posts, f"{users}/tweets", {"exclude": "retweets"})),
            Source("direct", self._direct),
        )
        return in_turn(sources, cursor, limit=limit, watch=Watch(mapping.noted, self._look_again))

    def search(self, question: str, cursor: str, *, limit: int, since: dt.datetime | None = None) -> Page:
        """Recent search: the last seven days. Reposts are left out: they say nothing of their own."""
        asked = {"query": f"({question}) -is:retweet"}
        return self._posts("/2/tweets/search/recent", asked, cursor, max(limit, 10), since=since)

    def look_again(self, raws: Sequence[Raw]) -> Sequence[Raw]:
        """Which of these posts are gone."""
        return looked_again(raws, Watch(mapping.noted, self._look_again), at_once=MOST_AT_ONCE)

    def reply(self, outgoing: Outgoing) -> Sent:
        """Answer a post under it, or a direct message to who sent it. What is too long is refused before."""
        self._refuse_length(outgoing.text, is_private=outgoing.is_private)
        if not outgoing.is_private:
            return self._post(outgoing.text, outgoing.media, under=outgoing.in_reply_to)
        path = f"/2/dm_conversations/with/{_recipient(outgoing)}/messages"
        media = handed_over(self._exchange(), outgoing.media, is_private=True)
        attached = {"attachments": [{"media_id": one} for one in media]} if media else {}
        answer = self._exchange().post(path, {"text": outgoing.text} | attached)
        with promised_shape("X", may_have_happened=True):
            return self._sent_direct(str(answer["data"]["dm_event_id"]))

    def find_sent(self, outgoing: Outgoing) -> Sent | None:
        """Our answer in these words to this post, not older than the first attempt."""
        since = outgoing.attempted_at - CLOCK_SKEW if outgoing.attempted_at else None
        words = mapping.same_words(outgoing.text)
        if outgoing.is_private:
            return self._find_direct(_recipient(outgoing), words, since)
        for post in self._ours_since(since):
            with promised_shape("X"):
                replied = [one["id"] for one in post.get("referenced_tweets") or () if one["type"] == "replied_to"]
                if outgoing.in_reply_to in replied and mapping.same_words(mapping.plain(post)) == words:
                    return self._sent(str(post["id"]))
        return None

    def publish(self, post: Post, *, already: Sequence[Sent] = ()) -> Sequence[Sent]:
        """A post, or a thread of several, each answering the one before."""
        for part in post.parts:
            self._refuse_length(part.text, is_private=False)
        sent = list(already)
        for part in post.parts[len(sent) :]:
            sent.append(self._post(part.text, part.media, under=sent[-1].external_id if sent else ""))
        return sent

    def find_published(self, post: Post) -> Sequence[Sent]:
        """The parts that are out: the first in its words since the first attempt, and each that answers it."""
        since = post.attempted_at - CLOCK_SKEW if post.attempted_at else None
        ours = self._ours_since(since)
        found: list[Sent] = []
        for part in post.parts:
            under = found[-1].external_id if found else ""
            words = mapping.same_words(part.text)
            for one in ours:
                replied = [ref["id"] for ref in one.get("referenced_tweets") or () if ref["type"] == "replied_to"]
                if mapping.same_words(mapping.plain(one)) == words and (replied or [""])[0] == under:
                    found.append(self._sent(str(one["id"])))
                    break
            else:
                break
        return found

    def remove(self, external_id: str) -> None:
        """Delete a post of ours; one that is gone already is fine."""
        self._exchange().delete(f"/2/tweets/{external_id}")

    def measure(self, external_ids: Sequence[str]) -> Mapping[str, Figures]:
        """Likes, reposts, replies, quotes and views."""
        found: dict[str, Figures] = {}
        for start in range(0, len(external_ids), MOST_AT_ONCE):
            ids = ",".join(external_ids[start : start + MOST_AT_ONCE])
            answer = self._exchange().get("/2/tweets", **{"ids": ids, "tweet.fields": "public_metrics"})
            with promised_shape("X"):
                found |= {one["id"]: mapping.figures(one["public_metrics"]) for one in answer.get("data") or ()}
        return found

    def report(self, external_id: str, *, author: Author, reason: ReportReason, comment: str) -> None:
        """X takes no reports through its interface."""
        raise RejectedError(
            f"X takes no reports from other programs. Open https://x.com/i/status/{external_id} and report it there."
        )

    def hide(self, external_id: str, *, is_hidden: bool = True) -> None:
        """Hide a reply under a post of ours, or show it again."""
        self._exchange().put(f"/2/tweets/{external_id}/hidden", {"hidden": is_hidden})

    def length(self, text: str) -> int:
        """As X counts: links as 23, emoji and East Asian characters twice."""
        return mapping.length(text)

    def _posts(
        self, path: str, asked: Mapping[str, str], place: str, limit: int, *, since: dt.datetime | None = None
    ) -> Page:
        is_search = "query" in asked
        oldest = dt.datetime.now(dt.UTC) - dt.timedelta(days=DAYS_BACK) + CLOCK_SKEW  # of a search; X refuses older ids

        def look(token: str, floor: dt.datetime | None) -> Look:
            query: dict[str, Any] = SHOWN | dict(asked) | {"max_results": min(max(limit, 5), MOST_AT_ONCE)}
            if token:
                query["next_token" if is_search else "pagination_token"] = token
            if floor is not None and (not is_search or floor > oldest):
                query["since_id"] = mapping.id_at(floor)
            answer = self._exchange().get(path, **query)
            with promised_shape("X"):
                return Look(mapping.raws_of(answer), answer["meta"].get("next_token", ""))

        return newest_first(place, look, since=since)

    def _direct(self, place: str, limit: int) -> Page:
        def look(token: str, _: dt.datetime | None) -> Look:
            query: dict[str, Any] = SHOWN_DIRECT | {"max_results": min(max(limit, 1), MOST_AT_ONCE)}
            answer = self._exchange().get("/2/dm_events", **(query | ({"pagination_token": token} if token else {})))
            with promised_shape("X"):
                return Look(mapping.direct_raws(answer), answer["meta"].get("next_token", ""))

        return newest_first(place, look)

    def _look_again(self, known: Mapping[str, str]) -> Sequence[Change]:
        """Which of these posts are gone. An edit comes by itself, as a post with a history."""
        answer = self._exchange().get("/2/tweets", ids=",".join(known))
        with promised_shape("X"):
            gone = [
                str(error["resource_id"])
                for error in answer.get("errors") or ()
                if error.get("type", "").endswith("/resource-not-found")
            ]
        return [Change(one, None, mapping.gone_raw(one)) for one in gone if one in known]

    def _ours_since(self, since: dt.datetime | None) -> Sequence[Mapping[str, Any]]:
        query: dict[str, Any] = SHOWN | {"max_results": MOST_AT_ONCE}
        if since is not None:
            query["since_id"] = mapping.id_at(since)
        answer = self._exchange().get(f"/2/users/{self._us}/tweets", **query)
        with promised_shape("X"):
            return [dict(one) for one in answer.get("data") or ()]

    def _find_direct(self, recipient: str, words: str, since: dt.datetime | None) -> Sent | None:
        query = SHOWN_DIRECT | {"max_results": MOST_AT_ONCE}
        answer = self._exchange().get(f"/2/dm_conversations/with/{recipient}/dm_events", **query)
        with promised_shape("X"):
            for event in answer.get("data") or ():
                at = mapping.moment(event["created_at"])
                is_it = event["sender_id"] == self._us and mapping.same_words(mapping.plain(event)) == words
                if is_it and (since is None or at >= since):
                    return self._sent_direct(str(event["id"]))
        return None

    def _post(self, text: str, pictures: Sequence[Attachment], *, under: str) -> Sent:
        media = handed_over(self._exchange(), pictures, is_private=False)
        attached = {"media": {"media_ids": media}} if media else {}
        replies = {"reply": {"in_reply_to_tweet_id": under}} if under else {}
        answer = self._exchange().post("/2/tweets", {"text": text} | replies | attached)
        with promised_shape("X", may_have_happened=True):
            return self._sent(str(answer["data"]["id"]))

    def _sent(self, post_id: str) -> Sent:
        handle = self._account.handle or "i"
        return Sent(post_id, mapping.posted_at(post_id), url=f"https://x.com/{handle}/status/{post_id}")

    def _sent_direct(self, event_id: str) -> Sent:
        return Sent(event_id, mapping.posted_at(event_id))

    def _refuse_length(self, text: str, *, is_private: bool) -> None:
        longest = LONGEST_DIRECT if is_private else LONGEST_POST
        counted = len(text) if is_private else mapping.length(text)
        if counted > longest:
            raise RejectedError(f"X counts {counted} characters; it takes {longest}. Shorten it.")

    def _exchange(self) -> Exchange:
        return Exchange(
            network="X",
            address=signing_in.address_of(self._account),
            timeout_seconds=float(self._account.settings.get("timeout_seconds", 10)),
            auth=self._auth,
            explain=explain,
            observe=noting(self._account.note),
        )


def _recipient(outgoing: Outgoing) -> str:
    if outgoing.recipient is None or not outgoing.recipient.external_id:
        raise RejectedError("It is not known to whom this direct message goes. Answer it on X.")
    return outgoing.recipient.external_id
