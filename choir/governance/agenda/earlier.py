"""Raised from the committee's own work: decisions to look at again, those that could not come into force, actions
overdue, and what was postponed."""

from __future__ import annotations

from choir.governance.agenda.raised import Fact, Looking, Raised
from choir.governance.doing import open_actions
from choir.governance.models import AgendaItem, Decision, Outcome
from choir.governance.wording import changed, said
from choir.measurement.metrics import catalogue

LIMIT = 8


def reviewed(looking: Looking) -> list[Raised]:
    """Decisions whose effect was worked out and has not been talked about yet."""
    talked = AgendaItem.objects.filter(
        meeting__workspace=looking.workspace, kind="review", outcome__in=[Outcome.DECIDED, Outcome.NOTED]
    ).values_list("key", flat=True)
    done = {key.removeprefix("review:") for key in talked}
    rows = Decision.objects.standing().filter(workspace=looking.workspace, review__isnull=False)
    return [_review(one) for one in rows.select_related("review") if str(one.pk) not in done]


def _review(decision: Decision) -> Raised:
    effect = decision.review.effect
    opens = {"decision": str(decision.pk)}
    facts, proposal, because = [Fact(f"expected: {decision.expected or 'nothing in words'}", "decision", opens)], {}, ""
    if effect:
        metric = catalogue().get(effect["metric"])
        words = effect_words(effect)
        facts.insert(0, Fact(words, "decision", {"decision": str(decision.pk)}))
        before_after = f"{said(metric, effect['before'])} before, {said(metric, effect['after'])} after"
        facts.append(Fact(before_after, "decision", {"decision": str(decision.pk)}))
        because = words
        if effect["verdict"] == "worse":
            proposal = {"kind": "reversal", "decision": str(decision.pk)}
    else:
        facts.insert(0, Fact("the figures do not tell: too little happened, or no metric was named"))
    if not proposal:
        proposal = {"kind": "agreement", "words": f"decision {decision.number} stays in force"}
    return Raised(
        key=f"review:{decision.pk}",
        kind="review",
        title=f"Decision {decision.number} to look at again: {decision.title}",
        question="Did it do what was expected? Does it stay?",
        facts=tuple(facts),
        proposal=proposal,
        because=because,
        since=decision.review.at,
    )


def effect_words(effect: dict[str, object]) -> str:
    """“First response time: −31 % (−44 % to −16 % in four of five cases), against the other objectives”"""
    metric = catalogue().get(str(effect["metric"]))
    title = metric.title if metric else str(effect["metric"])
    is_relative = bool(effect["is_relative"])
    middle, low, high = (
        changed(metric, float(str(effect[name])), is_relative=is_relative) for name in ("effect", "low", "high")
    )
    against = f", against the other {effect['against']}s" if effect.get("against") else ", with nothing to compare with"
    return f"{title}: {middle} ({low} to {high} in four of five cases){against}"


def refused(looking: Looking) -> list[Raised]:
    """Decisions whose date came and that could not be put into force."""
    rows = Decision.objects.standing().filter(workspace=looking.workspace).exclude(enactment__refused="")
    return [
        Raised(
            key=f"refused:{one.pk}",
            kind="refused",
            title=f"Decision {one.number} could not come into force",
            question="Do we decide it anew?",
            facts=(Fact(one.enactment.refused, "decision", {"decision": str(one.pk)}),),
            because=one.enactment.refused,
            since=one.enactment.at,
        )
        for one in rows.filter(enactment__isnull=False).select_related("enactment")[:LIMIT]
    ]


def overdue(looking: Looking) -> list[Raised]:
    """Actions that were promised and whose day is past, by person: who promised says when."""
    today = looking.at.astimezone(looking.zone).date()
    rows = open_actions(looking.workspace).filter(due_on__lt=today)
    found = []
    for one in rows.order_by("due_on")[:LIMIT]:
        promised = f"promised at meeting {one.meeting.number} for {one.due_on:%-d %B}"
        found.append(
            Raised(
                key=f"action:{one.pk}",
                kind="action",
                title=f"Overdue: {one.title}",
                question=f"{one.owner}, by when?",
                facts=(Fact(promised, "meeting", {"number": one.meeting.number}),),
                proposal={"kind": "agreement", "words": f"{one.owner} does it by the next meeting, or gives it back"},
                because="It was promised.",
                since=looking.asked.period.only(one.due_on).start,
            )
        )
    return found
