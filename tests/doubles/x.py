"""X's API v2, as far as the connector asks it: paging, signatures, problem documents and limit headers after X's
published OpenAPI description. One user of ours, customers who mention it, direct messages."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import html
import re
import time
from typing import Any
from urllib.parse import quote, unquote

from tests.doubles.double import SECRET, Answer, Asked, Double, route

EPOCH_MILLISECONDS = 1288834974657
PROBLEMS = "https://api.twitter.com/2/problems"
US = "9001"


class Network(Double):
    slug = "x"
    settings = {"client_id": "brindle-app"}
    quota_bucket = "read"
    external_id = US

    def __init__(self) -> None:
        super().__init__()
        self.posts: dict[str, dict[str, Any]] = {}
        self.direct: list[dict[str, Any]] = []
        self.users = {US: {"id": US, "username": "brindle", "name": "Brindle"}}
        self.media: dict[str, dict[str, Any]] = {}
        self.may_hand_over = True  # whether the sign-in allows media.write
        self.hidden: set[str] = set()
        self.challenge = ""  # of the proof key with which somebody was sent here
        self.access = self.refresh = ""  # what was handed out last; the refresh token works once
        self._number = 0

    # People

    def told(self) -> None:
        self.first = self.customer_says("Where is my kettle?")
        for number in range(2, 8):
            self.customer_says(f"Is order {number} on its way?")
        self.customer_writes_privately("My address is Mill Lane 4.")

    def customer_says(self, text: str, *, by: str = "mia") -> str:
        return self._said(self._user(by), f"@brindle {text}")

    def customer_writes_privately(self, text: str, *, by: str = "mia", picture: str = "") -> str:
        made = self._sent_privately(self._user(by), self._user(by), text)
        if picture:
            self.direct[-1]["attachments"] = {"media_keys": [picture]}
        return made

    def customer_edits(self, external_id: str, text: str) -> None:
        first = self.posts[external_id]
        new = self._said(first["author_id"], f"@brindle {text}", parent=_parent(first))
        history = [*first["edit_history_tweet_ids"], new]
        self.posts[new] |= {"edit_history_tweet_ids": history, "conversation_id": first["conversation_id"]}

    def customer_deletes(self, external_id: str) -> None:
        gone = [one["id"] for one in self.posts.values() if external_id in one["edit_history_tweet_ids"]]
        for one in [external_id, *gone]:
            self.posts.pop(one, None)

    def answers_to(self, external_id: str) -> list[str]:
        return [
            self._expanded(one) for one in self.posts.values() if one["author_id"] == US and _parent(one) == external_id
        ]

    def pictures_with(self, external_id: str) -> list[tuple[bytes, str]]:
        asked = next((one for one in self.direct if one["id"] == external_id), None)
        thread = asked["dm_conversation_id"] if asked else ""
        answers = (
            [one for one in self.direct if one["sender_id"] == US and one["dm_conversation_id"] == thread]
            if asked
            else [one for one in self.posts.values() if one["author_id"] == US and _parent(one) == external_id]
        )
        keys = [key for one in answers for key in one.get("attachments", {}).get("media_keys", ())]
        return [(self.media[key]["content"], self.media[key]["alt_text"]) for key in keys]

    def _expanded(self, post: dict[str, Any]) -> str:
        """As a reader sees it: whom it answers above it, links and characters as they were written."""
        text = re.sub(r"^@\w+ ", "", post["text"])
        for link in post["entities"].get("urls", ()):
            text = text.replace(link["url"], "" if "media_key" in link else link["expanded_url"]).strip()
        return html.unescape(text)

    # The interface

    @route("GET", "/2/users/me")
    def me(self, asked: Asked) -> Answer:
        return Answer({"data": self.users[US]})

    @route("GET", r"/2/users/(?P<user>\d+)/mentions")
    def mentions(self, asked: Asked, user: str) -> Answer:
        handle = "@" + self.users[user]["username"]
        return self._listed(asked, [one for one in self.posts.values() if handle in one["text"].split()], least=5)

    @route("GET", r"/2/users/(?P<user>\d+)/tweets")
    def timeline(self, asked: Asked, user: str) -> Answer:
        return self._listed(asked, [one for one in self.posts.values() if one["author_id"] == user], least=5)

    @route("GET", "/2/tweets/search/recent")
    def search(self, asked: Asked) -> Answer:
        words = asked.query["query"].removesuffix(" -is:retweet").strip('()"').lower()
        return self._listed(asked, [one for one in self.posts.values() if words in one["text"].lower()], least=10)

    @route("GET", "/2/tweets")
    def lookup(self, asked: Asked) -> Answer:
        ids = asked.query["ids"].split(",")
        missing = [
            {
                "value": one,
                "resource_id": one,
                "parameter": "ids",
                "resource_type": "tweet",
                "title": "Not Found Error",
                "detail": f"Could not find tweet with ids: [{one}].",
                "type": f"{PROBLEMS}/resource-not-found",
            }
            for one in ids
            if one not in self.posts
        ]
        metrics = {"like_count": 3, "retweet_count": 1, "reply_count": 2, "quote_count": 0, "impression_count": 40}
        found = [self.posts[one] | {"public_metrics": metrics} for one in ids if one in self.posts]
        return Answer(({"data": found} if found else {}) | ({"errors": missing} if missing else {}))

    @route("POST", "/2/media/upload")
    def hand_over(self, asked: Asked) -> Answer:
        """One picture at once; it is forgotten after a day unless a post names it."""
        if not self.may_hand_over:
            return _problem(403, "Forbidden")
        content, kind = asked.parts["media"]
        category = asked.parts["media_category"][0].decode()
        if category not in ("tweet_image", "dm_image") or kind not in ("image/jpeg", "image/png"):
            return self._invalid("media_type")
        if len(content) > 5 * 1024**2:
            return self._invalid("media")
        made = self._id(self._clock)
        self.media[f"3_{made}"] = {"content": content, "alt_text": "", "category": category}
        said = {"id": made, "media_key": f"3_{made}", "size": len(content), "expires_after_secs": 86400}
        return Answer({"data": said})

    @route("POST", "/2/media/metadata")
    def describe(self, asked: Asked) -> Answer:
        made, words = asked.json["id"], asked.json["metadata"]["alt_text"]["text"]
        if f"3_{made}" not in self.media or not 0 < len(words) <= 1000:
            return self._invalid("id")
        self.media[f"3_{made}"]["alt_text"] = words
        return Answer({"data": {"id": made, "associated_metadata": {"alt_text": {"text": words}}}})

    @route("POST", "/2/tweets")
    def create(self, asked: Asked) -> Answer:
        text = asked.json["text"]
        named = asked.json.get("media", {}).get("media_ids", [])
        if len(named) > 4 or any(self.media.get(f"3_{one}", {}).get("category") != "tweet_image" for one in named):
            return _problem(400, "Your media IDs are invalid.")
        parent = asked.json.get("reply", {}).get("in_reply_to_tweet_id", "")
        if parent and parent not in self.posts:
            return _problem(403, "You attempted to reply to a Tweet that is deleted or not visible to you.")
        if len(text) > 280:
            return self._invalid("text")
        if any(one["author_id"] == US and one["text"].endswith(text) for one in self.posts.values()):
            return _problem(403, "You are not allowed to create a Tweet with duplicate content.")
        # A reply begins with whom it answers, links are shortened, and three characters are escaped.
        shown = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        urls = []
        for number, link in enumerate(re.findall(r"https?://\S+", shown)):
            short = f"https://t.co/{number}{self._number}"
            shown = shown.replace(link, short)
            urls.append({"url": short, "expanded_url": link, "display_url": link[8:]})
        if parent:
            shown = f"@{self.users[self.posts[parent]['author_id']]['username']} {shown}"
        if named:
            shown += f" https://t.co/m{self._number}"
        made = self._said(US, shown, parent=parent)
        self.posts[made]["entities"]["urls"] = urls + [
            {
                "url": shown.split()[-1],
                "expanded_url": f"https://x.com/brindle/status/{made}/photo/{place}",
                "display_url": "pic.x.com/m",
                "media_key": f"3_{one}",
            }
            for place, one in enumerate(named, start=1)
        ]
        if named:
            self.posts[made]["attachments"] = {"media_keys": [f"3_{one}" for one in named]}
        return Answer({"data": {"id": made, "text": shown, "edit_history_tweet_ids": [made]}}, 201, self._limit(17))

    @route("DELETE", r"/2/tweets/(?P<post>\d+)")
    def delete(self, asked: Asked, post: str) -> Answer:
        self.posts.pop(post, None)
        return Answer({"data": {"deleted": True}})

    @route("PUT", r"/2/tweets/(?P<post>\d+)/hidden")
    def hide(self, asked: Asked, post: str) -> Answer:
        (self.hidden.add if asked.json["hidden"] else self.hidden.discard)(post)
        return Answer({"data": {"hidden": asked.json["hidden"]}})

    @route("GET", "/2/dm_events")
    def direct_events(self, asked: Asked) -> Answer:
        return self._listed(asked, self.direct)

    @route("GET", r"/2/dm_conversations/with/(?P<who>\d+)/dm_events")
    def direct_with(self, asked: Asked, who: str) -> Answer:
        return self._listed(asked, [one for one in self.direct if who in one["dm_conversation_id"].split("-")])

    @route("POST", r"/2/dm_conversations/with/(?P<who>\d+)/messages")
    def write_privately(self, asked: Asked, who: str) -> Answer:
        named = [one["media_id"] for one in asked.json.get("attachments", ())]
        if len(named) > 1 or any(self.media.get(f"3_{one}", {}).get("category") != "dm_image" for one in named):
            return _problem(400, "Your media IDs are invalid.")
        short = f" https://t.co/d{self._number}" if named else ""
        made = self._sent_privately(US, who, asked.json["text"] + short)
        if named:
            where = f"https://x.com/messages/media/{made}"
            self.direct[-1] |= {
                "attachments": {"media_keys": [f"3_{one}" for one in named]},
                "entities": {"urls": [{"url": short.strip(), "expanded_url": where, "display_url": "pic.x.com/d"}]},
            }
        return Answer({"data": {"dm_conversation_id": f"{who}-{US}", "dm_event_id": made}}, 201)

    @route("POST", "/2/oauth2/token", is_spared=True)
    def token(self, asked: Asked) -> Answer:
        """For a code with its proof, or for the refresh token that was handed out last (RFC 6749 §4.1.3, §6)."""
        said = asked.form
        proof = base64.urlsafe_b64encode(hashlib.sha256(said.get("code_verifier", "").encode()).digest()).decode()
        is_back = said.get("code") == "a-code" and proof.rstrip("=") == self.challenge
        app = base64.b64encode(f"{self.settings['client_id']}:{SECRET}".encode()).decode()
        if asked.headers.get("authorization") != f"Basic {app}":
            return Answer(
                {"error": "unauthorized_client", "error_description": "Missing valid authorization header"}, 401
            )
        if self.is_revoked or not (is_back or (self.refresh and said.get("refresh_token") == self.refresh)):
            return Answer({"error": "invalid_request", "error_description": "Value passed was invalid."}, 400)
        self._number += 1
        self.access, self.refresh = f"access-{self._number}", f"refresh-{self._number}"
        made = {"access_token": self.access, "refresh_token": self.refresh, "expires_in": 7200}
        return Answer(made | {"token_type": "bearer", "scope": "tweet.read offline.access"})

    @route("GET", r"/1\.1/ton/data/dm/(?P<which>[\w.]+)")
    def private_picture(self, asked: Asked, which: str) -> Answer:
        return (
            Answer({"picture": which}) if not asked.headers["authorization"].startswith("Bearer") else _problem(403, "")
        )

    # How it answers

    def refusal(self, status: int) -> Answer:
        title = {401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 429: "Too Many Requests"}.get(status, "Error")
        headers = self._limit(0) if status == 429 else {}
        said = {"title": title, "detail": title, "status": status, "type": "about:blank"}
        return Answer(said, status, headers)

    def admits(self, asked: Asked) -> bool:
        """A token that was handed out, or RFC 5849 §3.4 from the server's side."""
        if asked.headers.get("authorization", "").startswith("Bearer"):
            return bool(self.access) and asked.headers["authorization"] == f"Bearer {self.access}"
        stated = dict(re.findall(r'(oauth_\w+)="([^"]*)"', asked.headers.get("authorization", "")))
        offered = unquote(stated.pop("oauth_signature", ""))
        if abs(int(stated.get("oauth_timestamp", 0)) - time.time()) > 300:
            return False
        pairs = sorted([(_e(k), _e(v)) for k, v in asked.query.items()] + list(stated.items()))
        base = "&".join(
            [asked.method, _e(self.address + asked.path), _e("&".join(f"{name}={value}" for name, value in pairs))]
        )
        key = f"{SECRET}&{SECRET}".encode()
        expected = base64.b64encode(hmac.new(key, base.encode(), hashlib.sha1).digest()).decode()
        return unquote(stated.get("oauth_token", "")) == SECRET and hmac.compare_digest(expected, offered)

    def _limit(self, remaining: int) -> dict[str, str]:
        resets = int(time.time()) + self.waits_seconds
        return {
            "x-rate-limit-limit": "180",
            "x-rate-limit-remaining": str(remaining),
            "x-rate-limit-reset": str(resets),
        }

    def _invalid(self, what: str) -> Answer:
        detail = "One or more parameters to your request was invalid."
        said = {"errors": [{"message": f"{what} is not valid", "parameters": {}}], "title": "Invalid Request"}
        return Answer(said | {"detail": detail, "type": f"{PROBLEMS}/invalid-request"}, 400)

    def _listed(self, asked: Asked, found: list[dict[str, Any]], *, least: int = 1) -> Answer:
        count = int(asked.query.get("max_results", 10))
        if not least <= count <= 100:
            return self._invalid(f"max_results [{count}]")
        since = int(asked.query.get("since_id", 0))
        until = int(asked.query.get("pagination_token") or asked.query.get("next_token") or 1 << 63)
        newest = sorted((one for one in found if since < int(one["id"]) < until), key=lambda one: -int(one["id"]))
        page, rest = newest[:count], newest[count:]
        meta: dict[str, Any] = {"result_count": len(page)} | ({"next_token": page[-1]["id"]} if rest else {})
        said: dict[str, Any] = {"meta": meta}
        if page:
            who = sorted({one.get("author_id") or one["sender_id"] for one in page})
            keys = [key for one in page for key in one.get("attachments", {}).get("media_keys", ())]
            said |= {"data": page, "includes": {"users": [self.users[one] for one in who]}}
            where = f"{self.address}/1.1/ton/data/dm"
            said["includes"] |= {
                "media": [{"media_key": key, "type": "photo", "url": f"{where}/{key}"} for key in keys]
            }
        return Answer(said, headers=self._limit(179))

    def _user(self, handle: str) -> str:
        known = {one["username"]: one["id"] for one in self.users.values()}
        made = known.get(handle) or str(100 + len(self.users))
        self.users[made] = {"id": made, "username": handle, "name": handle.capitalize()}
        return made

    def _named(self, text: str) -> list[dict[str, str]]:
        known = {one["username"]: one["id"] for one in self.users.values()}
        handles = [one for one in re.findall(r"@(\w+)", text) if one in known]
        return [{"username": one, "id": known[one]} for one in handles]

    def _said(self, author: str, text: str, *, parent: str = "") -> str:
        at = self.now()
        made = self._id(at)
        self.posts[made] = {
            "id": made,
            "author_id": author,
            "text": text,
            "created_at": _stated(at),
            "edit_history_tweet_ids": [made],
            "conversation_id": self.posts[parent]["conversation_id"] if parent else made,
            "lang": "en",
            "entities": {"mentions": self._named(text)},
        }
        if parent:
            self.posts[made] |= {
                "referenced_tweets": [{"type": "replied_to", "id": parent}],
                "in_reply_to_user_id": self.posts[parent]["author_id"],
            }
        return made

    def _sent_privately(self, sender: str, with_: str, text: str) -> str:
        at = self.now()
        made = self._id(at)
        self.direct.append(
            {
                "id": made,
                "event_type": "MessageCreate",
                "text": text,
                "sender_id": sender,
                "created_at": _stated(at),
                "dm_conversation_id": f"{with_}-{US}",
            }
        )
        return made

    def _id(self, at: dt.datetime) -> str:
        self._number += 1
        return str(((int(at.timestamp() * 1000) - EPOCH_MILLISECONDS) << 22) + self._number)


def _stated(at: dt.datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _parent(post: dict[str, Any]) -> str:
    return next((one["id"] for one in post.get("referenced_tweets", ())), "")


def _problem(status: int, detail: str) -> Answer:
    return Answer({"title": "Forbidden", "detail": detail, "status": status, "type": "about:blank"}, status)


def _e(value: str) -> str:
    return quote(value, safe="-._~")
