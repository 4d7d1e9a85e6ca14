"""How the sandbox network misbehaves on request, so that the way through real failures can be tried and tested.

A company's account carries a list of faults, each `{"on": "stream" | "answers", "do": …, "times": n}`; the first that
fits is used up. What can be done: `401`, `403`, `429`, `500`, `slow`, `broken` (not JSON), `drop_before` (the
connection breaks before anything is stored) and `drop_after` (it is stored, the answer is lost).
"""

from __future__ import annotations

from enum import StrEnum

from django.db import transaction

from choir.sandbox.models import Account


class Fault(StrEnum):
    """One way to fail."""

    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    TOO_MANY = "429"
    FAILURE = "500"
    SLOW = "slow"
    BROKEN = "broken"
    DROP_BEFORE = "drop_before"
    DROP_AFTER = "drop_after"


@transaction.atomic
def misbehave(company: Account, *, on: str, do: Fault, times: int = 1) -> None:
    """From now on, fail this way the next `times` times."""
    row = Account.objects.select_for_update().get(pk=company.pk)
    row.faults = [*row.faults, {"on": on, "do": str(do), "times": times}]
    row.save(update_fields=["faults"])


@transaction.atomic
def next_fault(company: Account, *, on: str) -> Fault | None:
    """The fault to commit now, used up; None nearly always."""
    if not company.faults:
        return None
    row = Account.objects.select_for_update().get(pk=company.pk)
    for index, planned in enumerate(row.faults):
        if planned["on"] == on:
            left = int(planned["times"]) - 1
            row.faults[index : index + 1] = [planned | {"times": left}] if left > 0 else []
            row.save(update_fields=["faults"])
            return Fault(planned["do"])
    return None
