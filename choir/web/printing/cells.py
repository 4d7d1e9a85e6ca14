"""Cells of a document's table: words, what they lead to, and what stands more quietly below them."""

from __future__ import annotations

from django.http import HttpRequest


def cell(request: HttpRequest, words: object, url: str = "", quiet: object = "") -> dict[str, str]:
    """As `ledger` of `house.typ` sets it; the address is made whole."""
    return {"words": str(words), "url": request.build_absolute_uri(url) if url else "", "quiet": str(quiet or "")}
