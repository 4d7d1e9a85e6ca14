"""Verifying the record: read each chain from its first event, recompute it, hold it against its seals and against
heads kept elsewhere. Memory stays the same however long a chain is."""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256 as _sha256
from typing import Any

from django.db import connection
from django.db.models import Subquery
from django.db.models.functions import Coalesce

from choir.events.chain import READ, Chain, line, signature
from choir.events.models import Event, Seal
from choir.people.models import Organisation

PAGE = 10_000
PROBLEMS_SHOWN = 100
BEFORE_ALL = -(2**63)


@dataclass(frozen=True, slots=True)
class Head:
    """How far a chain goes and its digest there. Kept outside the database, it gives away a tail cut off later."""

    chain: Chain
    position: int
    digest: bytes

    def stated(self) -> dict[str, Any]:
        """The head as JSON."""
        workspace = self.chain.workspace_id
        return {
            "organisation": str(self.chain.organisation_id),
            "workspace": str(workspace) if workspace else None,
            "position": self.position,
            "digest": self.digest.hex(),
        }


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it was sealed. `event_id` is empty where the event itself is gone."""

    position: int
    event_id: str
    what: str


@dataclass(slots=True)
class Finding:
    """What was found in one chain. `problems` holds the first hundred of `problems_count`."""

    chain: Chain
    events_count: int = 0
    seals_count: int = 0
    unsealed_count: int = 0
    head: Head | None = None
    problems: list[Problem] = field(default_factory=list)
    problems_count: int = 0

    @property
    def is_whole(self) -> bool:
        """Nothing was changed, removed, inserted or moved."""
        return not self.problems_count

    def report(self, position: int, event_id: str, what: str) -> None:
        """Add a problem."""
        self.problems_count += 1
        if len(self.problems) < PROBLEMS_SHOWN:
            self.problems.append(Problem(position, event_id, what))

    def stated(self) -> dict[str, Any]:
        """The finding as JSON."""
        return {
            "organisation": str(self.chain.organisation_id),
            "workspace": str(self.chain.workspace_id) if self.chain.workspace_id else None,
            "ok": self.is_whole,
            "events": self.events_count,
            "seals": self.seals_count,
            "unsealed": self.unsealed_count,
            "head": self.head.stated() if self.head else None,
            "problems_count": self.problems_count,
            "problems": [
                {"position": one.position, "event": one.event_id or None, "what": one.what} for one in self.problems
            ],
        }


def heads_from(stated: Mapping[str, Any]) -> list[Head]:
    """The heads in a file that `choir audit heads` wrote. Raises ValueError when it is no such file."""
    try:
        return [
            Head(
                Chain(uuid.UUID(one["organisation"]), uuid.UUID(one["workspace"]) if one["workspace"] else None),
                int(one["position"]),
                bytes.fromhex(one["digest"]),
            )
            for one in stated["heads"]
        ]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError("This is not a file of heads; `choir audit heads` writes one.") from error


def heads(organisation: Organisation | None = None) -> list[Head]:
    """Where each chain ends now, according to its last seal."""
    rows = Seal.objects.order_by("organisation_id", "workspace_id", "-last_position")
    rows = rows.distinct("organisation_id", "workspace_id")
    if organisation is not None:
        rows = rows.filter(organisation=organisation)
    return [
        Head(Chain(row.organisation_id, row.workspace_id), row.last_position, bytes(row.last_digest)) for row in rows
    ]


def verify(organisation: Organisation | None = None, *, expect: list[Head] | None = None) -> Iterator[Finding]:
    """Every chain (of one organisation, or all), one finding each. `expect` are heads kept elsewhere."""
    expected = {head.chain: head for head in expect or []}
    mine = [head for head in expected if organisation is None or head.organisation_id == organisation.pk]
    for chain in dict.fromkeys([*_chains(organisation), *mine]):
        yield verify_chain(chain, expect=expected.get(chain))


def _chains(organisation: Organisation | None) -> list[Chain]:
    found: set[tuple[uuid.UUID, uuid.UUID | None]] = set()
    for model in (Event, Seal):
        rows = model._default_manager.order_by().values_list("organisation_id", "workspace_id").distinct()
        found |= set(rows if organisation is None else rows.filter(organisation=organisation))
    return [Chain(*one) for one in sorted(found, key=str)]


def verify_chain(chain: Chain, *, expect: Head | None = None) -> Finding:
    """Recompute one chain from its first event to its last seal."""
    finding = Finding(chain)
    seals = _Seals(chain, finding)
    digest: bytes | None = chain.beginning
    position = 0
    for place, stored, *columns in _events(chain, until=seals.last_position):
        if place != position + 1:
            finding.report(position + 1, "", _missing(position + 1, place - 1))
            digest = None  # what follows a gap can only be checked against itself
        if digest is not None and _digest(digest, place, columns) != stored:
            finding.report(place, columns[0], "is not what was sealed: a column, its place or its digest was changed")
        finding.events_count += 1
        digest, position = bytes(stored), place
        seals.check(place, digest)
        if expect is not None and place == expect.position and digest != expect.digest:
            finding.report(place, columns[0], "differs from the head kept elsewhere: the chain was written anew")
    if position < seals.last_position:
        finding.report(position + 1, "", _missing(position + 1, seals.last_position))
    if expect is not None and expect.position > position:
        finding.report(position + 1, "", f"the head kept elsewhere is at {expect.position}: the end was cut off")
    seals.close(position)
    if position and digest is not None:
        finding.head = Head(chain, position, digest)
    _report_unsealed_places(chain, finding)
    finding.unsealed_count = Event.objects.unsealed().filter(chain.rows).count()
    return finding


def _digest(previous: bytes, position: int, columns: list[str]) -> bytes:
    return _sha256(previous + line(position, columns)).digest()


def _missing(first: int, last: int) -> str:
    if last < first:
        return f"the chain jumps back at {first}"
    return "is missing" if first == last else f"is missing, and all up to {last}"


def _report_unsealed_places(chain: Chain, finding: Finding) -> None:
    """Events that have a place behind the last seal: one statement, so that a batch sealed just now is no alarm."""
    newest = Seal.objects.filter(chain.rows).order_by("-last_position").values("last_position")[:1]
    behind = Event.objects.filter(chain.rows, position__gt=Coalesce(Subquery(newest), 0)).order_by("position")
    for place, event_id in behind.values_list("position", "id")[:PROBLEMS_SHOWN]:
        what = "stands behind the last seal: it was put there, or its seal was removed"
        finding.report(place or 0, str(event_id), what)


def _events(chain: Chain, *, until: int) -> Iterator[tuple[Any, ...]]:
    """Sealed events in the order of their places: position, digest, then the columns that are digested."""
    after = BEFORE_ALL
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                f"SELECT position, digest, {READ} FROM events_event "  # noqa: S608 -- constants and UUIDs
                f"WHERE {chain.where} AND position > %s AND position <= %s ORDER BY position LIMIT {PAGE}",
                [after, until],
            )
            rows = cursor.fetchall()
            yield from rows
            if len(rows) < PAGE:
                return
            after = rows[-1][0]


class _Seals:
    """The seals of a chain, checked while its events pass by."""

    def __init__(self, chain: Chain, finding: Finding) -> None:
        self.chain, self.finding = chain, finding
        mine = Seal.objects.filter(chain.rows)
        last = mine.order_by("-last_position").first()
        self.last_position = last.last_position if last else 0
        self._rows = mine.order_by("last_position").iterator(chunk_size=PAGE)
        self._before = b""
        self._next: Seal | None = next(self._rows, None)

    def check(self, position: int, digest: bytes) -> None:
        """An event passed: if a seal stands here, it must agree with it and be signed by this installation."""
        while self._next is not None and self._next.last_position <= position:
            row = self._next
            if row.last_position == position and bytes(row.last_digest) != digest:
                self.finding.report(position, "", "the seal here closes with another digest")
            self._check_signature(row)

    def close(self, position: int) -> None:
        """No more events: what seals are left stand for events that are gone."""
        while self._next is not None:
            self._check_signature(self._next)

    def _check_signature(self, row: Seal) -> None:
        expected = signature(
            self.chain,
            before=self._before,
            last_position=row.last_position,
            last_digest=bytes(row.last_digest),
            at=row.at,
        )
        if not hmac.compare_digest(expected, bytes(row.signature)):
            what = "the seal here was not made by this installation, was changed, or the one before it was removed"
            self.finding.report(row.last_position, "", what)
        self.finding.seals_count += 1
        self._before = bytes(row.signature)
        self._next = next(self._rows, None)
