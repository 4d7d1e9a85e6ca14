"""The colours of charts. A drawing names meanings; the style sheet gives them colours, light or dark.

Vega wants colours, so each meaning has a stand-in that is exchanged for its name in the finished SVG
(`data-fill="care"`), where `components/chart.css` colours it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

MEANINGS = (
    "text", "text-quiet", "line", "line-strong", "surface", "accent", "accent-soft", "good", "warn", "bad",
    "care", "sales", "reputation", "advocacy", "insight", "talent", "compliance", "community", "listening", "other",
)  # fmt: skip
OBJECTIVES = {
    "care": "care", "sales": "sales", "reputation": "reputation", "advocacy": "advocacy",
    "product_insight": "insight", "product-insight": "insight", "talent": "talent", "compliance": "compliance",
    "community": "community", "listening": "listening",
}  # fmt: skip
_STAND_IN = re.compile(r'(fill|stroke)="#c0ff([0-9a-f]{2})"')


def hue(meaning: str) -> str:
    """The stand-in of a meaning."""
    return f"#c0ff{MEANINGS.index(meaning):02x}"


def objective_hue(slug: str) -> str:
    """The stand-in of an objective's colour; an organisation's own objectives share one."""
    return hue(OBJECTIVES.get(slug, "other"))


def in_ink(svg: str, ink: Callable[[str], str]) -> str:
    """Exchange stand-ins for colours, for paper."""
    return _STAND_IN.sub(lambda found: f'{found[1]}="{ink(MEANINGS[int(found[2], 16)])}"', svg)


def by_name(svg: str) -> str:
    """Exchange stand-ins for the names of what they mean."""
    return _STAND_IN.sub(lambda found: f'data-{found[1]}="{MEANINGS[int(found[2], 16)]}"', svg)
