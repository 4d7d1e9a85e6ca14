"""Workers that deliver through the real connectors and can be killed: a parent with Django loaded forks one for each
line it reads and prints its process id. A line says when the worker dies by its own hand: `sent` (the network has the
answer, nobody has written that down), `asked` (before the call), or `-` (somebody else kills it)."""

import datetime as dt
import os
import signal
import sys
import time

import django

django.setup()

from django.utils import timezone  # noqa: E402

from choir.channels import registry  # noqa: E402
from choir.channels.contract import Outgoing, Replies, Sent  # noqa: E402
from choir.channels.models import Channel  # noqa: E402
from choir.flow import deliver as step  # noqa: E402

LEASE = dt.timedelta(seconds=2)


class Mortal:
    """A connector whose process dies around its first answer."""

    def __init__(self, connector: Replies, death: str) -> None:
        self.connector, self.death = connector, death

    def reply(self, outgoing: Outgoing) -> Sent:
        """Send, and perhaps die of it."""
        if self.death == "asked":
            os.kill(os.getpid(), signal.SIGKILL)
        sent = self.connector.reply(outgoing)
        if self.death == "sent":
            os.kill(os.getpid(), signal.SIGKILL)
        return sent

    def find_sent(self, outgoing: Outgoing) -> Sent | None:
        """As it is."""
        return self.connector.find_sent(outgoing)


def deliver(death: str, parent: int) -> None:
    """Deliver what is due, as long as the parent lives."""
    step.WAITS_SECONDS = (0.1,) * len(step.WAITS_SECONDS)  # type: ignore[assignment]  # shorter waits, as many
    step.AT_ONCE = 4

    def connect(channel: Channel) -> object:
        connector: object = registry.connect(channel)
        assert isinstance(connector, Replies)
        return Mortal(connector, death)

    while os.getppid() == parent:
        if not step.deliver(at=timezone.now(), connect=connect, lease=LEASE):
            time.sleep(0.02)


def main() -> None:
    """Fork a worker for each line until the input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    parent = os.getpid()
    print("ready", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            os.close(0)
            deliver(line.strip(), parent)
            os._exit(0)
        print(pid, flush=True)


if __name__ == "__main__":
    main()
