"""WCAG 2.2 AA contrast of every pair of tokens that meets, in both themes, computed from the tokens themselves."""

import re
from pathlib import Path

import pytest

TOKENS = (Path(__file__).parents[2] / "choir/web/static/choir/css/tokens.css").read_text()

TEXT_PAIRS = [
    (front, back)
    for front in ("text", "text-soft", "text-quiet", "accent-text", "bad")
    for back in ("canvas", "surface", "surface-quiet", "surface-hover")
] + [
    ("text", "surface-raised"),
    ("text-quiet", "surface-raised"),
    ("text-quiet", "accent-soft"),
    ("text-soft", "surface-pressed"),
    ("text-soft", "accent-soft"),
    ("text", "mark"),
    ("accent-text", "accent-soft"),
    ("accent-text", "accent-softer"),
    ("on-accent", "accent-fill"),
    ("on-accent", "accent-fill-hover"),
    ("good", "good-soft"),
    ("warn", "warn-soft"),
    ("bad", "bad-soft"),
    ("bad", "accent-soft"),
    ("good", "surface"),
    ("warn", "surface"),
    ("good", "accent-soft"),
    ("note", "note-soft"),
    ("text", "note-soft"),
    ("text-soft", "note-soft"),
    ("text-quiet", "note-soft"),
    ("consult", "consult-soft"),
    ("text", "consult-soft"),
    ("text-quiet", "consult-soft"),
    ("on-toast", "toast"),
    ("toast-accent", "toast"),
]
SHAPE_PAIRS = [
    ("line-control", "surface"),
    ("line-control", "surface-quiet"),
    ("focus", "surface"),
    ("focus", "canvas"),
    ("focus", "surface-quiet"),
    ("accent", "surface"),
    ("accent-fill", "surface"),
] + [
    (f"objective-{name}", "surface-hover")
    for name in re.findall(r"--objective-([\w]+):", TOKENS)
]  # fmt: skip


def colour(name: str, theme: str) -> str:
    """A token's hex value in a theme."""
    found = re.search(rf"--{name}:\s*([^;]+);", TOKENS)
    assert found, name
    value = found.group(1).strip()
    if value.startswith("light-dark("):
        light, dark = value[len("light-dark(") : -1].split(", ")
        value = light if theme == "light" else dark
    inner = re.fullmatch(r"var\(--([\w-]+)\)", value)
    return colour(inner.group(1), theme) if inner else value


def luminance(value: str) -> float:
    """Relative luminance (WCAG 2.2) of #rrggbb."""
    channels = [int(value[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(front: str, back: str, theme: str) -> float:
    """The contrast ratio of two tokens."""
    light, dark = sorted((luminance(colour(front, theme)), luminance(colour(back, theme))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back"), TEXT_PAIRS)
def test_text_stands_off_its_ground(front: str, back: str, theme: str) -> None:
    assert contrast(front, back, theme) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back"), SHAPE_PAIRS)
def test_shapes_stand_off_their_ground(front: str, back: str, theme: str) -> None:
    assert contrast(front, back, theme) >= 3


def test_black_on_white_is_twenty_one() -> None:
    assert (luminance("#ffffff") + 0.05) / (luminance("#000000") + 0.05) == pytest.approx(21)
