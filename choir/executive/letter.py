"""The brief as a letter: plain words, and the same with links for a narrow window, in light and in dark.

Mail programs know tables, styles on the tags themselves, and little else (the dark colours are for those that know
more). Good and bad news have a sign, so that no colour has to be seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from choir.executive.models import Brief
from choir.governance.agenda.opening import path_of
from choir.governance.wording import said
from choir.measurement.metrics import catalogue

SIGNS: Mapping[bool | None, tuple[str, str]] = {True: ("↗", "good"), False: ("⚠", "bad"), None: ("•", "quiet")}
FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
COLOURS = {"text": "#23201c", "quiet": "#655d53", "good": "#1d6638", "bad": "#a3251c", "link": "#2e3f97"}
# What differs in the dark, for the programs that ask for it; the rest darken letters by themselves.
DARK = mark_safe(
    "<style>:root{color-scheme:light dark;supported-color-schemes:light dark}"
    "@media (prefers-color-scheme:dark){.canvas{background:#131110!important}.sheet{background:#1a1816!important;"
    "border-color:#332e2a!important}.text{color:#f0ebe4!important}.quiet{color:#aca397!important}"
    ".good{color:#8ed6a5!important}.bad{color:#ffa399!important}.link{color:#b3bfff!important}"
    ".line{border-color:#332e2a!important}.button{background:#4a5fd0!important}}</style>"
)


@dataclass(frozen=True, slots=True)
class Row:
    """A figure: what it is, its value, the week before, and the address of its rows."""

    title: str
    value: str
    before: str
    url: str


def rows_of(brief: Brief) -> list[Row]:
    """The five figures in words."""
    days = {"since": brief.first_on.isoformat(), "until": brief.last_on.isoformat()}
    found = []
    for kept in brief.figures:
        metric = catalogue().get(kept["metric"])
        before, now = (said(metric, one["value"]) for one in kept["weeks"][-2:])
        opens = {"page": "metric", "values": {"metric": kept["metric"], **days}}
        title = metric.title if metric else str(kept["metric"])
        found.append(Row(title, now, before, _address(path_of(opens, brief.workspace.slug))))
    return found


def page_of(brief: Brief) -> str:
    """The address of the brief's page."""
    where = {"workspace": brief.workspace.slug, "day": brief.last_on.isoformat()}
    return _address(reverse("executive_brief", kwargs=where))


def plain(brief: Brief) -> str:
    """The letter in plain words."""
    figures = [f"{one.title}: {one.value} (the week before {one.before})" for one in rows_of(brief)]
    sentences = [f"{SIGNS[one.get('is_good')][0]} {_words(one['parts'])}" for one in brief.sentences]
    risks = [f"- {one['title']}: {', '.join(fact['words'] for fact in one['facts'])}" for one in brief.risks]
    waiting = [f"- {one['title']}\n  {one['question']}" for one in brief.waiting]
    parts = [
        _part(f"{brief.workspace}: the week, {brief}", figures),
        _part("In five sentences", sentences),
        _part("In the way", risks),
        _part("To be decided", waiting),
        f"Each figure opens its rows, and ten customers are worth hearing:\n{page_of(brief)}",
        "You asked for this each week. “No longer” on that page ends it.\n",
    ]
    return "\n\n".join(filter(None, parts))


def _part(title: str, lines: Sequence[str]) -> str:
    return "\n".join([title, "=" * len(title), *lines]) if lines else ""


def formatted(brief: Brief) -> str:
    """The letter with links."""
    return str(format_html(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        '<meta name="color-scheme" content="light dark"><title>{title}</title>{dark}</head>'
        '<body class="canvas" style="margin:0;padding:0;background:#f4f1ec">'
        '<div style="display:none;max-height:0;overflow:hidden">{first}</div>'
        '<table role="presentation" class="canvas" width="100%" cellpadding="0" cellspacing="0" '
        'style="background:#f4f1ec"><tr><td align="center" style="padding:16px 8px">'
        '<table role="presentation" class="sheet" width="100%" cellpadding="0" cellspacing="0" style="max-width:600px;'
        'background:#ffffff;border:1px solid #e6e1d8;border-radius:8px"><tr><td style="padding:20px 20px 24px;{font}">'
        "{head}{figures}{sentences}{risks}{waiting}{foot}"
        "</td></tr></table></td></tr></table></body></html>",
        title=f"The week, {brief}", dark=DARK, font=FONT, first=_first(brief),
        head=_head(brief), figures=_figures(brief), sentences=_sentences(brief), risks=_risks(brief),
        waiting=_waiting(brief), foot=_foot(brief),
    ))  # fmt: skip


def _head(brief: Brief) -> SafeString:
    return format_html("{}{}", _text(str(brief.workspace), "quiet", 13), _title(f"The week, {brief}", level=1))


