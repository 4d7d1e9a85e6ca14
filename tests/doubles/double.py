"""What all doubles share: a server on loopback, faults, who may come in, and what a test may ask of any network.

A double keeps state as its network does (accounts, posts, tokens) and answers in its shapes. It is ours, so it is
weaker evidence than a real server: a connector tested against one says so in its manifest.
"""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

SECRET = "s3cret-that-must-not-show"
HANG_SECONDS = 2


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body or b"{}")

    @property
    def parts(self) -> dict[str, tuple[bytes, str]]:
        """The parts of a form with files, by name: content and type (RFC 7578)."""
        head = f"content-type: {self.headers['content-type']}\r\n\r\n".encode()
        form = email.message_from_bytes(head + self.body, policy=email.policy.HTTP)
        found: dict[str, tuple[bytes, str]] = {}
        for one in form.iter_parts():
            content = one.get_payload(decode=True)
            assert isinstance(content, bytes)
            found[one["content-disposition"].params["name"]] = (content, one.get_content_type())
        return found

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(frozen=True)
class Answer:
    """One response; `said` is JSON, None is an empty body."""

    said: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        return b"" if self.said is None else json.dumps(self.said).encode()


Answering = Callable[..., Answer]


def route(method: str, path: str, *, is_spared: bool = False) -> Callable[[Answering], Answering]:
    """Answers a request; the named groups of `path` are arguments. `is_spared`: not touched by faults, as where
    tokens are made."""

    def marked(answering: Answering) -> Answering:
        answering.route = (method, re.compile(path + "$"), is_spared)  # type: ignore[attr-defined]
        return answering

    return marked


class Double:
    """A network. Subclasses have routes, the shape of a refusal, and the verbs of people on it."""

    slug: ClassVar[str]
    settings: ClassVar[dict[str, Any]] = {}
    external_id: ClassVar[str]
    handle: ClassVar[str] = "brindle"
    has_edits: ClassVar[bool] = True
    quota_bucket: ClassVar[str] = ""  # what it states to be left is of this bucket; "" is nothing

    def __init__(self) -> None:
        self.address = ""
        self.fault = ""
        self.first = ""  # the first thing said, once `told`
        self.waits_seconds = 420  # how long it asks to wait, in its own headers
        self.posts_count = 0
        self.loses = 0  # of so many writes, the last one's answer is lost
        self.requests: list[Asked] = []
        self.is_revoked = False
        self.lock = threading.RLock()
        self._clock = dt.datetime(2026, 11, 20, 11, 0, tzinfo=dt.UTC)

    def fail(self, fault: str) -> None:
        """From now on: a status, "broken" (no JSON), "hang", "lost" (it happens, no answer comes), "" (all is well)."""
        self.fault = fault

    def revoke(self) -> None:
        """The account's owner takes our consent back."""
        self.is_revoked = True

    def now(self) -> dt.datetime:
        """The network's clock: a minute later with every look."""
        self._clock += dt.timedelta(minutes=1)
        return self._clock

    def set_clock(self, at: dt.datetime) -> None:
        """Go on from another time."""
        self._clock = at

    def refusal(self, status: int) -> Answer:
        """How this network refuses, with its own headers."""
        raise NotImplementedError

    def admits(self, asked: Asked) -> bool:
        """Whether the request is signed in as the network wants it."""
        raise NotImplementedError

    # What a test asks of any network.

    def told(self) -> None:
        """What the contract suite wants to find: at least four things said, and what `fixtures/reply.json` answers."""
        raise NotImplementedError

    def customer_says(self, text: str, *, by: str = "mia") -> str:
        """A customer says something in public to our account; its id."""
        raise NotImplementedError

    def customer_edits(self, external_id: str, text: str) -> None:
        """Where `has_edits`."""
        raise NotImplementedError

    def customer_deletes(self, external_id: str) -> None:
        raise NotImplementedError

    def answers_to(self, external_id: str) -> list[str]:
        """What anybody reads under something: the texts of our answers to it."""
        raise NotImplementedError

    def pictures_with(self, external_id: str) -> list[tuple[bytes, str]]:
        """What anybody sees under something, or the customer privately: our pictures and their descriptions."""
        raise NotImplementedError

    def announcements(self) -> list[tuple[bytes, dict[str, str]]]:
        """What would be sent to our webhook since it was asked last: bodies with their signed headers."""
        return []

    def answer(self, asked: Asked) -> tuple[Answer, bool]:
        """The answer, and whether faults leave it alone."""
        for name in dir(type(self)):
            marked = getattr(getattr(type(self), name), "route", None)
            if marked and marked[0] == asked.method and (found := marked[1].match(asked.path)):
                if not marked[2]:
                    if self.fault.isdigit():
                        return self.refusal(int(self.fault)), False
                    if self.is_revoked or not self.admits(asked):
                        return self.refusal(401), False
                answered: Answer = getattr(self, name)(asked, **found.groupdict())
                if not marked[2] and asked.method != "GET" and answered.status < 300:
                    self.posts_count += 1
                return answered, marked[2]
        return self.refusal(404), False

    @contextmanager
    def served(self) -> Iterator[None]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _serving(self))
        self.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def _serving(network: Double) -> type[BaseHTTPRequestHandler]:
    class Serving(BaseHTTPRequestHandler):
        def _respond(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            parts = urlsplit(self.path)
            asked = Asked(
                self.command,
                parts.path,
                dict(parse_qsl(parts.query, keep_blank_values=True)),
                {name.lower(): value for name, value in self.headers.items()},
                body,
            )
            with network.lock:
                network.requests.append(asked)
                answered, is_spared = network.answer(asked)
                fault = "" if is_spared else network.fault
                if network.loses and asked.method != "GET":
                    network.loses -= 1
                    fault = fault if network.loses else "lost"
            if fault in ("hang", "lost"):
                time.sleep(HANG_SECONDS if fault == "hang" else 0)
                self.close_connection = True
                return
            self._send(answered, b'{"data": [' if fault == "broken" else answered.body)

        def _send(self, answered: Answer, body: bytes) -> None:
            self.send_response(answered.status)
            for name, value in answered.headers.items():
                self.send_header(name, value)
            if answered.status != 204:
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
            self.end_headers()
            if answered.status != 204:
                self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = _respond  # noqa: N815 -- as the standard library calls them

        def log_message(self, format: str, *args: Any) -> None:
            return

    return Serving
