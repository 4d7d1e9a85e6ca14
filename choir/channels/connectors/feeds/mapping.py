"""An entry of a feed as the contract's types. Pure."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from choir.channels.contract import Author, Item, Kind, Media, Raw, UnreadableError
from choir.readable import text_of, tidied

TRACKING = frozenset({"fbclid", "gclid", "mc_cid", "mc_eid", "igshid", "ref_src", "msclkid"})
LONGEST_TEXT = 20_000


def items_of(raw: Raw) -> Sequence[Item]:
    """What the entry says; nothing for one without words and pictures. Raises UnreadableError."""
    try:
        entry = json.loads(raw.payload)
        if not isinstance(entry, dict):
            raise UnreadableError("This is not an entry of a feed: it is no JSON object.")
        item = _item(entry)
        return (item,) if item.text or item.media else ()
    except UnicodeDecodeError as error:
        raise UnreadableError(f"This is not UTF-8: {error.reason} at byte {error.start}.") from error
    except json.JSONDecodeError as error:
        raise UnreadableError(f"This is not JSON: {error.msg} at character {error.pos}.") from error
    except KeyError as error:
        raise UnreadableError(f"The entry has no {error}.") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise UnreadableError(f"The entry has a value of the wrong kind: {error}.") from error


def _item(entry: Mapping[str, Any]) -> Item:
    stated = entry["published"] or entry["updated"] or entry["found_at"]
    at = dt.datetime.fromisoformat(stated)
    if at.tzinfo is None:
        raise ValueError(f"the time {stated!r} has no zone")
    stars = entry.get("stars")
    return Item(
        external_id=id_of(entry),
        kind=Kind.REVIEW if stars is not None else Kind.REPLY if entry.get("parent") else Kind.POST,
        author=_author(entry["author"], entry["feed"]),
        text=text_of_entry(entry),
        posted_at=at,
        parent_id=canonical(str(entry.get("parent") or "")),
        url=str(entry["link"]),
        language_hint=str(entry.get("language") or ""),
        stars=None if stars is None else int(stars),
        edited_at=dt.datetime.fromisoformat(entry["edited_at"]) if entry.get("edited_at") else None,
        media=tuple(
            Media(url=str(one["url"]), kind=str(one["kind"]).partition("/")[0] or "file", alt_text=str(one["alt"]))
            for one in entry["media"]
        ),
    )


def _author(author: Mapping[str, str], feed: Mapping[str, str]) -> Author:
    """Who wrote it; where nobody is named, the feed."""
    place = canonical(feed["link"])
    name = author["name"] or author["email"]
    if not name and not place:
        raise ValueError("neither its author nor its feed is named")
    return Author(
        external_id=f"{place}#{author['email'] or author['url'] or name}" if name else place,
        handle=urlsplit(f"//{place}").hostname or "",
        name=name or feed["title"],
        url=author["url"] or feed["link"],
    )


def text_of_entry(entry: Mapping[str, Any]) -> str:
    """Title and content as text; a title that only repeats how the content begins is left out."""
    title, content = text_of(str(entry["title"])), text_of(str(entry["content"]))
    if title and " ".join(content.split()).startswith(" ".join(title.rstrip("…. ").split())):
        title = ""
    return tidied(f"{title}\n\n{content}")[:LONGEST_TEXT]


def id_of(entry: Mapping[str, Any]) -> str:
    """What makes an entry the same in every feed that carries it: its id if that means the same everywhere (a URI),
    else its address, else its own id within its feed, else its words."""
    stated, link = str(entry["id"]), str(entry["link"])
    if ":" in stated.partition("/")[0]:
        return canonical(stated)
    if link:
        return canonical(link)
    if stated:
        return f"{canonical(str(entry['feed']['link']))}#{stated}"
    return "words-" + hashlib.sha256(text_of_entry(entry).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def version_of(entry: Mapping[str, Any]) -> str:
    """What changes when the entry is edited: its words, not its markup."""
    return hashlib.sha256(text_of_entry(entry).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def canonical(address: str) -> str:
    """An address without what differs between mirrors: scheme, www, tracking, fragment, a closing slash."""
    if not address.lower().startswith(("http://", "https://")):
        return address.strip()
    try:
        parts = urlsplit(address.strip())
        host = (parts.hostname or "").removeprefix("www.") + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return address.strip()
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name.lower() not in TRACKING and not name.lower().startswith("utm_")
    ]
    return host + parts.path.rstrip("/") + (f"?{urlencode(kept)}" if kept else "")
