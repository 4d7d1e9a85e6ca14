"""The planning canvas: the question put to each department, its answer, and what customers say unprompted beside it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from choir.people.models import Department
from choir.people.policy import Permission, Reach
from choir.strategy.actions import PlanRefusedError
from choir.strategy.canvas import LONGEST, say
from choir.strategy.models import CanvasAnswer
from choir.strategy.unprompted import Said, begun_with, standing_out, unprompted
from choir.triage.models import Theme
from choir.web.access import WorkspaceRequest, may_open, requires
from choir.web.answers import answer
from choir.web.behind.listing import Behind, Column, Row, behind

READS = requires(Permission.STRATEGY_READ, at_least=Reach.WORKSPACE)
SPEAKS = requires(Permission.CANVAS_ANSWER, at_least=Reach.DEPARTMENT)
AT_A_GLANCE = 3
PROPOSED = 8


class AnswerForm(forms.Form):
    """What about our business is naturally social?"""

    text = forms.CharField(
        label=gettext_lazy("Your department's answer"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("What do people talk about anyway, without being asked, that we are part of?"),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShownThing:
    """One thing that customers speak of, in figures and words; `note` says how it stands out."""

    said: Said
    warmth: str
    growth: str
    note: str
    is_warmest: bool
    rows_url: str = ""

    @property
    def conversations(self) -> int:
        """How many conversations began with it."""
        return self.said.count - self.said.overheard


@dataclass(frozen=True, slots=True)
class Card:
    """One department on the canvas."""

    department: Department
    answer: CanvasAnswer | None
    things: list[ShownThing]
    url: str


@require_safe
@READS
def canvas(request: WorkspaceRequest) -> HttpResponse:
    """All departments, with what each answered and what is said most."""
    found = unprompted(request.workspace, request.person, at=timezone.now())
    rows = CanvasAnswer.objects.filter(workspace=request.workspace).select_related("by")
    newest = rows.order_by("department_id", "-version").distinct("department_id").prefetch_related(
        "outcomes__goal", "outcomes__initiative"
    )  # fmt: skip
    answers = {one.department_id: one for one in newest}
    cards = [
        Card(one, answers.get(one.pk), shown(found.get(one.pk, []))[:AT_A_GLANCE], _url(request, one))
        for one in Department.objects.filter(organisation=request.workspace.organisation_id)
    ]
    url = reverse("themes", kwargs={"workspace": request.workspace.slug})
    context = {
        "section": "strategy",
        "cards": cards,
        "answered": sum(one.answer is not None for one in cards),
        "proposed": [
            (one, [word for word in one.words if word not in one.name])
            for one in Theme.objects.proposed().filter(workspace=request.workspace)[:PROPOSED]
        ],
        "themes_url": url if may_open(request.person, request.workspace, url) else "",
    }
    return answer(request, "planning/canvas.html", context)


@require_safe
@READS
def department(request: WorkspaceRequest, department: str) -> HttpResponse:
    """One department: its answer, its earlier ones, what came of them, and what customers say."""
    return _page(request, _department(request, department))


@require_POST
@SPEAKS
def answers(request: WorkspaceRequest, department: str) -> HttpResponse:
    """The department's answer from now on."""
    found = _department(request, department)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form=form)
    try:
        kept = say(
            request.workspace, department=found, text=form.cleaned_data["text"], by=request.person, at=timezone.now()
        )
    except PlanRefusedError as refused:
        form.add_error("text", str(refused))
        return _page(request, found, form=form)
    messages.success(request, _("Kept as version %s. Earlier ones stay below.") % kept.version)
    return redirect("canvas_department", workspace=request.workspace.slug, department=found.slug)


def shown(said: list[Said], rows_url: Callable[[Said], str] = lambda _one: "") -> list[ShownThing]:
    """Things as the canvas shows them, most said first; `rows_url` opens the conversations about one."""
    out = standing_out(said)
    return [
        ShownThing(
            one, _signed(100 * one.warmth), _growth(one), _note(one, out), one is out.get("warmest"), rows_url(one)
        )
        for one in said
    ]


