"""Addresses of figures, under the filters that a page has."""

from django import template

from choir.measurement.metric import Metric
from choir.web.files import FORMATS
from choir.web.insights.lens import Lens
from choir.web.insights.wording import said

register = template.Library()


@register.simple_tag
def metric_url(lens: Lens, slug: str) -> str:
    """The page of a metric."""
    return lens.metric_url(slug)


@register.simple_tag
def said_in(metric: Metric, value: float | None) -> str:
    """A value in the metric's unit."""
    return str(said(metric, value))


@register.simple_tag(takes_context=True)
def without(context: template.Context, lens: Lens, dimension: str) -> str:
    """This page without one filter."""
    shown: Metric | None = context.get("metric")
    here = lens.to(**{dimension: ""})
    return here.metric_url(shown.slug) if shown else here.url("insights")


@register.simple_tag
def rows_url(lens: Lens, metric: Metric, sort: str) -> str:
    """The rows of a metric in an order."""
    return lens.metric_url(metric.slug, sort=sort) + "#rows"


@register.simple_tag
def table_exports(lens: Lens, metric: Metric, by: str) -> list[tuple[str, str]]:
    """What a table can be taken away as: each form with its address."""
    names = {"metric": metric.slug, "by": by}
    return [(form.upper(), lens.url("insights-table", kwargs={**names, "form": form})) for form in FORMATS]
