"""The small parts that a page shows many times: icons, initials, moods, clocks, times.

They are functions rather than templates because a list of fifty conversations shows several hundred.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from choir.channels.networks import network_name
from choir.web.shell.durations import from_now, in_short

register = template.Library()

SOON_SECONDS = 30 * 60
DIRECTED = frozenset({"back", "forward", "reply", "send", "sign-out", "outside", "handover", "reopen"})
CLOCK_STATES = ("running", "soon", "late", "paused", "met")
OBJECTIVES = frozenset(
    {
        "care",
        "sales",
        "reputation",
        "advocacy",
        "product-insight",
        "talent",
        "compliance",
        "community",
        "listening",
    }
)
NETWORK_ICONS = {"sandbox": "sandbox", "import": "import", "feed": "feed", "rss": "feed", "e-mail": "mail"}
MOODS = ("negative", "neutral", "positive", "mixed")


@cache
def _sprite() -> str:
    return static("choir/icons.svg")


@register.simple_tag
@lru_cache(maxsize=1024)
def icon(name: str, label: str = "", size: str = "") -> SafeString:
    """One drawing of the sprite; with a label it is read out, without one it is decoration."""
    classes = " ".join(
        ["icon", *([f"icon--{size}"] if size else []), *(["icon--directed"] if name in DIRECTED else [])]
    )
    spoken = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html('<svg class="{}" {}><use href="{}#{}"/></svg>', classes, spoken, _sprite(), name)


@register.filter
def initials(name: str) -> str:
    """Up to two letters that stand for a person: of "Ana Lima" AL, of "@kofi" K, of "" a question mark."""
    words = [word for word in (part.strip("@#._-()\"'") for part in (name or "").split()) if word]
    chosen = words[:1] + words[-1:] if len(words) > 1 else words
    return "".join(word[0] for word in chosen).upper() or "?"


@register.simple_tag
@lru_cache(maxsize=2048)
def avatar(name: str, size: str = "", kind: str = "", presence: str = "") -> SafeString:
    """A circle with initials. `kind` is "person" for one of us, "team" for a team, "" for a customer."""
    classes = " ".join(["avatar", *(f"avatar--{word}" for word in (size, kind) if word)])
    mark = format_html(' data-presence="{}"', presence) if presence else ""
    return format_html('<span class="{}"{} aria-hidden="true">{}</span>', classes, mark, initials(name))


def _mood_word(mood: str) -> str:
    return {
        "negative": gettext("Unhappy"),
        "neutral": gettext("Neutral"),
        "positive": gettext("Happy"),
        "mixed": gettext("Mixed feelings"),
    }[mood]


@lru_cache(maxsize=256)
def mood_in(mood: str, brief: bool, _language: str | None) -> SafeString:
    word = _mood_word(mood)
    if brief:
        return format_html('<span class="mood mood--{0}">{1}</span>', mood, icon(f"mood-{mood}", word, "small"))
    return format_html('<span class="mood mood--{0}">{1}{2}</span>', mood, icon(f"mood-{mood}", "", "small"), word)


@register.simple_tag
def mood(value: str | None, brief: bool = False) -> SafeString:
    """A face and its word; brief: the face alone, its word read out. Nothing for an unknown mood."""
    return mood_in(value, brief, get_language()) if value in MOODS else SafeString("")


@register.simple_tag
@lru_cache(maxsize=256)
def objective(slug: str, name: str) -> SafeString:
    """An objective's chip: its drawing in its colour, and its word; a dot for an organisation's own ones."""
    drawn = slug.replace("_", "-")
    drawn = drawn if drawn in OBJECTIVES else "other"
    return format_html(
        '<span class="chip" data-objective="{0}">{1}<span>{2}</span></span>',
        drawn,
        icon(f"objective-{drawn}"),
        name,
    )


@register.simple_tag
@lru_cache(maxsize=256)
def network(name: str, is_private: bool = False) -> SafeString:
    """Where something was said: a public network or a private message, with the network's name read out."""
    kind = "message" if is_private else NETWORK_ICONS.get(name.lower(), "social")
    drawn = kind if kind == "mail" else f"network-{kind}"
    shown = network_name(name)
    drawing = icon(drawn, shown, "small")
    return format_html('<span title="{0}">{1}</span>', shown, drawing)


