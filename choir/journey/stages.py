"""From signs to moves: pure, so that it can be checked by hand.

What somebody says moves them when its reading is sure, or when two unsure ones in a row agree; so that one doubtful
reading moves nobody back and forth. What they do (a conversion whose kind has a stage) always moves them, and so does a
person who knows better.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from choir.journey.models import Shows

SURE = 0.6  # calibrated: of readings at least as sure, that share or more is right


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that shows a stage at a time."""

    at: dt.datetime
    stage: str
    shown_by: str
    confidence: float | None = None
    conversation_id: uuid.UUID | None = None
    conversion_id: uuid.UUID | None = None
    correction_id: uuid.UUID | None = None


def moves_of(signs: Iterable[Sign]) -> list[Sign]:
    """The signs that moved somebody, oldest first. Staying is no move, save that the first sign of all is one."""
    moved: list[Sign] = []
    doubtful = ""
    for one in sorted(signs, key=lambda sign: sign.at):
        now = moved[-1].stage if moved else ""
        is_sure = one.shown_by != Shows.SAID or (one.confidence or 0.0) >= SURE
        if one.stage == now:
            doubtful = ""
        elif is_sure or one.stage == doubtful:
            moved.append(one)
            doubtful = ""
        else:
            doubtful = one.stage
    return moved
