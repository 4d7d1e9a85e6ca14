"""Documents of feeds, whatever their dialect and however badly made, as entries of one shape. Pure.

An entry is a plain dictionary, which becomes the payload of an arrival:

    id, link, title, content (HTML or text as it came), author {name, url, email}, published, updated (ISO 8601, UTC),
    language, stars, parent, media [{url, kind, alt}], feed {title, link}
"""

from __future__ import annotations

import calendar
import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import feedparser

MOST_ENTRIES = 1000
FEED_KINDS = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/json")
DECLARATION = "<!ENTITY"
HTML = re.compile(rb"^\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)

Entry = dict[str, Any]


class NoFeedError(Exception):
    """The document is no feed; the text says what it seems to be."""


@dataclass(frozen=True, slots=True)
class Document:
    """A feed: its title, and its entries in the order of the document."""

    title: str
    entries: Sequence[Entry]


def read(content: bytes, *, url: str, kind: str) -> Document:
    """Entries of a document that came from `url`. Raises NoFeedError."""
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _json_feed(content, url)
    return _xml_feed(content, url, kind)


def is_page(content: bytes) -> bool:
    """Whether it is an HTML page."""
    return HTML.search(content[:4096]) is not None


def feed_named_by(page: bytes, *, url: str) -> str:
    """The address of the feed that a page names (`<link rel="alternate">`), "" where it names none."""
    looking = _Links()
    looking.feed(page[:512_000].decode("utf-8", "replace"))
    return urljoin(url, looking.found[0]) if looking.found else ""


class _Links(HTMLParser):
    """Collects the addresses of feeds."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        stated = {name: value or "" for name, value in attrs}
        is_feed = stated.get("type", "").lower() in FEED_KINDS
        if tag == "link" and is_feed and "alternate" in stated.get("rel", "").lower().split() and stated.get("href"):
            self.found.append(stated["href"])


def _json_feed(content: bytes, url: str) -> Document:
    """JSON Feed 1.0 and 1.1, https://www.jsonfeed.org/version/1.1/."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise NoFeedError("It begins like JSON and breaks off.") from None
    items = document.get("items")
    if not isinstance(items, list):
        raise NoFeedError("It is JSON, but no JSON Feed: it has no “items”.")
    feed = {"title": _text(document.get("title")), "link": _text(document.get("home_page_url")) or url}
    made = [_of_json(one, document, feed) for one in items[:MOST_ENTRIES] if isinstance(one, dict)]
    return Document(feed["title"], made)


def _of_json(item: Mapping[str, Any], document: Mapping[str, Any], feed: Mapping[str, str]) -> Entry:
    stated = (item.get("authors"), [item.get("author")], document.get("authors"), [document.get("author")])
    named = (one for authors in stated if isinstance(authors, list) for one in authors if isinstance(one, dict))
    author: dict[str, Any] = next(named, {})
    attachments = item.get("attachments")
    media = [
        {"url": _text(one.get("url")), "kind": _text(one.get("mime_type")), "alt": _text(one.get("title"))}
        for one in (attachments if isinstance(attachments, list) else [])
        if isinstance(one, dict)
    ]
    if image := _text(item.get("image")):
        media.insert(0, {"url": image, "kind": "image", "alt": ""})
    return {
        "id": _text(item.get("id")),
        "link": _text(item.get("url")) or _text(item.get("external_url")),
        "title": _text(item.get("title")),
        "content": _text(item.get("content_html")) or _text(item.get("content_text")) or _text(item.get("summary")),
        "author": {"name": _text(author.get("name")), "url": _text(author.get("url")), "email": ""},
        "published": _stated_time(item.get("date_published")),
        "updated": _stated_time(item.get("date_modified")),
        "language": _text(item.get("language")) or _text(document.get("language")),
        "stars": None,
        "parent": "",
        "media": media,
        "feed": dict(feed),
    }


def _xml_feed(content: bytes, url: str, kind: str) -> Document:
    headers = {"content-type": kind or "application/xml", "content-location": url}
    try:
        parsed = feedparser.parse(_entities_apart(content), response_headers=headers)
    except (ValueError, TypeError, LookupError, AttributeError, AssertionError, RecursionError):
        raise NoFeedError("It cannot be read as RSS, Atom or JSON Feed.") from None
    head = parsed.feed
    if not parsed.entries and not parsed.get("version"):
        raise NoFeedError("It is no RSS, Atom or JSON Feed.")
    feed = {"title": _text(head.get("title")), "link": _text(head.get("link")) or url}
    language = _text(head.get("language"))
    return Document(feed["title"], [_of_xml(one, feed, language) for one in parsed.entries[:MOST_ENTRIES]])


def _entities_apart(content: bytes) -> bytes:
    """Each declaration of an entity on a line of its own: only there does the parser see it, and leave out one that
    refers to others. Else a few hundred bytes could become megabytes and take a worker's time (“billion laughs”)."""
    for codec in ("ascii", "utf-16-le", "utf-16-be"):
        content = content.replace(DECLARATION.encode(codec), f"\n{DECLARATION}".encode(codec))
    return content


def _of_xml(entry: Any, feed: Mapping[str, str], language: str) -> Entry:
    described = _described(entry)
    contents = [one.get("value", "") for one in entry.get("content", []) if one.get("value") != described]
    author = entry.get("author_detail") or {}
    reply = entry.get("thr_in-reply-to") or entry.get("in-reply-to") or {}
    return {
        "id": _text(entry.get("id")),
        "link": _text(entry.get("link")),
        "title": _text(entry.get("title")),
        "content": _text(max(contents, key=len, default="")) or _text(entry.get("summary")) or described,
        "author": {
            "name": _text(author.get("name")) or _text(entry.get("author")),
            "url": _text(author.get("href")),
            "email": _text(author.get("email")),
        },
        "published": _parsed_time(entry.get("published_parsed") or entry.get("created_parsed")),
        "updated": _parsed_time(dict.get(entry, "updated_parsed")),
        "language": _text(entry.get("language")) or language,
        "stars": _stars(entry.get("im_rating") or entry.get("rating")),
        "parent": _text(reply.get("ref")) if isinstance(reply, Mapping) else "",
        "media": _media_of(entry, alt=described),
        "feed": dict(feed),
    }


def _described(entry: Any) -> str:
    """What Media RSS says of a picture; the parser files it among the entry's contents, as plain text."""
    if not (entry.get("media_content") or entry.get("media_thumbnail")):
        return ""
    plain = [one.get("value", "") for one in entry.get("content", []) if one.get("type") == "text/plain"]
    return _text(plain[0]) if plain else ""


def _media_of(entry: Any, *, alt: str) -> list[dict[str, str]]:
    """Enclosures and Media RSS, each address once."""
    stated = [(one.get("href"), one.get("type"), "") for one in entry.get("enclosures", [])]
    stated += [(one.get("url"), one.get("type") or one.get("medium"), alt) for one in entry.get("media_content", [])]
    if not stated:
        stated = [(one.get("url"), "image", alt) for one in entry.get("media_thumbnail", [])]
    found: dict[str, dict[str, str]] = {}
    for url, kind, words in stated:
        if url:
            found.setdefault(_text(url), {"url": _text(url), "kind": _text(kind), "alt": words})
    return list(found.values())


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else str(value) if isinstance(value, int) else ""


def _stars(value: Any) -> int | None:
    stated = value.get("value") if isinstance(value, Mapping) else value
    found = re.match(r"\d{1,2}", _text(stated))
    return int(found[0]) if found else None


def _parsed_time(parsed: Any) -> str:
    try:
        return dt.datetime.fromtimestamp(calendar.timegm(parsed), tz=dt.UTC).isoformat() if parsed else ""
    except (ValueError, OverflowError, TypeError, OSError):
        return ""


def _stated_time(stated: Any) -> str:
    """An RFC 3339 time in UTC; one without a zone is taken for UTC."""
    try:
        at = dt.datetime.fromisoformat(_text(stated))
        return (at if at.tzinfo else at.replace(tzinfo=dt.UTC)).astimezone(dt.UTC).isoformat()
    except (ValueError, OverflowError):
        return ""
