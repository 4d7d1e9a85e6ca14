"""How far an account was read: the last notification and the last post of ours, and the latest posts to us, which are
looked at again for edits and deletions."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

WATCHED_COUNT = 20


@dataclass(frozen=True, slots=True)
class Cursor:
    """`watched` maps the latest posts to us to their version; `watches` is false where the server has no such call."""

    notification: str = "0"
    own: str = "0"
    watched: dict[str, str] = field(default_factory=dict)
    watches: bool = True

    @staticmethod
    def read(stated: str) -> Cursor:
        """What `written` wrote; "" is the beginning."""
        return Cursor(**json.loads(stated)) if stated else Cursor()

    def written(self) -> str:
        """As it is kept."""
        return json.dumps(
            {"notification": self.notification, "own": self.own, "watched": self.watched, "watches": self.watches}
        )

    def watching(self, statuses: dict[str, str], *, gone: set[str]) -> Cursor:
        """With the newest posts to us, and without those that are gone."""
        kept = {key: version for key, version in (self.watched | statuses).items() if key not in gone}
        return replace(self, watched=dict(list(kept.items())[-WATCHED_COUNT:]))
