"""Copies are found where they are; a phrase that many use makes nobody a copy, nor slow."""

from __future__ import annotations

from collections import Counter

import pytest

from choir.flow.listen import heard
from choir.listening.copies import CROWDED
from choir.listening.models import Wording
from tests import conversing
from tests.cast import NOON, Cast, cast

pytestmark = pytest.mark.django_db


def said(company: Cast, texts: list[str]) -> list[Wording]:
    """Somebody says these in public, and they are understood together; what is kept of them."""
    messages = [conversing.arrived(company, one, at=NOON).messages.get() for one in texts]
    heard([one.mention for one in messages if one.mention], [conversing.read_as(company, one) for one in messages])
    return [Wording.objects.get(mention=one.mention_id) for one in messages]


def test_a_band_holds_so_many_texts_and_copies_are_found_all_the_same() -> None:
    company = cast()
    praise = [f"Love the new lamp {number} ❤️" for number in range(100, 130)]
    kept = said(company, praise[:20]) + said(company, praise[20:])
    assert not any(one.family for one in kept)
    assert max(Counter(band for one in kept for band in one.bands).values()) == CROWDED
    (copy,) = said(company, [f"{praise[25]} https://x.example/1"])
    assert copy.family == kept[25].mention_id
    assert copy.bands == []
