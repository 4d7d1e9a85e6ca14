"""Workers that work through the real connectors and can be killed: a parent with Django loaded forks one for each line
it reads and prints its process id. A line says what it does: `fetch` (it reads and hears, until somebody kills it), or
it delivers and dies by its own hand once the network has the answer and nobody has written that down (`sent`) or before
the call (`asked`), or somebody else kills it (`-`)."""

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
from choir.flow.steps import advance  # noqa: E402
from choir.wake import Step  # noqa: E402


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
        if not step.deliver(at=timezone.now(), connect=connect):
            time.sleep(0.02)


def fetch(parent: int) -> None:
    """Read every channel and hear what came, without a pause, as long as the parent lives."""
    while os.getppid() == parent:
        Channel.objects.update(fetch_due_at=timezone.now())
        advance(Step.FETCH)
        advance(Step.HEAR)


def main(*slugs: str) -> None:
    """Fork a worker for each line until the input ends. The connectors are loaded before, once: some take seconds, and
    a call that begins so late in a worker's lease is not made."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for slug in slugs:
        registry.unconnected(slug, settings={}, secret={})
    parent = os.getpid()
    print("ready", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            os.close(0)
            if line.strip() == "fetch":
                fetch(parent)
            deliver(line.strip(), parent)
            os._exit(0)
        print(pid, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
