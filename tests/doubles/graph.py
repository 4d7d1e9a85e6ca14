"""What Facebook and Instagram share on Meta's Graph API: edges with cursors, batches, private messages with their
24-hour window, error documents, usage headers and signed webhooks."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from typing import Any, ClassVar

from tests.doubles.double import SECRET, Answer, Asked, Double, route

VERSION = "/v26.0"
APP = "1234567890"
WINDOW = dt.timedelta(hours=24)
PICTURES = ("image/jpeg", "image/png", "image/gif")
LARGEST_PICTURE = 8 * 1024**2
ERRORS = {
    401: (401, {"type": "OAuthException", "code": 190, "error_subcode": 460, "message": "Error validating token."}),
    403: (403, {"type": "OAuthException", "code": 200, "message": "(#200) Requires pages_manage_engagement."}),
    404: (400, {"type": "GraphMethodException", "code": 100, "error_subcode": 33, "message": "Unsupported request."}),
    429: (403, {"type": "OAuthException", "code": 4, "message": "(#4) Application request limit reached."}),
}


class GraphDouble(Double):
    """One account of ours on a network of Meta's."""

    settings = {"app_id": APP}
    quota_bucket = "all"
    subject: ClassVar[str]
    platform: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.private: dict[str, list[dict[str, Any]]] = {}
        self.sent_pictures: dict[str, bytes] = {}  # by the message that each one is
        self.window_is_closed = False
        self.human_agent_is_approved = False
        self.hidden: set[str] = set()
        self.allowed = [{"id": "104000000000001", "name": "Brindle", "username": "brindle", "access_token": SECRET}]
        self._number = 0
        self._announced: list[dict[str, Any]] = []

    def customer_writes_privately(self, text: str, *, by: str = "mia") -> str:
        return self._sent_privately(by, text, is_ours=False)

    def customer_unsends(self, message_id: str, *, by: str = "mia") -> None:
        self.private[by] = [one for one in self.private[by] if one["id"] != message_id]
        message = {"mid": message_id, "is_deleted": True}
        self._announce_message(by, message, self.now(), is_ours=False)

    def customer_rewords(self, message_id: str, text: str, *, by: str = "mia") -> None:
        next(one for one in self.private[by] if one["id"] == message_id)["message"] = text
        self._announce_message(by, {"mid": message_id, "text": text, "num_edit": 1}, self.now(), is_ours=False)
        told = self._announced[-1]["messaging"][0]
        told["message_edit"] = told.pop("message")

    def private_answers(self, by: str = "mia") -> list[str]:
        ours = [one for one in self.private.get(by, []) if one["from"]["id"] == self.external_id]
        return [one["message"] for one in ours if one["message"]]

    def pictures_with(self, external_id: str) -> list[tuple[bytes, str]]:
        """Of private messages, which have no descriptions."""
        thread = next((said for said in self.private.values() if external_id in [one["id"] for one in said]), [])
        return [(self.sent_pictures[one["id"]], "") for one in thread if one["id"] in self.sent_pictures]

    def announcements(self) -> list[tuple[bytes, dict[str, str]]]:
        said, self._announced = self._announced, []
        return [self.signed(entry) for entry in said]

    def signed(self, entry: dict[str, Any], *, secret: str = SECRET) -> tuple[bytes, dict[str, str]]:
        body = json.dumps({"object": self.subject, "entry": [entry]}).encode()
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return body, {"X-Hub-Signature-256": f"sha256={signature}", "Content-Type": "application/json"}

    @route("GET", VERSION + "/me/conversations")
    def conversations(self, asked: Asked) -> Answer:
        if asked.query["platform"] != self.platform:
            return self.refusal(404)
        only = asked.query.get("user_id")
        found = []
        for who, messages in self.private.items():
            if messages and (only is None or only == self.scoped(who)):
                newest = sorted(messages, key=lambda one: one["created_time"], reverse=True)
                edge = self.edge(newest, count=_limit_in(asked.query["fields"], "messages"))
                found.append({"id": f"t_{who}", "updated_time": newest[0]["created_time"], "messages": edge})
        found.sort(key=lambda one: one["updated_time"], reverse=True)
        return Answer(self.edge(found, asked), headers=self.usage(3))

    @route("GET", VERSION + r"/t_(?P<who>\w+)/messages")
    def messages(self, asked: Asked, who: str) -> Answer:
        newest = sorted(self.private[who], key=lambda one: one["created_time"], reverse=True)
        return Answer(self.edge(newest, asked))

    @route("POST", VERSION + "/me/messages")
    def write_privately(self, asked: Asked) -> Answer:
        said, picture = self._written(asked)
        who = next((one for one in self.private if self.scoped(one) == said["recipient"]["id"]), None)
        if who is None:
            return self.error(400, 100, "No matching user found.", subcode=2018001)
        if said["messaging_type"] == "MESSAGE_TAG" and not self.human_agent_is_approved:
            return self.error(400, 10, "(#10) Message tag not approved for app.")
        if said["messaging_type"] == "RESPONSE" and self.window_is_closed:
            message = "(#10) This message is sent outside of allowed window."
            return self.error(400, 10, message, subcode=2018278)
        if ("text" in said["message"]) == ("attachment" in said["message"]):
            return self.error(400, 100, "(#100) A message has either a text or an attachment.", subcode=2018034)
        if "attachment" in said["message"] and (picture is None or not fits(*picture)):
            return self.error(400, 100, "(#100) Upload attachment failure.", subcode=2018047)
        made = self._sent_privately(who, said["message"].get("text", ""), is_ours=True, picture=picture)
        return Answer({"recipient_id": said["recipient"]["id"], "message_id": made}, headers=self.usage(3))

    def _written(self, asked: Asked) -> tuple[dict[str, Any], tuple[bytes, str] | None]:
        """What a message says, and the picture that came with it: as JSON, or as a form with JSON in it."""
        if asked.headers["content-type"].startswith("application/json"):
            return asked.json, None
        parts = asked.parts
        picture = parts.pop("filedata", None) if is_named_plainly(asked) else None
        words = {name: content.decode() for name, (content, _) in parts.items()}
        return {name: json.loads(one) if one.startswith("{") else one for name, one in words.items()}, picture

    @route("POST", VERSION + "/me/subscribed_apps")
    def subscribe(self, asked: Asked) -> Answer:
        return Answer({"success": True})

    @route("POST", VERSION + "/")
    def batch(self, asked: Asked) -> Answer:
        """Several requests in one; the answers' bodies are strings."""
        self.posts_count -= 1  # it only reads
        answers = []
        for one in asked.json["batch"]:
            path, _, query = one["relative_url"].partition("?")
            found, _ = self.answer(Asked("GET", f"/{path}", dict([query.split("=", 1)]), asked.headers, b""))
            answers.append({"code": found.status, "body": json.dumps(found.said)})
        return Answer(answers, headers=self.usage(3))

    @route("POST", VERSION + "/oauth/access_token", is_spared=True)
    def token(self, asked: Asked) -> Answer:
        """For a code, a person's token of an hour; for that, one of sixty days."""
        said = asked.form
        is_ours = (said.get("client_id"), said.get("client_secret")) == (APP, SECRET)
        if is_ours and said.get("code") == "a-code":
            return Answer({"access_token": "EAAshort", "token_type": "bearer", "expires_in": 5105})
        if is_ours and said.get("fb_exchange_token") == "EAAshort":
            return Answer({"access_token": "EAAlong", "token_type": "bearer", "expires_in": 5183999})
        return self.error(400, 100, "This authorization code has been used.", subcode=36009)

    @route("GET", VERSION + "/me/accounts", is_spared=True)
    def accounts(self, asked: Asked) -> Answer:
        """The Pages that a person allowed us; their tokens last as long as the person's was long."""
        proof = hmac.new(SECRET.encode(), b"EAAlong", hashlib.sha256).hexdigest()
        is_long = asked.headers.get("authorization") == "Bearer EAAlong" and asked.query["appsecret_proof"] == proof
        return Answer({"data": self.allowed}) if is_long else self.refusal(401)

    def refusal(self, status: int) -> Answer:
        shown, error = ERRORS.get(status, (status, {"type": "OAuthException", "code": 2, "message": "Try later."}))
        headers = self.usage(100, minutes=self.waits_seconds // 60) if status == 429 else {}
        return Answer({"error": error | {"fbtrace_id": "AbC"}}, shown, headers)

    def error(self, status: int, code: int, message: str, *, subcode: int | None = None) -> Answer:
        error = {"type": "OAuthException", "code": code, "message": message, "fbtrace_id": "AbC"}
        return Answer({"error": error | ({"error_subcode": subcode} if subcode else {})}, status)

    def admits(self, asked: Asked) -> bool:
        proof = hmac.new(SECRET.encode(), SECRET.encode(), hashlib.sha256).hexdigest()
        is_proven = asked.query.get("appsecret_proof", proof) == proof
        return asked.headers.get("authorization") == f"Bearer {SECRET}" and is_proven

    def usage(self, percent: int, *, minutes: int = 0) -> dict[str, str]:
        figures = {"call_count": percent, "total_cputime": 1, "total_time": 1}
        of_page = figures | {"type": "pages", "estimated_time_to_regain_access": minutes}
        return {
            "x-app-usage": json.dumps(figures),
            "x-business-use-case-usage": json.dumps({self.external_id: [of_page]}),
        }

    def edge(self, found: list[dict[str, Any]], asked: Asked | None = None, *, count: int = 25) -> dict[str, Any]:
        """One page of an edge; `after` is the place of the last one shown, hidden in a token."""
        query = asked.query if asked else {}
        start = int(query.get("after", "QVFI0")[4:])
        count = int(query.get("limit", count))
        page = found[start : start + count]
        edge: dict[str, Any] = {"data": page}
        if page:
            edge["paging"] = {"cursors": {"before": f"QVFI{start}", "after": f"QVFI{start + len(page)}"}}
        if start + count < len(found):
            edge["paging"]["next"] = f"{self.address}{VERSION}/more?access_token=hidden"
        return edge

    def scoped(self, who: str) -> str:
        """A customer's id as our app sees it."""
        return str(7000000000 + sum(ord(letter) * 31**place for place, letter in enumerate(who)))

    def person(self, who: str) -> dict[str, str]:
        return {"id": self.scoped(who), "name": who.capitalize()}

    def number(self) -> str:
        self._number += 1
        return str(170000000000000 + self._number)

    def announce_change(self, field: str, value: dict[str, Any]) -> None:
        changes = [{"field": field, "value": value}]
        self._announced.append({"id": self.external_id, "time": int(self._clock.timestamp()), "changes": changes})

    def _sent_privately(self, who: str, text: str, *, is_ours: bool, picture: tuple[bytes, str] | None = None) -> str:
        at = self.now()
        us, them = {"id": self.external_id, "name": "Brindle"}, self.person(who)
        made = f"m_{self.number()}"
        message = {
            "id": made,
            "created_time": stated(at),
            "from": us if is_ours else them,
            "to": {"data": [them if is_ours else us]},
            "message": text,
        }
        self.private.setdefault(who, []).append(message)
        announced: dict[str, Any] = {"mid": made, "text": text} | ({"is_echo": True, "app_id": 5} if is_ours else {})
        if picture is not None:
            self.sent_pictures[made] = picture[0]
            where = f"https://cdn.example/{made}.jpg"
            message["attachments"] = {"data": [{"id": made, "mime_type": picture[1], "image_data": {"url": where}}]}
            announced["attachments"] = [{"type": "image", "payload": {"url": where}}]
        self._announce_message(who, announced, at, is_ours=is_ours)
        return made

    def _announce_message(self, who: str, message: dict[str, Any], at: dt.datetime, *, is_ours: bool) -> None:
        us, them = {"id": self.external_id}, {"id": self.scoped(who)}
        milliseconds = int(at.timestamp() * 1000)
        messaging = {
            "sender": us if is_ours else them,
            "recipient": them if is_ours else us,
            "timestamp": milliseconds,
            "message": message,
        }
        self._announced.append({"id": self.external_id, "time": milliseconds, "messaging": [messaging]})


def is_named_plainly(asked: Asked) -> bool:
    """Whether the file's name is ASCII; others are not taken (“Upload media for Instagram messaging: limitations”)."""
    return re.search(rb'filename="[^"]*[\x80-\xff]', asked.body) is None


def fits(content: bytes, kind: str) -> bool:
    """Whether a picture is of a kind and size that is taken."""
    return kind in PICTURES and len(content) <= LARGEST_PICTURE


def stated(at: dt.datetime) -> str:
    """As the Graph API writes a time."""
    return at.strftime("%Y-%m-%dT%H:%M:%S+0000")


def _limit_in(fields: str, edge: str) -> int:
    found = re.search(rf"{edge}[^{{]*\.limit\((\d+)\)", fields)
    return int(found[1]) if found else 25


def nested_limit(asked: Asked, edge: str) -> int:
    """How many of an edge are wanted with each object."""
    return _limit_in(asked.query.get("fields", ""), edge)


def newest(found: Iterator[dict[str, Any]], *, by: str = "created_time") -> list[dict[str, Any]]:
    """The newest first."""
    return sorted(found, key=lambda one: str(one[by]), reverse=True)
