"""The colours of paper: the light side of the style sheet's tokens, which are the only place with raw colours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

TOKENS = Path(__file__).parents[1] / "static" / "choir" / "css" / "tokens.css"
_STATED = re.compile(r"^\s*--([\w-]+):\s*(.+?);", re.MULTILINE)
_LIGHT = re.compile(r"light-dark\(\s*((?:[^(),]|\([^()]*\))+),")
_NAMED = re.compile(r"var\(--([\w-]+)\)")


def ink(meaning: str) -> str:
    """The colour of a meaning (`accent`, or an objective such as `care`) as a hex triplet; black for what has none."""
    known = _stated()
    return _resolved(known, f"objective-{meaning}" if f"objective-{meaning}" in known else meaning)


@cache
def _stated() -> Mapping[str, str]:
    return dict(_STATED.findall(TOKENS.read_text(encoding="utf-8")))


def _resolved(known: Mapping[str, str], name: str) -> str:
    value = known.get(name, "#000000")
    light = _LIGHT.match(value)
    value = light[1].strip() if light else value
    named = _NAMED.fullmatch(value)
    return _resolved(known, named[1]) if named else value
