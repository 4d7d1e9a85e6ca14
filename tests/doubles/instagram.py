"""An Instagram business account on the Graph API, as far as the connector asks it: our posts with comments and answers,
posts that tag us, and webhooks for comments and messages."""

from __future__ import annotations

from typing import Any

from tests.doubles.double import Answer, Asked, route
from tests.doubles.graph import VERSION, GraphDouble, nested_limit, newest, stated

US = "17841400000000001"


class Network(GraphDouble):
    slug = "instagram"
    external_id = US
    subject = "instagram"
    platform = "instagram"
    has_edits = False

    def __init__(self) -> None:
        super().__init__()
        self.media: dict[str, dict[str, Any]] = {}
        self.comments: dict[str, dict[str, Any]] = {}
        self.tags: dict[str, dict[str, Any]] = {}
        self.containers: dict[str, dict[str, str]] = {}
        self.ours = self._published("New kettles are in.")

    def told(self) -> None:
        self.first = self.customer_says("Where is my kettle?")
        self._published("And toasters.")
        for number in range(2, 4):
            self.customer_says(f"Is order {number} on its way?")
        self.customer_tags_us("My new kettle by @brindle")
        self.customer_writes_privately("My address is Mill Lane 4.")

    def person(self, who: str) -> dict[str, str]:
        return {"id": self.scoped(who), "username": who}

    def customer_says(self, text: str, *, by: str = "mia") -> str:
        return self._commented(self.person(by), text, media=self.ours)

    def customer_tags_us(self, caption: str, *, by: str = "mia") -> str:
        made = self.number()
        shown = {"id": made, "username": by, "caption": caption, "timestamp": stated(self.now())}
        self.tags[made] = shown | {"media_type": "IMAGE", "permalink": f"https://www.instagram.com/p/{made}/"}
        return made

    def customer_deletes(self, external_id: str) -> None:
        del self.comments[external_id]

    def answers_to(self, external_id: str) -> list[str]:
        found = (one for one in self.comments.values() if one["top"] == external_id)
        return [one["text"] for one in found if one["from"]["id"] == US]

    @route("GET", VERSION + "/me")
    def me(self, asked: Asked) -> Answer:
        us = {"id": US, "username": "brindle", "name": "Brindle"}
        return Answer({"id": "104000000000001", "name": "Brindle", "instagram_business_account": us})

    @route("GET", VERSION + f"/{US}")
    def mentioned(self, asked: Asked) -> Answer:
        media = asked.query["fields"].partition("media_id(")[2].partition(")")[0]
        found = [_shown(one) for one in self.comments.values() if one["media"] == media]
        return Answer({"mentioned_media": {"id": media, "comments": {"data": found}}, "id": US})

    @route("GET", VERSION + f"/{US}/media")
    def posts(self, asked: Asked) -> Answer:
        count = nested_limit(asked, "comments")
        shown = [
            one | {"comments": self.edge(self._under(one["id"]), count=count)}
            for one in newest(iter(self.media.values()), by="timestamp")
        ]
        return Answer(self.edge(shown, asked), headers=self.usage(3))

    @route("POST", VERSION + f"/{US}/media")
    def container(self, asked: Asked) -> Answer:
        made = self.number()
        self.containers[made] = asked.json
        return Answer({"id": made})

    @route("POST", VERSION + f"/{US}/media_publish")
    def publish(self, asked: Asked) -> Answer:
        container = self.containers.pop(asked.json["creation_id"])
        made = self._published(container["caption"])
        self.media[made]["alt_text"] = container.get("alt_text", "")
        return Answer({"id": made})

    @route("GET", VERSION + f"/{US}/tags")
    def tagged(self, asked: Asked) -> Answer:
        return Answer(self.edge(newest(iter(self.tags.values()), by="timestamp"), asked))

    @route("POST", VERSION + f"/{US}/mentions")
    def answer_tag(self, asked: Asked) -> Answer:
        us = {"id": US, "username": "brindle"}
        return Answer({"id": self._commented(us, asked.json["message"], media=asked.json["media_id"])})

    @route("GET", VERSION + r"/(?P<media>\d+)/comments")
    def comments_of(self, asked: Asked, media: str) -> Answer:
        return Answer(self.edge(self._under(media), asked))

    @route("GET", VERSION + r"/(?P<comment>\d+)/replies")
    def replies_of(self, asked: Asked, comment: str) -> Answer:
        if comment not in self.comments:
            return self.refusal(404)
        found = [_shown(one) for one in self.comments.values() if one["top"] == comment]
        return Answer(self.edge(found, asked))

    @route("POST", VERSION + r"/(?P<comment>\d+)/replies")
    def reply(self, asked: Asked, comment: str) -> Answer:
        if comment not in self.comments or self.comments[comment]["top"]:
            return self.refusal(404)
        us = {"id": US, "username": "brindle"}
        made = self._commented(us, asked.json["message"], media=self.comments[comment]["media"], top=comment)
        return Answer({"id": made}, headers=self.usage(4))

    @route("GET", VERSION + r"/(?P<which>\d+)")
    def one(self, asked: Asked, which: str) -> Answer:
        if which in self.comments:
            return Answer(_shown(self.comments[which]))
        if which not in self.media:
            return self.refusal(404)
        insights = [{"name": "views", "values": [{"value": 40}]}, {"name": "shares", "values": [{"value": 1}]}]
        return Answer({"id": which, "like_count": 3, "comments_count": 2, "insights": {"data": insights}})

    @route("POST", VERSION + r"/(?P<which>\d+)")
    def change(self, asked: Asked, which: str) -> Answer:
        (self.hidden.add if asked.json["hide"] else self.hidden.discard)(which)
        return Answer({"success": True})

    @route("DELETE", VERSION + r"/(?P<which>\d+)")
    def delete(self, asked: Asked, which: str) -> Answer:
        self.comments.pop(which, None)
        return Answer({"success": True})

    def _published(self, caption: str) -> str:
        made = self.number()
        shown = {"id": made, "caption": caption, "timestamp": stated(self.now())}
        self.media[made] = shown | {"permalink": f"https://www.instagram.com/p/{made}/"}
        return made

    def _commented(self, who: dict[str, str], text: str, *, media: str, top: str = "") -> str:
        made, at = self.number(), self.now()
        shown = {"id": made, "text": text, "timestamp": stated(at), "from": who, "username": who["username"]}
        self.comments[made] = shown | {"media": media, "top": top}
        value = {"id": made, "text": text, "from": who, "media": {"id": media, "media_product_type": "FEED"}}
        self.announce_change("comments", value | ({"parent_id": top} if top else {}))
        return made

    def _under(self, media: str) -> list[dict[str, Any]]:
        """Comments, newest first, each with its answers, oldest first."""
        found = (one for one in self.comments.values() if one["media"] == media and not one["top"])
        return [
            _shown(one) | {"replies": self.edge([_shown(x) for x in self.comments.values() if x["top"] == one["id"]])}
            for one in newest(found, by="timestamp")
        ]


def _shown(comment: dict[str, Any]) -> dict[str, Any]:
    kept = {name: comment[name] for name in ("id", "text", "timestamp", "username", "from")}
    return kept | ({"parent_id": comment["top"]} if comment["top"] else {})
