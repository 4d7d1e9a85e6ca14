"""Amounts as they are written in different countries: read as meant, or refused, never as another."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from choir.conversions.amounts import UnclearAmountError, amount_in
from tests.thoroughness import EXAMPLES

WAYS = [(",", "."), (".", ","), (" ", ","), ("\u202f", ","), ("'", "."), ("’", "."), ("", "."), ("", ",")]


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cents=some.integers(0, 10**12), way=some.sampled_from(WAYS), places=some.sampled_from([1, 2]))
def test_an_amount_with_cents_is_read_as_it_was_meant(cents: int, way: tuple[str, str], places: int) -> None:
    between, before_cents = way
    whole, part = divmod(cents, 10**places)
    written = f"{whole:,}".replace(",", between) + f"{before_cents}{part:0{places}}"
    assert amount_in(written) == Decimal(cents).scaleb(-places)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(whole=some.integers(0, 10**12), between=some.sampled_from([",", ".", " ", "'"]))
def test_a_whole_amount_is_read_as_it_was_meant_or_refused(whole: int, between: str) -> None:
    written = f"{whole:,}".replace(",", between)
    if between in ",." and 1_000 <= whole < 1_000_000:
        with pytest.raises(UnclearAmountError, match="can be read as"):
            amount_in(written)
    else:
        assert amount_in(written) == whole


@pytest.mark.parametrize("text", ["a lot", "", "12.34.5", "1,23,4", "NaN", "Infinity", "1.2.3,4,5", "1,234.567.8"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(UnclearAmountError, match="no number"):
        amount_in(text)
