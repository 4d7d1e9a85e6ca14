"""A Facebook Page's capabilities, over the Graph API with a Page token.

The Graph API has no idempotency keys: `find_sent` reads the comments under what was answered, or the conversation. What
a webhook did not bring is found by fetching: the comments of the last posts, visitors' posts, conversations.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from choir.channels.connectors.facebook import mapping
from choir.channels.contract import (
    Attachment,
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
from choir.channels.payload import version
from choir.channels.sources import Change, Source, Watch, in_turn

NAME = "Facebook"
LONGEST_COMMENT, LONGEST_DIRECT = 8000, 2000
MOST_COMMENTS, MOST_WATCHED = 25, 50
POST_FIELDS = "id,created_time,from,message,permalink_url"
COMMENT_FIELDS = "id,created_time,from,message,parent{id},permalink_url,attachment"
COMMENTS = "comments.filter(stream).order(reverse_chronological).limit({count}){{{fields}}}"
FIGURES = (
    "id,reactions.summary(total_count).limit(0),comments.summary(total_count).filter(stream).limit(0),shares,"
    "insights.metric(post_media_view)"
)


class Connector(OurAccount):
    """One Facebook Page of ours."""

    network, platform, subject = NAME, "messenger", "page"
    notices = "feed,mention,messages,message_echoes,message_edits"
    scopes = (
        "pages_show_list,pages_read_engagement,pages_read_user_content,pages_manage_engagement,pages_manage_posts,"
        "pages_manage_metadata,pages_messaging,read_insights"
    )

    def __repr__(self) -> str:
        return f"facebook.Connector({self._account.handle})"

    def _found(self) -> SignedIn:
        page = self._graph.get("/me", fields="id,name,username")
        with promised_shape(NAME):
            return SignedIn(
                external_id=str(page["id"]),
                handle=str(page.get("username") or page["name"]),
                name=str(page["name"]),
                settings=self._settings(),
            )

    def items(self, raw: Raw) -> Sequence[Item | Removal]:
        """What was said in one comment, post, change or message."""
        return mapping.items_of(raw, us=self._us)

    def fetch(self, cursor: str, *, limit: int) -> Page:
        """Comments and visitors' posts on the Page, posts that mention it, private messages; then what changed."""
        sources = (
            Source("feed", self._feed),
            Source("tagged", self._tagged),
            Source("direct", self._messages.read),
        )
        watch = Watch(mapping.noted, self._look_again, most=MOST_WATCHED)
        return in_turn(sources, cursor, limit=limit, watch=watch)

    def reply(self, outgoing: Outgoing) -> Sent:
        """Comment under what was said, or answer on Messenger. What is too long is refused before."""
        longest = LONGEST_DIRECT if outgoing.is_private else LONGEST_COMMENT
        if len(outgoing.text) > longest:
            raise RejectedError(f"The answer has {len(outgoing.text)} characters; Facebook takes {longest}.")
        if len(outgoing.media) > 1:
            raise RejectedError("Facebook takes one picture with an answer. Take the others out.")
        if outgoing.is_private:
            return self._messages.send(outgoing, since=self._began(outgoing.attempted_at))
        said = {"message": outgoing.text}
        if outgoing.media:
            said["attachment_id"] = self._handed_over(outgoing.media[0])
        answer = self._graph.post(f"/{outgoing.in_reply_to}/comments", said, fields="id,created_time,permalink_url")
        with promised_shape(NAME, may_have_happened=True):
            return _sent(answer)

    def find_sent(self, outgoing: Outgoing) -> Sent | None:
        """Our answer in these words under what it answers, not older than the first attempt."""
        since = self._began(outgoing.attempted_at)
        if outgoing.is_private:
            return self._messages.find(outgoing, since=since)
        # An answer to a reply stands beside that reply, under the comment that began the thread.
        for above in dict.fromkeys((outgoing.in_reply_to, outgoing.thread_id or outgoing.in_reply_to)):
            for comment in self._comments_under(above, since):
                is_ours = str((comment.get("from") or {}).get("id")) == self._us
                if is_ours and str(comment.get("message", "")).split() == outgoing.text.split():
                    return _sent(comment)
        return None

    def publish(self, post: Post, *, already: Sequence[Sent] = ()) -> Sequence[Sent]:
        """One post on the Page, with pictures or a link if there are any. Facebook has no threads."""
        if already:
            return tuple(already)
        if len(post.parts) != 1:
            raise RejectedError("Facebook has no threads. Write it as one post.")
        part = post.parts[0]
        if part.media and part.card:
            raise RejectedError("Facebook shows pictures or a link's card, not both. Take one out.")
        said: dict[str, Any] = {"message": part.text} | ({"link": part.card.url} if part.card else {})
        if part.media:
            said["attached_media"] = [{"media_fbid": self._handed_over(one)} for one in part.media]
        answer = self._graph.post("/me/feed", said, fields="id,created_time,permalink_url")
        with promised_shape(NAME, may_have_happened=True):
            return (_sent(answer),)

    def find_published(self, post: Post) -> Sequence[Sent]:
        """The post in these words since the first attempt."""
        since = self._began(post.attempted_at)
        edge = self._graph.get("/me/feed", fields=POST_FIELDS, limit=MOST_A_PAGE)
        with promised_shape(NAME):
            for one in edge["data"]:
                sent = _sent(one)
                is_it = str(one.get("message", "")).split() == post.parts[0].text.split()
                if is_it and (since is None or sent.sent_at >= since):
                    return (sent,)
        return ()

    def remove(self, external_id: str) -> None:
        """Delete a post or comment of ours."""
        self._graph.delete(f"/{external_id}")

    def measure(self, external_ids: Sequence[str]) -> Mapping[str, Figures]:
        """Reactions, comments, shares and views."""
        shown = self._graph.each(external_ids, FIGURES)
        with promised_shape(NAME):
            return {one: mapping.figures(post) for one, post in shown.items() if post is not None}

    def report(self, external_id: str, *, author: Author, reason: ReportReason, comment: str) -> None:
        """Facebook takes no reports through its interface."""
        raise RejectedError(
            f"Facebook takes no reports from other programs. Open https://www.facebook.com/{external_id} and report it."
        )

    def hide(self, external_id: str, *, is_hidden: bool = True) -> None:
        """Hide a comment from everybody but who wrote it and their friends, or show it again."""
        self._graph.post(f"/{external_id}", {"is_hidden": is_hidden})

    def _handed_over(self, picture: Attachment) -> str:
        """The id under which Facebook has a picture. Not published, it is seen by nobody before something refers to it,
        and a worker that died in between leaves nothing behind."""
        said = {"published": "false"} | ({"alt_text_custom": picture.alt_text} if picture.alt_text else {})
        answer = self._graph.post_file("/me/photos", said, ("source", picture), writes=False)
        with promised_shape(NAME):
            return str(answer["id"])

    def _changed(self, field: str, value: Mapping[str, Any], *, at: int) -> Iterable[Raw]:
        return mapping.change_raws(field, value, at=at, us=self._us)

    def _feed(self, place: str, limit: int) -> Page:
        """The newest posts on the Page with their comments. Once read down, only the newest posts are looked at again:
        comments on older ones come by webhook."""
        fields = f"{POST_FIELDS},{COMMENTS.format(count=MOST_COMMENTS, fields=COMMENT_FIELDS)}"
        return self._edge("/me/feed", place, limit, fields=fields, said_at=self._said_at, down_to=ANY_TIME)

    def _tagged(self, place: str, limit: int) -> Page:
        return self._edge(
            "/me/tagged", place, limit, fields=POST_FIELDS, said_at=lambda post, _: [mapping.post_raw(post)]
        )

    def _said_at(self, post: Mapping[str, Any], floor: dt.datetime | None) -> Iterator[tuple[dt.datetime, Raw]]:
        """A visitor's post, and the comments under any post, down to what was read before."""
        if str((post.get("from") or {}).get("id", self._us)) != self._us:
            yield mapping.post_raw(post)
        edge = post.get("comments") or {}
        asked = {"filter": "stream", "order": "reverse_chronological", "limit": MOST_COMMENTS}
        for comment in self._graph.rest_of(edge, f"/{post['id']}/comments", fields=COMMENT_FIELDS, **asked):
            found = mapping.comment_raw(comment, post=post)
            if floor is not None and found[0] < floor:
                return
            yield found

    def _comments_under(self, external_id: str, since: dt.datetime | None) -> Iterator[Mapping[str, Any]]:
        path = f"/{external_id}/comments"
        asked = {"filter": "stream", "order": "reverse_chronological", "limit": MOST_COMMENTS, "fields": COMMENT_FIELDS}
        edge = self._graph.get(path, **asked)
        with promised_shape(NAME):
            for comment in self._graph.rest_of(edge, path, **asked):
                if since is not None and moment(comment["created_time"]) < since:
                    return
                yield comment

    def _look_again(self, known: Mapping[str, str]) -> Sequence[Change]:
        """Comments that are gone or have other words now."""
        shown = self._graph.each(list(known), "id,created_time,from,message,parent,permalink_url")
        found = []
        for one, comment in shown.items():
            if comment is None:
                found.append(Change(one, None, mapping.gone_raw(one)))
            elif (now := version(comment.get("message") or "")) != known[one]:
                edited_at = dt.datetime.now(dt.UTC)  # Facebook tells that it changed, not when
                found.append(Change(one, now, mapping.comment_raw(comment, post={}, edited_at=edited_at)[1]))
        return found


def _sent(shown: Mapping[str, Any]) -> Sent:
    return Sent(str(shown["id"]), moment(shown["created_time"]), url=str(shown.get("permalink_url") or ""))
