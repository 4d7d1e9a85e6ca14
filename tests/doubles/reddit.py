"""Reddit's OAuth API, as far as the connector asks it: listings, comments, inbox, modmail, tokens, limits and the
errors it hides in answers; after its published interface."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.doubles.double import SECRET, Answer, Asked, Double, route

WORD = r"(?P<which>[\w+]+)"


class Network(Double):
    slug = "reddit"
    external_id = "t2_brindle"
    settings = {"client_id": "abcDEF123", "subreddits": "r/brindle", "modmail": "yes"}
    quota_bucket = "all"

    def __init__(self) -> None:
        super().__init__()
        self.things: dict[str, dict[str, Any]] = {}
        self.modmail: dict[str, dict[str, Any]] = {}
        self.tokens: set[str] = set()
        self.removed: set[str] = set()
        self.answer_error: list[str] = []
        self._number = 0

    def told(self) -> None:
        self.first = self.customer_says("Where is my kettle?")
        for number in range(2, 4):
            self.customer_says(f"Is order {number} on its way?")
        self.customer_writes_to_moderators("May I post a coupon?")

    def customer_says(self, text: str, *, by: str = "mia") -> str:
        return self._posted(by, text)

    def customer_comments(self, text: str, *, under: str, by: str = "mia") -> str:
        return self._commented(by, text, under=under)

    def customer_writes_to_moderators(self, text: str, *, by: str = "mia") -> str:
        conversation = self._id()
        self.modmail[conversation] = {"subject": "A question", "messages": {}}
        return f"modmail:{conversation}:{self._wrote(conversation, by, text, is_moderator=False)}"

    def customer_edits(self, external_id: str, text: str) -> None:
        shown = self.things[external_id]["data"]
        shown |= {"title" if external_id.startswith("t3_") else "body": text, "edited": self.now().timestamp()}

    def customer_deletes(self, external_id: str) -> None:
        shown = self.things[external_id]["data"]
        words = "selftext" if external_id.startswith("t3_") else "body"
        shown |= {"author": "[deleted]", words: "[deleted]"}
        shown.pop("author_fullname")

    def answers_to(self, external_id: str) -> list[str]:
        if external_id.startswith("modmail:"):
            messages = self.modmail[external_id.split(":")[1]]["messages"].values()
            return [one["bodyMarkdown"] for one in messages if one["author"]["isMod"]]
        found = (one["data"] for one in self.things.values() if one["data"].get("parent_id") == external_id)
        return [one["body"] for one in found if one["author"] == "brindle"]

    @route("POST", "/api/v1/access_token", is_spared=True)
    def token(self, asked: Asked) -> Answer:
        is_known = asked.form.get("refresh_token") == SECRET or asked.form.get("code") == "a-code"
        if self.is_revoked or not is_known or "choir" not in asked.headers.get("user-agent", ""):
            return Answer({"message": "Bad Request", "error": 400}, 400)
        made = self._id()
        self.tokens.add(made)
        extra = {"refresh_token": SECRET} if "code" in asked.form else {}
        return Answer({"access_token": made, "token_type": "bearer", "expires_in": 86400} | extra)

    @route("GET", "/api/v1/me")
    def me(self, asked: Asked) -> Answer:
        return Answer({"id": "brindle", "name": "brindle"})

    @route("GET", "/message/inbox")
    def inbox(self, asked: Asked) -> Answer:
        """Answers to us and what names us."""
        ours = {name for name, one in self.things.items() if one["data"]["author"] == "brindle"}
        found = [
            one
            for name, one in self.things.items()
            if name.startswith("t1_")
            and one["data"]["author"] != "brindle"
            and (one["data"]["parent_id"] in ours or "u/brindle" in one["data"]["body"])
        ]
        return self._listed(asked, found)

    @route("GET", "/user/brindle/comments")
    def ours(self, asked: Asked) -> Answer:
        found = [one for one in self.things.values() if one["kind"] == "t1" and one["data"]["author"] == "brindle"]
        return self._listed(asked, found)

    @route("GET", f"/r/{WORD}/new")
    def new(self, asked: Asked, which: str) -> Answer:
        return self._listed(asked, [one for one in self.things.values() if one["kind"] == "t3"])

    @route("GET", f"/r/{WORD}/comments")
    def comments(self, asked: Asked, which: str) -> Answer:
        return self._listed(asked, [one for one in self.things.values() if one["kind"] == "t1"])

    @route("GET", "/search")
    def search(self, asked: Asked) -> Answer:
        words = asked.query["q"].strip('"').lower()
        return self._listed(
            asked, [one for one in self.things.values() if words in one["data"].get("title", "").lower()]
        )

    @route("GET", "/api/info")
    def by_name(self, asked: Asked) -> Answer:
        wanted = asked.query["id"].split(",")
        found = [{"kind": one["kind"], "data": one["data"] | {"score": 3}} for one in self._of(wanted)]
        return Answer({"kind": "Listing", "data": {"children": found, "after": None}}, headers=self._limit(995))

    @route("POST", "/api/comment")
    def comment(self, asked: Asked) -> Answer:
        under = asked.form["thing_id"]
        error = self.answer_error or (
            ["DELETED_COMMENT", "that comment has been deleted", "parent"]
            if under not in self.things or self.things[under]["data"]["author"] == "[deleted]"
            else []
        )
        if error:
            wait = {"ratelimit": 300.0} if error[0] == "RATELIMIT" else {}
            self.posts_count -= 1
            return Answer({"json": {"errors": [error]} | wait})
        made = self._commented("brindle", asked.form["text"], under=under)
        return Answer({"json": {"errors": [], "data": {"things": [self.things[made]]}}}, headers=self._limit(990))

    @route("POST", "/api/(?P<verb>del|remove|approve|report)")
    def change(self, asked: Asked, verb: str) -> Answer:
        which = asked.form.get("id") or asked.form["thing_id"]
        (self.removed.discard if verb == "approve" else self.removed.add)(which)
        return Answer({})

    @route("GET", "/api/mod/conversations")
    def conversations(self, asked: Asked) -> Answer:
        moved = sorted(self.modmail, key=self._moved, reverse=True)
        start = moved.index(asked.query["after"]) + 1 if "after" in asked.query else 0
        ids = moved[start : start + int(asked.query["limit"])]
        return Answer({"conversationIds": ids, "conversations": {one: self._about(one) for one in ids}, "messages": {}})

    @route("GET", r"/api/mod/conversations/(?P<which>\w+)")
    def conversation(self, asked: Asked, which: str) -> Answer:
        return Answer({"conversation": self._about(which), "messages": self.modmail[which]["messages"]})

    @route("POST", r"/api/mod/conversations/(?P<which>\w+)")
    def write(self, asked: Asked, which: str) -> Answer:
        self._wrote(which, "brindle", asked.form["body"], is_moderator=True)
        return Answer({"conversation": self._about(which), "messages": self.modmail[which]["messages"]}, 201)

    def refusal(self, status: int) -> Answer:
        headers = self._limit(0) if status == 429 else {}
        return Answer(
            {"message": {401: "Unauthorized", 403: "Forbidden"}.get(status, "Error"), "error": status}, status, headers
        )

    def admits(self, asked: Asked) -> bool:
        return asked.headers.get("authorization", "").removeprefix("Bearer ") in self.tokens

    def _limit(self, remaining: int) -> dict[str, str]:
        left = f"{remaining}.0"
        reset = str(self.waits_seconds)
        return {"x-ratelimit-used": str(1000 - remaining), "x-ratelimit-remaining": left, "x-ratelimit-reset": reset}

    def _of(self, names: list[str]) -> list[dict[str, Any]]:
        return [self.things[one] for one in names if one in self.things]

    def _listed(self, asked: Asked, found: list[dict[str, Any]]) -> Answer:
        """A listing, the newest first; `after` is the name of the last one shown."""
        newest = sorted(found, key=lambda one: float(one["data"]["created_utc"]), reverse=True)
        names = [one["data"]["name"] for one in newest]
        start = names.index(asked.query["after"]) + 1 if "after" in asked.query else 0
        count = int(asked.query.get("limit", 25))
        page = newest[start : start + count]
        after = page[-1]["data"]["name"] if start + count < len(newest) else None
        return Answer({"kind": "Listing", "data": {"children": page, "after": after}}, headers=self._limit(996))

    def _id(self) -> str:
        self._number += 1
        return f"b{self._number:04}"

    def _posted(self, by: str, title: str) -> str:
        made = f"t3_{self._id()}"
        data = self._thing(made, by) | {"title": title, "selftext": "", "url": "", "link_author": by}
        self.things[made] = {"kind": "t3", "data": data}
        return made

    def _commented(self, by: str, text: str, *, under: str) -> str:
        made, above = f"t1_{self._id()}", self.things[under]["data"]
        post = above.get("link_id") or under
        told = {"body": text, "parent_id": under, "link_id": post, "link_author": above["link_author"]}
        self.things[made] = {"kind": "t1", "data": self._thing(made, by) | told}
        return made

    def _thing(self, name: str, by: str) -> dict[str, Any]:
        return {
            "name": name,
            "id": name[3:],
            "author": by,
            "author_fullname": f"t2_{by}",
            "created_utc": self.now().timestamp(),
            "edited": False,
            "permalink": f"/r/brindle/comments/{name[3:]}/",
            "subreddit": "brindle",
            "score": 1,
        }

    def _wrote(self, conversation: str, by: str, text: str, *, is_moderator: bool) -> str:
        made = self._id()
        self.modmail[conversation]["messages"][made] = {
            "id": made,
            "author": {"name": by, "id": 12345, "isMod": is_moderator, "isOp": not is_moderator},
            "bodyMarkdown": text,
            "date": _stated(self.now()),
            "isInternal": False,
        }
        return made

    def _moved(self, conversation: str) -> str:
        return max(str(one["date"]) for one in self.modmail[conversation]["messages"].values())

    def _about(self, conversation: str) -> dict[str, Any]:
        subject = self.modmail[conversation]["subject"]
        return {"id": conversation, "subject": subject, "lastUpdated": self._moved(conversation)}


def _stated(at: dt.datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000000+00:00")
