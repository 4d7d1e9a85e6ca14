"""Feeds: read with conditional requests, each entry once however many mirrors carry it."""

from __future__ import annotations

import base64
import datetime as dt
import email.utils
import json
from collections.abc import Iterator, Sequence
from http import HTTPStatus

from choir.channels.connectors.feeds import mapping
from choir.channels.connectors.feeds.cursor import Cursor, Place
from choir.channels.connectors.feeds.reading import Document, Entry, NoFeedError, feed_named_by, is_page, read
from choir.channels.contract import Account, ConnectorError, Item, Page, Raw, RejectedError, SignedIn, TemporaryError
from choir.channels.exchange import refusal
from choir.outside import Bounds, Fetched, OutsideError, UnreachableError, fetch

ACCEPTED = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/json;q=0.9, "
    "application/xml;q=0.9, text/xml;q=0.9, text/html;q=0.7, */*;q=0.5"
)
MOST_BYTES = 10 * 1024 * 1024


class Connector:
    """One feed and its mirrors."""

    def __init__(self, account: Account) -> None:
        self._account = account
        settings = account.settings
        mirrors = str(settings.get("mirrors") or "").split()
        self._addresses = list(dict.fromkeys([str(settings.get("address") or ""), *mirrors]))

    def __repr__(self) -> str:
        return f"feeds.Connector({self._account.handle})"

    def items(self, raw: Raw) -> Sequence[Item]:
        """What one entry says."""
        return mapping.items_of(raw)

    def sign_in(self) -> SignedIn:
        """Read the feed once: what it is called, and where it really is."""
        at = Cursor()
        entries = self._read(self._addresses[0], at)
        feed = at.places[self._addresses[0]].feed or self._addresses[0]
        title = str(entries[0]["feed"]["title"]) if entries else ""
        place = mapping.canonical(feed)
        return SignedIn(external_id=place, handle=place.partition("/")[0], name=title or place)

    def fetch(self, cursor: str, *, limit: int) -> Page:
        """Entries not seen yet, oldest first. One mirror that fails keeps none of the others from being read."""
        read_before, at = Cursor.read(cursor), Cursor.read(cursor)
        new: list[tuple[Entry, str]] = []
        failures: list[ConnectorError] = []
        for address in self._addresses:
            try:
                new += [(entry, address) for entry in self._read(address, at)]
            except ConnectorError as error:
                failures.append(error)
        if len(failures) == len(self._addresses):
            raise failures[0]
        new.sort(key=lambda pair: pair[0]["published"] or pair[0]["updated"] or pair[0]["found_at"])
        raws: list[Raw] = []
        for place, (entry, address) in enumerate(new):
            if len(raws) == limit:
                at.places = read_before.places  # what is left must come again, so nothing may be “not modified”
                return Page(tuple(raws), at.written(), has_more=place < len(new))
            raws += self._unless_seen(entry, address, at)
        return Page(tuple(raws), at.written(), has_more=False)

    def _unless_seen(self, entry: Entry, address: str, at: Cursor) -> Iterator[Raw]:
        external_id, version = mapping.id_of(entry), mapping.version_of(entry)
        link = mapping.canonical(entry["link"])
        if at.is_new(external_id, version, link, address):
            if at.knows(external_id):
                entry = entry | {"edited_at": entry["updated"] or entry["found_at"]}
            at.note(external_id, version, link, address)
            yield Raw(key=f"{external_id}:{version}", payload=json.dumps(entry, ensure_ascii=False).encode())

    def _read(self, address: str, at: Cursor) -> list[Entry]:
        """Entries of one address, none when it has not changed; what it takes to ask again is noted in `at`."""
        place = at.places.get(address, Place())
        answered = self._ask(place.feed or address, place)
        if answered.status == HTTPStatus.NOT_MODIFIED:
            return []
        feed = place.feed
        if is_page(answered.content):
            feed = feed_named_by(answered.content, url=answered.url)
            if not feed:
                raise RejectedError(
                    "This is a page, and it names no feed. Look on it for “RSS” or “Feed” and use that address."
                )
            answered = self._ask(feed, Place())
        document = self._document(answered)
        at.places[address] = Place(feed, answered.headers.get("etag", ""), answered.headers.get("last-modified", ""))
        found_at = _date_of(answered)
        return [entry | {"found_at": found_at} for entry in document.entries]

    def _document(self, answered: Fetched) -> Document:
        try:
            return read(answered.content, url=answered.url, kind=answered.headers.get("content-type", ""))
        except NoFeedError as error:
            raise TemporaryError(
                f"What came from the feed's address is no feed. {error} If it lasts, check the address.",
                may_have_happened=False,
            ) from None

    def _ask(self, url: str, place: Place) -> Fetched:
        headers = {"accept": ACCEPTED} | place.conditions()
        username, password = self._account.settings.get("username"), self._account.secret.get("password")
        if username and self._addresses and url.startswith(_origin(self._addresses[0])):
            headers["authorization"] = "Basic " + base64.b64encode(f"{username}:{password or ''}".encode()).decode()
        seconds = float(self._account.settings.get("timeout_seconds", 20))
        try:
            answered = fetch(
                url,
                bounds=Bounds(MOST_BYTES, seconds),
                headers=headers,
                allows_private=bool(self._account.settings.get("allows_private")),
            )
        except UnreachableError as error:
            raise TemporaryError(str(error), may_have_happened=False) from None
        except OutsideError as error:
            raise RejectedError(str(error)) from None
        if answered.status == HTTPStatus.NOT_MODIFIED or HTTPStatus.OK <= answered.status < HTTPStatus.MULTIPLE_CHOICES:
            return answered
        if answered.status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
            raise RejectedError(f"There is no feed any more at this address ({answered.status}). Look for its new one.")
        raise refusal("The feed", answered.status, retry=answered.headers.get("retry-after", ""), writes=False)


def _origin(address: str) -> str:
    """Scheme and host of an address, with the slash behind them: where a password may be sent."""
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/"


def _date_of(answered: Fetched) -> str:
    """When the server says it answered: the time of entries that state none."""
    stated = answered.headers.get("date", "")
    try:
        at = email.utils.parsedate_to_datetime(stated)
    except ValueError:
        at = dt.datetime.now(dt.UTC)
    return (at if at.tzinfo else at.replace(tzinfo=dt.UTC)).isoformat()
