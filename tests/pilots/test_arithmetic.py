"""Boundaries, differences and sample sizes, held to published figures and to sums worked out by hand."""

import math

import numpy as np
import pytest

from choir.pilots.boundaries import boundary, spent
from choir.pilots.comparing import Sought, compared, lasting, mean, share, sought


@pytest.mark.parametrize(
    ("looks", "published"),
    [
        (1, [1.9600]),
        (2, [2.9626, 1.9686]),
        (5, [4.8769, 3.3569, 2.6803, 2.2898, 2.0310]),  # Jennison & Turnbull 2000; R's gsDesign and ldbounds
    ],
)
def test_boundaries_are_those_of_o_brien_and_fleming_by_spending(looks: int, published: list[float]) -> None:
    times = [one / looks for one in range(1, looks + 1)]
    found = [boundary(times[:count], times[:count], 0.05) for count in range(1, looks + 1)]
    assert found == pytest.approx(published, abs=0.002)


def test_what_came_at_the_end_does_not_change_what_was_spent_before() -> None:
    assert spent(1.0, 0.05) == 0.05
    assert spent(0.5, 0.05) == pytest.approx(0.00305, abs=1e-5)
    # Little information before the last look: it has hardly anything to make up for.
    assert 1.96 < boundary([0.5, 1.0], [1.0, 1000.0], 0.05) < 1.99


def test_a_median_with_its_error_counts_who_still_waits_as_longest() -> None:
    seconds = [60.0 * one for one in range(1, 26)]
    found = lasting([*seconds, *[math.inf] * 5])
    assert found is not None
    assert found.value == pytest.approx(15.5 * 60)
    assert lasting([*seconds, *[math.inf] * 30]) is None
    assert lasting(seconds[:7]) is None


def test_the_error_of_a_median_is_that_of_many_samples() -> None:
    chance = np.random.default_rng(3)
    samples = np.exp(chance.normal(8, 1.2, (400, 80)))
    errors = [one.error for sample in samples if (one := lasting(list(sample))) is not None]
    assert np.mean(errors) == pytest.approx(np.log(np.median(samples, axis=1)).std(), rel=0.1)


def test_shares_are_compared_in_points_with_one_of_each_added() -> None:
    # (9+1)/(20+2) - (5+1)/(20+2) = 4/22; errors sqrt(.4545*.5455/22), sqrt(.2727*.7273/22)
    found = compared(share(5, 20), share(9, 20), boundary=1.96, is_relative=False)
    assert found is not None
    assert found.effect == pytest.approx(4 / 22)
    assert found.high - found.effect == pytest.approx(1.96 * math.hypot(0.10616, 0.09495), abs=1e-3)
    assert (found.owner, found.candidate) == (0.25, 0.45)


def test_a_ratio_of_durations_is_a_half_where_one_takes_half_as_long() -> None:
    slow, quick = [3600.0 + one for one in range(40)], [1800.0 + one for one in range(40)]
    found = compared(lasting(slow), lasting(quick), boundary=1.96, is_relative=True)
    assert found is not None
    assert found.effect == pytest.approx(-0.5, abs=0.01)
    assert found.low < found.effect < found.high < 0


def test_too_few_on_a_side_say_nothing() -> None:
    assert compared(share(3, 7), share(9, 20), boundary=1.96, is_relative=False) is None
    assert mean([0.1] * 7) is None


def test_the_sample_size_is_the_textbooks() -> None:
    # Half against half, 0.2 in points, p = 0.5: 2 (1.96 + 0.8416)² 0.25 / 0.04 a side are 98.1, 196.2 in all.
    even, uneven = Sought(0.2, 0.5, 0.5, 0.5), Sought(0.2, 0.5, 0.5, 0.1)
    assert even.needed(error_rate=0.05, power=0.8) == 197
    assert even.power(error_rate=0.05, n=197) == pytest.approx(0.8, abs=0.005)
    assert uneven.needed(error_rate=0.05, power=0.8) == 546


def test_a_share_needs_as_many_as_it_varies_where_it_would_be() -> None:
    """Fleiss, Statistical Methods for Rates and Proportions: 30 % against 50 %, z² × (0.21 + 0.25) ÷ 0.04 a side, and
    the two that are added to each."""
    past = share(300, 1_000)
    assert past is not None
    found = sought(past, worth=0.2, share=0.5, is_relative=False, is_share=True)
    assert found is not None
    assert found.needed(error_rate=0.05, power=0.8) == pytest.approx(2 * (7.849 * 0.46 / 0.04 + 2), abs=2)
