"""What the columns of a file of conversions hold, and how that is guessed from their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

FIELDS: Mapping[str, str] = {
    "id": "Number of the order, booking…",
    "kind": "Kind",
    "at": "When",
    "amount": "Amount",
    "currency": "Currency",
    "click": "Click (choir_click)",
    "network": "Network of the customer",
    "account": "Customer's handle or address there",
    "taken_back": "Taken back (cancelled, returned)",
}
SYNONYMS: Mapping[str, frozenset[str]] = {
    "id": frozenset({"id", "order", "order_id", "order id", "number", "booking", "reference"}),
    "kind": frozenset({"kind", "type", "event"}),
    "at": frozenset({"at", "date", "time", "when", "created_at", "created at", "datetime"}),
    "amount": frozenset({"amount", "total", "value", "revenue", "price"}),
    "currency": frozenset({"currency"}),
    "click": frozenset({"click", "choir_click"}),
    "network": frozenset({"network", "platform"}),
    "account": frozenset({"account", "handle", "email", "e-mail", "customer", "user"}),
    "taken_back": frozenset({"taken_back", "cancelled", "canceled", "returned", "refunded"}),
}


def guessed(columns: Sequence[str]) -> dict[str, str]:
    """Column → field, where a column's name says it."""
    chosen: dict[str, str] = {}
    for column in columns:
        to = next((name for name, words in SYNONYMS.items() if column.strip().lower() in words), "")
        if to and to not in chosen.values():
            chosen[column] = to
    return chosen
