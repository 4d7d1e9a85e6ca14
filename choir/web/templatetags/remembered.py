"""`{% remembered values… %}`: a stretch of a page that is drawn once for the same values.

What stands around a list (the rail, the views, toolbars) is the same from one request to the next, and drawing it takes
longer than everything else of the page. Nothing here can be out of date: all that a stretch shows must be among its
values, or be words that never change; the language and the time zone are values of themselves. Values are plain ones
(text, numbers, ids, lists and mappings of them): a model is refused, as it would be taken for the same when it changed.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()

KEPT = 256  # stretches a template keeps of each place, those the oldest forgotten first
TOKEN = "the-token-of-this-request"  # noqa: S105 -- stands in for the CSRF token, which is new in each answer
PLAIN = (str, int, float, bool, type(None), uuid.UUID, dt.date)


class Remembered(template.Node):
    """One such stretch of a template."""

    def __init__(self, nodelist: NodeList, values: list[FilterExpression]) -> None:
        self.nodelist, self.values = nodelist, values
        self.kept: OrderedDict[tuple[Any, ...], str] = OrderedDict()

    def render(self, context: template.Context) -> SafeString:
        """The stretch as it was drawn for these values before, or drawn now."""
        values = tuple(plain(value.resolve(context)) for value in self.values)
        key = (get_language(), timezone.get_current_timezone_name(), *values)
        drawn = self.kept.get(key)
        if drawn is None:
            with context.push(csrf_token=TOKEN):
                drawn = self.kept[key] = self.nodelist.render(context)
            if len(self.kept) > KEPT:
                self.kept.popitem(last=False)
        if TOKEN in drawn:
            drawn = drawn.replace(TOKEN, str(context.get("csrf_token", "")))
        return mark_safe(drawn)  # noqa: S308 -- drawn by a template, which escaped it


def plain(value: Any) -> Any:
    """A value that is the same if and only if it looks the same; TypeError for one that cannot be told."""
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, Promise):  # words to be translated, and the language is a value
        return (type(value), value._args, tuple(value._kw.items()))  # type: ignore[attr-defined]  # as Django keeps them
    if isinstance(value, Mapping):
        return tuple((name, plain(one)) for name, one in value.items())
    if isinstance(value, list | tuple):
        return tuple(plain(one) for one in value)
    raise TypeError(f"A {type(value).__name__} cannot be a value of {{% remembered %}}: name what is shown of it.")


@register.tag
def remembered(parser: Parser, token: Token) -> Remembered:
    """`{% remembered frame.shown section %} … {% endremembered %}`."""
    values = [parser.compile_filter(word) for word in token.split_contents()[1:]]
    nodelist = parser.parse(("endremembered",))
    parser.delete_first_token()
    return Remembered(nodelist, values)
