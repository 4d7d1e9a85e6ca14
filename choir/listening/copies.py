"""Near-duplicates: texts that copy each other (campaigns, bots, shared wording) are one family.

Each text of some length is a set of pairs of neighbouring words, without addresses and handles. MinHash (Broder 1997)
gives 24 numbers such that two texts share each with a probability equal to how much their sets overlap (Jaccard);
two at a time they make twelve bands. Texts that share a band are held against each other exactly. Only the first of a
family keeps its bands, so that the ten-thousandth copy costs what the second did. Where many firsts meet in a band
already (a phrase that many use, each in a text of their own), no more of them keep it: it tells nothing, and each of
them would be held against all before.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from django.db.models import F

from choir.listening.language.folding import words_in
from choir.listening.models import Wording
from choir.statements import asked

SHORTEST = 6  # words; “thank you so much” said twice is no copy
ALIKE = 0.5  # of their pairs; see docs/decisions/0031
KEPT_TEXTS = 2_000  # firsts are looked at again with each text that meets them
_ADDRESS = re.compile(r"https?://\S+|www\.\S+")
CROWDED = 16  # firsts in a band
WITHIN = dt.timedelta(days=30)
BANDS, ROWS = 12, 2
_PRIME = (1 << 31) - 1
_CHANCE = np.random.default_rng(20_617)
_FACTORS = _CHANCE.integers(1, _PRIME, (BANDS * ROWS, 1), dtype=np.uint64)
_TERMS = _CHANCE.integers(0, _PRIME, (BANDS * ROWS, 1), dtype=np.uint64)


@lru_cache(maxsize=KEPT_TEXTS)
def pairs_of(text: str) -> frozenset[int]:
    """The pairs of neighbouring words of a text as numbers; none for what is too short to be called a copy."""
    kept = [word for word in words_in(_ADDRESS.sub(" ", text)) if word[0] != "@"]
    if len(kept) < SHORTEST:
        return frozenset()
    return frozenset(zlib.crc32(f"{one} {other}".encode()) % _PRIME for one, other in pairwise(kept))


def bands_of(pairs: frozenset[int]) -> list[int]:
    """Where texts like this one meet; nowhere for an empty set."""
    if not pairs:
        return []
    numbers = np.fromiter(pairs, np.uint64, len(pairs))
    least = ((_FACTORS * numbers + _TERMS) % np.uint64(_PRIME)).min(axis=1).reshape(BANDS, ROWS)
    mixed = least[:, 0] * np.uint64(0x9E3779B97F4A7C15) + least[:, 1]  # wraps around
    return [int(one) for one in (mixed * np.uint64(BANDS) + np.arange(BANDS, dtype=np.uint64)).view(np.int64)]


def likeness(one: frozenset[int], other: frozenset[int]) -> float:
    """How much two sets overlap (Jaccard), 0 to 1."""
    return len(one & other) / len(one | other) if one and other else 0.0


@dataclass(slots=True)
class _First:
    """The first of what may become a family."""

    id: uuid.UUID
    pairs: frozenset[int]
    posted_at: dt.datetime
    wording: Wording | None  # None: it is stored already
    has_family: bool


LIKELY = """
SELECT first.mention_id, mention.text, first.posted_at, first.bands, first.family IS NOT NULL
FROM (
    SELECT DISTINCT near.mention_id
    FROM unnest(%s::text[]) AS text (bands) CROSS JOIN LATERAL (
        SELECT mention_id FROM listening_wording WHERE bands && text.bands::bigint[]
    ) AS near
) AS found
JOIN listening_wording AS first ON first.mention_id = found.mention_id
JOIN listening_mention AS mention ON mention.id = first.mention_id
WHERE first.workspace_id = %s AND first.posted_at BETWEEN %s AND %s
"""
"""One look into the index of bands for each text: asked for all of a batch at once, PostgreSQL would rather hold every
text there is against them, which takes longer the more was said."""


def fold(wordings: Sequence[Wording]) -> None:
    """Give wordings of one workspace, not yet stored, their bands or their family. A stored one that turns out to be a
    family's first is marked so."""
    pairs = {one.mention_id: pairs_of(one.mention.text) for one in wordings}
    for one in wordings:
        one.bands = bands_of(pairs[one.mention_id])
    firsts = _stored(wordings)
    newly: set[uuid.UUID] = set()
    for one in sorted(wordings, key=lambda wording: (wording.posted_at, wording.mention_id)):
        first = _first_of(one, pairs[one.mention_id], firsts)
        if first is None:
            one.bands = [band for band in one.bands if len(firsts.get(band, ())) < CROWDED]
            made = _First(one.mention_id, pairs[one.mention_id], one.posted_at, one, has_family=False)
            _place(firsts, one.bands, made)
            continue
        one.family, one.bands = first.id, []
        if first.wording is not None:
            first.wording.family = first.id
        elif not first.has_family:
            newly.add(first.id)
    if newly:
        Wording.objects.filter(pk__in=newly).update(family=F("mention_id"))


def _stored(wordings: Sequence[Wording]) -> dict[int, list[_First]]:
    """What is stored and shares a band with any of these, by band."""
    bands = {f"{{{','.join(map(str, one.bands))}}}" for one in wordings if one.bands}
    firsts: dict[int, list[_First]] = {}
    if not bands:
        return firsts
    times = [one.posted_at for one in wordings]
    found = asked(LIKELY, [list(bands), wordings[0].workspace_id, min(times) - WITHIN, max(times) + WITHIN])
    for mention_id, text, posted_at, known_bands, has_family in found:
        _place(firsts, known_bands, _First(mention_id, pairs_of(text), posted_at, None, has_family))
    return firsts


def _place(firsts: dict[int, list[_First]], bands: Iterable[int], first: _First) -> None:
    for band in bands:
        firsts.setdefault(band, []).append(first)


def _first_of(one: Wording, pairs: frozenset[int], firsts: Mapping[int, Sequence[_First]]) -> _First | None:
    """The likest text before it, if it is like enough and not too long ago."""
    near = {id(first): first for band in one.bands for first in firsts.get(band, ())}
    likest = max(near.values(), key=lambda first: likeness(pairs, first.pairs), default=None)
    if likest is None or likest.id == one.mention_id or abs(one.posted_at - likest.posted_at) > WITHIN:
        return None
    return likest if likeness(pairs, likest.pairs) >= ALIKE else None
