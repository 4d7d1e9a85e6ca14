"""A YouTube channel's capabilities, over the Data API v3 with the owner's consent.

YouTube has no idempotency keys: `find_sent` reads the thread. It does not tell of edits, deletions and answers in older
threads: the latest fifty comments are looked up again whenever nothing is new.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from choir.channels.connectors.youtube import mapping
from choir.channels.connectors.youtube.refusals import counting, explain
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
    Sent,
    SignedIn,
)
from choir.channels.contract.account import Secret
from choir.channels.exchange import Exchange, promised_shape
from choir.channels.signing import Proof, RefreshedBearer, consent_address, redeemed
from choir.channels.sources import Change, Look, Source, Watch, in_turn, newest_first

ADDRESS = "https://www.googleapis.com"
CONSENT = "https://accounts.google.com/o/oauth2/v2/auth"
TOKENS = "https://oauth2.googleapis.com/token"
SCOPE = "https://www.googleapis.com/auth/youtube.force-ssl"
LONGEST_COMMENT = 10_000
CLOCK_SKEW = dt.timedelta(seconds=30)
MOST_AT_ONCE, MOST_WATCHED, MOST_PAGES = 100, 50, 10
API = "/youtube/v3"


class Connector:
    """One YouTube channel of ours."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._us = account.external_id
        address = str(account.settings.get("address") or "")
        self._address, self._tokens = address or ADDRESS, f"{address}/token" if address else TOKENS
        self._client = (str(account.settings.get("client_id", "")), account.secret.get("client_secret", ""))
        self._api = self._exchange(account.secret.get("refresh_token", ""))

    def __repr__(self) -> str:
        return f"youtube.Connector({self._account.handle})"

    def authorize(self, *, redirect_to: str, state: str) -> Authorization:
        """Google's page on which the channel's owner allows us in, for as long as they like."""
        proof = Proof.fresh()
        return Authorization(
            consent_address(
                CONSENT,
                client_id=self._client[0],
                redirect_to=redirect_to,
                state=state,
                scope=SCOPE,
                access_type="offline",
                prompt="consent",
                **proof.challenge,
            ),
            kept={"verifier": proof.verifier},
        )

    def redeem(self, code: str, *, redirect_to: str, kept: Secret) -> SignedIn:
        """The owner is back."""
        token = redeemed(
            self._tokens,
            network="Google",
            code=code,
            redirect_to=redirect_to,
            client=self._client,
            headers={},
            verifier=kept.get("verifier", ""),
        )
        return self._signed_in(self._exchange(token), {"refresh_token": token})

    def sign_in(self) -> SignedIn:
        """Whose channel the refresh token opens."""
        return self._signed_in(self._api, {})

    def items(self, raw: Raw) -> Sequence[Item | Removal]:
        """What was said in one comment."""
        return mapping.items_of(raw, us=self._us)

    def fetch(self, cursor: str, *, limit: int) -> Page:
        """The comments under our videos and on our channel; then what changed of the latest."""
        watch = Watch(mapping.noted, self._look_again, most=MOST_WATCHED)
        return in_turn([Source("threads", self._threads)], cursor, limit=limit, watch=watch)

    def reply(self, outgoing: Outgoing) -> Sent:
        """Answer in the comment's thread. What is too long is refused before."""
        if outgoing.is_private:
            raise RejectedError("YouTube has no private messages. Answer in public.")
        if len(outgoing.text) > LONGEST_COMMENT:
            raise RejectedError(f"The answer has {len(outgoing.text)} characters; YouTube takes {LONGEST_COMMENT}.")
        snippet = {"parentId": mapping.thread_of(outgoing.in_reply_to), "textOriginal": outgoing.text}
        answer = self._api.post(f"{API}/comments", {"snippet": snippet}, part="snippet")
        with promised_shape("YouTube", may_have_happened=True):
            return _sent(answer)

    def find_sent(self, outgoing: Outgoing) -> Sent | None:
        """Our answer in these words in this thread, not older than the first attempt."""
        since = outgoing.attempted_at - CLOCK_SKEW if outgoing.attempted_at else None
        for comment in self._answers_in(mapping.thread_of(outgoing.in_reply_to)):
            with promised_shape("YouTube"):
                sent, snippet = _sent(comment), comment["snippet"]
                is_ours = snippet["authorChannelId"]["value"] == self._us
                is_it = is_ours and mapping.words(snippet).split() == outgoing.text.split()
                if is_it and (since is None or sent.sent_at >= since):
                    return sent
        return None

    def remove(self, external_id: str) -> None:
        """Delete a comment of ours."""
        self._api.delete(f"{API}/comments", id=external_id)

    def measure(self, external_ids: Sequence[str]) -> Mapping[str, Figures]:
        """Views, likes and comments of videos; likes of comments."""
        videos = [one for one in external_ids if len(one) == mapping.VIDEO_ID_LENGTH]
        comments = [one for one in external_ids if len(one) != mapping.VIDEO_ID_LENGTH]
        found: dict[str, Figures] = {}
        for shown in self._by_id("videos", "statistics", videos):
            found[shown["id"]] = mapping.video_figures(shown["statistics"])
        for shown in self._by_id("comments", "snippet", comments):
            found[shown["id"]] = Figures(likes_count=shown["snippet"].get("likeCount"))
        return found

    def report(self, external_id: str, *, author: Author, reason: ReportReason, comment: str) -> None:
        """YouTube takes reports of spam alone; anything else is reported on its page."""
        if reason is not ReportReason.SPAM:
            raise RejectedError("YouTube takes only reports of spam from other programs. Report this one on YouTube.")
        self._api.post(f"{API}/comments/markAsSpam", {}, id=external_id)

    def hide(self, external_id: str, *, is_hidden: bool = True) -> None:
        """Take a comment off our video, or put it back."""
        status = "rejected" if is_hidden else "published"
        self._api.post(f"{API}/comments/setModerationStatus", {}, id=external_id, moderationStatus=status)

    def _threads(self, place: str, limit: int) -> Page:
        def look(token: str, _: dt.datetime | None) -> Look:
            answer = self._api.get(
                f"{API}/commentThreads",
                part="snippet,replies",
                allThreadsRelatedToChannelId=self._us,
                order="time",
                textFormat="plainText",
                maxResults=min(max(limit, 1), MOST_AT_ONCE),
                **({"pageToken": token} if token else {}),
            )
            with promised_shape("YouTube"):
                threads = answer["items"]
                began = [mapping.moment(one["snippet"]["topLevelComment"]["snippet"]["publishedAt"]) for one in threads]
                found = [pair for one in threads for pair in self._whole(one)]
                return Look(found, answer.get("nextPageToken", ""), down_to=min(began, default=None))

        return newest_first(place, look)

    def _whole(self, thread: Mapping[str, Any]) -> Iterator[tuple[dt.datetime, Raw]]:
        """A thread with all its answers; YouTube shows some of them with it, all only on request."""
        shown = (thread.get("replies") or {}).get("comments", ())
        yield from mapping.thread_raws(thread)
        if int(thread["snippet"]["totalReplyCount"]) > len(shown):
            known = {one["id"] for one in shown}
            for reply in self._answers_in(thread["id"]):
                if reply["id"] not in known:
                    yield mapping.comment_raw(reply, video_id=thread["snippet"].get("videoId", ""))

    def _answers_in(self, thread_id: str) -> Iterator[Mapping[str, Any]]:
        asked: dict[str, Any] = {"part": "snippet", "parentId": thread_id, "textFormat": "plainText"}
        for _ in range(MOST_PAGES):
            answer = self._api.get(f"{API}/comments", **asked, maxResults=MOST_AT_ONCE)
            with promised_shape("YouTube"):
                yield from answer["items"]
            if not answer.get("nextPageToken"):
                return
            asked["pageToken"] = answer["nextPageToken"]

    def _look_again(self, known: Mapping[str, str]) -> Sequence[Change]:
        """Comments that are gone or were changed, and new answers in threads that have grown."""
        threads = [one for one in known if mapping.thread_of(one) == one]
        replies = [one for one in known if mapping.thread_of(one) != one]
        changes: list[Change] = []
        shown = {one["id"]: one for one in self._by_id("commentThreads", "snippet", threads)}
        for one in threads:
            changes += self._thread_again(one, shown.get(one), known)
        shown = {one["id"]: one for one in self._by_id("comments", "snippet", replies)}
        for one in replies:
            reply = shown.get(one)
            if reply is None:
                changes.append(Change(one, None, mapping.gone_raw(one)))
            elif (now := mapping.version(reply["snippet"], None)) != known[one]:
                changes.append(Change(one, now, mapping.comment_raw(reply)[1]))
        return changes

    def _thread_again(
        self, thread_id: str, thread: Mapping[str, Any] | None, known: Mapping[str, str]
    ) -> Iterator[Change]:
        if thread is None:
            yield Change(thread_id, None, mapping.gone_raw(thread_id))
            return
        snippet = thread["snippet"]
        now = mapping.version(snippet["topLevelComment"]["snippet"], int(snippet["totalReplyCount"]))
        if now == known[thread_id]:
            return
        for _, raw in self._whole(thread):
            noted = mapping.noted(raw)
            if noted is not None and known.get(noted[0]) != noted[1]:
                yield Change(noted[0], noted[1], raw)

    def _by_id(self, what: str, part: str, ids: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        for start in range(0, len(ids), MOST_WATCHED):
            some = ",".join(ids[start : start + MOST_WATCHED])
            extra = {} if what == "videos" else {"textFormat": "plainText"}
            answer = self._api.get(f"{API}/{what}", part=part, id=some, **extra)
            with promised_shape("YouTube"):
                yield from answer["items"]

    def _signed_in(self, api: Exchange, secret: Secret) -> SignedIn:
        answer = api.get(f"{API}/channels", part="snippet", mine="true")
        with promised_shape("YouTube"):
            if not answer.get("items"):
                raise RejectedError("This Google account has no YouTube channel. Sign in with the one that has it.")
            us = answer["items"][0]
            handle = str(us["snippet"].get("customUrl") or us["snippet"]["title"]).removeprefix("@")
            return SignedIn(str(us["id"]), handle, name=str(us["snippet"]["title"]), secret=secret)

    def _exchange(self, refresh_token: str) -> Exchange:
        return Exchange(
            network="YouTube",
            address=self._address,
            timeout_seconds=float(self._account.settings.get("timeout_seconds", 10)),
            auth=RefreshedBearer(
                network="YouTube", token_address=self._tokens, refresh_token=refresh_token, client=self._client
            ),
            explain=explain,
            observe=counting(self._account.note, project=self._client[0].partition("-")[0]),
        )


def _sent(comment: Mapping[str, Any]) -> Sent:
    snippet = comment["snippet"]
    video = snippet.get("videoId", "")
    url = f"https://www.youtube.com/watch?v={video}&lc={comment['id']}" if video else ""
    return Sent(str(comment["id"]), mapping.moment(snippet["publishedAt"]), url=url)
