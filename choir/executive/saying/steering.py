"""What steering came to: KPIs that changed, decisions whose effect is known, spikes."""

from __future__ import annotations

import datetime as dt

from choir.executive.saying.sentence import Sentence, plain
from choir.executive.weeks import WEEK, Looked
from choir.governance.agenda.earlier import effect_words
from choir.governance.agenda.raised import Fact
from choir.governance.models import Decision
from choir.governance.wording import said
from choir.listening.models import Spike
from choir.measurement.metrics import catalogue
from choir.strategy.models import KPI, Status

CHANGED, EFFECT, SPIKE = 2.5, 3.0, 2.0
BAD = (Status.OFF_TRACK, Status.MISSED)
GOOD = (Status.MET, Status.ON_TRACK)


def kpi_changed(looked: Looked) -> Sentence | None:
    """A KPI that went off its track, or came back on it, in the week; the worst news first."""
    since = looked.ends_at - dt.timedelta(days=WEEK)
    rows = KPI.objects.filter(
        workspace=looked.workspace, ended_at=None, outlook__status_since__gte=since, outlook__status__in=[*BAD, *GOOD],
        created_at__lt=since,
    ).select_related("outlook")  # fmt: skip
    found = sorted(rows, key=lambda one: (one.outlook.status not in BAD, one.outlook.chance or 0.0, one.name))
    if not found:
        return None
    kpi = found[0]
    metric, is_bad = catalogue().get(kpi.metric), kpi.outlook.status in BAD
    state = str(kpi.outlook.get_status_display()).lower()
    values = f": {said(metric, kpi.outlook.value)} now, {said(metric, kpi.target)} is wanted by {kpi.ends_on:%-d %B}"
    parts = (Fact(f"“{kpi}” is {state}", "kpi", {"kpi": str(kpi.pk)}), plain(f"{values}."))
    return Sentence("kpi", parts, CHANGED, not is_bad)


def effect_known(looked: Looked) -> Sentence | None:
    """A decision whose effect was worked out in the week."""
    since = looked.ends_at - dt.timedelta(days=WEEK)
    rows = Decision.objects.filter(workspace=looked.workspace, review__at__gte=since).exclude(review__effect={})
    decision = rows.select_related("review").order_by("-number").first()
    if decision is None:
        return None
    effect = decision.review.effect
    verdict = {"better": "did good", "worse": "did harm"}.get(str(effect.get("verdict")), "shows no clear effect")
    opens = Fact(f"Decision {decision.number} {verdict}", "decision", {"decision": str(decision.pk)})
    good = {"better": True, "worse": False}.get(str(effect.get("verdict")))
    return Sentence("effect", (opens, plain(f" ({decision.title}): {effect_words(effect)}.")), EFFECT, good)


def spiked(looked: Looked) -> Sentence | None:
    """The strongest spike of the week."""
    since = looked.ends_at - dt.timedelta(days=WEEK)
    rows = Spike.objects.filter(workspace=looked.workspace, began_at__gte=since, began_at__lt=looked.at)
    strongest = max(rows.select_related("query"), key=lambda one: one.count / max(1.0, one.expected), default=None)
    if strongest is None:
        return None
    about = f" about {strongest.topic.replace('_', ' ')}" if strongest.topic else ""
    words = f"{strongest.count} mentions of {strongest.query}{about}"
    opens = Fact(words, "spike", {"spike": str(strongest.pk)})
    usual = f" since {strongest.began_at.astimezone(looked.zone):%A %H:%M}, where {strongest.expected:.0f} are usual"
    over = ", and it goes on" if strongest.ended_at is None else ""
    times = strongest.count / max(1.0, strongest.expected)
    return Sentence("spike", (opens, plain(f"{usual}{over}.")), SPIKE + min(2.0, times / 4), None)
