"""Addresses of figures, under the filters that a page has."""

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from choir.measurement.metric import Metric
from choir.web.files import FORMATS
from choir.web.insights.lens import Lens
from choir.web.insights.wording import said
from choir.web.templatetags.choir import icon

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
def table_exports(lens: Lens, metric: Metric, by: str) -> SafeString:
    """Links that take a table away."""
    forms = (
        (lens.url("insights-table", kwargs={"metric": metric.slug, "by": by, "form": form}), form.upper())
        for form in FORMATS
    )
    return format_html_join(
        " ",
        '<a class="button button--quiet button--small" href="{}" download>{}{}</a>',
        ((url, icon("download"), name) for url, name in forms),
    )
