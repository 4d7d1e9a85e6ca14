"""Threads are the same in whatever order, and in whatever batches, their messages arrive."""

from __future__ import annotations

import uuid
from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from choir.ids import new_id
from choir.inbox.links import Link, threads


class Store:
    """What the database does with threads, in memory."""

    def __init__(self) -> None:
        self.messages: dict[str, uuid.UUID] = {}
        self.keys: dict[uuid.UUID, str] = {}

    def hear(self, links: list[Link]) -> None:
        nodes = {link.external_id for link in links} | {link.target for link in links}
        known = {node: pk for node, pk in self.messages.items() if node in nodes}
        known |= {key: pk for pk, key in self.keys.items() if key in nodes}
        for thread in threads(links, known=known, keys={pk: self.keys[pk] for pk in known.values()}):
            kept = thread.conversation_ids[0] if thread.conversation_ids else new_id()
            for gone in thread.conversation_ids[1:]:
                del self.keys[gone]
                self.messages = {one: kept if pk == gone else pk for one, pk in self.messages.items()}
            self.messages |= dict.fromkeys(thread.external_ids, kept)
            assert thread.key not in {key for pk, key in self.keys.items() if pk != kept}
            self.keys[kept] = thread.key

    def conversations(self) -> set[frozenset[str]]:
        grouped: dict[uuid.UUID, set[str]] = defaultdict(set)
        for external_id, pk in self.messages.items():
            grouped[pk].add(external_id)
        assert set(grouped) == set(self.keys)
        return {frozenset(one) for one in grouped.values()}


def components(links: list[Link]) -> set[frozenset[str]]:
    """The same worked out at once, from the whole graph."""
    neighbours: dict[str, set[str]] = defaultdict(set)
    for link in links:
        neighbours[link.external_id].add(link.target or link.external_id)
        neighbours[link.target or link.external_id].add(link.external_id)
    said = {link.external_id for link in links}
    found, left = set(), set(said)
    while left:
        group, edge = set(), {left.pop()}
        while edge:
            node = edge.pop()
            group.add(node)
            edge |= neighbours[node] - group
        found.add(frozenset(group & said))
        left -= group
    return found


@st.composite
def arrivals(draw: st.DrawFn) -> list[list[Link]]:
    """Messages that answer each other, themselves, in circles, or what never arrives; in any order and batches."""
    size = draw(st.integers(1, 12))
    names = [f"m{number}" for number in range(size)]
    targets = st.sampled_from(["", *names, "never-1", "never-2"])
    links = [Link(name, "" if (target := draw(targets)) == name else target) for name in names]
    shuffled = draw(st.permutations(links))
    cuts = sorted(draw(st.sets(st.integers(1, size), max_size=size)))
    return [list(shuffled[start:end]) for start, end in zip([0, *cuts], [*cuts, size], strict=True) if start < end]


@given(arrivals())
@settings(max_examples=600, deadline=None)
def test_any_order_of_arrival_gives_the_same_conversations(batches: list[list[Link]]) -> None:
    store = Store()
    for batch in batches:
        store.hear(batch)
    assert store.conversations() == components([link for batch in batches for link in batch])


def test_a_later_answer_finds_a_thread_by_what_has_not_arrived() -> None:
    store = Store()
    store.hear([Link("c", "b")])
    store.hear([Link("b", "a")])
    store.hear([Link("d", "a")])
    assert store.conversations() == {frozenset("bcd")}
    assert list(store.keys.values()) == ["a"]
