"""Workers that can be killed: a parent with Django loaded forks one per line it reads, and prints its process id.

A line says how the worker dies: `-` (somebody else kills it), `before_commit N` or `after_commit N` (by its own hand,
around its Nth commit). What it runs are the product's own steps; only the network's address and the waiting times are
the test's. Run as `python -m tests.faults.worker PORT`, and with a channel's id and a count behind it to let so many
entries of the network's stream arrive instead of delivering.
"""

import datetime as dt
import json
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote

import django

django.setup()

from django.db.backends.base.base import BaseDatabaseWrapper  # noqa: E402
from django.utils import timezone  # noqa: E402

from choir.channels.actions import store  # noqa: E402
from choir.channels.contract import Outgoing, Raw, Sent, TemporaryError  # noqa: E402
from choir.channels.models import ArrivalSource, Channel  # noqa: E402
from choir.flow import deliver as step  # noqa: E402
from choir.flow.hear import hear  # noqa: E402

LEASE = dt.timedelta(seconds=2)
CALL_SECONDS = 5
ONLY_PORT = 2


class Client:
    """Speaks to the test's network as a connector would."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def reply(self, outgoing: Outgoing) -> Sent:
        """Post, once per call."""
        body = {"key": outgoing.key, "text": outgoing.text, "pid": os.getpid()}
        answered = self._ask(urllib.request.Request(f"{self.url}/replies", json.dumps(body).encode()))
        return Sent(answered["id"], dt.datetime.fromisoformat(answered["at"]))

    def find_sent(self, outgoing: Outgoing) -> Sent | None:
        """Look for the key."""
        found = self._ask(urllib.request.Request(f"{self.url}/replies?key={quote(outgoing.key)}"))["found"]
        return Sent(found["id"], dt.datetime.fromisoformat(found["at"])) if found else None

    def _ask(self, request: urllib.request.Request) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(request, timeout=CALL_SECONDS) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except (OSError, ValueError) as error:
            raise TemporaryError(f"The network hung up ({type(error).__name__}).") from error


def die_at_commit(when: str, number: int) -> None:
    """Arm this process to kill itself just before or just after a commit."""
    commit, count = BaseDatabaseWrapper._commit, 0  # type: ignore[attr-defined]  # Django's own, unknown to its stubs

    def counted(self: BaseDatabaseWrapper) -> None:
        nonlocal count
        count += 1
        if when == "before_commit" and count == number:
            os.kill(os.getpid(), signal.SIGKILL)
        commit(self)
        if when == "after_commit" and count == number:
            os.kill(os.getpid(), signal.SIGKILL)

    BaseDatabaseWrapper._commit = counted  # type: ignore[attr-defined]


def deliver_until_killed(port: int, parent: int) -> None:
    """Deliver what is due, as long as the parent lives."""
    step.WAITS_SECONDS = (0.1,) * len(step.WAITS_SECONDS)  # type: ignore[assignment]  # shorter waits, as many
    client = Client(port)
    while os.getppid() == parent:
        if not step.deliver(at=timezone.now(), connect=lambda channel: client, lease=LEASE):
            time.sleep(0.01)


def listen_until_killed(port: int, parent: int, channel_id: str, total: int) -> None:
    """Read on in the stream, store what came with its place, hear it, as long as the parent lives."""
    while os.getppid() == parent:
        channel = Channel.objects.select_related("workspace").get(pk=channel_id)
        url = f"http://127.0.0.1:{port}/stream?after={channel.cursor or 0}&total={total}"
        with urllib.request.urlopen(url, timeout=CALL_SECONDS) as answer:
            page = json.load(answer)
        raws = [Raw(key=one["id"], payload=json.dumps(one).encode()) for one in page["entries"]]
        store(channel, raws, source=ArrivalSource.FETCH, at=timezone.now(), cursor=str(page["cursor"]))
        hear(at=timezone.now())


def main() -> None:
    """Fork a worker for each line until the input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    port, parent = int(sys.argv[1]), os.getpid()
    print("ready", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            os.close(0)
            if line.strip() != "-":
                when, number = line.split()
                die_at_commit(when, int(number))
            if len(sys.argv) > ONLY_PORT:
                listen_until_killed(port, parent, sys.argv[2], int(sys.argv[3]))
            else:
                deliver_until_killed(port, parent)
            os._exit(0)
        print(pid, flush=True)


if __name__ == "__main__":
    main()
