"""What days put together say is the figure that pages have, whatever the days hold."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from choir.measurement.days import POINTS, Day, Joined, sketch, together_by
from choir.measurement.spread import spread_of
from choir.measurement.spread import together as spreads_together

durations = st.lists(st.integers(0, 10**6), max_size=60)


def a_day(seconds: list[int]) -> Day:
    spread = spread_of(seconds)
    return Day(tuple(map(float, spread.values)), tuple(map(float, spread.counts)))


@given(days=st.lists(durations, min_size=1, max_size=5), fraction=st.sampled_from([0.5, 0.9]))
def test_a_quantile_of_several_days_is_the_one_of_their_rows(days: list[list[int]], fraction: float) -> None:
    found = together_by(Joined.RANKED, [a_day(one) for one in days], fraction=fraction)
    rows = [one for day in days for one in day]
    assert found == spreads_together(spread_of(one) for one in days).quantile(fraction)
    if rows:
        assert found is not None
        assert abs(found - float(np.quantile(rows, fraction))) < 1e-6 * max(1, found)


@given(seconds=durations)
def test_a_sketch_has_few_values_that_occur_and_as_many_rows(seconds: list[int]) -> None:
    day = a_day(seconds)
    kept = sketch(day)
    assert len(kept.values) <= POINTS
    assert set(kept.values) <= set(day.values)
    assert abs(kept.n - day.n) < 1e-9 * max(1.0, day.n)
