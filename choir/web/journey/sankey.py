"""The flow between stages as bands: where everybody was on the left, where they are on the right.

Vega-Lite has no such shape, so each band is an area whose edges are an S of sampled points. Every band and every block
is a link to its people; the table beside it has the same numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import altair as alt
from django.utils.translation import gettext as _

from choir.journey.models import Stage
from choir.journey.queries import GONE, NEW, UNTOLD, Flow
from choir.web.charts.palette import hue
from choir.web.journey.wording import ORDER, WORDS

HEIGHT = 340
POINTS = 16
BLOCK = 0.02  # of the width
GAP = 0.025  # of the height, between blocks
HUES = {
    NEW: "line-strong", Stage.AWARENESS: "listening", Stage.CONSIDERATION: "sales", Stage.PURCHASE: "accent",
    Stage.SUPPORT: "care", Stage.ADVOCACY: "advocacy", UNTOLD: "line-strong", GONE: "text-quiet",
}  # fmt: skip
Url = Callable[[str, str], str]


def drawing(flow: Flow, url: Url) -> dict[str, Any]:
    """The declared drawing; `url` gives the people of a (from, to), either of them empty for any."""
    left, right = flow.at_start(), flow.at_end()
    total = max(1, flow.total)
    room = 1 - GAP * (max(len(left), len(right)) - 1)  # the height that is people; the rest is gaps
    blocks_left = _stacked([(one, left[one]) for one in ORDER if left[one]], room / total)
    blocks_right = _stacked([(one, right[one]) for one in ORDER if right[one]], room / total)
    bands: list[dict[str, Any]] = []
    out, into = {name: top for name, (top, _n) in blocks_left.items()}, {
        name: top for name, (top, _n) in blocks_right.items()
    }  # fmt: skip
    for start in ORDER:
        for end in ORDER:
            n = flow.cells.get((start, end), 0)
            if not n:
                continue
            words = _("%(start)s → %(end)s: %(n)s") % {"start": WORDS[start], "end": WORDS[end], "n": f"{n:,}"}
            bands += _band(out[start], into[end], n / total * room, {
                "name": f"{start} {end}", "hue": start, "words": words, "url": url(start, end),
            })  # fmt: skip
            out[start] += n / total * room
            into[end] += n / total * room
    return _plain(bands, [
        *_blocks(blocks_left, 0.0, lambda name: url(name, ""), room / total),
        *_blocks(blocks_right, 1.0 - BLOCK, lambda name: url("", name), room / total),
    ])  # fmt: skip


def _stacked(counts: list[tuple[str, int]], each: float) -> dict[str, tuple[float, int]]:
    """Where each block begins, and of how many; one customer is `each` high."""
    top, found = 0.0, {}
    for name, n in counts:
        found[name] = (top, n)
        top += n * each + GAP
    return found


def _band(top: float, to: float, size: float, about: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for number in range(POINTS + 1):
        part = number / POINTS
        curve = (1 - math.cos(math.pi * part)) / 2
        edge = top + (to - top) * curve
        rows.append({**about, "x": BLOCK + part * (1 - 2 * BLOCK), "y": edge, "y2": edge + size})
    return rows


def _blocks(
    blocks: dict[str, tuple[float, int]], x: float, url: Callable[[str], str], each: float
) -> list[dict[str, Any]]:
    is_left = x < 0.5
    return [
        {"x": x, "x2": x + BLOCK, "y": top, "y2": top + n * each, "hue": name, "url": url(name),
         "words": f"{WORDS[name]}: {n:,}", "label": f"{WORDS[name]} {n:,}", "middle": top + n * each / 2,
         "at": x + BLOCK + 0.01 if is_left else x - 0.01, "side": "left" if is_left else "right"}
        for name, (top, n) in blocks.items()
    ]  # fmt: skip


def _plain(bands: list[dict[str, Any]], blocks: list[dict[str, Any]]) -> dict[str, Any]:
    scale = alt.Scale(domain=[0, 1], nice=False)
    x, y = alt.X("x:Q", axis=None, scale=scale), alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[1, 0], nice=False))
    color = alt.Color(
        "hue:N", legend=None, scale=alt.Scale(domain=list(ORDER), range=[hue(HUES[one]) for one in ORDER])
    )
    base = alt.Chart(alt.InlineData(bands))
    ribbons = base.mark_area(opacity=0.35).encode(
        x=x, y=y, y2="y2:Q", detail="name:N", color=color, description="words:N", href="url:N"
    )
    standing = alt.Chart(alt.InlineData(blocks))
    bars = standing.mark_rect().encode(x=x, x2="x2:Q", y=y, y2="y2:Q", color=color, description="words:N", href="url:N")
    label = {"y": alt.Y("middle:Q", axis=None, scale=alt.Scale(domain=[1, 0])), "text": "label:N"}
    near = alt.X("at:Q", axis=None, scale=scale)
    names = [
        standing.transform_filter(f"datum.side == '{side}'")
        .mark_text(align=side, color=hue("text"), fontSize=11).encode(x=near, href="url:N", **label)
        for side in ("left", "right")
    ]  # fmt: skip
    title = _("Where customers were, and where they are now")
    plain: dict[str, Any] = (
        alt.layer(ribbons, bars, *names).properties(height=HEIGHT, description=title).to_dict(validate=False)
    )
    plain.pop("config", None)
    return plain
