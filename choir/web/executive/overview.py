"""Everything in one view, for the champion: departments, objectives, channels, content, paid, budget and people. Each
figure opens to its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from choir.channels.models import Channel, ChannelState
from choir.executive.models import Brief
from choir.executive.participation import Done, Participation, participation
from choir.governance.accountability import Accountability, accountability
from choir.governance.form import Assumed, staffed, volume_of
from choir.governance.maturity import maturity_of
from choir.inbox.models import Conversation
from choir.measurement.metrics import catalogue
from choir.people.models import Department, Person, Workspace
from choir.people.policy import Permission, Reach
from choir.strategy.models import Goal
from choir.web.access import WorkspaceRequest, may_open, requires
from choir.web.answers import answer
from choir.web.charts.drawing import drawn
from choir.web.charts.palette import hue
from choir.web.charts.shapes import stacked_days
from choir.web.executive.frame import frame
from choir.web.executive.spending import campaigns, days_query, money
from choir.web.insights.lens import DEFAULT_PERIOD, PERIODS, Lens, lens
from choir.web.insights.tables import Line, split_lines, tile

OVERSEES = requires(Permission.OVERVIEW_READ, at_least=Reach.WORKSPACE)
LEADING = ("conversations", "answers", "first_response", "sla_attainment", "enablement", "knowledge_reuse")
OF_DEPARTMENTS = (
    "conversations", "answered_by", "first_response", "sla_attainment", "csat", "sentiment", "knowledge_reuse",
    "backlog",
)  # fmt: skip
OF_OBJECTIVES = ("conversations", "first_response", "sla_attainment", "csat", "sentiment", "backlog")
OF_CHANNELS = ("conversations", "answers", "first_response", "sentiment", "backlog")
HUES = ("accent", "advocacy", "talent", "community", "sales", "care")


@dataclass(frozen=True, slots=True)
class Shown:
    """One department, objective or channel: its name and page, what else is known of it, its figures."""

    name: str
    url: str
    facts: list[tuple[str, str]]
    cells: list[Line | None]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of figures: its headings are a name, the facts, and the metrics."""

    headings: list[str]
    titles: list[str]
    lines: list[Shown]


@require_safe
@OVERSEES
def overview(request: WorkspaceRequest) -> HttpResponse:
    """The page; its period stands in the address."""
    at = timezone.now()
    sent = {"period": request.GET.get("period", "")}
    looked = lens(request.person, request.workspace, sent, at=at)
    if looked.counted_at is None:
        return answer(request, "executive/overview.html", frame(request, "overview", lens=looked, is_counted=False))
    answering = accountability(request.workspace, at=at)
    volume = volume_of(request.workspace, at=at)
    mature = maturity_of(request.workspace, volume, at=at)
    assumed = Assumed()
    links_url = reverse("value_links", kwargs={"workspace": request.workspace.slug})
    context = frame(
        request, "overview", lens=looked, is_counted=True, periods=_periods(looked),
        tiles=[one for one in (tile(looked, catalogue()[slug]) for slug in LEADING) if one.has_rows],
        departments=_departments(looked), objectives=_objectives(looked, answering),
        channels=_channels(looked, request.person), campaigns=campaigns(request.workspace, looked.asked.period),
        money=money(request.workspace, looked.asked.period, at=at),
        people=_people(request.workspace), needed=staffed(request.workspace, volume, assumed), assumed=assumed,
        mature=mature, taken=shown(request.workspace, participation(request.workspace)), gaps=answering,
        links_url=links_url if may_open(request.person, request.workspace, links_url) else "",
        days_query=days_query(looked.asked.period.first, looked.asked.period.last),
        currency=request.workspace.organisation.currency,
    )  # fmt: skip
    return answer(request, "executive/overview.html", context)


@require_safe
@OVERSEES
def participation_chart(request: WorkspaceRequest) -> HttpResponse:
    """Customers heard by each leader, week by week, as SVG; `width` is the room in pixels."""
    found = participation(request.workspace)
    rows = []
    for brief in found.briefs:
        url = _hearings_url(request.workspace, brief)
        for leader in found.leaders:
            done = found.done.get((leader.pk, brief.pk), Done())
            words = _("%(who)s heard %(n)s customers in the week to %(day)s") % {
                "who": leader, "n": done.heard, "day": f"{brief.last_on:%-d %B}",
            }  # fmt: skip
            rows.append(
                {"day": brief.last_on.isoformat(), "name": leader.name, "value": done.heard, "words": words, "url": url}
            )
    series = [(one.name, hue(HUES[place % len(HUES)])) for place, one in enumerate(found.leaders)]
    spec = stacked_days(rows, title=str(_("Customers heard by leaders, by week")), series=series)
    width = request.GET.get("width", "")
    return HttpResponse(drawn(spec, int(width) if width.isdecimal() else 0), content_type="image/svg+xml")


