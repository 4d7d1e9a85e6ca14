"""YouTube's Data API v3, as far as the connector asks it: comment threads, answers, moderation, statistics, consent and
tokens, errors with Google's reasons; after the published discovery document."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from tests.doubles.double import SECRET, Answer, Asked, Double, route

US = "UCbrindle0000000000000000"
API = "/youtube/v3"
REASONS = {
    401: (401, "authError", "Invalid Credentials"),
    403: (403, "forbidden", "The request might not be properly authorized."),
    404: (404, "commentNotFound", "The comment could not be found."),
    429: (403, "quotaExceeded", "The request cannot be completed because you have exceeded your quota."),
}


class Network(Double):
    slug = "youtube"
    external_id = US
    settings = {"client_id": "1234-abc.apps.googleusercontent.com"}
    quota_bucket = "all"

    def __init__(self) -> None:
        super().__init__()
        self.comments: dict[str, dict[str, Any]] = {}
        self.tokens: set[str] = set()
        self.moderated: dict[str, str] = {}
        self._number = 0
        here = dt.datetime.now(ZoneInfo("America/Los_Angeles"))
        midnight = (here + dt.timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        self.waits_seconds = int(midnight.timestamp() - here.timestamp())  # the quota is of a day in California

    def told(self) -> None:
        self.first = self.customer_says("Where is my kettle?")
        for number in range(2, 5):
            self.customer_says(f"Is order {number} on its way?")

    def customer_says(self, text: str, *, by: str = "mia", under: str = "") -> str:
        return self._commented(f"UC{by}", f"@{by}", text, thread=under)

    def customer_edits(self, external_id: str, text: str) -> None:
        snippet = self.comments[external_id]["snippet"]
        snippet |= {"textDisplay": text, "updatedAt": _stated(self.now())}

    def customer_deletes(self, external_id: str) -> None:
        for one in [one for one in self.comments if one.partition(".")[0] == external_id or one == external_id]:
            del self.comments[one]

    def answers_to(self, external_id: str) -> list[str]:
        found = (one["snippet"] for one in self.comments.values() if one["snippet"].get("parentId") == external_id)
        return [one["textDisplay"] for one in found if one["authorChannelId"]["value"] == US]

    @route("POST", "/token", is_spared=True)
    def token(self, asked: Asked) -> Answer:
        is_known = asked.form.get("refresh_token") == SECRET or asked.form.get("code") == "a-code"
        if self.is_revoked or not is_known:
            said = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
            return Answer(said, 400)
        self._number += 1
        made = f"ya29.{self._number}"
        self.tokens.add(made)
        extra = {"refresh_token": SECRET} if "code" in asked.form else {}
        return Answer({"access_token": made, "expires_in": 3599, "token_type": "Bearer"} | extra)

    @route("GET", API + "/channels")
    def channels(self, asked: Asked) -> Answer:
        return Answer({"items": [{"id": US, "snippet": {"title": "Brindle", "customUrl": "@brindle"}}]})

    @route("GET", API + "/commentThreads")
    def threads(self, asked: Asked) -> Answer:
        tops = [one for one in self.comments.values() if "parentId" not in one["snippet"]]
        if "id" in asked.query:
            wanted = asked.query["id"].split(",")
            return Answer({"items": [self._thread(one, asked) for one in tops if one["id"] in wanted]})
        tops.sort(key=lambda one: one["snippet"]["publishedAt"], reverse=True)
        return self._paged(asked, [self._thread(one, asked) for one in tops])

    @route("GET", API + "/comments")
    def list_comments(self, asked: Asked) -> Answer:
        if "id" in asked.query:
            return Answer(
                {"items": [self.comments[one] for one in asked.query["id"].split(",") if one in self.comments]}
            )
        if asked.query["parentId"] not in self.comments:
            return self.refusal(404)
        return self._paged(asked, self._answers(asked.query["parentId"]))

    @route("POST", API + "/comments")
    def insert(self, asked: Asked) -> Answer:
        snippet = asked.json["snippet"]
        if snippet["parentId"] not in self.comments:
            return self.problem(404, "parentCommentNotFound", "The specified parent comment could not be found.")
        made = self._commented(US, "@brindle", snippet["textOriginal"], thread=snippet["parentId"])
        return Answer(self.comments[made])

    @route("DELETE", API + "/comments")
    def delete(self, asked: Asked) -> Answer:
        self.comments.pop(asked.query["id"], None)
        return Answer(status=204)

    @route("POST", API + "/comments/setModerationStatus")
    def moderate(self, asked: Asked) -> Answer:
        self.moderated[asked.query["id"]] = asked.query["moderationStatus"]
        return Answer(status=204)

    @route("POST", API + "/comments/markAsSpam")
    def spam(self, asked: Asked) -> Answer:
        self.moderated[asked.query["id"]] = "spam"
        return Answer(status=204)

    @route("GET", API + "/videos")
    def videos(self, asked: Asked) -> Answer:
        figures = {"viewCount": "40", "likeCount": "3", "commentCount": "2"}
        return Answer({"items": [{"id": one, "statistics": figures} for one in asked.query["id"].split(",")]})

    def refusal(self, status: int) -> Answer:
        return self.problem(*REASONS.get(status, (status, "backendError", "Backend Error")))

    def problem(self, status: int, reason: str, message: str) -> Answer:
        errors = [{"message": message, "domain": "youtube", "reason": reason}]
        return Answer({"error": {"code": status, "message": message, "errors": errors}}, status)

    def admits(self, asked: Asked) -> bool:
        return asked.headers.get("authorization", "").removeprefix("Bearer ") in self.tokens

    def _paged(self, asked: Asked, found: list[dict[str, Any]]) -> Answer:
        start, count = int(asked.query.get("pageToken", "Q0")[1:]), int(asked.query.get("maxResults", 20))
        said: dict[str, Any] = {"items": found[start : start + count], "pageInfo": {"resultsPerPage": count}}
        return Answer(said | ({"nextPageToken": f"Q{start + count}"} if start + count < len(found) else {}))

    def _answers(self, thread: str) -> list[dict[str, Any]]:
        return [one for one in self.comments.values() if one["snippet"].get("parentId") == thread]

    def _thread(self, top: dict[str, Any], asked: Asked) -> dict[str, Any]:
        """A thread shows five answers at most, and none where they are not asked for."""
        answers = self._answers(top["id"])
        snippet = {"videoId": "dQw4w9WgXc0", "topLevelComment": top, "totalReplyCount": len(answers)}
        shown = {"replies": {"comments": answers[:5]}} if answers and "replies" in asked.query["part"] else {}
        return {"id": top["id"], "snippet": snippet} | shown

    def _commented(self, channel: str, name: str, text: str, *, thread: str = "") -> str:
        self._number += 1
        at = _stated(self.now())
        own = f"Ugbrindle{self._number:04}"
        made = f"{thread}.{own}" if thread else own
        snippet: dict[str, Any] = {
            "videoId": "dQw4w9WgXc0",
            "textDisplay": text,
            "authorDisplayName": name,
            "authorChannelUrl": f"https://www.youtube.com/{name}",
            "authorChannelId": {"value": channel},
            "likeCount": 1,
            "publishedAt": at,
            "updatedAt": at,
        }
        if channel == US:
            snippet["textOriginal"] = text
        self.comments[made] = {"id": made, "snippet": snippet | ({"parentId": thread} if thread else {})}
        return made


def _stated(at: dt.datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
