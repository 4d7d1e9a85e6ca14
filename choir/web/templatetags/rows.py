"""A row of the list: one conversation in two lines.

It is a function rather than a template because a list shows fifty of them: drawn by a template they are most of the
time that the page takes.
"""

from collections.abc import Mapping
from html import escape
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from choir.inbox.models import Conversation
from choir.web.templatetags.choir import ago, avatar, clock, icon, mood, network, objective

register = template.Library()


@register.simple_tag
def conversation_row(row: Mapping[str, Any]) -> SafeString:
    """A row as `row_list` makes it: the `conversation` with customer, channel, objective and assignee loaded, its
    `url`, whether it is `unread` and the `chosen` one, and, of a search, the `fragment` it found: pieces of text,
    each with whether it was looked for."""
    conversation: Conversation = row["conversation"]
    who = escape(str(conversation.customer))
    choose = escape(gettext("Choose %(name)s") % {"name": conversation.customer})
    unread = f'<span class="visually-hidden">{gettext("unread")}</span>' if row["unread"] else ""
    chosen = ' aria-current="true"' if row["chosen"] else ""
    where = network(conversation.channel.network, conversation.is_private)
    return mark_safe(  # noqa: S308 -- whatever people wrote is escaped
        f'<li class="row{" row--unread" if unread else ""}" id="row-{conversation.pk}">'
        '<label class="row__pick">'
        f'<input type="checkbox" name="chosen" value="{conversation.pk}" aria-label="{choose}">'
        f"{avatar(conversation.customer.name)}</label>"
        '<span class="row__lines"><span class="row__line"><span class="row__who">'
        f'<a class="row__link" href="{escape(row["url"])}" data-row{chosen}>{who}</a>{unread}'
        f'<span class="row__network">{where}</span>'
        f'<span class="row__ago">{ago(conversation.last_message_at)}</span></span>'
        f'<span class="row__when">{_problem(conversation)}{_when(conversation)}</span></span>'
        f'<span class="row__line"><span class="row__words">{mood(conversation.sentiment, True)}'
        f'<span dir="auto">{_words(conversation, row.get("fragment", ()))}</span></span>'
        f'<span class="row__chip">{_objective(conversation)}{_assignee(conversation)}</span></span></span></li>\n'
    )


def _problem(conversation: Conversation) -> str:
    if not conversation.has_problem:
        return ""
    return f'<span class="chip chip--bad">{icon("problems")}<span>{gettext("Problem")}</span></span>'


def _when(conversation: Conversation) -> str:
    if conversation.state == "snoozed":
        return f'<span class="clock">{icon("snooze", "", "small")}{ago(conversation.snoozed_until)}</span>'
    if conversation.state == "resolved":
        return f'<span class="clock" data-state="met">{icon("resolve", "", "small")}{gettext("Resolved")}</span>'
    return clock(conversation.due_at)


def _words(conversation: Conversation, fragment: list[tuple[str, bool]]) -> str:
    if fragment:
        return "".join(f"<mark>{escape(words)}</mark>" if found else escape(words) for words, found in fragment)
    return escape(conversation.excerpt or gettext("No words"))


def _objective(conversation: Conversation) -> str:
    if conversation.is_unsure:
        return f'<span class="chip chip--outline">{icon("consult")}<span>{gettext("Unsure")}</span></span>'
    if conversation.objective is None:
        return ""
    return objective(conversation.objective.slug, conversation.objective.name)


def _assignee(conversation: Conversation) -> str:
    if conversation.assignee is None:
        return ""
    name = conversation.assignee.name
    return f'{avatar(name, "small", "person")}<span class="visually-hidden">{escape(name)}</span>'
