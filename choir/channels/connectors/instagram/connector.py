"""An Instagram business account's capabilities, over the Graph API with the token of the Page it is connected to.

The Graph API has no idempotency keys: `find_sent` reads the answers under the comment, or the conversation. What a
webhook did not bring is found by fetching: the comments of the last posts, tags, conversations.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from choir.channels.connectors.instagram import mapping
from choir.channels.contract import (
    Author,
    Figures,
    Item,
    Outgoing,
    Page,
    Post,
    Raw,
    RejectedError,
    Removal,
    ReportReason,
    Sent,
    SignedIn,
)
from choir.channels.exchange import promised_shape
from choir.channels.graph.messages import moment
from choir.channels.graph.ours import ANY_TIME, MOST_A_PAGE, OurAccount
from choir.channels.sources import Change, Source, Watch, in_turn

NAME = "Instagram"
LONGEST_COMMENT = 2200
LONGEST_DIRECT_BYTES = 1000
MOST_COMMENTS, MOST_WATCHED = 25, 50
REPLY_FIELDS = "id,text,timestamp,username,from,parent_id"
COMMENT_FIELDS = f"{REPLY_FIELDS},replies.limit({MOST_COMMENTS}){{{REPLY_FIELDS}}}"
FIGURES = "id,like_count,comments_count,insights.metric(views,shares)"


class Connector(OurAccount):
    """One Instagram business account of ours."""

    network, platform, subject = NAME, "instagram", "instagram"
    notices = "feed,messages,message_edits"
    scopes = (
        "instagram_basic,instagram_manage_comments,instagram_manage_messages,instagram_content_publish,"
        "instagram_manage_insights,pages_show_list,pages_manage_metadata,pages_messaging"
    )

    def __repr__(self) -> str:
        return f"instagram.Connector(@{self._account.handle})"

    def _found(self) -> SignedIn:
        """Which Instagram account the Page of this token is connected to."""
        page = self._graph.get("/me", fields="id,name,instagram_business_account{id,username,name}")
        us = page.get("instagram_business_account")
        if not us:
            raise RejectedError(
                "This Page has no Instagram business account. Connect one in the Page's settings: Linked accounts."
            )
        with promised_shape(NAME):
            return SignedIn(
                external_id=str(us["id"]),
                handle=str(us["username"]),
                name=str(us.get("name") or us["username"]),
                settings=self._settings(),
            )

    def items(self, raw: Raw) -> Sequence[Item | Removal]:
        """What was said in one comment, post or message."""
        return mapping.items_of(raw, us=self._us)

    def fetch(self, cursor: str, *, limit: int) -> Page:
        """Comments on our posts, posts that tag us, private messages; then which comments are gone."""
        sources = (
            Source("comments", self._comments),
            Source("tagged", self._tagged),
            Source("direct", self._messages.read),
        )
        watch = Watch(mapping.noted, self._look_again, most=MOST_WATCHED)
        return in_turn(sources, cursor, limit=limit, watch=watch)

    def reply(self, outgoing: Outgoing) -> Sent:
        """Answer under the comment, under a post that tags us, or privately. What is too long is refused before."""
        text = outgoing.text
        if outgoing.is_private:
            if len(text.encode()) > LONGEST_DIRECT_BYTES:
                raise RejectedError(f"Instagram takes {LONGEST_DIRECT_BYTES} bytes in a private message. Shorten it.")
            if len(outgoing.media) > 1:
                raise RejectedError("Instagram takes one picture with an answer. Take the others out.")
            return self._messages.send(outgoing, since=self._began(outgoing.attempted_at))
        if outgoing.media:
            raise RejectedError("Instagram takes no pictures in comments. Take them out, or send them privately.")
        if len(text) > LONGEST_COMMENT:
            raise RejectedError(f"The answer has {len(text)} characters; Instagram takes {LONGEST_COMMENT}.")
        if outgoing.in_reply_to.startswith(mapping.TAGGED):
            media = outgoing.in_reply_to.removeprefix(mapping.TAGGED)
            answer = self._graph.post(f"/{self._us}/mentions", {"media_id": media, "message": text})
        else:
            answer = self._graph.post(f"/{_top(outgoing)}/replies", {"message": text})
        with promised_shape(NAME, may_have_happened=True):
            return Sent(external_id=str(answer["id"]), sent_at=dt.datetime.now(dt.UTC))

    def find_sent(self, outgoing: Outgoing) -> Sent | None:
        """Our answer in these words under what it answers, not older than the first attempt."""
        since = self._began(outgoing.attempted_at)
        if outgoing.is_private:
            return self._messages.find(outgoing, since=since)
        for comment in self._answers_to(outgoing):
            with promised_shape(NAME):
                at = moment(comment["timestamp"])
                is_ours = str((comment.get("from") or {}).get("id")) == self._us
                is_it = is_ours and str(comment.get("text", "")).split() == outgoing.text.split()
                if is_it and (since is None or at >= since):
                    return Sent(str(comment["id"]), at)
        return None

    def publish(self, post: Post, *, already: Sequence[Sent] = ()) -> Sequence[Sent]:
        """A picture that Instagram fetches from a public address, with its text. The link's description is what the
        picture shows, for those who do not see it."""
        if already:
            return tuple(already)
        part = post.parts[0]
        if len(post.parts) != 1 or part.card is None or part.media:
            raise RejectedError(
                "Instagram publishes one picture, fetched from a public address. Give its address as the link."
            )
        if len(part.text) > LONGEST_COMMENT:
            raise RejectedError(f"The text has {len(part.text)} characters; Instagram takes {LONGEST_COMMENT}.")
        picture = {"image_url": part.card.url, "caption": part.text, "alt_text": part.card.description}
        made = self._graph.post(f"/{self._us}/media", {name: said for name, said in picture.items() if said})
        with promised_shape(NAME):
            container = str(made["id"])  # seen by nobody until it is published
        answer = self._graph.post(f"/{self._us}/media_publish", {"creation_id": container})
        with promised_shape(NAME, may_have_happened=True):
            return (Sent(str(answer["id"]), dt.datetime.now(dt.UTC)),)

    def find_published(self, post: Post) -> Sequence[Sent]:
        """The picture with this text since the first attempt."""
        since = self._began(post.attempted_at)
        edge = self._graph.get(f"/{self._us}/media", fields="id,caption,timestamp,permalink", limit=MOST_A_PAGE)
        with promised_shape(NAME):
            for one in edge["data"]:
                at = moment(one["timestamp"])
                is_it = str(one.get("caption", "")).split() == post.parts[0].text.split()
                if is_it and (since is None or at >= since):
                    return (Sent(str(one["id"]), at, url=str(one.get("permalink") or "")),)
        return ()

    def remove(self, external_id: str) -> None:
        """Delete a comment of ours, or one under our posts. Posts are deleted on Instagram itself."""
        self._graph.delete(f"/{external_id}")

    def measure(self, external_ids: Sequence[str]) -> Mapping[str, Figures]:
        """Likes, comments, views and shares of our posts."""
        shown = self._graph.each(external_ids, FIGURES)
        with promised_shape(NAME):
            return {one: mapping.figures(media) for one, media in shown.items() if media is not None}

    def report(self, external_id: str, *, author: Author, reason: ReportReason, comment: str) -> None:
        """Instagram takes no reports through its interface."""
        raise RejectedError("Instagram takes no reports from other programs. Open the comment there and report it.")

    def hide(self, external_id: str, *, is_hidden: bool = True) -> None:
        """Hide a comment under our posts, or show it again."""
        self._graph.post(f"/{external_id}", {"hide": is_hidden})

    def _changed(self, field: str, value: Mapping[str, Any], *, at: int) -> Iterable[Raw]:
        return mapping.change_raws(field, value, at=at)

    def _comments(self, place: str, limit: int) -> Page:
        """The newest posts with their comments. Once read down, only the newest posts are looked at again: comments on
        older ones come by webhook."""
        fields = f"id,timestamp,permalink,comments.limit({MOST_COMMENTS}){{{COMMENT_FIELDS}}}"
        return self._edge(f"/{self._us}/media", place, limit, fields=fields, said_at=self._said_under, down_to=ANY_TIME)

    def _said_under(self, media: Mapping[str, Any], floor: dt.datetime | None) -> Iterator[tuple[dt.datetime, Raw]]:
        """Comments, newest first, each with the answers to it. An old comment may have new answers: those of the first
        page are all looked at, further pages only as long as they have new comments."""
        edge = media.get("comments") or {}
        path = f"/{media['id']}/comments"
        for number, comment in enumerate(self._graph.rest_of(edge, path, fields=COMMENT_FIELDS, limit=MOST_COMMENTS)):
            found = mapping.comment_raw(comment, media=media)
            if floor is not None and found[0] < floor and number >= MOST_COMMENTS:
                return
            yield found
            replies = comment.get("replies") or {}
            for reply in self._graph.rest_of(replies, f"/{comment['id']}/replies", fields=REPLY_FIELDS):
                yield mapping.comment_raw(reply, media=media, parent=str(comment["id"]))

    def _tagged(self, place: str, limit: int) -> Page:
        return self._edge(
            f"/{self._us}/tags",
            place,
            limit,
            fields="id,caption,media_type,media_url,permalink,timestamp,username",
            said_at=lambda media, _: [mapping.tagged_raw(media)],
        )

    def _answers_to(self, outgoing: Outgoing) -> Iterator[Mapping[str, Any]]:
        if outgoing.in_reply_to.startswith(mapping.TAGGED):
            media = outgoing.in_reply_to.removeprefix(mapping.TAGGED)
            fields = f"mentioned_media.media_id({media}){{comments.limit(50){{{REPLY_FIELDS}}}}}"
            shown = self._graph.get(f"/{self._us}", fields=fields)
            yield from ((shown.get("mentioned_media") or {}).get("comments") or {}).get("data") or ()
            return
        path = f"/{_top(outgoing)}/replies"
        with promised_shape(NAME):
            yield from self._graph.rest_of(self._graph.get(path, fields=REPLY_FIELDS), path, fields=REPLY_FIELDS)

    def _look_again(self, known: Mapping[str, str]) -> Sequence[Change]:
        """Comments that are gone."""
        shown = self._graph.each(list(known), "id")
        return [Change(one, None, mapping.gone_raw(one)) for one, comment in shown.items() if comment is None]


def _top(outgoing: Outgoing) -> str:
    """Answers on Instagram stand under the comment that began the thread, never deeper."""
    return outgoing.thread_id or outgoing.in_reply_to
