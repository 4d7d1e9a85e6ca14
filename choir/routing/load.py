"""How much of a person's capacity one open conversation takes. An ordinary one that waits for our answer takes 1."""

from __future__ import annotations

from choir.routing.models import Objective

URGENT = 2  # from this urgency on
URGENT_TAKES = 1.5
THEIR_TURN_TAKES = 0.25  # nothing to do until the customer writes again


def takes(objective_weight: float, *, urgency: int, is_our_turn: bool) -> float:
    """The weight of one conversation: its objective's, more when it is urgent, little while the customer has the last
    word to give."""
    weight = objective_weight * (URGENT_TAKES if urgency >= URGENT else 1.0)
    return weight if is_our_turn else weight * THEIR_TURN_TAKES


def weight_for(objective: Objective | None, urgency: int) -> float:
    """What a conversation takes of whoever gets it now."""
    return takes(objective.weight if objective else 1.0, urgency=urgency, is_our_turn=True)
