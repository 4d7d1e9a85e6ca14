"""One cursor over several places that show the newest first: nothing is left out, nothing is handed over twice."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from choir.channels.contract import Page, Raw, RejectedError
from choir.channels.sources import Change, Look, Source, Watch, in_turn, newest_first

START = dt.datetime(2026, 3, 4, 12, 0, tzinfo=dt.UTC)
Entry = tuple[dt.datetime, Raw]


class Wall:
    """A place to which things are posted; it shows the newest first, `size` at a time."""

    def __init__(self, size: int = 2) -> None:
        self.entries: list[Entry] = []
        self.size = size
        self.is_refused = False

    def post(self, name: str, seconds: int) -> None:
        self.entries.append((START + dt.timedelta(seconds=seconds), Raw(name, b"{}")))

    def look(self, token: str, floor: dt.datetime | None) -> Look:
        if self.is_refused:
            raise RejectedError("Not allowed.")
        below = [one for one in self.entries if not token or one[1].key < token]
        newest = sorted(below, key=lambda one: one[1].key, reverse=True)
        page = newest[: self.size]
        return Look(page, page[-1][1].key if len(newest) > self.size else "")

    def read(self, place: str, limit: int) -> Page:
        return newest_first(place, self.look)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=40), st.integers(1, 4))
def test_whatever_is_posted_between_two_looks_is_handed_over_exactly_once(
    happenings: list[tuple[int, bool]], size: int
) -> None:
    """Each happening: so many posts, then perhaps one look in the middle of catching up."""
    wall, heard, cursor, number = Wall(size), [], "", 0
    for count, looks in happenings:
        for _ in range(count):
            number += 1
            wall.post(f"{number:06}", number * 30)
        if looks:
            page = in_turn([Source("wall", wall.read)], cursor, limit=size)
            heard += [raw.key for raw in page.raws]
            cursor = page.cursor
    quiet = 0  # a turn that ends catching up finds what came meanwhile only in the next
    while quiet < 2:
        page = in_turn([Source("wall", wall.read)], cursor, limit=size)
        heard += [raw.key for raw in page.raws]
        cursor, quiet = page.cursor, 0 if page.raws or page.has_more else quiet + 1
    assert sorted(set(heard)) == sorted(raw.key for _, raw in wall.entries)
    assert len(heard) == len(set(heard))


def test_a_place_that_is_refused_keeps_no_other_from_being_read_and_is_named_when_all_are_quiet() -> None:
    refused, open_ = Wall(), Wall()
    refused.is_refused = True
    open_.post("1", 0)
    sources = [Source("refused", refused.read), Source("open", open_.read)]
    page = in_turn(sources, "", limit=2)
    assert [raw.key for raw in page.raws] == ["1"]
    with pytest.raises(RejectedError):
        in_turn(sources, page.cursor, limit=2)


def test_what_is_watched_is_looked_at_again_once_all_is_quiet() -> None:
    wall, asked = Wall(), []
    wall.post("1", 0)

    def look_again(known: object) -> list[Change]:
        asked.append(known)
        return [Change("1", None, Raw("1:gone", b"{}"))]

    watch = Watch(lambda raw: (raw.key, "v1", START), look_again)
    first = in_turn([Source("wall", wall.read)], "", limit=2, watch=watch)
    second = in_turn([Source("wall", wall.read)], first.cursor, limit=2, watch=watch)
    assert ([raw.key for raw in second.raws], asked) == (["1:gone"], [{"1": "v1"}])
    third = in_turn([Source("wall", wall.read)], second.cursor, limit=2, watch=watch)
    assert (third.raws, third.cursor, len(asked)) == ((), second.cursor, 1)
