"""What has to be done first on a network: the setting up of a connector's README, as steps of a page."""

from __future__ import annotations

import re
from functools import cache

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from choir.channels.registry import FOLDER

SECTION = re.compile(r"\*\*Setup\.\*\*\s*(.*?)(?=\n\n|\Z)|## Setting up\s*\n(.*?)(?=\n## |\Z)", re.DOTALL)
STEP = re.compile(r"(\d+)\. ")
LINK = r'<a href="\2" rel="noopener noreferrer" target="_blank">\1</a>'
MARKUP = (
    (re.compile(r"\[([^\]]+)\]\((https://[^)\s]+)\)"), LINK),
    (re.compile(r"&lt;((https://[^\s&]+))&gt;"), LINK),
    (re.compile(r"\*\*([^*]+)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"(?<!\*)\*([^*\n]+)\*(?!\*)"), r"<em>\1</em>"),
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
)


@cache
def setup_of(slug: str) -> list[tuple[bool, SafeString]]:
    """Its steps and paragraphs in their order: (whether it is a numbered step, its words). Only links, strong, emphasis
    and code are kept of the README's markup, and everything else is text."""
    found = SECTION.search((FOLDER / slug / "README.md").read_text(encoding="utf-8"))
    if found is None:
        return []
    parts: list[tuple[bool, str]] = []
    for paragraph in (found[1] or found[2]).split("\n\n"):
        parts += _steps(paragraph)
    return [(is_step, _shown(" ".join(words.split()))) for is_step, words in parts if words.strip()]


def _steps(paragraph: str) -> list[tuple[bool, str]]:
    """A paragraph as it is, or its steps 1, 2, 3: a line that begins with any other number goes on with its step."""
    parts: list[tuple[bool, str]] = []
    steps = 0
    for line in paragraph.splitlines():
        number = STEP.match(line)
        if number is not None and int(number[1]) == steps + 1:
            steps += 1
            parts.append((True, line[number.end() :]))
        elif parts:
            parts[-1] = (parts[-1][0], f"{parts[-1][1]} {line}")
        else:
            parts.append((False, line))
    return parts


def _shown(words: str) -> SafeString:
    text = str(escape(words))
    for pattern, made in MARKUP:
        text = pattern.sub(made, text)
    return mark_safe(text)  # noqa: S308 -- escaped first; the markup added is ours
