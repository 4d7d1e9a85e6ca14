"""Text from anywhere, made fit to be kept and shown: PostgreSQL takes neither NUL nor half a surrogate pair. What
was really sent stays in the arrival, byte for byte."""

from __future__ import annotations

import hashlib
import re

REPLACEMENT = "\ufffd"
UNFIT = re.compile("[\x00\ud800-\udfff]")
LONGEST_ID = 300


def legible(text: str) -> str:
    """The text with every character that cannot be kept replaced by U+FFFD."""
    return UNFIT.sub(REPLACEMENT, text) if UNFIT.search(text) else text


def cut(text: str, longest: int) -> str:
    """The legible text's beginning, `longest` characters at most."""
    return legible(text)[:longest]


def fitted_id(external_id: str) -> str:
    """A network's id as it is kept: an over-long one keeps its beginning and gets its digest, so that it still is
    the same for the same thing and another for another."""
    if len(external_id) <= LONGEST_ID and not UNFIT.search(external_id):
        return external_id
    digest = hashlib.sha256(external_id.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{cut(external_id, 200)}:{digest}"


def address(url: str) -> str:
    """A web address as it is kept: nothing where it is too long or not one that a page may link to."""
    fit = legible(url).strip()
    return fit if len(fit) <= 1000 and fit.lower().startswith(("http://", "https://")) else ""
