"""The value page as a document: the accounts, what cannot be claimed, what matters most, what is assumed, each line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.utils.translation import get_language, gettext

from choir.web.charts.drawing import printed
from choir.web.printing.cells import cell
from choir.web.printing.setting import pdf_of
from choir.web.value.looking import Look
from choir.web.value.shown import Beyond, ShownAccount, ShownPart, shown_account
from choir.web.value.tornado import drawing
from choir.web.value.wording import Said

TEMPLATE = Path(__file__).parent / "value.typ"
WIDTH = 660
Lines = Iterable[tuple[ShownPart, str, str, bool]]


def document(
    look: Look,
    *,
    accounts: Sequence[ShownAccount],
    lines: Lines,
    beyond: Iterable[Beyond],
    assumed: Iterable[Mapping[str, Any]],
    rule: Mapping[str, Any],
) -> bytes:
    """The PDF; the arguments are what the page shows."""
    request, total = look.request, shown_account(look, look.value.total)
    values = {
        "title": gettext("Value"),
        "place": str(request.workspace),
        "period": look.words,
        "said": gettext("What it brought the business, what it cost, and what nobody may claim."),
        "language": get_language() or "en",
        "words": _words(rule),
        "tiles": [
            _tile(
                look, gettext("Brought"), total.benefit, gettext("nothing assumed in it"),
                gettext("nothing can be claimed yet"),
            ),
            _tile(look, gettext("Cost"), total.cost, gettext("as entered and recorded")),
            _tile(look, gettext("Result"), total.net),
        ],
        "headings": _headings(),
        "goals": [_account(look, one) for one in accounts],
        "beyond": [cell(request, one.words, one.url) for one in beyond],
        "tornado": _tornado(look),
        "assumed": [
            [cell(request, one["words"], one["url"]), cell(request, one["of"] or "–"), cell(request, one["range"]),
             cell(request, one["row"].because), cell(request, one["row"].by or gettext("somebody gone since"))]
            for one in assumed
        ],
        "lines": [_line(look, *one) for one in lines],
    }  # fmt: skip
    return pdf_of(TEMPLATE, values)


def _words(rule: Mapping[str, Any]) -> dict[str, str]:
    return {
        "ranges": gettext(
            "Ranges hold the result in four of five cases if the assumptions hold. The middles of parts do not "
            "add up to the middle of the whole: chance evens out."
        ),
        "goals": gettext("Goal by goal"), "beyond": gettext("What cannot be claimed"),
        "matters": gettext("What matters most"),
        "matters_how": gettext(
            "How far each assumption alone moves the result, all others as likely. The line is the result with all "
            "as likely."
        ),
        "assumed": gettext("What is assumed"),
        "rule": gettext("Attribution: %(words)s, within %(days)s days.") % rule, "lines": gettext("Line by line"),
    }  # fmt: skip


def _headings() -> dict[str, list[str]]:
    return {
        "goals": [gettext("Goal"), gettext("Brought"), gettext("Cost"), gettext("Result")],
        "assumed": [
            gettext("Assumption"), gettext("Of"), gettext("Low – likely – high"), gettext("Known from"),
            gettext("Said by"),
        ],
        "lines": [gettext("Part"), gettext("Goal"), gettext("Counted"), gettext("Brought"), gettext("Cost")],
    }  # fmt: skip


def _tile(look: Look, title: str, said: Said | None, sure: str = "", nothing: str = "") -> dict[str, str]:
    """A sum with its range; what is said instead where it is sure, and where there is none."""
    between = nothing if said is None else sure if said.is_sure and sure else _between(said)
    url = look.request.build_absolute_uri(look.url("value"))
    plain = dict.fromkeys(("unit", "is", "note", "few"), "")
    return {**plain, "title": title, "figure": said.middle if said else "–", "url": url, "change": between}


def _between(said: Said) -> str:
    return gettext("%(low)s to %(high)s") % {"low": said.low, "high": said.high}


def _range(look: Look, said: Said | None, otherwise: str) -> dict[str, str]:
    if said is None:
        return cell(look.request, otherwise)
    return cell(look.request, said.middle, quiet="" if said.is_sure else _between(said))


def _account(look: Look, one: ShownAccount) -> list[dict[str, str]]:
    goal = one.account.goal
    nothing = gettext("nothing counted") if not one.has_benefit else gettext("not claimed")
    return [
        cell(look.request, one.name, one.url, goal.get_purpose_display() if goal else ""),
        _range(
            look, None if one.account.claims_nothing or not one.has_benefit else one.benefit,
            gettext("has no price") if one.account.claims_nothing else nothing,
        ),
        _range(look, one.cost, "–"),
        _range(look, one.net, "–"),
    ]  # fmt: skip


def _line(look: Look, part: ShownPart, goal: str, goal_url: str, is_cost: bool) -> list[dict[str, str]]:
    amount = _range(look, part.amount, gettext("not claimed"))
    none = cell(look.request, "–")
    return [
        cell(look.request, part.words), cell(look.request, goal, goal_url),
        cell(look.request, part.counted or part.base, part.url), none if is_cost else amount,
        amount if is_cost else none,
    ]  # fmt: skip


def _tornado(look: Look) -> dict[str, str]:
    """The drawing of what matters most; empty where nothing is assumed that does."""
    if not look.value.total.swings:
        return {"svg": "", "words": ""}
    spec = drawing(look, look.value.total)
    return {"words": str(spec.pop("description", "")), "svg": printed(spec, WIDTH)}
