"""A small network in memory, independent of Choir: what it holds, and how it may fail."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from choir.channels import registry
from choir.channels.contract import Outgoing, Sent

MANIFEST = """
name = "Loopback"
capabilities = ["listen", "reply", "direct_message"]
level = "works"
evidence = "a test's own network"
[limits]
reply_characters = 280
direct_characters = 1000
"""


@pytest.fixture
def loopback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A connector folder with this network's manifest in it, in place of the shipped ones."""
    folder = tmp_path / "connectors" / "loopback"
    folder.mkdir(parents=True)
    (folder / "manifest.toml").write_text(MANIFEST)
    monkeypatch.setattr(registry, "FOLDER", folder.parent)
    registry.manifests.cache_clear()
    yield
    registry.manifests.cache_clear()


class Network:
    """Every call to `reply` that gets through is another post: it has no idempotency of its own. `fails_before` are
    raised before it does anything, `fails_after` once the post is stored; `deaf` makes reading back fail."""

    def __init__(self) -> None:
        self.posts: list[Outgoing] = []
        self.fails_before: list[Exception] = []
        self.fails_after: list[Exception] = []
        self.deaf: Exception | None = None
        self.calls: list[str] = []
        self._lock = threading.Lock()

    def reply(self, outgoing: Outgoing) -> Sent:
        """Store it, unless it is to fail."""
        with self._lock:
            self.calls.append("reply")
            if self.fails_before:
                raise self.fails_before.pop(0)
            self.posts.append(outgoing)
            if self.fails_after:
                raise self.fails_after.pop(0)
            return self._sent(len(self.posts) - 1)

    def find_sent(self, outgoing: Outgoing) -> Sent | None:
        """The post with this key, if it is there."""
        with self._lock:
            self.calls.append("find_sent")
            if self.deaf is not None:
                raise self.deaf
            keys = [post.key for post in self.posts]
            return self._sent(keys.index(outgoing.key)) if outgoing.key in keys else None

    def _sent(self, index: int) -> Sent:
        return Sent(external_id=f"post-{index}", sent_at=timezone.now(), url=f"https://loopback.test/{index}")

    @property
    def texts(self) -> list[str]:
        """What everybody can read there."""
        return [post.text for post in self.posts]
