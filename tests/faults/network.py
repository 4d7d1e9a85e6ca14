"""A network as a process of its own: it keeps what it is told in a file, and kills whoever calls at a chosen moment.

It knows nothing of Choir and has no idempotency: two requests to post are two posts. Run as
`python -m tests.faults.network FILE`; the first line it prints is its port.
"""

import json
import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

MOMENTS = ("received", "received_and_lost", "stored", "answered", "hung_up")


class Store:
    """Posts in a file, one writer at a time."""

    def __init__(self, path: str) -> None:
        self.lock = threading.Lock()
        self.rows = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.rows.execute("CREATE TABLE post (id INTEGER PRIMARY KEY, key TEXT, text TEXT, at TEXT)")

    def add(self, key: str, text: str) -> dict[str, str]:
        """One more post, whatever is there already."""
        at = datetime.now(UTC).isoformat()
        with self.lock:
            row = self.rows.execute("INSERT INTO post (key, text, at) VALUES (?, ?, ?)", (key, text, at))
        return {"id": f"post-{row.lastrowid}", "at": at}

    def find(self, key: str) -> dict[str, str] | None:
        """The first post with this key."""
        with self.lock:
            row = self.rows.execute("SELECT id, at FROM post WHERE key = ? ORDER BY id", (key,)).fetchone()
        return {"id": f"post-{row[0]}", "at": row[1]} if row else None


def stream(after: int, *, total: int, page: int = 7, overlap: int = 3) -> dict[str, object]:
    """What customers say: numbered entries after a place, the last few before it again, as real networks do."""
    last = min(after + page, total)
    return {"entries": [entry(number) for number in range(max(1, after - overlap), last + 1)], "cursor": last}


def entry(number: int) -> dict[str, object]:
    """The same number is always the same entry: five threads in turn, everybody after the first five answers."""
    parent = f"in-{number - 5}" if number > 5 else None
    return {
        "id": f"in-{number}",
        "number": number,
        "kind": "reply" if parent else "post",
        "text": f"number {number}",
        "posted_at": datetime(2026, 1, 1, tzinfo=UTC).isoformat(),
        "author": {"id": f"u-{number % 5}", "handle": f"u{number % 5}", "name": f"Customer {number % 5}"},
        "parent": parent,
        "thread": None,
    }


class Requests(BaseHTTPRequestHandler):
    """POST /replies stores; GET /replies?key= finds; POST /moment arms the next kill."""

    store: Store
    armed: dict[str, int | str] = {}

    def do_POST(self) -> None:
        """Store a post, killing the caller on the way if so armed; or arm."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/moment":
            type(self).armed = body
            self.answer({})
            return
        moment = self.armed.get("moment") if self.armed.get("pid") == body["pid"] else None
        if moment:
            type(self).armed = {}
        if moment in ("received", "received_and_lost"):
            self.kill(body["pid"])
        if moment == "received_and_lost":
            return
        made = self.store.add(body["key"], body["text"])
        if moment == "stored":
            self.kill(body["pid"])
        if moment == "hung_up":
            self.close_connection = True
            return
        with suppress(BrokenPipeError, ConnectionResetError):
            self.answer(made)
        if moment == "answered":
            self.kill(body["pid"])

    def do_GET(self) -> None:
        """Find a post by its key, or read on in the stream."""
        asked = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(asked.query).items()}
        with suppress(BrokenPipeError, ConnectionResetError):
            if asked.path == "/stream":
                self.answer(stream(int(query["after"]), total=int(query["total"])))
            else:
                self.answer({"found": self.store.find(query["key"])})

    def kill(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def answer(self, content: Mapping[str, object]) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *args: object) -> None:
        """Quiet."""


def main() -> None:
    """Serve until killed, or until whoever started it is gone."""
    Requests.store = Store(sys.argv[1])
    server = ThreadingHTTPServer(("127.0.0.1", 0), Requests)
    print(server.server_port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
