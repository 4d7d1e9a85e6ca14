"""Figures: the overview, one metric with the rows behind it, charts and exports. All read the same filters."""

from __future__ import annotations

from functools import cache

from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from choir.measurement.metric import Lasting, Metric, Net, Ratio, Share, Summed
from choir.measurement.metrics import catalogue
from choir.people.policy import Permission, Reach
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.charts.drawing import drawn
from choir.web.files import FORMATS
from choir.web.insights import exports
from choir.web.insights.charting import CHARTS, Chart, Shown, days_of
from choir.web.insights.lens import Lens, lens
from choir.web.insights.opening import behind_words
from choir.web.insights.overview import charts, sections
from choir.web.insights.pairs import pairs
from choir.web.insights.report import report
from choir.web.insights.rowing import EXTRA, found, page
from choir.web.insights.spending import spending
from choir.web.insights.tables import dimension_words, lines_by_each, open_dimensions, tile

figures_read = requires(Permission.FIGURES_READ, at_least=Reach.DEPARTMENT)


@require_safe
@figures_read
def insights(request: WorkspaceRequest) -> HttpResponse:
    """The figures of a period: tiles, charts with their tables, and who hands over to whom."""
    looked = _lens(request)
    shown = cache(lambda: sections(looked))
    context = {
        "lens": looked,
        "section": "insights",
        "as_of": looked.counted_at,
        "sections": shown,
        "charts": lambda: charts(looked, shown()),
        "pairs": cache(lambda: pairs(looked)),
        "handovers": catalogue()["handovers"],
        "report_url": looked.url("insights-report"),
        "all_metrics": sorted(catalogue().values(), key=lambda one: one.title),
    }
    return _at(answer(request, "insights/insights.html", context, parts=["figures"]), looked.url("insights"))


@require_safe
@figures_read
def metric(request: WorkspaceRequest, metric: str) -> HttpResponse:
    """One metric: what it is, its figure, by day and by each dimension, and the conversations behind it."""
    looked, shown = _lens(request), _metric(metric)
    sent = request.GET.dict()
    extra = {name: sent[name] for name in EXTRA if sent.get(name)}
    main = tile(looked, shown)
    context = {
        "lens": looked,
        "section": "insights",
        "metric": shown,
        "as_of": looked.counted_at,
        "tile": main,
        "spending": spending(looked, main),
        "by_day": _by_day(looked, shown),
        "splits": [
            (name, dimension_words()[name], found)
            for name, found in lines_by_each(looked, shown, open_dimensions(looked, shown))
        ],
        "page": page(looked, shown, sent),
        "narrowed": found(looked, shown, sent).count() if extra.keys() - {"sort"} else None,
        "sides": _sides(looked, shown, sent.get("side", "")),
        "behind": behind_words(shown),
        "extra": extra,
        "overview_url": looked.url("insights"),
        "has_values": isinstance(shown, Lasting | Summed | Ratio),
        "is_share": isinstance(shown, Share | Net),
        "exports": [
            (form.upper(), looked.url("insights-rows", kwargs={"metric": shown.slug, "form": form}, **extra))
            for form in FORMATS
        ],
    }
    response = answer(request, "insights/metric.html", context, parts=["metric-figures"])
    return _at(response, looked.metric_url(shown.slug, **extra))


@require_safe
@figures_read
def chart(request: WorkspaceRequest, chart: str) -> HttpResponse:
    """One chart as SVG, to be put into the page; `width` is the room it has in pixels."""
    looked = _lens(request)
    width = request.GET.get("width", "")
    response = HttpResponse(
        drawn(_chart(chart).over(looked).spec, int(width) if width.isdecimal() else 0), content_type="image/svg+xml"
    )
    response["Cache-Control"] = "private, max-age=60"
    return response


@require_safe
@figures_read
def chart_table(request: WorkspaceRequest, chart: str) -> HttpResponse:
    """The numbers of a chart; for htmx only the table."""
    looked = _lens(request)
    context = {
        "lens": looked,
        "section": "insights",
        "as_of": looked.counted_at,
        "shown": _chart(chart).over(looked),
        "overview_url": looked.url("insights"),
    }
    response = render(request, "insights/chart_table.html" if request.htmx else "insights/table.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
@figures_read
def rows(request: WorkspaceRequest, metric: str, form: str) -> HttpResponseBase:
    """The rows behind a figure, to take away."""
    return exports.export_rows(request, _lens(request), _metric(metric), _form(form))


@require_safe
@figures_read
def figure_json(request: WorkspaceRequest, metric: str) -> HttpResponse:
    """One figure for programs, with what it is, the period before and its days: the page's numbers."""
    return JsonResponse(exports.figure_for_programs(_lens(request), _metric(metric)))


@require_safe
@figures_read
def report_pdf(request: WorkspaceRequest) -> HttpResponse:
    """The overview as a document."""
    looked = _lens(request)
    made = report(request, looked)
    response = HttpResponse(made, content_type="application/pdf")
    name = f"{request.workspace.slug}-figures-{looked.asked.period.last.isoformat()}.pdf"
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


@require_safe
@figures_read
def table(request: WorkspaceRequest, metric: str, by: str, form: str) -> HttpResponseBase:
    """A table of a metric, to take away."""
    if by not in dimension_words() and (metric, by) not in exports.TABLES:
        raise Http404(_("There is no such table."))
    return exports.export_table(request, _lens(request), _metric(metric), by, _form(form))


def _lens(request: WorkspaceRequest) -> Lens:
    return lens(request.person, request.workspace, request.GET, at=timezone.now())


def _at(response: HttpResponse, url: str) -> HttpResponse:
    """To htmx: the address with only what is chosen, not every empty field of the form."""
    response["HX-Push-Url"] = url
    return response


def _chart(slug: str) -> Chart:
    found = CHARTS.get(slug) or days_of(slug.removeprefix("days-"))
    if found is None:
        raise Http404(_("There is no such chart."))
    return found


def _metric(slug: str) -> Metric:
    found = catalogue().get(slug)
    if found is None:
        raise Http404(_("There is no such metric."))
    return found


def _form(form: str) -> str:
    if form not in FORMATS:
        raise Http404(_("Exports are CSV, JSON or Parquet."))
    return form


def _by_day(looked: Lens, shown: Metric) -> list[Shown]:
    """The metric's own chart; of a single day there is nothing to draw."""
    drawing = days_of(shown.slug)
    return [drawing.over(looked)] if drawing and looked.asked.period.days_count > 1 else []


def _sides(looked: Lens, shown: Metric, side: str) -> list[tuple[str, str, bool]]:
    """For a share: all rows, those that count and those that do not, with their addresses."""
    if not isinstance(shown, Share):
        return []
    words = [("", _("All")), ("met", _("Counted")), ("missed", _("Not counted"))]
    return [(word, looked.metric_url(shown.slug, side=name) + "#rows", name == side) for name, word in words]
