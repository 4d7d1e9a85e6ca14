"""A Bluesky server and a server of the Mastodon API on loopback, as far as reading a burst of mentions asks them: a
process of its own, ours, in the shapes and with the paging that the networks publish.

`python -m bench.loopback bluesky|mastodon COUNT`: the first line it prints is its port. Half of the mentions are there
at once; with each request for news some more come, so that pages move while they are read.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

BEGAN = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
US = "did:plc:benchbenchbenchbenchbenc"
OURS = "https://social.example/users/bench"
A_REQUEST = 60  # mentions that come with each request


class Requests(BaseHTTPRequestHandler):
    """Reading, one network's way or the other's."""

    protocol_version = "HTTP/1.1"
    network: ClassVar[str]
    count: ClassVar[int]
    there: ClassVar[int]

    def do_GET(self) -> None:
        """One page."""
        path = urlsplit(self.path)
        asked = parse_qs(path.query)
        name = path.path.rpartition("/")[2]
        if name in ("app.bsky.notification.listNotifications", "notifications"):
            said = self._bluesky(asked) if self.network == "bluesky" else self._mastodon(asked)
            type(self).there = min(self.there + A_REQUEST, self.count)
        elif name == "app.bsky.feed.getPosts":
            said = {"posts": [post(int(uri.rpartition("m")[2])) for uri in asked.get("uris", [])]}
        elif self.network == "bluesky":
            said = {"records": []}
        else:
            said = [status(int(one)) for one in asked.get("id[]", [])]
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _bluesky(self, asked: dict[str, list[str]]) -> Any:
        """The newest first, from a place on."""
        limit = int(asked["limit"][0])
        top = int(asked["cursor"][0]) if asked.get("cursor") else self.there
        numbers = range(top, max(top - limit, 0), -1)
        shown = [post(number) | {"reason": "mention"} for number in numbers]
        return {"notifications": shown} | ({"cursor": str(top - limit)} if top > limit else {})

    def _mastodon(self, asked: dict[str, list[str]]) -> Any:
        """What follows on an id, the newest of it first."""
        limit, after = int(asked["limit"][0]), int(asked.get("min_id", ["0"])[0])
        numbers = range(min(after + limit, self.there), after, -1)
        return [
            {"id": str(one), "type": "mention", "created_at": moment(one), "status": status(one)} for one in numbers
        ]

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def moment(number: int) -> str:
    """When a mention was said: one each 50 milliseconds."""
    return (BEGAN + dt.timedelta(milliseconds=50 * number)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def post(number: int) -> dict[str, Any]:
    """One mention on Bluesky, by one of a few thousand people."""
    did = f"did:plc:author{number % 3000:05}"
    return {
        "uri": f"at://{did}/app.bsky.feed.post/m{number}", "cid": f"bafy{number}", "isRead": False,
        "author": {"did": did, "handle": f"a{number % 3000}.example", "displayName": f"Author {number % 3000}"},
        "indexedAt": moment(number),
        "record": {
            "$type": "app.bsky.feed.post", "text": f"@bench order {number} has not arrived", "langs": ["en"],
            "createdAt": moment(number),
        },
    }  # fmt: skip


def status(number: int) -> dict[str, Any]:
    """One mention on Mastodon."""
    author = f"https://elsewhere.example/users/a{number % 3000}"
    return {
        "id": str(number), "created_at": moment(number), "in_reply_to_id": None, "in_reply_to_account_id": None,
        "sensitive": False, "spoiler_text": "", "visibility": "public", "language": "en", "uri": f"{author}/{number}",
        "url": f"{author}/{number}", "edited_at": None, "media_attachments": [], "tags": [], "emojis": [],
        "content": f"<p>@bench order {number} has not arrived</p>", "mentions": [{"url": OURS, "acct": "bench"}],
        "account": {
            "id": str(number % 3000), "acct": f"a{number % 3000}@elsewhere.example", "username": f"a{number % 3000}",
            "display_name": f"Author {number % 3000}", "uri": author, "url": author, "followers_count": 3,
        },
    }  # fmt: skip


def main() -> None:
    """Serve until the process is ended."""
    Requests.network, Requests.count = sys.argv[1], int(sys.argv[2])
    Requests.there = Requests.count // 2
    server = ThreadingHTTPServer(("127.0.0.1", 0), Requests)
    server.daemon_threads = True
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
