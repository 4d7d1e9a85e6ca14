"""The flow between stages as bands: where everybody was on the left, where they are on the right.

Vega-Lite has no such shape, and two curves need no library: the SVG is written here, as the other charts are when they
are drawn. Every band and every block is a link to its people; the table beside it has the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.translation import gettext as _

from choir.journey.models import Stage
from choir.journey.queries import GONE, NEW, UNTOLD, Flow
from choir.web.charts.drawing import width_of
from choir.web.journey.wording import ORDER, WORDS

HEIGHT = 340
BLOCK = 12  # how wide a block is, in pixels
GAP = 8  # between blocks
NEAR = 6  # from a block to its words
HUES = {
    NEW: "line-strong", Stage.AWARENESS: "listening", Stage.CONSIDERATION: "sales", Stage.PURCHASE: "accent",
    Stage.SUPPORT: "care", Stage.ADVOCACY: "advocacy", UNTOLD: "line-strong", GONE: "text-quiet",
}  # fmt: skip
Url = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Block:
    """The customers at a stage, on one side: where it begins, in pixels, and how high it is."""

    name: str
    n: int
    top: float
    high: float
    url: str


def drawing(flow: Flow, url: Url, width: int = 0) -> str:
    """The SVG, for so many pixels of room; `url` gives the people of a (from, to), either of them empty for any."""
    room, left, right = width_of(width), flow.at_start(), flow.at_end()
    each = (HEIGHT - GAP * (max(len(left), len(right)) - 1)) / max(1, flow.total)  # pixels a customer is high
    starts, ends = _stacked(left, each, lambda name: url(name, "")), _stacked(right, each, lambda name: url("", name))
    marks = [
        *_bands(flow, [{one.name: one.top for one in side} for side in (starts, ends)], each, room, url),
        *(_block(one, x=0) for one in starts),
        *(_block(one, x=room - BLOCK) for one in ends),
        *(_words(one, x=BLOCK + NEAR, anchor="start") for one in starts),
        *(_words(one, x=room - BLOCK - NEAR, anchor="end") for one in ends),
    ]
    title = escape(_("Where customers were, and where they are now"))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" class="chart__drawing"'
        f' role="img" aria-label="{title}" width="{room}" height="{HEIGHT}" viewBox="0 0 {room} {HEIGHT}">'
        f"{''.join(marks)}</svg>"
    )


def _stacked(counts: dict[str, int], each: float, url: Callable[[str], str]) -> list[Block]:
    """One below the other."""
    top, found = 0.0, []
    for name in ORDER:
        if counts[name]:
            found.append(Block(name, counts[name], top, counts[name] * each, url(name)))
            top += counts[name] * each + GAP
    return found


def _bands(flow: Flow, tops: list[dict[str, float]], each: float, room: int, url: Url) -> Iterator[str]:
    """A band for each cell, below the one before on both sides."""
    out, into = tops
    for start in ORDER:
        for end in ORDER:
            n = flow.cells.get((start, end), 0)
            if not n:
                continue
            words = _("%(start)s → %(end)s: %(n)s") % {"start": WORDS[start], "end": WORDS[end], "n": f"{n:,}"}
            shape = f'<path d="{_band(out[start], into[end], n * each, room)}" {_told(words, start)} opacity="0.35"/>'
            yield _link(shape, url(start, end))
            out[start] += n * each
            into[end] += n * each


def _band(top: float, to: float, high: float, room: int) -> str:
    """An S from block to block, and back below it."""
    first, last, middle = BLOCK, room - BLOCK, room / 2
    return (
        f"M{first},{top:.1f}C{middle},{top:.1f} {middle},{to:.1f} {last},{to:.1f}V{to + high:.1f}"
        f"C{middle},{to + high:.1f} {middle},{top + high:.1f} {first},{top + high:.1f}Z"
    )


def _block(one: Block, *, x: int) -> str:
    size = f'x="{x}" y="{one.top:.1f}" width="{BLOCK}" height="{one.high:.1f}"'
    return _link(f"<rect {size} {_told(f'{WORDS[one.name]}: {one.n:,}', one.name)}/>", one.url)


def _words(one: Block, *, x: int, anchor: str) -> str:
    """A block's name and number beside it, at half its height."""
    place = f'x="{x}" y="{one.top + one.high / 2:.1f}" dy="0.32em" text-anchor="{anchor}" font-size="11"'
    return _link(f'<text {place} data-fill="text">{escape(f"{WORDS[one.name]} {one.n:,}")}</text>', one.url)


def _told(words: str, hue: str) -> str:
    """What a mark is, in words and as a colour."""
    return f'role="graphics-symbol" aria-label="{escape(words)}" data-fill="{HUES[hue]}"'


def _link(mark: str, url: str) -> str:
    return f'<a tabindex="-1" xlink:href="{escape(url)}">{mark}</a>'
