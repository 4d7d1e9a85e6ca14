"""A Facebook Page on the Graph API, as far as the connector asks it: the Page's posts, visitors' posts, comments with
answers, and webhooks for each."""

from __future__ import annotations

from typing import Any

from tests.doubles.double import Answer, Asked, route
from tests.doubles.graph import VERSION, GraphDouble, fits, nested_limit, newest, stated

PAGE = "104000000000001"


class Network(GraphDouble):
    slug = "facebook"
    external_id = PAGE
    subject = "page"
    platform = "messenger"

    def __init__(self) -> None:
        super().__init__()
        self.posts: dict[str, dict[str, Any]] = {}
        self.comments: dict[str, dict[str, Any]] = {}
        self.photos: dict[str, tuple[bytes, str]] = {}  # handed over, with their descriptions; seen by nobody as such
        self.shown_photos: dict[str, list[str]] = {}  # by what refers to them
        self.ours = self._posted({"id": PAGE, "name": "Brindle"}, "New kettles are in.")

    def told(self) -> None:
        self.first = self.customer_says("Where is my kettle?")
        self._posted({"id": PAGE, "name": "Brindle"}, "And toasters.")
        for number in range(2, 4):
            self.customer_says(f"Is order {number} on its way?")
        self.visitor_posts("Your shop in Leeds is lovely.")
        self.customer_writes_privately("My address is Mill Lane 4.")

    def customer_says(self, text: str, *, by: str = "mia", under: str = "") -> str:
        return self._commented(self.person(by), text, above=under or self.ours)

    def visitor_posts(self, text: str, *, by: str = "mia") -> str:
        return self._posted(self.person(by), text)

    def customer_edits(self, external_id: str, text: str) -> None:
        self.now()
        self.comments[external_id]["message"] = text
        self._announce_comment(external_id, "edited")

    def customer_deletes(self, external_id: str) -> None:
        self.now()
        self._announce_comment(external_id, "remove")
        del self.comments[external_id]

    def answers_to(self, external_id: str) -> list[str]:
        found = (one for one in self.comments.values() if one["above"] == external_id)
        return [one["message"] for one in found if one["from"]["id"] == PAGE]

    def pictures_with(self, external_id: str) -> list[tuple[bytes, str]]:
        answers = [key for key, one in self.comments.items() if one["above"] == external_id]
        photos = [photo for key in [external_id, *answers] for photo in self.shown_photos.get(key, ())]
        return [self.photos[one] for one in photos] + super().pictures_with(external_id)

    @route("POST", VERSION + "/me/photos")
    def hand_over(self, asked: Asked) -> Answer:
        parts = asked.parts
        content, kind = parts["source"]
        if not fits(content, kind):
            return self.error(400, 324, "(#324) Requires upload file")
        if parts.get("published", (b"", ""))[0] != b"false":
            return self.refusal(403)  # would stand on the Page at once
        made = self.number()
        self.photos[made] = (content, parts.get("alt_text_custom", (b"", ""))[0].decode())
        return Answer({"id": made}, headers=self.usage(4))

    @route("GET", VERSION + "/me")
    def me(self, asked: Asked) -> Answer:
        return Answer({"id": PAGE, "name": "Brindle", "username": "brindle"})

    @route("GET", VERSION + "/me/feed")
    def feed(self, asked: Asked) -> Answer:
        count = nested_limit(asked, "comments")
        posts = newest(iter(self.posts.values()))
        shown = [one | {"comments": self.edge(self._under(one["id"]), count=count)} for one in posts]
        return Answer(self.edge(shown, asked), headers=self.usage(3))

    @route("GET", VERSION + "/me/tagged")
    def tagged(self, asked: Asked) -> Answer:
        return Answer(self.edge([], asked))

    @route("POST", VERSION + "/me/feed")
    def publish(self, asked: Asked) -> Answer:
        photos = [one["media_fbid"] for one in asked.json.get("attached_media", ())]
        if any(one not in self.photos for one in photos):
            return self.error(400, 100, "(#100) Invalid parameter")
        made = self._posted({"id": PAGE, "name": "Brindle"}, asked.json["message"])
        self.shown_photos[made] = photos
        return Answer(self.posts[made])

    @route("GET", VERSION + r"/(?P<above>[\d_]+)/comments")
    def comments_of(self, asked: Asked, above: str) -> Answer:
        if above not in self.posts and above not in self.comments:
            return self.refusal(404)
        return Answer(self.edge(self._under(above), asked))

    @route("POST", VERSION + r"/(?P<above>[\d_]+)/comments")
    def comment(self, asked: Asked, above: str) -> Answer:
        if above not in self.posts and above not in self.comments:
            return self.refusal(404)
        photo = asked.json.get("attachment_id")
        if photo is not None and photo not in self.photos:
            return self.error(400, 100, "(#100) Invalid parameter")
        made = self._commented({"id": PAGE, "name": "Brindle"}, asked.json["message"], above=above)
        self.shown_photos[made] = [photo] if photo else []
        return Answer(_shown(self.comments[made]), headers=self.usage(4))

    @route("GET", VERSION + r"/(?P<which>[\d_]+)")
    def one(self, asked: Asked, which: str) -> Answer:
        if which in self.comments:
            return Answer(_shown(self.comments[which]))
        if which not in self.posts:
            return self.refusal(404)
        counts = {
            "reactions": {"data": [], "summary": {"total_count": 3}},
            "comments": {"data": [], "summary": {"total_count": len(self._under(which))}},
            "shares": {"count": 1},
            "insights": {"data": [{"name": "post_media_view", "values": [{"value": 40}]}]},
        }
        return Answer({"id": which} | counts)

    @route("POST", VERSION + r"/(?P<which>[\d_]+)")
    def change(self, asked: Asked, which: str) -> Answer:
        (self.hidden.add if asked.json["is_hidden"] else self.hidden.discard)(which)
        return Answer({"success": True})

    @route("DELETE", VERSION + r"/(?P<which>[\d_]+)")
    def delete(self, asked: Asked, which: str) -> Answer:
        self.comments.pop(which, None) or self.posts.pop(which, None)
        return Answer({"success": True})

    def _posted(self, who: dict[str, str], text: str) -> str:
        at = self.now()
        made = f"{PAGE}_{self.number()}"
        self.posts[made] = {
            "id": made,
            "from": who,
            "message": text,
            "created_time": stated(at),
            "permalink_url": f"https://www.facebook.com/{made}",
        }
        if who["id"] != PAGE:
            told = {"item": "status", "verb": "add", "post_id": made, "from": who, "message": text}
            self.announce_change("feed", told | {"created_time": int(at.timestamp())})
        return made

    def _commented(self, who: dict[str, str], text: str, *, above: str) -> str:
        """An answer to an answer stands under the comment that began the thread."""
        at = self.now()
        post = above if above in self.posts else self.comments[above]["post"]
        top = "" if above in self.posts else self.comments[above]["top"] or above
        made = f"{post.partition('_')[2]}_{self.number()}"
        self.comments[made] = {
            "id": made,
            "post": post,
            "top": top,
            "above": above,
            "from": who,
            "message": text,
            "created_time": stated(at),
            "permalink_url": f"https://www.facebook.com/{post}?comment_id={made}",
        }
        self._announce_comment(made, "add")
        return made

    def _announce_comment(self, comment_id: str, verb: str) -> None:
        one = self.comments[comment_id]
        value = {
            "item": "comment",
            "verb": verb,
            "comment_id": comment_id,
            "post_id": one["post"],
            "parent_id": one["top"] or one["post"],
            "from": one["from"],
            "created_time": int(self._clock.timestamp()),
        }
        self.announce_change("feed", value | ({} if verb == "remove" else {"message": one["message"]}))

    def _under(self, above: str) -> list[dict[str, Any]]:
        found = (one for one in self.comments.values() if above in (one["post"], one["top"]))
        return [_shown(one) for one in newest(found)]


def _shown(comment: dict[str, Any]) -> dict[str, Any]:
    kept = {name: comment[name] for name in ("id", "from", "message", "created_time", "permalink_url")}
    return kept | ({"parent": {"id": comment["top"]}} if comment["top"] else {})
