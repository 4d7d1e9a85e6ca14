"""The rows behind value: conversions, and the conversations and answers that were counted."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from choir.conversions.models import Conversion, ConversionKind, Credit
from choir.inbox.models import Conversation
from choir.measurement.question import Period
from choir.people.models import Workspace
from choir.people.policy import Permission, Reach
from choir.strategy.models import Goal
from choir.value.counting import answers_of_people, brought_round_first, settled_rows, standing_conversions
from choir.value.worth import standing_goals, weights_of
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.files import FORMATS, as_file
from choir.web.value.looking import Look, frame, look
from choir.web.value.totals import total, total_of_conversions

READS = requires(Permission.STRATEGY_READ, at_least=Reach.WORKSPACE)
PAGE = 50
COURSE = {"at": "resolved_at", "objective": "objective", "department": "department__name"}
ANSWER = {
    "at": "sent_at", "objective": "conversation__objective", "department": "conversation__department__name",
    "seconds": "handling_seconds",
}  # fmt: skip


def _answers(*, recorded: bool, costed: bool) -> Callable[[Workspace, Period], QuerySet[Any]]:
    """Answers of people whose work left a trace or not, and whose hourly cost is entered or not."""

    def found(workspace: Workspace, period: Period) -> QuerySet[Any]:
        rows = answers_of_people(workspace, period).filter(handling_seconds__isnull=not recorded)
        return rows.filter(person__hourly_cost__isnull=not costed)

    return found


WHAT: Mapping[str, tuple[Any, Callable[[Workspace, Period], QuerySet[Any]], Mapping[str, str]]] = {
    "settled": (_("Settled here with one answer"), settled_rows, COURSE),
    "kept": (_("Unhappy customers brought round"), brought_round_first, COURSE),
    "recorded": (_("Answers with recorded work"), _answers(recorded=True, costed=True), ANSWER),
    "recorded_uncosted": (
        _("Answers with recorded work of people without an hourly cost"), _answers(recorded=True, costed=False), ANSWER,
    ),
    "unrecorded": (_("Answers whose work left no trace"), _answers(recorded=False, costed=True), ANSWER),
    "unrecorded_uncosted": (
        _("Answers of people without an hourly cost whose work left no trace"), _answers(recorded=False, costed=False),
        ANSWER,
    ),
}  # fmt: skip


@require_safe
@READS
def rows(request: WorkspaceRequest, what: str) -> HttpResponse:
    """What was counted of conversations or answers, newest first; `goal` narrows to its objectives."""
    shown = look(request)
    title, found, paths, weights = _found(request, shown, what)
    counted = total(found, paths, weights)
    after = _mark(request.GET.get("after", ""))
    if after:
        at, pk = after
        found = found.filter(Q(**{f"{paths['at']}__lt": at}) | Q(**{paths["at"]: at, "pk__lt": pk}))
    page = list(_values(found, paths)[: PAGE + 1])
    more, page = len(page) > PAGE, page[:PAGE]
    asked = {"goal": request.GET.get("goal", "")}
    next_url = shown.url("value_rows", {"what": what}, **asked, after=_mark_of(page[-1])) if more else ""
    context = frame(
        shown, "value", title=title, rows=_with_conversations(request, page, weights), next_url=next_url, what=what,
        has_seconds=what.startswith("recorded"), goal=_goal(request), total=counted,
        first_url=shown.url("value_rows", {"what": what}, **asked) if after else "",
        exports=[(one.upper(), shown.url("value_rows_export", {"what": what, "form": one}, **asked))
                 for one in FORMATS],
    )  # fmt: skip
    return answer(request, "value/rows.html", context)


@require_safe
@READS
def export_rows(request: WorkspaceRequest, what: str, form: str) -> HttpResponseBase:
    """The same rows as a file: ids, times and places, no customer's words."""
    shown = look(request)
    _title, found, paths, weights = _found(request, shown, what)
    if form not in FORMATS:
        raise Http404("There is no such kind of file.")
    rows = (
        {"at": one["row_at"].isoformat(), "conversation": str(one["row_conversation"]),
         "department": one["row_department"], "objective": one["row_objective"], "seconds": one.get("row_seconds"),
         "counts": weights.get(one["row_objective_id"], 1.0)}
        for one in _values(found, paths).iterator(chunk_size=2_000)
    )  # fmt: skip
    return as_file(request, rows, form, name=f"value-{what}")


@require_safe
@READS
def conversions(request: WorkspaceRequest) -> HttpResponse:
    """Conversions of the period, newest first, with what each was credited to."""
    shown = look(request)
    found, asked = _conversions(request, shown)
    everything = found
    after = _mark(request.GET.get("after", ""))
    if after:
        found = found.filter(Q(at__lt=after[0]) | Q(at=after[0], pk__lt=after[1]))
    page = list(
        found.select_related("kind", "source", "file", "customer", "click__link").order_by("-at", "-id")[: PAGE + 1]
    )
    more, page = len(page) > PAGE, page[:PAGE]
    context = frame(
        shown, "conversions", rows=_credited(request, page), asked=asked, total=total_of_conversions(everything),
        kinds=ConversionKind.objects.filter(workspace=request.workspace),
        next_url=shown.url("value_conversions", **asked, after=f"{page[-1].at.isoformat()}~{page[-1].pk}") if more
        else "",
        first_url=shown.url("value_conversions", **asked) if after else "",
        exports=[(one.upper(), shown.url("value_conversions_export", {"form": one}, **asked)) for one in FORMATS],
    )  # fmt: skip
    return answer(request, "value/conversions.html", context)


