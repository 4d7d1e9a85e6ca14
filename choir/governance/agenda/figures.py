"""Raised from figures: KPIs off track, promises broken, and who would do better at an objective."""

from __future__ import annotations

from choir.governance.agenda.raised import Fact, Looking, Raised
from choir.governance.wording import said
from choir.measurement.figures import Figure, figure, split
from choir.measurement.metrics import catalogue
from choir.people.models import Department
from choir.routing.models import Objective
from choir.strategy.evidence import Evidence, Scope, evidence, scopes_of
from choir.strategy.models import KPI, Wants
from choir.strategy.queries import off_track

WEEKS = 4
POOR = 0.8  # a smaller share of promises kept is talked about
FEWEST = 20
MANY_WEEKS_OF_EVIDENCE = 90


def kpis_off_track(looking: Looking) -> list[Raised]:
    """Each KPI that will miss its target, or has: its owner says what changes, or the target is wrong."""
    return [_kpi(one, looking) for one in off_track(looking.workspace).select_related("objective", "department")]


def _kpi(kpi: KPI, looking: Looking) -> Raised:
    metric, outlook = catalogue().get(kpi.metric), kpi.outlook
    side = "at least" if kpi.wants == Wants.AT_LEAST else "at most"
    stands = f"{kpi}: {said(metric, outlook.value)}, and should be {side} {said(metric, kpi.target)}"
    facts = [Fact(stands, "kpi", {"kpi": str(kpi.pk)})]
    if outlook.low is not None and outlook.high is not None:
        likely = f"likely at the end: {said(metric, outlook.low)} to {said(metric, outlook.high)}"
        facts.append(Fact(likely, "kpi", {"kpi": str(kpi.pk)}))
    owner = str(kpi.owner) if kpi.owner else "Its goal's owner"
    ends = f"{kpi.ends_on:%-d %B}"
    words = f"{owner} presents at the next meeting what changes so that “{kpi}” is met by {ends}"
    days = max(1, outlook.at.date().toordinal() - kpi.starts_on.toordinal())
    return Raised(
        key=f"kpi:{kpi.pk}",
        kind="kpi",
        title=f"“{kpi}” is {'missed' if outlook.status == 'missed' else 'off track'}",
        question=f"What do we change so that it is met by {ends}, or is the target wrong?",
        facts=tuple(facts),
        proposal={"kind": "agreement", "words": words},
        because=f"At its present pace {said(metric, outlook.middle)} is likely; {said(metric, kpi.target)} was wanted.",
        per_week=7 * outlook.n / days,
        since=outlook.status_since,
    )


def promises_broken(looking: Looking) -> list[Raised]:
    """Objectives and departments whose first responses come in time too seldom: the two busiest and the busiest."""
    metric = catalogue()["sla_attainment"]
    objectives = {one.pk: one for one in Objective.objects.filter(organisation=looking.workspace.organisation_id)}
    departments = {one.pk: one for one in Department.objects.filter(organisation=looking.workspace.organisation_id)}
    poor = [
        _broken(looking, "objective", objectives[pk], figures)
        for pk, figures in split(metric, looking.asked, "objective").items()
        if pk in objectives and _is_poor(figures)
    ]
    late = [
        _broken(looking, "department", departments[pk], figures)
        for pk, figures in split(metric, looking.asked, "department").items()
        if pk in departments and _is_poor(figures)
    ]
    return [*_busiest(poor)[:2], *_busiest(late)[:1]]


def _busiest(found: list[Raised]) -> list[Raised]:
    return sorted(found, key=lambda one: -one.per_week)


def _is_poor(figures: Figure) -> bool:
    return figures.value is not None and figures.value < POOR and figures.n >= FEWEST


def _broken(looking: Looking, dimension: str, row: Objective | Department, found: Figure) -> Raised:
    waited = figure(catalogue()["first_response"], looking.asked.to(**{dimension: row.pk}))
    about = str(row).lower() if dimension == "objective" else str(row)
    kept = f"{said(catalogue()['sla_attainment'], found.value)} of {found.n} promises kept, {about}"
    facts = [looking.figure_fact(kept, "sla_attainment", **{dimension: row.slug})]
    if waited.value is not None and waited.p90 is not None:
        metric = catalogue()["first_response"]
        words = f"half are answered within {said(metric, waited.value)}, nine of ten within {said(metric, waited.p90)}"
        facts.append(looking.figure_fact(words, "first_response", **{dimension: row.slug}))
    facts.append(Fact("people needed by hour of the week", "form"))
    return Raised(
        key=f"sla:{dimension}:{row.pk}",
        kind="sla",
        title=f"First responses come late: {about}",
        question="Do we give it more hours, another owner, or promise less?",
        facts=tuple(facts),
        proposal={
            "kind": "agreement",
            "words": f"whoever leads {about} says at the next meeting which hours are short of people, and fills them",
        },
        because=f"One in {max(2, round(1 / max(0.01, 1 - (found.value or 0))))} promises is broken.",
        per_week=found.n / WEEKS,
        since=looking.since,
    )


def better_owners(looking: Looking) -> list[Raised]:
    """Objectives at which, by the evidence of ninety days, another department would likely do better."""
    asked = type(looking.asked)(
        looking.asked.workspace_id,
        looking.asked.period.days_to(looking.counted_at, looking.zone, MANY_WEEKS_OF_EVIDENCE),
        None,
    )
    departments = list(Department.objects.filter(organisation=looking.workspace.organisation_id))
    objectives = Objective.objects.filter(organisation=looking.workspace.organisation_id, is_answered=True)
    found = []
    for scope in (scope for objective in objectives for scope in scopes_of(objective, at=looking.at)):
        shown = evidence(scope, asked, departments)
        if shown.advice is not None and shown.advice.verdict == "change" and shown.owner is not None:
            found.append(_better(scope, shown, {one.pk: one for one in departments}))
    return found


def _better(scope: Scope, shown: Evidence, departments: dict[object, Department]) -> Raised:
    assert shown.advice is not None
    best, gain = departments[shown.advice.best.department_id], shown.advice.best.against_owner
    words = f"{best} would be best with a chance of {shown.advice.best.chance_best:.0%}"
    more = ""
    if gain is not None:
        middle, low, high = (f"{100 * one:.0f}" for one in (gain.middle, gain.low, gain.high))
        more = f"of 100 conversations {middle} more would go well ({low} to {high} in four of five cases)"
    about = {"topic": scope.topic} if scope.topic else {}
    facts = [Fact(one, "evidence", {"objective": scope.objective.slug, **about}) for one in (words, more) if one]
    return Raised(
        key=":".join(filter(None, ["best_fit", str(scope.objective.pk), scope.topic])),
        kind="best_fit",
        title=f"{best} would likely do better at {scope.words} than {shown.owner}",
        question=f"Does {best} own {scope.words} from now on, or do we find out by a pilot?",
        facts=tuple(facts),
        proposal={"kind": "ownership", "objective": scope.objective.slug, "responsible": best.slug, **about},
        because=f"{words[0].upper()}{words[1:]}; {more or 'nobody owns it well now'}.",
        per_week=shown.rows_count / (MANY_WEEKS_OF_EVIDENCE / 7),
    )