Leader = tuple[Person, list[tuple[Done, str]], Done, str]


def shown(workspace: Workspace, found: Participation) -> list[Leader]:
    """Each leader with their weeks, oldest first, each with the customers to hear of it; all of them together, with
    those of the newest week."""
    urls = [_hearings_url(workspace, one) for one in found.briefs]
    newest = urls[-1] if urls else ""
    return [(one, list(zip(found.by_brief(one), urls, strict=True)), found.total(one), newest) for one in found.leaders]


def _hearings_url(workspace: Workspace, brief: Brief) -> str:
    where = {"workspace": workspace.slug, "day": brief.last_on.isoformat()}
    return reverse("executive_hearings_of", kwargs=where)


def _periods(looked: Lens) -> list[tuple[str, str, bool]]:
    chosen = looked.chosen.get("period", DEFAULT_PERIOD)
    return [(str(words), looked.url("executive_overview", period=key), key == chosen) for key, words in PERIODS if key]


def _figures(looked: Lens, dimension: str, slugs: Sequence[str]) -> Mapping[Any, list[Line | None]]:
    """By the value of a dimension its figure of each metric."""
    columns = [{str(line.key): line for line in split_lines(looked, catalogue()[slug], dimension)} for slug in slugs]
    keys = {key for column in columns for key in column}
    return {key: [column.get(key) for column in columns] for key in keys}


def _titles(slugs: Sequence[str]) -> list[str]:
    return [catalogue()[slug].title for slug in slugs]


def _departments(looked: Lens) -> Table:
    figures = _figures(looked, "department", OF_DEPARTMENTS)
    rows = Department.objects.filter(organisation=looked.workspace.organisation_id).annotate(
        people=Count("teams__memberships__person", filter=Q(teams__memberships__person__is_active=True), distinct=True)
    )  # fmt: skip
    lines = []
    for one in rows:
        url = reverse("settings_department", kwargs={"workspace": looked.workspace.slug, "department": one.pk})
        lines.append(
            Shown(one.name, url, [(str(one.people), url)], figures.get(str(one.pk), [None] * len(OF_DEPARTMENTS)))
        )
    return Table([_("Department"), _("People")], _titles(OF_DEPARTMENTS), lines)


def _objectives(looked: Lens, answering: Accountability) -> Table:
    figures = _figures(looked, "objective", OF_OBJECTIVES)
    owners = {one.row.pk: one.department for one in answering.objectives}
    goals: dict[Any, list[str]] = {}
    kept = Goal.objects.filter(workspace=looked.workspace, ended_at=None).prefetch_related("objectives")
    for goal in kept:
        for objective in goal.objectives.all():
            goals.setdefault(objective.pk, []).append(goal.name)
    strategy = reverse("strategy", kwargs={"workspace": looked.workspace.slug})
    lines = []
    for one in looked.names.objectives:
        url = reverse("ownership_objective", kwargs={"workspace": looked.workspace.slug, "objective": one.slug})
        owner = str(owners[one.pk]) if one.pk in owners else _("nobody") if one.is_answered else "–"
        served = ", ".join(goals.get(one.pk, [])) or "–"
        facts = [(owner, url), (served, strategy if one.pk in goals else "")]
        lines.append(Shown(one.name, url, facts, figures.get(str(one.pk), [None] * len(OF_OBJECTIVES))))
    return Table([_("Objective"), _("Accountable"), _("Serves")], _titles(OF_OBJECTIVES), lines)


def _channels(looked: Lens, person: Person) -> Table:
    figures = _figures(looked, "channel", OF_CHANNELS)
    rows = Channel.objects.filter(workspace=looked.workspace).exclude(state=ChannelState.DISCONNECTED)
    lines = []
    for one in rows.select_related("accountable").defer("secret", "settings", "cursor").order_by("network", "name"):
        url = reverse("settings_channel", kwargs={"workspace": looked.workspace.slug, "channel": one.pk})
        url = url if may_open(person, looked.workspace, url) else ""
        facts = [(str(one.accountable), url), (str(one.get_state_display()), url)]
        lines.append(Shown(one.name, url, facts, figures.get(str(one.pk), [None] * len(OF_CHANNELS))))
    return Table([_("Channel"), _("Accountable"), _("Stands")], _titles(OF_CHANNELS), lines)


def _people(workspace: Workspace) -> dict[str, int]:
    """How many work here, how many have a role in answering, what they may hold at once and hold now."""
    people = Person.objects.filter(organisation=workspace.organisation_id, is_active=True)
    inside = people.filter(memberships__isnull=False).distinct()
    held = Conversation.objects.open().filter(workspace=workspace)
    return {
        "people": people.count(),
        "in_teams": inside.count(),
        "capacity": sum(inside.values_list("capacity", flat=True)),
        "held": held.filter(assignee__isnull=False).count(),
        "unassigned": held.filter(assignee=None).count(),
    }