def _note(one: Said, out: Mapping[str, Said]) -> str:
    words = {"warmest": _("warmest"), "growing": _("grows most")}
    return ", ".join(words[name] for name, found in out.items() if found is one)


def _signed(value: float) -> str:
    return f"{value:+.0f}".replace("-", "−")


def _growth(one: Said) -> str:
    if not one.before:
        return _("new")
    if one.count == one.before:
        return _("as before")
    return _signed(one.count - one.before)


def _page(request: WorkspaceRequest, found: Department, *, form: AnswerForm | None = None) -> HttpResponse:
    access, workspace = request.person.access, request.workspace
    versions = list(
        CanvasAnswer.objects.filter(workspace=workspace, department=found)
        .select_related("by")
        .prefetch_related("outcomes__goal", "outcomes__initiative")
    )
    at = timezone.now()
    said = unprompted(workspace, request.person, at=at).get(found.pk, [])
    context: dict[str, Any] = {
        "section": "strategy",
        "department": found,
        "newest": versions[0] if versions else None,
        "earlier": versions[1:],
        "outcomes": [one for version in versions for one in version.outcomes.all()],
        "things": shown(said, partial(_rows_url, request, found)),
        "stream_url": reverse("listening", kwargs={"workspace": workspace.slug})
        if access.allows(Permission.LISTENING_READ, workspace_id=workspace.pk)
        else "",
        "form": form or AnswerForm(initial={"text": versions[0].text if versions else ""}),
        "may_answer": access.allows(Permission.CANVAS_ANSWER, workspace_id=workspace.pk, department_id=found.pk),
        "may_plan": access.allows(Permission.STRATEGY_CHANGE, workspace_id=workspace.pk),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form is not None and form.errors else HTTPStatus.OK
    return answer(request, "planning/department.html", context, status=status)


def _rows_url(request: WorkspaceRequest, found: Department, one: Said) -> str:
    """The conversations of the department that began with a thing, in the same four weeks; none for whoever may not
    see figures of all departments."""
    if request.person.access.reach(Permission.FIGURES_READ, request.workspace.pk) < Reach.WORKSPACE:
        return ""
    about = {"theme": str(one.theme_id)} if one.theme_id else {"objective": one.objective, "topic": one.topic}
    url = reverse("canvas_said", kwargs={"workspace": request.workspace.slug, "department": found.slug})
    return f"{url}?{urlencode({name: value for name, value in about.items() if value})}"


@require_safe
@requires(Permission.FIGURES_READ, at_least=Reach.WORKSPACE)
def begun(request: WorkspaceRequest, department: str) -> HttpResponseBase:
    """The conversations that began with a thing: a theme, or a topic of an objective."""
    found, at = _department(request, department), timezone.now()
    pk = _uuid(request.GET.get("theme", ""))
    theme = Theme.objects.filter(workspace=request.workspace, pk=pk).first() if pk else None
    objective, topic = request.GET.get("objective", ""), request.GET.get("topic", "")
    thing = (theme.pk, "", "") if theme else (None, objective, topic)
    rows = begun_with(request.workspace, found, thing, at=at)
    name = str(theme) if theme else " · ".join(one.replace("_", " ") for one in (objective, topic) if one)
    shown = Behind(
        section="strategy", back_words=_("Planning canvas: %s") % found, back_url=_url(request, found),
        title=name or _("The conversations behind it"),
        told=_("What began a conversation in the last four weeks."),
        rows=[Row(pk, said_at, (mood,)) for pk, said_at, mood in rows], columns=[Column("mood", _("Mood"))],
    )  # fmt: skip
    return behind(request, shown)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _department(request: WorkspaceRequest, slug: str) -> Department:
    return get_object_or_404(Department, organisation=request.workspace.organisation_id, slug=slug)


def _url(request: WorkspaceRequest, one: Department) -> str:
    return reverse("canvas_department", kwargs={"workspace": request.workspace.slug, "department": one.slug})
