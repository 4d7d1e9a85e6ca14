"""`{% remembered values… slots names… %}`: a stretch of a page that is drawn once for the same values.

What stands around a list (the rail, the views, toolbars) is the same from one request to the next, and drawing it takes
longer than everything else of the page. Nothing here can be out of date: all that a stretch shows must be among its
values, or be words that never change; the language and the time zone are values of themselves. Values are plain ones
(text, numbers, ids; lists, mappings and dataclasses of them, or a dataclass's `plain`, which tells all of it): a model
is refused, as it would be taken for the same when it changed.

Slots are what is only printed (`{{ base }}`, or `{{ urls.reply }}` of a mapping) and is another one on each page:
addresses, revisions, names. The stretch is drawn with something that stands in for them, and they are filled in each
time; the CSRF token is always one. A slot may be asked whether it is empty (`{% if text %}`), and nothing else: a
filter on it is refused.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import secrets
import uuid
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, cast

from django import template
from django.template import TemplateSyntaxError
from django.template.base import FilterExpression, NodeList, Parser, Token, VariableNode, render_value_in_context
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()

KEPT = 256  # stretches a template keeps of each place, those the oldest forgotten first
STAND_IN = secrets.token_hex(8)  # nobody can write it into a page
FILLED = re.compile(STAND_IN + r"-([\w.]+);")
PLAIN = (str, int, float, bool, type(None), uuid.UUID, dt.date)


class Remembered(template.Node):
    """One such stretch of a template."""

    def __init__(self, nodelist: NodeList, values: list[FilterExpression], slots: list[str]) -> None:
        self.nodelist, self.values, self.slots = nodelist, values, slots
        self.kept: OrderedDict[tuple[Any, ...], list[str]] = OrderedDict()

    def render(self, context: template.Context) -> SafeString:
        """The stretch as it was drawn for these values before, or drawn now, with the slots filled."""
        filled = {name: context.get(name, "") for name in self.slots}
        shapes = [_shape(value) for value in filled.values()]
        values = [plain(value.resolve(context)) for value in self.values]
        key = (get_language(), timezone.get_current_timezone_name(), *shapes, *values)
        pieces = self.kept.get(key)
        if pieces is None:
            pieces = self.kept[key] = self._draw(context, filled)
            if len(self.kept) > KEPT:
                self.kept.popitem(last=False)
        drawn = pieces.copy()
        drawn[1::2] = [_printed(name, filled, context) for name in pieces[1::2]]
        return mark_safe("".join(drawn))  # noqa: S308 -- drawn by a template, which escaped it; slots are escaped too

    def _draw(self, context: template.Context, filled: Mapping[str, Any]) -> list[str]:
        """The stretch cut where slots are: text, a slot's name, text, …, text."""
        stand_ins = {name: _stand_in(name, value) for name, value in filled.items()}
        with context.push(**stand_ins, csrf_token=_stand_in("csrf_token", "one")):
            drawn = self.nodelist.render(context)
        return FILLED.split(drawn)


def _shape(value: Any) -> Any:
    """What a stretch may depend on of a slot: whether it is empty; of a mapping, which of its values are."""
    return tuple((name, bool(one)) for name, one in value.items()) if isinstance(value, Mapping) else bool(value)


def _stand_in(name: str, value: Any) -> Any:
    """What is drawn in a slot's place; nothing for an empty one."""
    if isinstance(value, Mapping):
        return {inner: _stand_in(f"{name}.{inner}", one) for inner, one in value.items()}
    return f"{STAND_IN}-{name};" if value else value


def _printed(name: str, filled: Mapping[str, Any], context: template.Context) -> str:
    """A slot's value as `{{ name }}` prints it."""
    if name == "csrf_token":
        return str(context.get("csrf_token", ""))
    outer, _, inner = name.partition(".")
    value = filled[outer][inner] if inner else filled[outer]
    return render_value_in_context(value, context)


def plain(value: Any) -> Any:
    """A value that is the same if and only if it looks the same; TypeError for one that cannot be told."""
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, Promise):  # words to be translated, and the language is a value
        return (type(value), value._args, tuple(value._kw.items()))  # type: ignore[attr-defined]  # as Django keeps them
    if isinstance(value, Mapping):
        return tuple((name, plain(one)) for name, one in value.items())
    if dataclasses.is_dataclass(value):
        if hasattr(value, "plain"):
            return value.plain
        return tuple(plain(getattr(value, field.name)) for field in dataclasses.fields(value))
    if isinstance(value, list | tuple):
        return tuple(plain(one) for one in value)
    raise TypeError(f"A {type(value).__name__} cannot be a value of {{% remembered %}}: name what is shown of it.")


@register.tag
def remembered(parser: Parser, token: Token) -> Remembered:
    """`{% remembered frame.shown section slots base %} … {% endremembered %}`."""
    words = token.split_contents()[1:]
    cut = words.index("slots") if "slots" in words else len(words)
    values = [parser.compile_filter(word) for word in words[:cut]]
    nodelist = parser.parse(("endremembered",))
    parser.delete_first_token()
    slots = words[cut + 1 :]
    for printed in nodelist.get_nodes_by_type(VariableNode):
        expression = cast(VariableNode, printed).filter_expression
        if expression.filters and str(expression.var).partition(".")[0] in slots:
            raise TemplateSyntaxError(
                f"{expression.token} is a slot and can only be printed as it is: make it a value."
            )
    return Remembered(nodelist, values, slots)
