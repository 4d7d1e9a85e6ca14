"""Which of an organisation's own departments a text is for, by what each says it is there for. No example needed.

Two views are added. The heads know the usual departments of a company: a department's name, where it is a usual one in
any language, and its charter, read through the same heads, show which of those it resembles. And a text is like the
charters it shares meaning with (cosine of the encoder's vectors, mean of the three most alike of a charter's phrases).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from choir.triage.encoder import WIDTH, Matrix
from choir.triage.heads import softmax
from choir.triage.learning.adapted import Learnt, adjust

LIKENESS = 32.0  # how much likeness weighs beside what the heads say; docs/model-card.md says on what it was chosen
MOST_ALIKE = 3
LEAST = 1e-3
NAMED, SAME_NAME = 0.7, 0.95  # likeness of names: from the first on it counts, from the second on in full
NAME_SHARE = 0.55  # of what a department resembles, told by its name in full; its charter tells the rest
NAMES = {
    "customer_service": ("Customer service", "Customer support", "Customer care", "Help desk"),
    "operations": ("Operations", "Logistics", "Delivery", "Stores"),
    "billing": ("Billing", "Payments", "Accounting", "Finance"),
    "it": ("IT", "Website and app", "Digital", "Technology"),
    "sales": ("Sales", "Shop", "Business development"),
    "product": ("Product", "Product development", "Design"),
    "marketing": ("Marketing", "Social media", "Community"),
    "pr_communications": ("Communications", "Press office", "Public relations"),
    "legal": ("Legal", "Compliance", "Data protection"),
    "hr": ("HR", "Human resources", "People", "Recruiting"),
}  # what companies call the usual departments; other languages lie near
_PHRASES = re.compile(r"(?<=[.;:!?])\s+|,\s+|\s+(?:and|und|et|y|e|en)\s+")


@dataclass(frozen=True, slots=True)
class Charter:
    """One department: its slug, and its name with what it is there for."""

    slug: str
    text: str


class Charters:
    """The departments of one organisation, ready to be compared with texts."""

    def __init__(
        self,
        charters: Sequence[Charter],
        shares: Callable[[Sequence[str]], tuple[Matrix, Matrix]],
        usual: Sequence[str],
    ) -> None:
        """`shares` gives features and the heads' probabilities of texts for the departments `usual`."""
        self.slugs = tuple(charter.slug for charter in charters)
        phrases = [(at, part) for at, one in enumerate(charters) for part in (one.text, *phrases_of(one.text))]
        features, told = shares([part for _, part in phrases])
        self._owner = np.array([at for at, _ in phrases])
        self._vectors = features[:, :WIDTH]
        resembles = np.stack([told[self._owner == at].mean(axis=0) for at in range(len(charters))])
        share, named = self._by_name([name_of(one.text) for one in charters], shares, usual)
        resembles = (1 - share) * resembles + share * named
        self._resembles = resembles / np.maximum(resembles.sum(axis=0, keepdims=True), LEAST)

    def _by_name(
        self,
        names: Sequence[str],
        shares: Callable[[Sequence[str]], tuple[Matrix, Matrix]],
        usual: Sequence[str],
    ) -> tuple[Matrix, Matrix]:
        """How much each name tells (departments × 1), and which usual department it names (departments × usual)."""
        known = [(usual.index(slug), called) for slug, listed in NAMES.items() if slug in usual for called in listed]
        vectors = shares([*names, *[called for _, called in known]])[0][:, :WIDTH]
        alike = vectors[: len(names)] @ vectors[len(names) :].T
        best = alike.argmax(axis=1)
        certain = np.clip((alike.max(axis=1) - NAMED) / (SAME_NAME - NAMED), 0, 1)
        named = np.eye(len(usual), dtype=np.float32)[[known[at][0] for at in best]]
        return np.asarray(NAME_SHARE * certain[:, None], dtype=np.float32), named

    @property
    def field(self) -> str:
        """What workspaces' corrections of these departments are kept under: the field, with what marks its labels."""
        return f"department{mark_of(self.slugs)}"

    def shares(self, vectors: Matrix, usual: Matrix) -> Matrix:
        """Texts × own departments: probabilities, from the texts' vectors and the heads' usual departments."""
        resembling = usual @ self._resembles.T
        alike = vectors @ self._vectors.T
        likeness = np.stack(
            [
                np.sort(alike[:, self._owner == at], axis=1)[:, -MOST_ALIKE:].mean(axis=1)
                for at in range(len(self.slugs))
            ],
            axis=1,
        )
        return softmax(np.log(np.maximum(resembling, LEAST)) + np.float32(LIKENESS) * likeness)

    def best(self, vectors: Matrix, usual: Matrix, learnt: Sequence[Learnt] = ()) -> list[tuple[str, float]]:
        """The department of each text and how likely it is; `learnt` is what each text's workspace taught."""
        shares = self.shares(vectors, usual)
        adjust({self.field: shares}, vectors, learnt, [self.field])
        places = shares.argmax(axis=1).tolist()
        return [(self.slugs[at], likely) for at, likely in zip(places, shares.max(axis=1).tolist(), strict=True)]


def mark_of(slugs: Sequence[str]) -> str:
    """Eight figures by which one set of departments is told from another: what was learnt of one says nothing of
    another."""
    return f"~{hashlib.sha256(','.join(slugs).encode()).hexdigest()[:8]}"


def name_of(text: str) -> str:
    """What a charter's text begins with: the department's name."""
    return text.split(".", 1)[0]


def phrases_of(text: str) -> list[str]:
    """The parts of a charter that say something of their own."""
    return [part.strip(" .;:") for part in _PHRASES.split(text) if len(part.strip()) > 3]
