"""One Reddit account's capabilities, over Reddit's OAuth API.

Reddit has no idempotency keys: `find_sent` reads our own comments, or the modmail conversation. It does not tell of
edits and deletions: the latest hundred things are looked up again whenever nothing is new.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from choir.channels.connectors.reddit import mapping
from choir.channels.connectors.reddit.refusals import explain, noting, refuse
from choir.channels.contract import (
    Account,
    Author,
    Authorization,
    Figures,
    Item,
    Outgoing,
    Page,
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
from choir.channels.signing import RefreshedBearer, consent_address, redeemed
from choir.channels.sources import Change, Look, Source, Watch, in_turn, looked_again, newest_first

ADDRESS, SIGN_IN_ADDRESS = "https://oauth.reddit.com", "https://www.reddit.com"
SCOPES = "edit identity history modmail modposts privatemessages read report submit"
USER_AGENT = "web:choir:1 (customer service)"  # Reddit refuses clients that do not name themselves
LONGEST_TEXT = 10_000
CLOCK_SKEW = dt.timedelta(seconds=30)
MOST_AT_ONCE = 100


class Connector:
    """One account of ours on Reddit."""

    ability = SearchAbility(
        either=" OR ",
        without="NOT {value}",
        phrases=True,
        groups=True,
        fields={"author": "author:{value}"},
        longest=500,
        remark="Reddit searches posts, never comments, and shows only its newest posts for each question.",
    )

    def __init__(self, account: Account) -> None:
        self._account = account
        self._us = account.handle
        stated = account.settings
        address = str(stated.get("address") or "")
        self._address, self._sign_in_address = address or ADDRESS, address or SIGN_IN_ADDRESS
        self._client = (str(stated.get("client_id", "")), account.secret.get("client_secret", ""))
        names = str(stated.get("subreddits") or "").replace("r/", "").split(",")
        self._subreddits = "+".join(name.strip(" /") for name in names if name.strip(" /"))
        self._has_modmail = stated.get("modmail") in (True, "yes")
        self._api = self._exchange(account.secret.get("refresh_token", ""))

    def __repr__(self) -> str:
        return f"reddit.Connector(u/{self._us})"

    def authorize(self, *, redirect_to: str, state: str) -> Authorization:
        """Reddit's page on which our account allows us in for good."""
        return Authorization(
            consent_address(
                f"{self._sign_in_address}/api/v1/authorize",
                client_id=self._client[0],
                redirect_to=redirect_to,
                state=state,
                scope=SCOPES,
                duration="permanent",
            )
        )

    def redeem(self, code: str, *, redirect_to: str, kept: Secret) -> SignedIn:
        """Our account's owner is back."""
        token = redeemed(
            f"{self._sign_in_address}/api/v1/access_token",
            network="Reddit",
            code=code,
            redirect_to=redirect_to,
            client=self._client,
            headers={"user-agent": USER_AGENT},
        )
        return self._signed_in(self._exchange(token), {"refresh_token": token})

    def sign_in(self) -> SignedIn:
        """Whose account the refresh token opens."""
        return self._signed_in(self._api, {})

    def items(self, raw: Raw) -> Sequence[Item | Removal]:
        """What was said in one thing or message."""
        return mapping.items_of(raw, us=self._us)

    def fetch(self, cursor: str, *, limit: int) -> Page:
        """Our inbox (mentions, answers to us, private messages), what we wrote ourselves, all of our subreddits,
        modmail; then what changed of the latest."""
        sources = [
            Source("inbox", partial(self._listing, "/message/inbox", {})),
            Source("ours", partial(self._listing, f"/user/{self._us}/comments", {})),
        ]
        if self._subreddits:
            place = f"/r/{self._subreddits}"
            sources += [Source(name, partial(self._listing, f"{place}/{name}", {})) for name in ("new", "comments")]
        if self._has_modmail:
            sources.append(Source("modmail", self._modmail))
        return in_turn(sources, cursor, limit=limit, watch=Watch(mapping.noted, self._look_again))

    def search(self, question: str, cursor: str, *, limit: int, since: dt.datetime | None = None) -> Page:
        """Posts anywhere on Reddit; it does not search comments."""
        asked = {"q": question, "sort": "new", "type": "link", "include_over_18": "on"}
        return self._listing("/search", asked, cursor, limit, since=since)

    def look_again(self, raws: Sequence[Raw]) -> Sequence[Raw]:
        """Which of these posts were edited or are gone."""
        watch = Watch(mapping.noted, partial(self._look_again, is_found=True))
        return looked_again(raws, watch, at_once=MOST_AT_ONCE)

    def reply(self, outgoing: Outgoing) -> Sent:
        """Answer under a post or comment, a private message, or in modmail. What is too long is refused before."""
        if len(outgoing.text) > LONGEST_TEXT:
            raise RejectedError(f"The answer has {len(outgoing.text)} characters; Reddit takes {LONGEST_TEXT}.")
        if outgoing.in_reply_to.startswith(mapping.MODMAIL):
            conversation = _conversation(outgoing)
            answer = self._api.post_form(
                f"/api/mod/conversations/{conversation}",
                {"body": outgoing.text, "isInternal": "false", "isAuthorHidden": "false"},
            )
            with promised_shape("Reddit", may_have_happened=True):
                newest = max(answer["messages"].values(), key=lambda one: str(one["date"]))
                return _sent_modmail(newest, conversation)
        said = {"thing_id": outgoing.in_reply_to, "text": outgoing.text, "api_type": "json"}
        answer = self._api.post_form("/api/comment", said, raw_json=1)
        with promised_shape("Reddit", may_have_happened=True):
            refuse(answer)
            return _sent(answer["json"]["data"]["things"][0]["data"])

    def find_sent(self, outgoing: Outgoing) -> Sent | None:
        """Our answer in these words to this thing, not older than the first attempt."""
        since = outgoing.attempted_at - CLOCK_SKEW if outgoing.attempted_at else None
        words = outgoing.text.split()
        if outgoing.in_reply_to.startswith(mapping.MODMAIL):
            return self._find_modmail(_conversation(outgoing), words, since)
        path = "/message/sent" if outgoing.is_private else f"/user/{self._us}/comments"
        answer = self._api.get(path, limit=MOST_AT_ONCE, raw_json=1, sort="new")
        with promised_shape("Reddit"):
            for thing in answer["data"]["children"]:
                shown = thing["data"]
                is_it = shown["parent_id"] == outgoing.in_reply_to and str(shown["body"]).split() == words
                if is_it and (since is None or mapping.moment(shown["created_utc"]) >= since):
                    return _sent(shown)
        return None

    def remove(self, external_id: str) -> None:
        """Delete a post or comment of ours."""
        self._api.post_form("/api/del", {"id": external_id})

    def measure(self, external_ids: Sequence[str]) -> Mapping[str, Figures]:
        """Scores (votes for less votes against, never below 0 here) and how many answered."""
        return {
            one["name"]: Figures(likes_count=max(0, int(one["score"])), replies_count=one.get("num_comments"))
            for one in self._by_name(external_ids)
            if "score" in one
        }

    def report(self, external_id: str, *, author: Author, reason: ReportReason, comment: str) -> None:
        """Report to the subreddit's moderators."""
        said = {"thing_id": external_id, "reason": f"{reason}: {comment}"[:100], "api_type": "json"}
        with promised_shape("Reddit", may_have_happened=True):
            refuse(self._api.post_form("/api/report", said))

    def hide(self, external_id: str, *, is_hidden: bool = True) -> None:
        """Remove something from a subreddit that we moderate, or approve it again."""
        if is_hidden:
            self._api.post_form("/api/remove", {"id": external_id, "spam": "false"})
        else:
            self._api.post_form("/api/approve", {"id": external_id})

    def _listing(
        self, path: str, asked: Mapping[str, str], place: str, limit: int, *, since: dt.datetime | None = None
    ) -> Page:
        def look(token: str, _: dt.datetime | None) -> Look:
            query: dict[str, Any] = dict(asked) | {"limit": min(max(limit, 1), MOST_AT_ONCE), "raw_json": 1}
            answer = self._api.get(path, **(query | ({"after": token} if token else {})))
            with promised_shape("Reddit"):
                listing = answer["data"]
                found = [mapping.thing_raw(one, is_found="q" in asked) for one in listing["children"]]
                return Look(found, listing.get("after") or "")

        return newest_first(place, look, since=since)

    def _modmail(self, place: str, limit: int) -> Page:
        def look(token: str, floor: dt.datetime | None) -> Look:
            query: dict[str, Any] = {"sort": "recent", "state": "all", "limit": min(max(limit, 1), MOST_AT_ONCE)}
            answer = self._api.get("/api/mod/conversations", **(query | ({"after": token} if token else {})))
            with promised_shape("Reddit"):
                ids = list(answer["conversationIds"])
                moved = [dt.datetime.fromisoformat(answer["conversations"][one]["lastUpdated"]) for one in ids]
                wanted = [one for one, at in zip(ids, moved, strict=True) if floor is None or at >= floor]
                found = [pair for one in wanted for pair in self._messages_of(one)]
                return Look(found, ids[-1] if len(ids) == query["limit"] else "", down_to=min(moved, default=None))

        return newest_first(place, look)

    def _messages_of(self, conversation: str) -> Iterator[tuple[dt.datetime, Raw]]:
        answer = self._api.get(f"/api/mod/conversations/{conversation}")
        for message in answer["messages"].values():
            if not message.get("isInternal"):
                yield mapping.modmail_raw(message, answer["conversation"])

    def _find_modmail(self, conversation: str, words: list[str], since: dt.datetime | None) -> Sent | None:
        answer = self._api.get(f"/api/mod/conversations/{conversation}")
        with promised_shape("Reddit"):
            for message in answer["messages"].values():
                sent = _sent_modmail(message, conversation)
                is_it = message["author"].get("isMod") and str(message["bodyMarkdown"]).split() == words
                if is_it and (since is None or sent.sent_at >= since):
                    return sent
        return None

    def _look_again(self, known: Mapping[str, str], *, is_found: bool = False) -> Sequence[Change]:
        """Posts and comments that are gone or were edited."""
        shown = {one["data"]["name"]: one for one in self._things(list(known))}
        changes = []
        for name, before in known.items():
            thing = shown.get(name)
            if thing is None or mapping.is_taken_back(thing["data"]):
                changes.append(Change(name, None, mapping.gone_raw(name)))
            elif (now := mapping.version(thing["data"])) != before:
                changes.append(Change(name, now, mapping.thing_raw(thing, is_found=is_found)[1]))
        return changes

    def _by_name(self, names: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        for thing in self._things(names):
            yield thing["data"]

    def _things(self, names: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        for start in range(0, len(names), MOST_AT_ONCE):
            answer = self._api.get("/api/info", id=",".join(names[start : start + MOST_AT_ONCE]), raw_json=1)
            with promised_shape("Reddit"):
                yield from answer["data"]["children"]

    def _signed_in(self, api: Exchange, secret: Secret) -> SignedIn:
        us = api.get("/api/v1/me", raw_json=1)
        with promised_shape("Reddit"):
            return SignedIn(f"t2_{us['id']}", str(us["name"]), name=f"u/{us['name']}", secret=secret)

    def _exchange(self, refresh_token: str) -> Exchange:
        return Exchange(
            network="Reddit",
            address=self._address,
            headers={"user-agent": USER_AGENT},
            timeout_seconds=float(self._account.settings.get("timeout_seconds", 10)),
            auth=RefreshedBearer(
                network="Reddit",
                token_address=f"{self._sign_in_address}/api/v1/access_token",
                refresh_token=refresh_token,
                client=self._client,
                headers={"user-agent": USER_AGENT},
            ),
            explain=explain,
            observe=noting(self._account.note),
        )


def _conversation(outgoing: Outgoing) -> str:
    return outgoing.in_reply_to.removeprefix(mapping.MODMAIL).partition(":")[0]


def _sent(shown: Mapping[str, Any]) -> Sent:
    link = shown.get("permalink") or ""
    url = f"{mapping.SITE}{link}" if link else ""
    return Sent(str(shown["name"]), mapping.moment(shown["created_utc"]), url=url)


def _sent_modmail(message: Mapping[str, Any], conversation: str) -> Sent:
    external_id = f"{mapping.MODMAIL}{conversation}:{message['id']}"
    return Sent(external_id, dt.datetime.fromisoformat(message["date"]), url=f"{mapping.SITE}/mail/all/{conversation}")
