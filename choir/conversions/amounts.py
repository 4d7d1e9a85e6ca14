"""Amounts as people and systems write them: 1234.5, 1,234.50, 1.234,50, 1 234,50, 1'234.50."""

from __future__ import annotations

import re
from decimal import Decimal

GROUPS = str.maketrans("", "", " \u00a0\u2009\u202f'\u2019")  # between thousands, never before cents
NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,2})?")
GROUPED = re.compile(r"[+-]?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")
EITHER = re.compile(r"[+-]?[1-9]\d{0,2}([.,])\d{3}")


class UnclearAmountError(ValueError):
    """It is no amount, or could be two; the text says which and how to write it."""


def amount_in(text: str) -> Decimal:
    """The amount that a text says. Of a point and a comma the later one stands before the cents; one that comes twice
    stands between thousands. One alone before three digits could be either, and is refused, as is what is no number."""
    bare = text.strip().translate(GROUPS)
    if either := EITHER.fullmatch(bare):
        whole, part = bare.split(either[1])
        raise UnclearAmountError(
            f"“{text.strip()[:40]}” can be read as {whole}{part} and as {whole}.{part}. Write {whole}{part}.00 if it "
            "is the first, without the last digit if it is the second."
        )
    last = max(bare.rfind("."), bare.rfind(","))
    if last >= 0 and bare.count(bare[last]) > 1:
        last = len(bare)  # twice: between thousands
    whole, part = bare[:last] if last >= 0 else bare, bare[last + 1 :] if last >= 0 else ""
    if "." in whole or "," in whole:
        grouped = GROUPED.fullmatch(whole)
        if grouped is None or (last < len(bare) and bare[last] == grouped[1]):
            raise UnclearAmountError(f"“{text.strip()[:40]}” is no number.")
        whole = whole.replace(grouped[1], "")
    plain = f"{whole or 0}.{part}" if part else whole
    if NUMBER.fullmatch(plain) is None:
        raise UnclearAmountError(f"“{text.strip()[:40]}” is no number.")
    return Decimal(plain)
