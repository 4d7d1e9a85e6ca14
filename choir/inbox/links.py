"""Which messages belong together: pure, so that any order of arrival can be tried.

Every message points at most at one other thing: the network's thread if it names one, else what it answers. Things
that hang together are one conversation. Where the pointing ends (the first message, a thread's id, or something that
has not arrived) is the conversation's key: a later message that points there finds it. Pointing in a circle ends
nowhere; then the key is any message of the circle, which is known and can be found as one.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Link:
    """A message and what it points at ("" is nothing). Both are the network's ids."""

    external_id: str
    target: str


@dataclass(slots=True)
class Thread:
    """New messages that belong together, and the conversations there were already for them (several: they turn out
    to be one)."""

    key: str = ""
    external_ids: list[str] = field(default_factory=list)
    conversation_ids: list[uuid.UUID] = field(default_factory=list)


def threads(links: Iterable[Link], *, known: Mapping[str, uuid.UUID], keys: Mapping[uuid.UUID, str]) -> list[Thread]:
    """Group new messages. `known` tells for ids among `links` the conversation that holds them, as a message or as
    its key; `keys` has the key of each of those conversations. The grouping is the same in whatever order messages
    come."""
    targets = {link.external_id: link.target for link in links}
    nodes = _Groups()
    for external_id, target in targets.items():
        nodes.add(external_id)
        if target:
            nodes.join(external_id, target)
    holders: dict[uuid.UUID, str] = {}
    for node in list(nodes.parent):
        conversation_id = known.get(node)
        if conversation_id is not None:
            nodes.join(holders.setdefault(conversation_id, node), node)
    found: dict[str, Thread] = {}
    for external_id in targets:
        found.setdefault(nodes.top(external_id), Thread()).external_ids.append(external_id)
    for conversation_id, node in holders.items():
        found[nodes.top(node)].conversation_ids.append(conversation_id)
    for thread in found.values():
        thread.key = _key(thread, targets, known, keys)
    return list(found.values())


def _key(
    thread: Thread, targets: Mapping[str, str], known: Mapping[str, uuid.UUID], keys: Mapping[uuid.UUID, str]
) -> str:
    """Follow the pointing from any message to its end, jumping over what is stored already."""
    at, seen = thread.external_ids[0], set[str]()
    while at not in seen:
        seen.add(at)
        if at in targets:
            if not targets[at]:
                return at
            at = targets[at]
        elif at in known and keys[known[at]] != at:
            at = keys[known[at]]
        else:
            return at
    return min(thread.external_ids)


class _Groups:
    """Union-find over ids."""

    def __init__(self) -> None:
        self.parent: dict[str, str] = {}

    def add(self, node: str) -> None:
        self.parent.setdefault(node, node)

    def top(self, node: str) -> str:
        while self.parent[node] != node:
            self.parent[node] = self.parent[self.parent[node]]
            node = self.parent[node]
        return node

    def join(self, one: str, other: str) -> None:
        self.add(one)
        self.add(other)
        self.parent[self.top(one)] = self.top(other)
