"""The chain: each workspace's events, one after another, each bound to the one before.

Writers never wait: an event is recorded without a place. Sealing comes behind them in batches and gives each its
position and its digest:

    digest(n) = SHA-256( digest(n-1) || line(n) )        digest(0) = SHA-256("choir chain 1", organisation, workspace)

where `line` is a JSON array of strings in UTF-8 (position, then every column of the event; `COLUMNS` gives the order).
A batch ends with a seal: HMAC-SHA-256 with the installation's audit key over the seal before it and the place and
digest it closes with. Whoever can write to the database can therefore recompute digests, but not seals; and whoever
cuts off the tail is found by a head kept elsewhere (`verify`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from choir.events.models import Event, Seal

# A transaction that recorded an event may commit a little after the event's own time.
SETTLE = dt.timedelta(seconds=2)
BATCH = 5_000

_TIME = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
COLUMNS: tuple[tuple[str, str], ...] = (
    ("id", "id::text"),
    ("organisation", "organisation_id::text"),
    ("workspace", "coalesce(workspace_id::text, '')"),
    ("at", _TIME.format("at")),
    ("recorded_at", _TIME.format("recorded_at")),
    ("verb", "verb"),
    ("by", "coalesce(by_id::text, '')"),
    ("by_name", "by_name"),
    ("subject_type", "subject_type"),
    ("subject_id", "subject_id::text"),
    ("because", "because"),
    ("facts", "facts::text"),
)
READ = ", ".join(sql for _, sql in COLUMNS)


@dataclass(frozen=True, slots=True)
class Chain:
    """Which chain: a workspace's, or (workspace empty) what concerns the whole organisation."""

    organisation_id: uuid.UUID
    workspace_id: uuid.UUID | None

    @property
    def name(self) -> bytes:
        """The chain's own name, part of everything that is digested or signed in it."""
        return f"choir chain 1\n{self.organisation_id}\n{self.workspace_id or ''}\n".encode()

    @property
    def beginning(self) -> bytes:
        """The digest before the first event."""
        return hashlib.sha256(self.name).digest()

    @property
    def rows(self) -> Q:
        """Picks its rows of any model that has them."""
        workspace = Q(workspace=None) if self.workspace_id is None else Q(workspace_id=self.workspace_id)
        return Q(organisation_id=self.organisation_id) & workspace

    @property
    def where(self) -> str:
        """SQL that picks its rows, in a form that uses the index."""
        owner = "workspace_id IS NULL" if self.workspace_id is None else f"workspace_id = '{self.workspace_id}'"
        return f"organisation_id = '{self.organisation_id}' AND {owner}"


def columns_of(event: Event, facts_text: str) -> list[str]:
    """An event's columns as they are digested, in the order of `COLUMNS`; `facts_text` is the database's own text of
    its facts."""
    return [
        str(event.pk),
        str(event.organisation_id),
        str(event.workspace_id or ""),
        _moment(event.at),
        _moment(event.recorded_at),
        event.verb,
        str(event.by_id or ""),
        event.by_name,
        event.subject_type,
        str(event.subject_id),
        event.because,
        facts_text,
    ]


def _moment(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def line(position: int, columns: Sequence[str]) -> bytes:
    """An event as it is digested: a JSON array of strings, its position first."""
    return _encode([str(position), *columns]).encode()


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def link(previous: bytes, position: int, columns: Sequence[str]) -> bytes:
    """The digest of an event, given the digest before it."""
    return hashlib.sha256(previous + line(position, columns)).digest()


def signature(chain: Chain, *, before: bytes, last_position: int, last_digest: bytes, at: dt.datetime) -> bytes:
    """A seal's signature. `before` is the signature of the seal before it, empty for the first."""
    time = at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    signed = b"\n".join([chain.name, before.hex().encode(), f"{last_position}\n{last_digest.hex()}\n{time}".encode()])
    return hmac.new(settings.AUDIT_KEY.encode(), signed, hashlib.sha256).digest()


def chains_with_unsealed() -> Iterator[Chain]:
    """Chains in which something waits to be sealed."""
    waiting = Event.objects.unsealed().values_list("organisation_id", "workspace_id").distinct().order_by()
    return (Chain(organisation_id, workspace_id) for organisation_id, workspace_id in waiting)


def seal_all(*, at: dt.datetime) -> int:
    """Seal one batch of every chain; how many events."""
    return sum(seal(chain, at=at) for chain in list(chains_with_unsealed()))


@transaction.atomic
def seal(chain: Chain, *, at: dt.datetime, limit: int = BATCH) -> int:
    """Give the next events of a chain their places and close them with a seal; how many. Nothing happens while
    another process seals the same chain; nobody who records an event ever waits for this."""
    if not _only_one(chain):
        return 0
    before = Seal.objects.filter(chain.rows).order_by("-last_position").first()
    position = before.last_position if before else 0
    digest = bytes(before.last_digest) if before else chain.beginning
    places: list[tuple[str, int, bytes]] = []
    for columns in _waiting(chain, until=at - SETTLE, limit=limit):
        position += 1
        digest = link(digest, position, columns)
        places.append((columns[0], position, digest))
    if places:
        _write_places(places)
        signed = signature(
            chain,
            before=bytes(before.signature) if before else b"",
            last_position=position,
            last_digest=digest,
            at=at,
        )
        Seal.objects.create(
            organisation_id=chain.organisation_id,
            workspace_id=chain.workspace_id,
            last_position=position,
            last_digest=digest,
            signature=signed,
            at=at,
        )
    return len(places)


def _only_one(chain: Chain) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [chain.name.decode()])
        return bool(cursor.fetchone()[0])


def _waiting(chain: Chain, *, until: dt.datetime, limit: int) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {READ} FROM events_event WHERE {chain.where} AND position IS NULL AND recorded_at < %s "  # noqa: S608 -- constants and UUIDs
            "ORDER BY id LIMIT %s",
            [until, limit],
        )
        rows: list[tuple[str, ...]] = cursor.fetchall()
    return rows


def _write_places(places: Sequence[tuple[str, int, bytes]]) -> None:
    ids, positions, digests = zip(*places, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE events_event SET position = place.position, digest = place.digest "
            "FROM unnest(%s::uuid[], %s::bigint[], %s::bytea[]) AS place (id, position, digest) "
            "WHERE events_event.id = place.id AND events_event.position IS NULL",
            [list(ids), list(positions), list(digests)],
        )
