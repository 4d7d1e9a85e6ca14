"""A row of the list: one conversation in two lines.

It is a function rather than a template because a list shows fifty of them: drawn by a template they are most of the
time that the page takes.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from html import escape
from typing import Any, NamedTuple

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from choir.inbox.queries.listing import Row
from choir.web.templatetags.choir import MOODS, ago, ago_at, avatar, clock, icon, mood_in, network, objective

register = template.Library()


class Words(NamedTuple):
    """What every row says, in one language; drawn once."""

    language: str | None
    choose: str
    unread: str
    unnamed: str
    wordless: str
    problem: str
    unsure: str
    snoozed: str
    resolved: str


@lru_cache(maxsize=32)
def _words(language: str | None) -> Words:
    resolved = f"{icon('resolve', '', 'small')}{gettext('Resolved')}"
    return Words(
        language=language,
        choose=gettext("Choose %(name)s"),
        unread=f'<span class="visually-hidden">{gettext("unread")}</span>',
        unnamed=gettext("Unnamed customer"),
        wordless=escape(gettext("No words")),
        problem=f'<span class="chip chip--bad">{icon("problems")}<span>{gettext("Problem")}</span></span>',
        unsure=f'<span class="chip chip--outline">{icon("consult")}<span>{gettext("Unsure")}</span></span>',
        snoozed=f'<span class="clock">{icon("snooze", "", "small")}',
        resolved=f'<span class="clock" data-state="met">{resolved}</span>',
    )


@register.simple_tag
def conversation_rows(rows: Sequence[Mapping[str, Any]]) -> SafeString:
    """The rows as `row_list` makes them: the `conversation` as a list has it, its `url`, whether it is the `chosen`
    one, and, of a search, the `fragment` it found: pieces of text, each with whether it was looked for."""
    words, now = _words(get_language()), timezone.now()
    return mark_safe("".join([_row(row, words, now) for row in rows]))  # noqa: S308 -- whatever people wrote is escaped


def _row(row: Mapping[str, Any], words: Words, now: datetime) -> str:
    listed: Row = row["conversation"]
    until_ago, until_when, rest = _drawn(listed, row["url"], row["chosen"], row.get("fragment", ()), words)
    ago = ago_at(listed.last_message_at, now, words.language)
    return f"{until_ago}{ago}{until_when}{_when(listed, words)}{rest}"


@lru_cache(maxsize=4096)
def _drawn(
    listed: Row, url: str, chosen: bool, fragment: tuple[tuple[str, bool], ...], words: Words
) -> tuple[str, str, str]:
    """A row without the two that move on with time: what stands before them, between them and behind them."""
    name = listed.customer or words.unnamed
    who, choose = escape(name), escape(words.choose % {"name": name})
    unread = words.unread if listed.is_unread else ""
    current = ' aria-current="true"' if chosen else ""
    mood = mood_in(listed.sentiment, True, words.language) if listed.sentiment in MOODS else ""
    return (
        f'<li class="row{" row--unread" if listed.is_unread else ""}" id="row-{listed.pk}">'
        '<label class="row__pick">'
        f'<input type="checkbox" name="chosen" value="{listed.pk}" aria-label="{choose}">'
        f"{avatar(listed.customer)}</label>"
        '<span class="row__lines"><span class="row__line"><span class="row__who">'
        f'<a class="row__link" href="{escape(url)}" data-row{current}>{who}</a>{unread}'
        f'<span class="row__network">{network(listed.network, listed.is_private)}</span><span class="row__ago">',
        f'</span></span><span class="row__when">{words.problem if listed.has_problem else ""}',
        f'</span></span><span class="row__line"><span class="row__words">{mood}'
        f'<span dir="auto">{_said(listed, fragment, words)}</span></span>'
        f'<span class="row__chip">{_objective(listed, words)}{_assignee(listed.assignee)}</span></span></span></li>\n',
    )


def _when(listed: Row, words: Words) -> str:
    if listed.state == "snoozed":
        return f"{words.snoozed}{ago(listed.snoozed_until)}</span>"
    if listed.state == "resolved":
        return words.resolved
    return clock(listed.due_at)


def _said(listed: Row, fragment: Sequence[tuple[str, bool]], words: Words) -> str:
    if fragment:
        return "".join(f"<mark>{escape(piece)}</mark>" if found else escape(piece) for piece, found in fragment)
    return escape(listed.excerpt) if listed.excerpt else words.wordless


def _objective(listed: Row, words: Words) -> str:
    if listed.is_unsure:
        return words.unsure
    if listed.objective_slug is None:
        return ""
    return objective(listed.objective_slug, listed.objective_name or "")


@lru_cache(maxsize=2048)
def _assignee(name: str | None) -> str:
    if not name:
        return ""
    return f'{avatar(name, "small", "person")}<span class="visually-hidden">{escape(name)}</span>'
