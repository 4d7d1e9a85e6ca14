"""Raised from pilots: those whose result is there, with what it says; only a decision ends one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from choir.governance.agenda.raised import Fact, Looking, Raised
from choir.governance.changing.pilot import ADOPT, DROP
from choir.governance.wording import changed, said
from choir.measurement.metric import Better
from choir.measurement.metrics import catalogue
from choir.pilots.looking import result_of
from choir.pilots.models import Look, Pilot
from choir.pilots.outcomes import JUDGED, Judged
from choir.pilots.queries import scope_words


def pilots_ready(looking: Looking) -> list[Raised]:
    """Pilots that have shown what they can."""
    rows = Pilot.objects.undecided().filter(workspace=looking.workspace).select_related(
        "objective", "channel", "workspace", "owner", "candidate"
    )  # fmt: skip
    ready = [(one, result_of(one)) for one in rows.prefetch_related("looks")]
    return [_ready(pilot, look) for pilot, look in ready if look is not None]


def _ready(pilot: Pilot, look: Look) -> Raised:
    opens = {"pilot": str(pilot.pk)}
    told = [difference_words(JUDGED[slug], found) for slug, found in look.found.items() if slug in JUDGED]
    decisive = look.found.get(pilot.metric)
    adopts = bool(look.is_enough and decisive and is_better(JUDGED[pilot.metric], decisive["effect"]))
    if decisive is None:
        because = "Too little happened to tell the two apart."
    elif look.is_enough:
        because = told[list(look.found).index(pilot.metric)] + "."
    else:
        because = f"No difference beyond chance: {told[list(look.found).index(pilot.metric)]}."
    n = sum(decisive[one] for one in ("n_owner", "n_candidate")) if decisive else 0
    days = max(1, (pilot.drawn_until(look.number) - pilot.starts_at).days)
    return Raised(
        key=f"pilot:{pilot.pk}",
        kind="pilot",
        title=f"The pilot “{pilot}” is ready for a decision",
        question=f"Does {pilot.candidate} own {scope_words(pilot)} from now on?",
        facts=tuple(Fact(one, "pilot", opens) for one in told) or (Fact(because, "pilot", opens),),
        proposal={"kind": "pilot", "pilot": str(pilot.pk), "verdict": ADOPT if adopts else DROP},
        because=because,
        per_week=7 * n / days,
        since=look.at,
    )


def is_better(judged: Judged, effect: float) -> bool:
    """Whether a difference is one for the better."""
    return (effect > 0) == (judged.better is Better.HIGHER)


def difference_words(judged: Judged, found: Mapping[str, Any]) -> str:
    """“First response time: −62 % (−71 % to −50 %), 1 h 10 min against 3 h 5 min”"""
    sizes = [changed_words(judged, found[name]) for name in ("effect", "low", "high")]
    values = [value_words(judged, found[name]) for name in ("candidate", "owner")]
    return f"{judged.title}: {sizes[0]} ({sizes[1]} to {sizes[2]}), {values[0]} against {values[1]}"


def value_words(judged: Judged, value: float) -> str:
    """One side's figure."""
    return f"{value:+.2f}" if judged.unit == "score" else said(catalogue()[judged.slug], value)


def changed_words(judged: Judged, value: float) -> str:
    """A difference."""
    if judged.unit == "score":
        return f"{value:+.2f}"
    return changed(catalogue()[judged.slug], value, is_relative=judged.is_relative)
