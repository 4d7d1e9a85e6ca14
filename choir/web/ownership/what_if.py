"""The what-if page: the last 90 days under a proposed matrix, each figure with the conversations behind it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from django.core.cache import caches
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from choir.flow.staffing import staffing_of
from choir.flow.traffic import LOOKS_BACK, Placed, behind
from choir.flow.what_if import WEEKS, Assuming, Consequences, Expected, Load, Missing, at_team, consequences
from choir.inbox.models import Conversation
from choir.people.policy import Permission, Reach
from choir.routing.choose import language_name
from choir.routing.queries import cells_in_force
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.files import FORMATS, as_file
from choir.web.ownership.drafts import Change, ChangeForm, Known, draft_url, pilot_url, with_changes
from choir.web.shell.durations import in_short

READS = requires(Permission.STRATEGY_READ, at_least=Reach.WORKSPACE)
KEPT_SECONDS = 10 * 60
PAGE = 50
MINUTES, HOURS = (1, 240), (1, 60)


@dataclass(frozen=True)
class Asked:
    """A proposed matrix of an address, and what it does to the past."""

    request: WorkspaceRequest

    @cached_property
    def known(self) -> Known:
        """What changes may name."""
        return Known.of(self.request.workspace)

    @cached_property
    def changes(self) -> list[Change]:
        """The changes that the address has."""
        return self.known.read(self.request.GET.getlist("change"))

    @cached_property
    def until(self) -> dt.datetime:
        """The full hour: a page and the rows it opens are of the same moment."""
        return timezone.now().replace(minute=0, second=0, microsecond=0)

    @cached_property
    def assuming(self) -> Assuming:
        """What is assumed, as far as the address says so."""
        usual = Assuming()
        return Assuming(
            _number(self.request.GET.get("minutes"), usual.minutes, MINUTES),
            _number(self.request.GET.get("hours"), usual.hours, HOURS),
        )

    @cached_property
    def found(self) -> Consequences:
        """Worked out once for a draft and an hour."""
        workspace = self.request.workspace
        cells = cells_in_force(workspace.organisation_id, at=timezone.now())
        after = with_changes(cells, self.known, self.changes)
        make = partial(consequences, workspace, before=cells, after=after, assuming=self.assuming, at=self.until)
        matrix = hash(tuple((one.id, one.responsible_id) for one in cells))
        draft = hash((tuple(one.kept for one in self.changes), self.assuming, matrix))
        found = caches["local"].get_or_set(f"what-if:{workspace.pk}:{self.until:%Y%m%d%H}:{draft}", make, KEPT_SECONDS)
        assert isinstance(found, Consequences)
        return found

    def url(self, name: str = "ownership_what_if", changes: Sequence[Change] | None = None, /, **more: str) -> str:
        """This draft, or another one, at a page."""
        kept = {key: value for key in ("minutes", "hours") if (value := self.request.GET.get(key, ""))}
        drafted = self.changes if changes is None else changes
        return draft_url(self.request.workspace, drafted, name, **(kept | more))


@require_safe
@READS
def page(request: WorkspaceRequest) -> HttpResponse:
    """The draft with a form for one more change, and what it would have done."""
    asked = Asked(request)
    is_added = "responsible" in request.GET
    form = ChangeForm(request.GET if is_added else None, known=asked.known, initial=request.GET.dict())
    if is_added and form.is_valid():
        return HttpResponseRedirect(asked.url("ownership_what_if", [*asked.changes, form.change]))
    context: dict[str, Any] = {"section": "ownership", "form": form, "assuming": asked.assuming, "asked": asked}
    context["changes"] = [
        (
            asked.known.words(one),
            asked.url("ownership_what_if", [other for other in asked.changes if other is not one]),
            pilot_url(request.workspace, one),
        )
        for one in asked.changes
    ]
    if asked.changes:
        context |= _shown(asked)
    return answer(request, "ownership/what_if.html", context)


@require_safe
@READS
def rows(request: WorkspaceRequest) -> HttpResponse:
    """The conversations behind one of its figures: those that go from `giver` to `taker`, or that would come in at
    `team` now or (`side=after`) under the draft. Words only for whoever may read them."""
    asked = Asked(request)
    chosen = _chosen(asked)
    found = _behind(asked, chosen).select_related("customer")
    try:
        older = uuid.UUID(request.GET.get("older", ""))
        found = found.filter(pk__lt=older)
    except ValueError:
        pass
    shown = list(found[: PAGE + 1])
    readable = Conversation.objects.visible_to(request.person).filter(pk__in=[one.pk for one in shown])
    kept = {key: request.GET[key] for key in ("giver", "taker", "team", "side") if request.GET.get(key)}
    context = {
        "section": "ownership", "back_url": asked.url(), "count": sum(one.n for one in chosen),
        "rows": shown[:PAGE], "readable": set(readable.values_list("pk", flat=True)),
        "older_url": asked.url("ownership_what_if_rows", **kept, older=str(shown[PAGE - 1].pk))
        if len(shown) > PAGE else "",
        "exports": _exports(asked, kept),
    }  # fmt: skip
    return answer(request, "ownership/what_if_rows.html", context)


@require_safe
@READS
def export_rows(request: WorkspaceRequest, form: str) -> HttpResponseBase:
    """The same conversations, to take away: ids, times and places, no name and no words of a customer."""
    if form not in FORMATS:
        raise Http404(_("Exports are CSV, JSON or Parquet."))
    asked = Asked(request)
    found = _behind(asked, _chosen(asked)).iterator(chunk_size=2_000)
    rows = (
        {
            "at": one.first_inbound_at.isoformat() if one.first_inbound_at else "", "conversation": str(one.pk),
            "department": str(one.department or ""), "objective": str(one.objective or ""), "language": one.language,
        }
        for one in found
    )  # fmt: skip
    return as_file(request, rows, form, name="what-if-conversations")


def _exports(asked: Asked, kept: dict[str, str]) -> list[tuple[str, str]]:
    """Each form with its address: the draft's, and what these rows are narrowed to."""
    query, slug = asked.url("ownership_what_if_rows", None, **kept).partition("?")[2], asked.request.workspace.slug
    return [(form.upper(), f"{reverse('ownership_what_if_export', args=[slug, form])}?{query}") for form in FORMATS]


