"""Streams of a server of the Mastodon API: ours, and those of the hashtags that queries want."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from choir.channels.connectors.mastodon.connector import Connector
from choir.channels.contract import Account, Item

US = "https://social.example/users/acme"


def status(number: str, text: str, **more: Any) -> dict[str, Any]:
    author = {"id": "7", "acct": "mia", "username": "mia", "url": "https://social.example/@mia", "display_name": "Mia"}
    return {
        "id": number, "created_at": "2026-11-20T11:04:00.000Z", "visibility": "public", "content": f"<p>{text}</p>",
        "account": author, "mentions": [], "media_attachments": [], "url": f"https://social.example/@mia/{number}",
    } | more  # fmt: skip


class Server(BaseHTTPRequestHandler):
    """Tells each stream what is in `telling`, then stays silent."""

    telling: ClassVar[dict[str, list[tuple[str, Any]]]]
    opened: ClassVar[list[str]]
    is_over: ClassVar[threading.Event]

    def do_GET(self) -> None:
        path = urlsplit(self.path)
        name = path.path.rpartition("/")[2]
        if "streaming" not in path.path:
            self.send_error(404)
            return
        stream = parse_qs(path.query).get("tag", [name])[0]
        self.opened.append(stream)
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        for event, said in self.telling.get(stream, []):
            payload = said if isinstance(said, str) else json.dumps(said)
            self.wfile.write(f"event: {event}\ndata: {payload}\n\n".encode())
        self.wfile.flush()
        self.is_over.wait(10)

    def log_message(self, format: str, *args: Any) -> None:
        return


class Wishes:
    """What queries want."""

    def __init__(self, *hashtags: str) -> None:
        self.tags = list(hashtags)

    def finds(self, item: Item) -> bool:
        return "kettle" in item.text

    def knows(self, external_id: str) -> bool:
        return external_id == "known"

    def hashtags(self) -> Sequence[str]:
        return self.tags


@pytest.fixture
def connector() -> Iterator[Connector]:
    Server.telling, Server.opened, Server.is_over = {}, [], threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    yield Connector(Account(US, "acme", {"address": address}, {"access_token": "t"}))
    Server.is_over.set()
    server.shutdown()
    server.server_close()


def told(connector: Connector, wishes: Wishes, count: int) -> list[tuple[str, bool]]:
    found: list[tuple[str, bool]] = []
    with closing(connector.listen("", wanted=wishes)) as pages:  # type: ignore[type-var]
        until = time.monotonic() + 10
        for page in pages:
            for raw in page.raws:
                found += [(one.external_id, getattr(one, "is_addressed", False)) for one in connector.items(raw)]
            if len(found) >= count or time.monotonic() > until:
                Server.is_over.set()  # or closing waits for the server's next word
                break
    return found


def test_hashtags_that_queries_want_are_listened_to_and_only_what_they_find_is_told(connector: Connector) -> None:
    Server.telling = {
        "user": [("update", status("1", "hello", mentions=[{"url": US}]))],
        "launch": [("update", status("2", "no pots")), ("update", status("3", "kettle")), ("delete", "9")],
    }
    found = told(connector, Wishes("#launch", "#other"), 3)
    assert sorted(found) == [("1", True), ("3", False), ("9", False)]
    assert set(Server.opened) == {"user", "launch", "other"}


def test_what_was_heard_is_told_again_in_its_new_words(connector: Connector) -> None:
    edited = status("known", "another thing now", edited_at="2026-11-20T12:00:00.000Z")
    Server.telling = {"user": [("status.update", edited)]}
    assert told(connector, Wishes(), 1) == [("known", False)]
