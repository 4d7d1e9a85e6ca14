"""Knowing who speaks: accounts on networks become identities, and the humans behind them customers."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Protocol

from django.db.models import QuerySet

from choir.customers.models import Customer, Identity
from choir.legible import address, cut, fitted_id
from choir.prepared import Slot, one_of, prepared
from choir.rows import insert, made, write_back


class Speaker(Protocol):
    """An account on a network as it shows itself; a connector's `Author` is one."""

    @property
    def external_id(self) -> str: ...
    @property
    def handle(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def followers_count(self) -> int | None: ...


SHOWN = ("handle", "name", "url", "followers_count")


def identify(
    workspace_id: uuid.UUID, *, network: str, authors: Iterable[Speaker], at: dt.datetime
) -> Mapping[str, Identity]:
    """The identity of each author by the network's id of the account (as `fitted_id` keeps it); whoever was never
    seen becomes a customer. What an account shows of itself is brought up to date. Call inside a transaction.

    Five statements at most, however many authors; two callers at once end with one identity each. Rows are taken in
    the order of their ids, so that two who hear the same people, each in their own order, never wait for each other."""
    told = {fitted_id(author.external_id): author for author in authors if author.external_id}
    wanted = dict(sorted(told.items()))
    known = _known(workspace_id, network, wanted)
    _refresh([(known[key], author) for key, author in wanted.items() if key in known])
    missing = {key: author for key, author in wanted.items() if key not in known}
    if missing:
        known |= _welcome(workspace_id, network, missing, at)
    return known


def _known(workspace_id: uuid.UUID, network: str, wanted: Iterable[str]) -> dict[str, Identity]:
    found = _identities(workspace=workspace_id, network=network, external_ids=list(wanted))
    return {identity.external_id: identity for identity in found}


@prepared
def _identities(workspace: Slot, network: Slot, external_ids: Slot) -> QuerySet[Identity]:
    rows = Identity.objects.filter(one_of("external_id", external_ids), workspace=workspace, network=network)
    return rows.defer("search")


def _welcome(
    workspace_id: uuid.UUID, network: str, missing: Mapping[str, Speaker], at: dt.datetime
) -> dict[str, Identity]:
    identities = []
    for key, author in missing.items():
        shown = _shown(author)
        name = cut(author.name or author.handle, 200)
        customer = made(Customer, workspace_id=workspace_id, name=name, created_at=at)
        identity = made(
            Identity, workspace_id=workspace_id, customer=customer, network=network, external_id=key, **shown
        )
        identity.first_seen_at = at
        identities.append(identity)
    insert([identity.customer for identity in identities])
    if insert(identities, skips_known=True) == len(identities):
        return {one.external_id: one for one in identities}
    settled = _known(workspace_id, network, missing)  # another transaction knew some of them a moment earlier
    in_vain = [one.customer_id for one in identities if settled[one.external_id].pk != one.pk]
    Customer.objects.filter(pk__in=in_vain).delete()
    return settled


def _refresh(pairs: Iterable[tuple[Identity, Speaker]]) -> None:
    changed = []
    for identity, author in pairs:
        shown = {name: value for name, value in _shown(author).items() if value not in ("", None)}
        if any(getattr(identity, name) != value for name, value in shown.items()):
            for name, value in shown.items():
                setattr(identity, name, value)
            changed.append(identity)
    write_back(changed, SHOWN)


def _shown(author: Speaker) -> dict[str, str | int | None]:
    followers = author.followers_count
    return {
        "handle": cut(author.handle, 200),
        "name": cut(author.name, 200),
        "url": address(author.url),
        "followers_count": followers if followers is not None and 0 <= followers < 2**31 else None,
    }
