"""Raised from how work is shared out: objectives nobody answers for, or two do, and customers passed on."""

from __future__ import annotations

from collections import Counter

from choir.governance.accountability import Overlap, accountability
from choir.governance.agenda.raised import LOOKS_BACK_DAYS, Fact, Looking, Raised
from choir.measurement.models import Course
from choir.routing.models import Objective
from choir.strategy.misrouting import Change, Pair, misrouting_of

WEEKS = LOOKS_BACK_DAYS / 7
FEWEST_HANDED = 5


def without_owner(looking: Looking) -> list[Raised]:
    """Objectives without an accountable department: the one that answered most of them is proposed."""
    found = []
    for objective in accountability(looking.workspace, at=looking.at).gaps:
        courses = Course.objects.filter(
            workspace=looking.workspace, objective=objective, arrived_at__gte=looking.since, needed_reply=True
        )
        slugs = courses.exclude(answering_department=None).values_list("answering_department__slug", flat=True)
        answered, count = Counter(slugs), courses.count()
        best = answered.most_common(1)[0] if answered else None
        words = f"{count} conversations in four weeks"
        facts = [looking.figure_fact(words, "conversations", objective=objective.slug)]
        if best:
            facts.append(looking.figure_fact(
                f"{best[0].replace('_', ' ')} answered {best[1]} of them", "first_response",
                objective=objective.slug, department=best[0],
            ))  # fmt: skip
        facts.append(Fact("the matrix", "ownership"))
        found.append(
            Raised(
                key=f"without_owner:{objective.pk}",
                kind="without_owner",
                title=f"Nobody answers for {str(objective).lower()}",
                question="Which department is accountable for it?",
                facts=tuple(facts),
                proposal={"kind": "ownership", "objective": objective.slug, "responsible": best[0]} if best else {},
                because=f"It answered {best[1]} of these conversations without being asked to." if best else "",
                per_week=count / WEEKS,
            )
        )
    return found


def overlaps(looking: Looking) -> list[Raised]:
    """Cells of the matrix that claim the same conversations for different accountable departments."""
    return [_overlap(one) for one in accountability(looking.workspace, at=looking.at).overlaps]


def _overlap(one: Overlap) -> Raised:
    names = f"{one.first.accountable} and {one.second.accountable}"
    return Raised(
        key=f"overlap:{one.first.pk}:{one.second.pk}",
        kind="overlap",
        title=f"{names} both answer for {str(one.objective).lower()}",
        question="Who is accountable where both cells hold?",
        facts=(Fact(one.words, "objective", {"objective": one.objective.slug}),),
        because="The narrower cell wins, but nobody decided that.",
    )


def passed_on(looking: Looking) -> list[Raised]:
    """Pairs of departments between which customers are handed over, with the change that the past supports."""
    found = misrouting_of(looking.workspace, since=looking.since)
    objectives = {one.slug: one for one in Objective.objects.filter(organisation=looking.workspace.organisation_id)}
    return [
        _pair(one, objectives) for one in found.pairs if one.count >= FEWEST_HANDED and one.change.kind != "examples"
    ]


def _pair(pair: Pair, objectives: dict[str, Objective]) -> Raised:
    change = pair.change
    words = f"{pair.giver} handed {pair.count} conversations to {pair.taker} in four weeks"
    words += f", and got {pair.back} back" if pair.back else ""
    spared = f"the change would have spared {change.spared} hand-overs and misplaced {change.misplaced} conversations"
    return Raised(
        key=f"ping_pong:{pair.giver.pk}:{pair.taker.pk}",
        kind="ping_pong",
        title=f"{pair.giver} passes customers on to {pair.taker}",
        question=f"Does {pair.taker} take these at once?",
        facts=(Fact(words, "misrouting"), Fact(spared, "misrouting")),
        proposal=_proposal(change, pair, objectives),
        because=f"{spared[0].upper()}{spared[1:]}.",
        per_week=pair.count / WEEKS,
    )


def _proposal(change: Change, pair: Pair, objectives: dict[str, Objective]) -> dict[str, object]:
    if change.kind == "rule":
        return {"kind": "rule", "words": [change.word], "department": pair.taker.slug}
    if change.objective not in objectives:
        return {}
    return {
        "kind": "ownership", "objective": change.objective, "topic": change.topic, "language": change.language,
        "responsible": pair.taker.slug,
    }  # fmt: skip
