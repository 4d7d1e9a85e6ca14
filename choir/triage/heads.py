"""The small trained part: heads on the text's features, with calibrated probabilities.

What a head says of a text is a line through the features plus what the written examples say, each the more the nearer
it lies (kernel ridge regression with a Gaussian kernel; Saunders, Gammerman & Vovk 1998).

Weights are arrays in a `.npz` (read without pickle) and a JSON manifest: label sets, feature names, temperatures,
version. A manifest that does not fit its arrays or this code is refused.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np

from choir.triage.encoder import WIDTH, Matrix

SHIPPED = Path(__file__).with_name("weights")
MANIFEST = "manifest.json"
ARRAYS = "heads.npz"
EMOTIONS = ("anger", "disappointment", "joy", "gratitude", "fear", "confusion")  # each a head of its own: no or yes


class UnusableWeightsError(ValueError):
    """The weights cannot be used; the text says why and what to do."""


def shipped_version() -> str:
    """The version of the weights that come with Choir."""
    return str(json.loads((SHIPPED / MANIFEST).read_text(encoding="utf-8"))["version"])


@dataclass(frozen=True)
class Heads:
    """Linear heads over one feature row: the sentence vector, then the cues."""

    version: str
    cues: tuple[str, ...]
    cue_scale: float
    labels: dict[str, tuple[str, ...]]
    temperatures: dict[str, float]
    weight: Matrix  # features × all labels of all fields, side by side
    bias: Matrix
    points: Matrix  # examples × features
    say: Matrix  # examples × all labels: what each speaks for
    narrowness: float  # how fast an example's say falls with the squared distance

    @classmethod
    def load(cls, folder: Path = SHIPPED) -> Self:
        """Reads a folder of weights; raises `UnusableWeightsError` when they do not fit together."""
        try:
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            with np.load(folder / ARRAYS, allow_pickle=False) as arrays:
                weight, bias, say = (arrays[name].astype(np.float32) for name in ("weight", "bias", "say"))
                points = arrays["points"].astype(np.float32) * arrays["point_scale"].astype(np.float32)
            heads = cls(
                version=manifest["version"],
                cues=tuple(manifest["cues"]),
                cue_scale=float(manifest["cue_scale"]),
                labels={field: tuple(entry["labels"]) for field, entry in manifest["fields"].items()},
                temperatures={field: float(entry["temperature"]) for field, entry in manifest["fields"].items()},
                weight=weight,
                bias=bias,
                points=points,
                say=say,
                narrowness=float(manifest["narrowness"]),
            )
        except (OSError, KeyError, ValueError) as error:
            raise UnusableWeightsError(
                f"The triage weights in {folder} cannot be read ({error}). No text can be understood with them. "
                "Install Choir again, or train them with training/train.py."
            ) from error
        heads.check(folder)
        return heads

    def check(self, folder: Path) -> None:
        """Refuses arrays whose shape is not what the manifest promises."""
        expected = (WIDTH + len(self.cues), sum(map(len, self.labels.values())))
        told = (len(self.points), *expected)
        fits = self.points.shape == told[:2] and self.say.shape == (told[0], told[2])
        if not fits or self.weight.shape != expected or self.bias.shape != expected[1:]:
            raise UnusableWeightsError(
                f"The triage weights in {folder} have the shape {self.weight.shape}, their manifest says {expected}. "
                "Manifest and arrays come from two trainings: take both from the same one."
            )

    def features(self, vectors: Matrix, cues: Matrix) -> Matrix:
        """The rows the heads read."""
        return np.concatenate([vectors, cues * np.float32(self.cue_scale)], axis=1)

    def probabilities(self, features: Matrix) -> dict[str, Matrix]:
        """Per field, texts × labels: calibrated probabilities."""
        scores = features @ self.weight + self.bias + self.nearness(features) @ self.say
        found: dict[str, Matrix] = {}
        for field, columns in self.columns().items():
            found[field] = softmax(
                np.asarray(scores[:, columns] / np.float32(self.temperatures[field]), dtype=np.float32)
            )
        return found

    def nearness(self, features: Matrix) -> Matrix:
        """Texts × examples: 1 where they are the same, falling to 0 with their distance."""
        return nearness(features, self.points, self.narrowness, self._squares)

    @cached_property
    def _squares(self) -> Matrix:
        return squares(self.points)

    def columns(self) -> dict[str, slice]:
        """Which columns of the weights belong to which field."""
        begin = 0
        found = {}
        for field, labels in self.labels.items():
            found[field] = slice(begin, begin + len(labels))
            begin += len(labels)
        return found


def softmax(scores: Matrix) -> Matrix:
    """Rows of scores as rows of probabilities."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)


def nearness(rows: Matrix, points: Matrix, narrowness: float, known: Matrix | None = None) -> Matrix:
    """The Gaussian kernel exp(-narrowness · distance²) between each row and each point; `known` are the points'
    squares."""
    distance = rows @ points.T
    distance *= -2
    distance += squares(rows)[:, None]
    distance += squares(points) if known is None else known
    np.maximum(distance, 0, out=distance)
    distance *= np.float32(-narrowness)
    return np.asarray(np.exp(distance, out=distance), dtype=np.float32)


def squares(rows: Matrix) -> Matrix:
    """The squared length of each row."""
    return np.asarray(np.einsum("ij,ij->i", rows, rows))
