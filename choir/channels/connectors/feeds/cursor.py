"""How far feeds were read: validators for conditional requests, and the entries seen, small enough for a column."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

MOST_SEEN = 1500


@dataclass(slots=True)
class Place:
    """One address: where its feed is when the address is a page's, and its validators (RFC 9110 §8.8)."""

    feed: str = ""
    etag: str = ""
    modified: str = ""

    def conditions(self) -> dict[str, str]:
        """Headers that let the server answer “nothing new” without sending anything."""
        stated = {"if-none-match": self.etag, "if-modified-since": self.modified}
        return {name: value for name, value in stated.items() if value}


@dataclass(slots=True)
class Cursor:
    """Places by address; entries seen by the digest of their id: the version and the address they came from; links
    seen: the address they came from."""

    places: dict[str, Place] = field(default_factory=dict)
    seen: dict[str, tuple[str, str]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, cursor: str) -> Cursor:
        """From what is stored; anything unreadable is the beginning: arrivals are stored once anyway."""
        try:
            stored: dict[str, Any] = json.loads(cursor) if cursor else {}
            return cls(
                {address: Place(*place) for address, place in stored.get("places", {}).items()},
                {one: (seen[0], seen[1]) for one, seen in stored.get("seen", {}).items()},
                dict(stored.get("links", {})),
            )
        except (ValueError, TypeError, AttributeError, IndexError, KeyError):
            return cls()

    def written(self) -> str:
        """As it is stored: the newest so many."""
        places = {address: [one.feed, one.etag, one.modified] for address, one in self.places.items()}
        seen = dict(list(self.seen.items())[-MOST_SEEN:])
        links = dict(list(self.links.items())[-MOST_SEEN:])
        return json.dumps({"places": places, "seen": seen, "links": links}, separators=(",", ":"))

    def is_new(self, external_id: str, version: str, link: str, address: str) -> bool:
        """Whether an entry says something new: not seen, or edited where it was seen first. The same link from another
        address is the same entry."""
        known = self.seen.get(short(external_id))
        if known is not None:
            return known[1] == short(address) and known[0] != version
        elsewhere = self.links.get(short(link)) if link else None
        return elsewhere is None or elsewhere == short(address)

    def knows(self, external_id: str) -> bool:
        """Whether an entry was seen before, in whatever words."""
        return short(external_id) in self.seen

    def note(self, external_id: str, version: str, link: str, address: str) -> None:
        """Remember an entry as seen."""
        if link:
            self.links.setdefault(short(link), short(address))
        self.seen.pop(short(external_id), None)
        self.seen[short(external_id)] = (version, short(address))


def short(text: str) -> str:
    """A digest, short: one in 2^48 is taken for another."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