def _behind(asked: Asked, chosen: Sequence[Placed]) -> QuerySet[Conversation]:
    since, workspace = asked.until - LOOKS_BACK, asked.request.workspace
    found = behind(workspace, asked.found.traffic, chosen, since=since, until=asked.until)
    return found.select_related("department", "objective").order_by("-pk")


def _chosen(asked: Asked) -> list[Placed]:
    sent = asked.request.GET
    if sent.get("team"):
        staffing = staffing_of(asked.request.workspace.organisation_id, at=timezone.now())
        after = sent.get("side") == "after"
        return [one for one in asked.found.traffic.placed
                if str(at_team(one, staffing, after=after)) == sent["team"]]  # fmt: skip
    slugs = {one.pk: slug for slug, one in asked.known.departments.items()}
    return [
        one for one in asked.found.traffic.placed
        if one.before != one.after
        and sent.get("giver", "") in ("", slugs.get(one.before, "nobody") if one.before else "nobody")
        and sent.get("taker", "") in ("", slugs.get(one.after, "nobody") if one.after else "nobody")
    ]  # fmt: skip


def _shown(asked: Asked) -> dict[str, Any]:
    found = asked.found
    names = {one.pk: one for one in asked.known.departments.values()}
    moves = []
    for (old, new), n in found.traffic.moves.most_common():
        if old != new:
            giver, taker = names.get(old) if old else None, names.get(new) if new else None
            url = asked.url("ownership_what_if_rows", giver=giver.slug if giver else "nobody",
                            taker=taker.slug if taker else "nobody")  # fmt: skip
            moves.append((giver or _("nobody"), taker or _("nobody"), n, url))
    return {
        "found": found, "moves": moves, "moved_url": asked.url("ownership_what_if_rows"),
        "loads": [_load(asked, one) for one in found.loads if one.changes],
        "unmoved": sum(not one.changes for one in found.loads),
        "response": _response(found.first_response), "cost": _cost(found.weekly_cost, asked),
        "missing": [_missing(one, asked) for one in found.missing],
        "borrowed": [(names[pk], asked.known.objectives[slug]) for pk, slug in found.borrowed],
        "weeks": round(WEEKS),
        "each_answer": in_short(found.recorded.seconds) if found.recorded else "",
    }  # fmt: skip


def _load(asked: Asked, load: Load) -> dict[str, Any]:
    url = partial(asked.url, "ownership_what_if_rows", team=str(load.team.pk))
    return {
        "load": load, "department": load.team.department,
        "sides": [(load.n[number] / WEEKS, load.hours[number], url(side=side))
                  for number, side in enumerate(("before", "after"))],
    }  # fmt: skip


def _response(expected: Expected | None) -> dict[str, str] | None:
    if expected is None:
        return None
    low, middle, high = (_signed(100 * one) for one in _bounds(expected.change))
    return {
        "before": in_short(expected.before.middle), "after": in_short(expected.after.middle),
        "range": _("%(low)s to %(high)s") % {
            "low": in_short(expected.after.low), "high": in_short(expected.after.high),
        },
        "change": _("%(middle)s\u202f%% (%(low)s to %(high)s)") % {"middle": middle, "low": low, "high": high},
    }  # fmt: skip


def _cost(expected: Expected | None, asked: Asked) -> dict[str, str] | None:
    if expected is None:
        return None
    low, middle, high = (_signed(one) for one in _bounds(expected.change))
    return {
        "currency": asked.request.workspace.organisation.currency,
        "before": f"{expected.before.middle:,.0f}", "after": f"{expected.after.middle:,.0f}",
        "change": _("%(middle)s a week (%(low)s to %(high)s)") % {"middle": middle, "low": low, "high": high},
    }  # fmt: skip


def _signed(value: float) -> str:
    whole = round(value)
    return f"{whole:+,}".replace("-", "−") if whole else "0"


def _bounds(interval: Any) -> tuple[float, float, float]:
    return interval.low, interval.middle, interval.high


def _missing(one: Missing, asked: Asked) -> str:
    department = next(row for row in asked.known.departments.values() if row.pk == one.department_id)
    words = {
        "team": _("%(department)s has no team with people: %(n)s conversations would go to whoever is accountable for "
                  "their channel."),
        "language": _("Nobody in %(department)s speaks %(value)s: %(n)s conversations."),
        "topic": _("Nobody in %(department)s is known to know about %(value)s: %(n)s conversations."),
    }  # fmt: skip
    value = language_name(one.value) if one.kind == "language" else one.value.replace("_", " ")
    return words[one.kind] % {"department": department.name, "value": value, "n": one.n}


def _number(sent: str | None, usual: float, bounds: tuple[int, int]) -> float:
    try:
        return min(max(float(sent or usual), bounds[0]), bounds[1])
    except ValueError:
        return usual
