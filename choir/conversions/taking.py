"""Taking conversions in: from a signed webhook or a file, each once; what is none is set aside with the reason.

What is told of one is a flat mapping: `id`, `kind`, `at`, and where known `amount`, `currency`, `click` (the
choir_click of a tracked link), `network` with `account` (a handle or the network's id), and `taken_back` for what was
undone.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.db.models import Q

from choir.channels.imports.times import Clockwork, UnreadableTimeError
from choir.conversions.amounts import UnclearAmountError, amount_in
from choir.conversions.models import (
    Click,
    Conversion,
    ConversionAside,
    ConversionFile,
    ConversionKind,
    ConversionSource,
)
from choir.customers.models import Identity
from choir.legible import cut, legible
from choir.people.models import Workspace
from choir.rows import insert, made, write_back
from choir.wake import Step, wake

LARGEST = Decimal("9999999999")
AHEAD = dt.timedelta(days=1)  # clocks differ; what is dated later than this is a mistake
TRUE = frozenset({"1", "true", "yes", "y", "x"})
Row = Mapping[str, Any]


class NotCountableError(ValueError):
    """What is told is no conversion that can be counted; the text says why."""


@dataclass(frozen=True, slots=True)
class Told:
    """One conversion as it was told, understood as far as it tells itself."""

    id: str
    kind: ConversionKind
    at: dt.datetime
    amount: Decimal | None
    click: uuid.UUID | None
    network: str
    account: str
    is_taken_back: bool


@dataclass(slots=True)
class Taken:
    """What became of what was told."""

    new: int = 0
    known: int = 0
    aside: list[tuple[int | None, Row, str]] = field(default_factory=list)


class Reading:
    """Understands what is told, for one workspace."""

    def __init__(self, workspace: Workspace, *, clockwork: Clockwork, at: dt.datetime, usual_kind: str = "") -> None:
        self.kinds = {one.slug: one for one in ConversionKind.objects.filter(workspace=workspace)}
        self.currency = workspace.organisation.currency
        self._clockwork, self._latest, self._usual = clockwork, at + AHEAD, usual_kind

    def told(self, row: Row) -> Told:
        """One conversion. Raises NotCountableError."""
        name = cut(_text(row, "id"), 200)
        if not name:
            raise NotCountableError("It has no number of its own, so the same one twice would count twice.")
        slug = _text(row, "kind") or self._usual
        kind = self.kinds.get(slug.lower())
        if kind is None:
            raise NotCountableError(f"There is no kind “{cut(slug, 40)}”. Add it, or write one of those there are.")
        currency = _text(row, "currency")
        if currency and currency.upper() != self.currency:
            raise NotCountableError(f"It is in {cut(currency, 8)}; amounts are counted in {self.currency}.")
        account, network = _text(row, "account"), _text(row, "network").lower()
        return Told(
            name, kind, self._at(row), _amount(row), _click(row), network or ("email" if "@" in account[1:] else ""),
            account.lstrip("@"), _text(row, "taken_back").lower() in TRUE,
        )  # fmt: skip

    def _at(self, row: Row) -> dt.datetime:
        try:
            at = self._clockwork.read(_text(row, "at"))
        except UnreadableTimeError as error:
            raise NotCountableError(f"Its time cannot be read: {error}.") from None
        if at > self._latest:
            raise NotCountableError("It is dated in the future.")
        return at


@transaction.atomic
def take(
    workspace: Workspace,
    rows: Iterable[tuple[int | None, Row]],
    reading: Reading,
    *,
    at: dt.datetime,
    source: ConversionSource | None = None,
    file: ConversionFile | None = None,
) -> Taken:
    """Keep what is told, each conversion once; told again as taken back, it counts no more. Rows that are none are set
    aside. One that is new wakes attribution."""
    taken, told = Taken(), dict[tuple[uuid.UUID, str], Told]()
    for line, row in rows:
        try:
            one = reading.told(row)
        except NotCountableError as refused:
            taken.aside.append((line, row, str(refused)))
            continue
        before = told.get((one.kind.pk, one.id))
        taken.known += before is not None
        told[one.kind.pk, one.id] = one
    _keep(workspace, list(told.values()), taken, source=source, file=file, at=at)
    insert([
        made(ConversionAside, workspace=workspace, file=file, source=source, line=line, because=because,
             told={str(name): cut(legible(str(value)), 300) for name, value in row.items()}, at=at)
        for line, row, because in taken.aside
    ])  # fmt: skip
    if taken.new:
        wake(Step.ATTRIBUTE)
    return taken


def _keep(
    workspace: Workspace,
    told: Sequence[Told],
    taken: Taken,
    *,
    source: ConversionSource | None,
    file: ConversionFile | None,
    at: dt.datetime,
) -> None:
    known = {
        (one.kind_id, one.external_id): one
        for one in Conversion.objects.filter(workspace=workspace, external_id__in=[one.id for one in told])
    }
    undone, fresh = [], []
    clicks, customers = _clicks(workspace, told), _customers(workspace, told)
    for one in told:
        before = known.get((one.kind.pk, one.id))
        if before is None:
            click = clicks.get(one.click) if one.click else None
            customer = customers.get((one.network, one.account.casefold()))
            if customer is None and click is not None and click.conversation is not None:
                customer = click.conversation.customer_id
            fresh.append(made(
                Conversion, workspace=workspace, kind=one.kind, source=source, file=file, external_id=one.id, at=one.at,
                amount=one.amount, customer_id=customer, click=click, campaign=click.link.campaign if click else "",
                recorded_at=at, taken_back_at=at if one.is_taken_back else None,
            ))  # fmt: skip
            continue
        taken.known += 1
        if one.is_taken_back and before.taken_back_at is None:
            before.taken_back_at, before.recorded_at = at, at
            undone.append(before)
    write_back(undone, ["taken_back_at", "recorded_at"])
    insert(fresh, skips_known=True)
    taken.new = len(fresh)


def _clicks(workspace: Workspace, told: Sequence[Told]) -> dict[uuid.UUID, Click]:
    ids = [one.click for one in told if one.click]
    found = Click.objects.filter(workspace=workspace, pk__in=ids).select_related("link", "conversation")
    return {one.pk: one for one in found} if ids else {}


def _customers(workspace: Workspace, told: Sequence[Told]) -> dict[tuple[str, str], uuid.UUID]:
    """Who is behind accounts: by the network's id or the handle, without regard to capitals."""
    accounts = {one.account for one in told if one.account and one.network}
    if not accounts:
        return {}
    variants = accounts | {one.casefold() for one in accounts}
    rows = Identity.objects.filter(Q(external_id__in=variants) | Q(handle__in=variants), workspace=workspace)
    found: dict[tuple[str, str], uuid.UUID] = {}
    for network, external_id, handle, customer in rows.values_list("network", "external_id", "handle", "customer"):
        for name in (external_id, handle):
            found[network, name.casefold()] = customer
    return found


def _text(row: Row, name: str) -> str:
    value = row.get(name)
    return "" if value is None else legible(str(value)).strip()


def _amount(row: Row) -> Decimal | None:
    text, value = _text(row, "amount"), row.get("amount")
    if not text:
        return None
    try:  # a number of JSON says itself where its cents begin
        amount = Decimal(text) if isinstance(value, int | float) else amount_in(text)
    except InvalidOperation:
        raise NotCountableError(f"The amount “{cut(text, 40)}” is no number.") from None
    except UnclearAmountError as unclear:
        raise NotCountableError(f"The amount {unclear}") from None
    if not amount.is_finite() or not 0 <= amount <= LARGEST:
        raise NotCountableError("The amount is below nothing, or too large. What was undone is told as taken back.")
    return round(amount, 2)


def _click(row: Row) -> uuid.UUID | None:
    try:
        return uuid.UUID(_text(row, "click")) if _text(row, "click") else None
    except ValueError:
        return None
