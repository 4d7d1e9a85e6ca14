"""Networks that show news in several places (mentions, private messages, a search), newest first: read in turn under
one cursor, without a gap and without a repeat.

A cursor is JSON, so that it can be read by a person, and covers exactly what was handed over with it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from choir.channels.contract import Page, Raw, RejectedError

WATCHED = "watched"  # where a cursor stands when all places were read
OVERLAP = dt.timedelta(minutes=2)  # what a network shows late, with an earlier time, is still taken
MOST_LOOKS = 10  # in one turn, where a whole page is known already


@dataclass(frozen=True, slots=True)
class Source:
    """One place of a network. `read` is as `Listens.fetch`, with a cursor of its own."""

    name: str
    read: Callable[[str, int], Page]


@dataclass(frozen=True, slots=True)
class Change:
    """Something handed over before that is another now: `version` is its new one, None when it is gone."""

    external_id: str
    version: str | None
    raw: Raw


@dataclass(frozen=True, slots=True)
class Watch:
    """Looking again at what was handed over last, on networks that do not tell of edits and deletions. `noted` is the
    id, the version and the time in a raw (None: not to be watched), `look_again` what has changed of these ids and
    versions. The latest `most` are watched."""

    noted: Callable[[Raw], tuple[str, str, dt.datetime] | None]
    look_again: Callable[[Mapping[str, str]], Sequence[Change]]
    most: int = 100


def looked_again(raws: Sequence[Raw], watch: Watch, *, at_once: int) -> list[Raw]:
    """What has changed of things handed over before (`LooksAgain`), so many asked for at once."""
    noted = [one for raw in raws if (one := watch.noted(raw)) is not None]
    known = {external_id: version for external_id, version, _ in noted}
    names = list(known)
    changed: list[Raw] = []
    for start in range(0, len(names), at_once):
        some = {name: known[name] for name in names[start : start + at_once]}
        changed += [change.raw for change in watch.look_again(some)]
    return changed


def in_turn(sources: Sequence[Source], cursor: str, *, limit: int, watch: Watch | None = None) -> Page:
    """One page of the first place that has news; after the last, what has changed of what is watched. A place that
    is refused (a permission is missing) keeps no other from being read; its refusal is raised once all are quiet."""
    stand = _Stand.opened(cursor)
    names = [*(source.name for source in sources), *([WATCHED] if watch is not None else [])]
    start = names.index(stand.at) if stand.at in names else 0
    refusal: RejectedError | None = None
    for number in range(start, len(sources)):
        source = sources[number]
        try:
            page = source.read(stand.places.get(source.name, ""), limit)
        except RejectedError as error:
            refusal = refusal or error
            continue
        stand.places[source.name] = page.cursor
        if page.raws or page.has_more:
            stand.note(page.raws, watch)
            following = source.name if page.has_more else "".join(names[number + 1 : number + 2])
            return Page(raws=page.raws, cursor=stand.closed(at=following), has_more=bool(following))
    changes = watch.look_again(stand.versions) if watch is not None and stand.watched else ()
    for change in changes:
        stand.follow(change, watch)
    if refusal is not None and start == 0 and not changes:
        raise refusal
    raws = tuple(change.raw for change in changes)
    return Page(raws=raws, cursor=stand.closed(at=""), has_more=refusal is not None and start > 0)


@dataclass(slots=True)
class _Stand:
    """A cursor taken apart: the place to go on with, how far each was read, what is watched (id → version, time)."""

    at: str
    places: dict[str, str]
    watched: dict[str, tuple[str, float]]

    @property
    def versions(self) -> dict[str, str]:
        return {external_id: version for external_id, (version, _) in self.watched.items()}

    @classmethod
    def opened(cls, cursor: str) -> _Stand:
        stated = json.loads(cursor) if cursor else {}
        watched = {key: (version, at) for key, (version, at) in stated.get("watched", {}).items()}
        return cls(stated.get("at", ""), dict(stated.get("places", {})), watched)

    def note(self, raws: Sequence[Raw], watch: Watch | None) -> None:
        if watch is None:
            return
        for raw in raws:
            if (noted := watch.noted(raw)) is not None:
                self.watched[noted[0]] = (noted[1], noted[2].timestamp())
        latest = sorted(self.watched.items(), key=lambda one: one[1][1])[-watch.most :]
        self.watched = dict(latest)

    def follow(self, change: Change, watch: Watch | None) -> None:
        """Take note of what has changed: it is watched as it is now, or no more."""
        noted = watch.noted(change.raw) if watch is not None else None
        if change.version is None or noted is None:
            self.watched.pop(change.external_id, None)
        else:
            self.watched[change.external_id] = (change.version, noted[2].timestamp())

    def closed(self, *, at: str) -> str:
        known = {name: place for name, place in sorted(self.places.items()) if place}
        stated = {"at": at, "places": known, "watched": self.watched}
        told = {name: value for name, value in stated.items() if value}
        return json.dumps(told, separators=(",", ":")) if told else ""


@dataclass(frozen=True, slots=True)
class Look:
    """One page as the network shows it, newest first: raws with their times, and the token of the page after it. What
    follows is older than `down_to`; where nothing is said, than the oldest entry."""

    entries: Sequence[tuple[dt.datetime, Raw]]
    following: str = ""
    down_to: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a place was read. `until`: everything up to here was handed over; `seen`: of the overlap before it, what
    was; `following`, `newest`, `fresh`: the same of a reading that has not come down to `until` yet."""

    until: dt.datetime | None = None
    seen: tuple[tuple[str, float], ...] = ()
    following: str = ""
    newest: dt.datetime | None = None