@require_safe
@READS
def export_conversions(request: WorkspaceRequest, form: str) -> HttpResponseBase:
    """The same conversions as a file: their numbers, times and credits, no customer's name."""
    if form not in FORMATS:
        raise Http404("There is no such kind of file.")
    found, _asked = _conversions(request, look(request))
    return as_file(request, _conversion_lines(found), form, name="conversions")


def _conversion_lines(found: QuerySet[Conversion]) -> Iterator[dict[str, Any]]:
    for one in found.select_related("kind").order_by("-at", "-id").iterator(chunk_size=1_000):
        yield {
            "at": one.at.isoformat(), "kind": one.kind.slug, "id": one.external_id,
            "amount": float(one.amount) if one.amount is not None else None, "campaign": one.campaign,
            "touches": one.touches_count, "conversation": str(one.conversation_id) if one.conversation_id else None,
        }  # fmt: skip


def _conversions(request: WorkspaceRequest, shown: Look) -> tuple[QuerySet[Conversion], dict[str, str]]:
    """What the address asks for, and how it asks."""
    asked = {name: request.GET.get(name, "")[:60] for name in ("kind", "credited", "has", "campaign")}
    found = standing_conversions(request.workspace, shown.period)
    if asked["kind"]:
        found = found.filter(kind__slug=asked["kind"])
    if asked["credited"] in ("yes", "no"):
        found = found.filter(touches_count__gt=0) if asked["credited"] == "yes" else found.filter(touches_count=0)
    if asked["has"] in ("amount", "bare"):
        found = found.filter(amount__isnull=asked["has"] == "bare")
    if asked["campaign"]:
        found = found.filter(campaign=asked["campaign"])
    return found, asked


def _credited(request: WorkspaceRequest, page: list[Conversion]) -> list[dict[str, Any]]:
    """Each conversion with its credits; a conversation is named for whoever may read it: two queries."""
    credits: dict[uuid.UUID, list[Credit]] = {}
    for credit in Credit.objects.filter(conversion__in=page).select_related("click__link").order_by("at"):
        credits.setdefault(credit.conversion_id, []).append(credit)
    ids = {one.conversation_id for some in credits.values() for one in some if one.conversation_id}
    known = _readable(request, ids)
    return [
        {"row": one, "is_known": any(credit.conversation_id in known for credit in credits.get(one.pk, ())),
         "credits": [
             {"share": round(100 * credit.share), "conversation": known.get(credit.conversation_id), "at": credit.at,
              "url": _conversation_url(request, credit.conversation_id) if credit.conversation_id in known else "",
              "link": credit.click.link if credit.click else None}
             for credit in credits.get(one.pk, ())
         ]}
        for one in page
    ]  # fmt: skip


def _readable(request: WorkspaceRequest, ids: set[Any]) -> dict[Any, Conversation]:
    readable = Conversation.objects.visible_to(request.person).select_related("customer", "department")
    return {one.pk: one for one in readable.filter(pk__in=ids)} if ids else {}


def _conversation_url(request: WorkspaceRequest, pk: object) -> str:
    return reverse("conversation", kwargs={"workspace": request.workspace.slug, "conversation": pk})


def _goal(request: WorkspaceRequest) -> Goal | None:
    try:
        pk = uuid.UUID(request.GET.get("goal", ""))
    except ValueError:
        return None
    return Goal.objects.filter(pk=pk, workspace=request.workspace).first()


def _found(
    request: WorkspaceRequest, shown: Look, what: str
) -> tuple[Any, QuerySet[Any], Mapping[str, str], dict[Any, float]]:
    """What is counted, narrowed to a goal or to what serves none; and how much each objective's rows count for it."""
    if what not in WHAT:
        raise Http404("Nothing of that name is counted.")
    title, counted, paths = WHAT[what]
    found = counted(request.workspace, shown.period)
    goal, weights = _goal(request), weights_of(standing_goals(request.workspace))
    inside = f"{paths['objective']}__in"
    if goal is not None:
        mine = {objective: named[goal.pk] for objective, named in weights.items() if goal.pk in named}
        return title, found.filter(**{inside: list(mine)}), paths, mine
    if request.GET.get("goal") == "none":
        found = found.exclude(**{inside: list(weights)})
    return title, found, paths, {}


def _values(found: QuerySet[Any], paths: Mapping[str, str]) -> QuerySet[Any, dict[str, Any]]:
    conversation = "conversation_id"
    more = {"row_seconds": F(paths["seconds"])} if "seconds" in paths else {}
    values: QuerySet[Any, dict[str, Any]] = (
        found.order_by(f"-{paths['at']}", "-pk")
        .annotate(
            row_id=F("pk"), row_at=F(paths["at"]), row_conversation=F(conversation),
            row_department=F(paths["department"]), row_objective=F(f"{paths['objective']}__name"),
            row_objective_id=F(f"{paths['objective']}_id"), **more,
        )
        .values(
            "row_id", "row_at", "row_conversation", "row_department", "row_objective", "row_objective_id", *more
        )
    )  # fmt: skip
    return values


def _with_conversations(
    request: WorkspaceRequest, page: list[dict[str, Any]], weights: Mapping[Any, float]
) -> list[dict[str, Any]]:
    known = _readable(request, {one["row_conversation"] for one in page})
    return [
        {**one, "conversation": known.get(one["row_conversation"]),
         "counts": weights.get(one["row_objective_id"], 1.0),
         "url": _conversation_url(request, one["row_conversation"])}
        for one in page
    ]  # fmt: skip


def _mark(text: str) -> tuple[dt.datetime, uuid.UUID] | None:
    at, _, pk = text.partition("~")
    try:
        return dt.datetime.fromisoformat(at), uuid.UUID(pk)
    except ValueError:
        return None


def _mark_of(row: Mapping[str, Any]) -> str:
    return f"{row['row_at'].isoformat()}~{row['row_id']}"
