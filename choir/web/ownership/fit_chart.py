"""How much would go well, department by department, as a drawing: each mark opens its conversations."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import altair as alt
from django.urls import reverse
from django.utils.translation import gettext as _

from choir.people.models import Department
from choir.strategy.evidence import Evidence, Scope
from choir.web.charts.palette import hue
from choir.web.insights.lens import Lens

USUAL_PERIOD = "90"


def rows_url(looked: Lens, slug: str, scope: Scope, department: Department) -> str:
    """The rows of one of a department's figures in a scope."""
    return looked.metric_url(
        slug, period=USUAL_PERIOD, objective=scope.objective.slug, topic=scope.topics, department=department.slug
    )


def had_first_url(looked: Lens, scope: Scope, department: Department | None, *, side: str = "") -> str:
    """The conversations that a department (none: any) had first in a scope; one `side` of them."""
    asked = {"topic": scope.topic, "department": department.slug if department else "", "side": side}
    where = {"workspace": looked.workspace.slug, "objective": scope.objective.slug}
    query = urlencode({name: value for name, value in asked.items() if value})
    return reverse("ownership_evidence_rows", kwargs=where) + (f"?{query}" if query else "")


def points(share: float) -> str:
    """A difference of shares in points of a hundred, with its sign."""
    points = round(share * 100)
    return f"{points:+d}".replace("-", "−") if points else "0"


def percent(middle: float, low: float, high: float) -> str:
    """A share with its range."""
    return f"{middle * 100:.0f}\u202f% ({low * 100:.0f}–{high * 100:.0f})"


def fits_chart(shown: Evidence, names: Mapping[uuid.UUID, Department], scope: Scope, looked: Lens) -> dict[str, Any]:
    """A disc at the expected share, a line over the range that holds four of five; the owner's disc is ringed."""
    rows = [
        {
            "name": names[one.department_id].name, "low": one.share.low, "value": one.share.middle,
            "high": one.share.high, "owner": shown.owner is not None and shown.owner.pk == one.department_id,
            "words": f"{names[one.department_id].name}: {percent(one.share.middle, one.share.low, one.share.high)}",
            "url": had_first_url(looked, scope, names[one.department_id]),
        }
        for one in shown.fits
    ]  # fmt: skip
    title = _("How much would go well, by department")
    base = alt.Chart(alt.InlineData(rows))
    order = [names[one.department_id].name for one in sorted(shown.fits, key=lambda one: -one.share.middle)]
    y = alt.Y("name:N", title=None, sort=order, axis=alt.Axis(labelLimit=170))
    x = alt.X(
        "value:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format=".0%", grid=True, tickCount=5)
    )
    known = {"y": y, "description": "words:N", "href": "url:N"}
    rule = base.mark_rule(color=hue("line-strong"), strokeWidth=3).encode(x=alt.X("low:Q"), x2="high:Q", y=y)
    disc = base.mark_point(filled=True, color=hue("accent"), size=90, opacity=1).encode(x=x, **known)
    ring = base.transform_filter("datum.owner").mark_point(
        filled=False, stroke=hue("text-quiet"), size=260, strokeWidth=2
    ).encode(x=x, y=y)  # fmt: skip
    chart = alt.layer(rule, disc, ring).properties(height=max(60, 30 * len(rows)), description=title)
    plain: dict[str, Any] = chart.to_dict(validate=False)
    plain.pop("config", None)
    return plain