def newest_first(
    place: str,
    look: Callable[[str, dt.datetime | None], Look],
    *,
    since: dt.datetime | None = None,
    overlap: dt.timedelta = OVERLAP,
) -> Page:
    """The next page of a place that shows the newest first, down to what was handed over before, at first to `since`.
    `look` gets the network's page token ("" is the newest page) and the time down to which is read (None: to the
    beginning). A token the network no longer knows begins anew; pages on which everything is known are passed over.
    `overlap`: how late the network may show something with an earlier time."""
    known = _opened(place)
    for _ in range(MOST_LOOKS):
        known, new, has_more = _looked(known, look, since, overlap)
        if new or not has_more:
            break
    in_order = sorted(new, key=lambda one: one[0])
    return Page(raws=tuple(raw for _, raw in in_order), cursor=_closed(known), has_more=has_more)


def _looked(
    known: _Place,
    look: Callable[[str, dt.datetime | None], Look],
    since: dt.datetime | None,
    overlap: dt.timedelta,
) -> tuple[_Place, list[tuple[dt.datetime, Raw]], bool]:
    """One look: the place after it, what was new, and whether there is more below."""
    floor = known.until - overlap if known.until else since  # what is older was handed over, or is not asked for
    try:
        found = look(known.following, floor)
    except RejectedError:
        if not known.following:
            raise
        known = _Place(known.until, known.seen)
        found = look("", floor)
    had = dict(known.seen)
    new = [(at, raw) for at, raw in found.entries if raw.key not in had and (floor is None or at >= floor)]
    down_to = found.down_to or min((at for at, _ in found.entries), default=None)
    is_below = floor is not None and down_to is not None and down_to < floor
    reached = not found.following or is_below
    newest = max([at for at, _ in new] + [at for at in (known.newest, known.until) if at], default=None)
    had |= {raw.key: at.timestamp() for at, raw in new}
    edge = (newest - overlap).timestamp() if newest else 0
    kept = set() if reached else {key for key, _ in known.seen}
    seen = tuple(sorted((key, at) for key, at in had.items() if at >= edge or key in kept))
    if reached:
        return _Place(newest, seen), new, False
    return _Place(known.until, seen, found.following, newest), new, True


def _opened(place: str) -> _Place:
    if not place:
        return _Place()
    stated = json.loads(place)
    return _Place(
        until=_moment(stated.get("until")),
        seen=tuple((key, float(at)) for key, at in stated.get("seen", {}).items()),
        following=stated.get("following", ""),
        newest=_moment(stated.get("newest")),
    )


def _closed(place: _Place) -> str:
    stated = {
        "until": place.until and place.until.isoformat(),
        "seen": dict(place.seen),
        "following": place.following,
        "newest": place.newest and place.newest.isoformat(),
    }
    return json.dumps({name: value for name, value in stated.items() if value}, separators=(",", ":"))


def _moment(stated: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(stated) if stated else None
