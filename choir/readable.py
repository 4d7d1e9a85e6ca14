"""HTML from anywhere as plain text a person can read: nothing of it is ever shown as HTML.

Layout (paragraphs, lists, tables) becomes lines; scripts, styles and what is hidden go; links keep their words only.
"""

from __future__ import annotations

import html
import re

from inscriptis import get_text
from lxml.etree import LxmlError, ParserError

LONGEST_HTML = 1024 * 1024  # beyond it nobody reads
DEEPEST = 255
TAG = re.compile(r"<[^<>]{0,2000}>")
UNSEEN = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
LOOKS_LIKE_HTML = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>|&(?:[a-zA-Z]{2,10}|#x?[0-9a-fA-F]{1,6});")
BLANKS = re.compile(r"[ \t\u00a0\u200b\u200c\u034f\u2007\ufeff]+\n")
GAPS = re.compile(r"\n{3,}")


def text_of_html(source: str) -> str:
    """The words of an HTML document or fragment; never fails, whatever it is fed."""
    source = source[:LONGEST_HTML].replace("\x00", "")
    if not source.strip():
        return ""
    try:
        text = str(get_text(source))
    except (LxmlError, ParserError, ValueError, KeyError, IndexError, AttributeError, TypeError, RecursionError):
        text = _without_tags(source)
    if not text.strip() and source.count("<") > DEEPEST:  # the parser gives up on what is nested deeper
        text = _without_tags(source)
    return tidied(text)


def _without_tags(source: str) -> str:
    return html.unescape(TAG.sub(" ", UNSEEN.sub(" ", source)))


def text_of(source: str) -> str:
    """The words of what may be HTML or plain text: nobody said which."""
    return text_of_html(source) if LOOKS_LIKE_HTML.search(source) else tidied(source)


def tidied(text: str) -> str:
    """Without trailing blanks and without gaps of several empty lines."""
    text = BLANKS.sub("\n", text.replace("\r\n", "\n").replace("\r", "\n") + "\n")
    return GAPS.sub("\n\n", text).strip("\n ")
