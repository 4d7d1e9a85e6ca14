"""What stands along the axes of charts is exact."""

from __future__ import annotations

import re
from typing import Any

import pytest

from choir.web.charts.drawing import drawn
from choir.web.charts.shapes import durations_to, line_of_days

IN_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _labels(values: list[float | None], unit: str) -> list[str]:
    rows: list[dict[str, Any]] = [
        {"day": f"2026-11-{day:02}", "value": value, "words": "", "url": ""}
        for day, value in enumerate(values, start=1)
    ]
    return re.findall(r">([^<>]+)</text>", drawn(line_of_days(rows, title="", unit=unit)))[len(values) :]


@pytest.mark.parametrize("longest", [0, 3, 20, 59, 61, 5_400, 14_000, 100_000, 864_000, 34_560_000])
def test_an_axis_of_durations_is_marked_at_whole_units_up_to_the_longest(longest: float) -> None:
    ticks = durations_to(longest)
    assert ticks[0] == 0
    assert ticks[-1] > longest
    assert len(ticks) <= 7
    said = [0 if one == "0" else int(one[:-1]) * IN_SECONDS[one[-1]] for one in _labels([longest, None], "seconds")]
    assert len(set(said)) == len(said) >= 2
    assert set(said) <= set(ticks)


def test_other_axes_say_what_they_mark() -> None:
    assert _labels([0.2, -0.4], "net") == ["−100", "−50", "0", "+50", "+100"]
    assert _labels([1200, 3000], "count") == ["0", "1k", "2k", "3k"]
    assert _labels([0.2, 0.5], "money") == ["0", "0.1", "0.2", "0.3", "0.4", "0.5"]