@register.simple_tag
def clock(due_at: datetime | None, state: str = "running", at: datetime | None = None) -> SafeString:
    """How long until an answer is due, ticking in the browser.

    `state` is running, paused or met; soon and late follow from `due_at`. Nothing without `due_at`.
    """
    if due_at is None:
        return SafeString("")
    left = (due_at - (at or timezone.now())).total_seconds()
    if state == "running":
        state = "late" if left < 0 else "soon" if left < SOON_SECONDS else "running"
    opening, left_text, late_text, still = _clock_words(get_language())
    words = still.get(state) or (late_text if state == "late" else left_text).replace("%s", in_short(abs(left)))
    return SafeString(
        f'{opening} data-state="{state}" due="{due_at.isoformat()}">{_clock_icons()}'
        f"<span data-text>{escape(words)}</span></sla-clock>"
    )


@lru_cache(maxsize=64)
def _clock_words(_language: str | None) -> tuple[str, str, str, dict[str, str]]:
    """A clock's opening tag, its words for time left and time late, and those of a clock that stands still."""
    left_text, late_text = gettext("%s left"), gettext("%s late")
    opening = format_html(
        '<sla-clock class="clock" soon-seconds="{}" left-text="{}" late-text="{}"', SOON_SECONDS, left_text, late_text
    )
    return opening, left_text, late_text, {"paused": gettext("Paused"), "met": gettext("In time")}


@cache
def _clock_icons() -> SafeString:
    """Every state's icon: the style sheet shows the one that fits as the clock moves on."""
    return SafeString(
        "".join(icon(f"clock-{state}").replace("<svg ", f'<svg data-for="{state}" ') for state in CLOCK_STATES)
    )


@register.simple_tag
def ago(when: datetime | None) -> SafeString:
    """How long ago something happened; the exact time, in the person's zone, is its tooltip."""
    if when is None:
        return SafeString("")
    return ago_at(when, timezone.now(), get_language())


def ago_at(when: datetime, now: datetime, language: str | None) -> SafeString:
    """The same for many at once."""
    words = escape(from_now((when - now).total_seconds(), language))
    return SafeString(f'<time-ago datetime="{when.isoformat()}">{words}</time-ago>')


@register.simple_tag
def reading_facts(facts: Sequence[Mapping[str, Any]]) -> SafeString:
    """How a conversation was understood, as terms and what is said of them; who says so, or how surely, and the words
    that led to it."""
    return format_html_join("", "<dt>{}</dt><dd>{}{}{}</dd>", (_fact(fact) for fact in facts))


def _fact(fact: Mapping[str, Any]) -> tuple[Any, Any, str, str]:
    surely = ""
    if fact["by"]:
        surely = format_html(' <span class="quiet">{}</span>', gettext("says %(who)s") % {"who": fact["by"]})
    elif fact["confidence"] != "":
        surely = format_html(' <span class="quiet number">{}%</span>', fact["confidence"])
    words = format_html('<br><mark dir="auto">{}</mark>', fact["words"]) if fact["words"] else ""
    return fact["name"], fact["value"], surely, words


@register.simple_tag
def keys(keys: str) -> SafeString:
    """Key caps: "mod+Enter" for Ctrl or Cmd with Enter, "g i" for two keys one after the other."""
    caps = keys.replace("mod+", "Ctrl ").split(" ")
    drawn = "".join(
        format_html("<kbd>{}</kbd>", cap.upper() if len(cap) > 1 and cap.islower() else cap) for cap in caps
    )
    return format_html('<span class="keys" aria-hidden="true">{}</span>', SafeString(drawn))


@register.filter
def network_words(name: str) -> str:
    """The network's name alone, as it writes it."""
    return network_name(name)