def _figures(brief: Brief) -> SafeString:
    rows = format_html_join("", (
        '<tr><td class="line" style="padding:8px 8px 8px 0;border-top:1px solid #e6e1d8;vertical-align:top">{}</td>'
        '<td class="line" align="right" style="padding:8px 0;border-top:1px solid #e6e1d8">{}{}</td></tr>'
    ), (
        (_text(one.title, "text", 15), _text(_linked(one.value, one.url), "text", 18, "font-weight:600"),
         _text(f"the week before {one.before}", "quiet", 13))
        for one in rows_of(brief)
    ))  # fmt: skip
    return format_html('<table width="100%" cellpadding="0" cellspacing="0" style="margin:8px 0 0">{}</table>', rows)


def _sentences(brief: Brief) -> SafeString:
    if not brief.sentences:
        return _text("Nothing was said or answered in these seven days.", "quiet", 15)
    rows = format_html_join("", (
        '<tr><td width="24" valign="top" style="padding:5px 0"><div class="{}" style="color:{};font-size:16px" '
        'aria-hidden="true">{}</div></td><td style="padding:5px 0">{}</td></tr>'
    ), (
        (name, COLOURS[name], sign, _text(_said(one["parts"], brief), "text", 16))
        for one in brief.sentences for sign, name in [SIGNS[one.get("is_good")]]
    ))  # fmt: skip
    return format_html(
        '{}<table role="presentation" width="100%" cellpadding="0" cellspacing="0">{}</table>',
        _title("In five sentences"),
        rows,
    )


def _risks(brief: Brief) -> SafeString:
    rows = (
        (one["title"], format_html_join(" · ", "{}", ((_said([fact], brief),) for fact in one["facts"])))
        for one in brief.risks
    )
    return _section("In the way", rows)


def _waiting(brief: Brief) -> SafeString:
    slug = brief.workspace.slug
    rows = []
    for one in brief.waiting:
        meeting = reverse("committee_meeting", kwargs={"workspace": slug, "number": one["number"]})
        rows.append((_linked(one["title"], _address(f"{meeting}#item-{one['item']}")), one["question"]))
    return _section("To be decided", rows)


def _section(title: str, rows: Iterable[tuple[str, str]]) -> SafeString:
    told = format_html_join("", '<div style="margin:0 0 10px">{}{}</div>', (
        (_text(name, "text", 15, "font-weight:600"), _text(words, "quiet", 14)) for name, words in rows
    ))  # fmt: skip
    return format_html("{}{}", _title(title), told) if told else SafeString("")


def _foot(brief: Brief) -> SafeString:
    return format_html(
        '<p style="margin:24px 0 16px"><a class="button" href="{}" style="display:inline-block;padding:10px 16px;'
        'background:#3a4fb8;color:#ffffff;border-radius:6px;text-decoration:none;font-size:15px;{}">'
        "Open the brief and hear ten customers</a></p>{}",
        page_of(brief),
        FONT,
        _text("You asked for this each week. “No longer” on that page ends it.", "quiet", 13),
    )


def _title(words: str, *, level: int = 2) -> SafeString:
    size = 22 if level == 1 else 16
    margin = "2px 0 12px" if level == 1 else "24px 0 8px"
    return format_html(
        '<h{level} class="text" style="margin:{margin};font-size:{size}px;line-height:1.3;color:{colour};{font}">'
        "{words}</h{level}>",
        level=level, margin=margin, size=size, colour=COLOURS["text"], font=FONT, words=words,
    )  # fmt: skip


def _text(words: str, name: str, size: int, style: str = "") -> SafeString:
    return format_html(
        '<div class="{}" style="color:{};font-size:{}px;line-height:1.45;{};{}">{}</div>',
        name, COLOURS[name], size, FONT, style, words,
    )  # fmt: skip


def _said(parts: Iterable[Mapping[str, Any]], brief: Brief) -> SafeString:
    """Words of which some are links."""
    slug = brief.workspace.slug
    return format_html_join("", "{}", ((_linked(one["words"], _address(path_of(one, slug))),) for one in parts))


def _linked(words: str, url: str) -> SafeString:
    if not url:
        return format_html("{}", words)
    return format_html('<a class="link" href="{}" style="color:{}">{}</a>', url, COLOURS["link"], words)


def _first(brief: Brief) -> str:
    """What programs show beside the subject."""
    return _words(brief.sentences[0]["parts"]) if brief.sentences else ""


def _words(parts: Iterable[Mapping[str, Any]]) -> str:
    return "".join(str(one["words"]) for one in parts)


def _address(path: str) -> str:
    return f"{settings.PUBLIC_URL}{path}" if path else ""
