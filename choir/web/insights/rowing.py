"""The rows behind a figure, keyset-paged."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import BooleanField, Case, F, Q, QuerySet, Value, When

from choir.measurement import figures
from choir.measurement.metric import Lasting, Metric, Net, Of, Ratio, Share, Summed
from choir.web.insights.lens import Lens
from choir.web.insights.opening import CLOSED, Opening, openings
from choir.web.insights.wording import said

PAGE = 50
EXTRA = ("side", "giver", "taker", "sort")  # what narrows or orders rows beyond the filters


@dataclass(frozen=True, slots=True)
class Row:
    """One row: when, what it contributed, and what it opens to."""

    at: dt.datetime
    value: str
    is_met: bool | None
    department: str
    objective: str
    opens: Opening


@dataclass(frozen=True, slots=True)
class Page:
    """A page of rows, and the addresses of the ones around it."""

    rows: list[Row]
    newer: str
    older: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A place between two rows: the value they are ordered by, and the row's id."""

    value: Any
    row_id: uuid.UUID

    @classmethod
    def read(cls, text: str, *, by_length: bool) -> Mark | None:
        """From an address; None for what is none."""
        value, _, row_id = text.rpartition("~")
        try:
            return cls(float(value) if by_length else dt.datetime.fromisoformat(value), uuid.UUID(row_id))
        except ValueError:
            return None

    @classmethod
    def of(cls, row: Mapping[str, Any], order: str) -> str:
        """As it stands in an address."""
        value = row[order]
        return f"{value.isoformat() if isinstance(value, dt.datetime) else value}~{row['row_id']}"


def found(lens: Lens, metric: Metric, sent: Mapping[str, str]) -> QuerySet[Any]:
    """The rows of the figure, of one side of a share (`side`) or of one pair of hand-overs (`giver`, `taker`)."""
    rows = figures.rows(metric, lens.asked)
    if isinstance(metric, Lasting):
        rows = rows.filter(**{f"{metric.seconds(lens.asked)}__isnull": False})
    if isinstance(metric, Share):
        rows = rows.annotate(row_met=_as_boolean(metric.condition))
        if sent.get("side") in ("met", "missed"):
            rows = rows.filter(row_met=sent["side"] == "met")
    if isinstance(metric, Net):
        rows = rows.annotate(row_met=_as_boolean(metric.plus))
    if metric.slug == "handovers":
        known = {one.slug: pk for pk, one in lens.names.everywhere.items()}
        for name, path in (("giver", "from_department_id"), ("taker", "to_department_id")):
            if sent.get(name):
                rows = rows.filter(**{path: known.get(sent[name])})
    return rows


def _as_boolean(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def every(lens: Lens, metric: Metric, sent: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    """All rows as plain values, newest first, fetched in batches."""
    yield from _values(lens, metric, sent).order_by("-row_at", "-row_id").iterator(chunk_size=2_000)


def page(lens: Lens, metric: Metric, sent: Mapping[str, str]) -> Page:
    """The page that `older` or `newer` of the address names; newest first, or (`sort=longest`) slowest first."""
    by_length = sent.get("sort") == "longest" and isinstance(metric, Lasting | Summed | Ratio)
    order = "row_value" if by_length else "row_at"
    backwards = bool(sent.get("newer")) and not sent.get("older")
    mark = Mark.read(sent.get("older") or sent.get("newer") or "", by_length=by_length)
    rows = _values(lens, metric, sent)
    if mark is not None:
        side = "gt" if backwards else "lt"
        beyond = Q(**{f"{order}__{side}": mark.value}) | Q(**{order: mark.value, f"row_id__{side}": mark.row_id})
        rows = rows.filter(beyond)
    sign = "" if backwards else "-"
    fetched = list(rows.order_by(f"{sign}{order}", f"{sign}row_id")[: PAGE + 1])
    is_more, shown = len(fetched) > PAGE, fetched[:PAGE]
    if backwards:
        shown.reverse()
    has_newer, has_older = (is_more, True) if backwards else (mark is not None, is_more)
    return Page(
        _drawn(lens, metric, shown),
        _link(lens, metric, sent, newer=Mark.of(shown[0], order)) if shown and has_newer else "",
        _link(lens, metric, sent, older=Mark.of(shown[-1], order)) if shown and has_older else "",
    )


def _values(lens: Lens, metric: Metric, sent: Mapping[str, str]) -> QuerySet[Any, dict[str, Any]]:
    places = {f"row_{name}": F(path) for name, path in metric.splits.items()}
    value = metric.value_of_row(lens.asked)
    extra: dict[str, Any] = {"row_value": value} if value is not None else {}
    if metric.words is not None:
        extra["row_words"] = metric.words
    if metric.of is Of.MENTIONS:
        extra |= {"row_mention": F("mention_id"), "row_query": F("query_id")}
    rows = found(lens, metric, sent).annotate(
        row_id=F("pk"), row_at=F(metric.at), row_conversation=F(metric.conversation), **places, **extra
    )
    shares = ["row_met"] if isinstance(metric, Share | Net) else []
    wanted: QuerySet[Any, dict[str, Any]] = rows.values(
        "row_id", "row_at", "row_conversation", *places, *extra, *shares
    )
    return wanted


def _drawn(lens: Lens, metric: Metric, shown: list[dict[str, Any]]) -> list[Row]:
    known = openings(lens, metric, shown)
    return [
        Row(
            row["row_at"],
            _value(lens, metric, row),
            row.get("row_met"),
            lens.names.word("department", row["row_department"]),
            lens.names.word("objective", row["row_objective"]),
            known.get(row["row_id"], CLOSED),
        )
        for row in shown
    ]


def _value(lens: Lens, metric: Metric, row: Mapping[str, Any]) -> str:
    """What a row contributed, in words; of a ratio what stands above the line."""
    if "row_value" not in row:
        return ""
    if isinstance(metric, Ratio):
        return intcomma(row["row_value"])
    return str(said(metric, row["row_value"], lens.currency))


def _link(lens: Lens, metric: Metric, sent: Mapping[str, str], **mark: str) -> str:
    kept = {name: sent[name] for name in EXTRA if sent.get(name)}
    return lens.metric_url(metric.slug, **kept, **mark) + "#rows"
