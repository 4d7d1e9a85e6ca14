"""Who the customer is, and how the conversation was understood."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from choir.customers.models import Customer
from choir.inbox.models import Conversation
from choir.inbox.queries import thread
from choir.journey.models import Stage
from choir.people.models import Person
from choir.routing.choose import language_name
from choir.web.inbox.asked import Asked
from choir.web.inbox.filters import SENTIMENTS, URGENCIES
from choir.web.inbox.lists import conversation_url
from choir.web.journey.wording import latest_move, may_correct

STAGES = tuple((str(key), words) for key, words in Stage.choices)


def panel_context(conversation: Conversation, person: Person, wish: Asked, *, has_others: bool) -> dict[str, Any]:
    """What the customer's pane shows."""
    known = thread.known_of(conversation, person, has_others=has_others)
    readable = {conversation.pk, *(other.pk for other in known.conversations)}
    return {
        "customer": conversation.customer,
        "customer_url": reverse("customer", args=[wish.workspace.slug, conversation.customer_id]),
        "identities": known.identities,
        "stages": stages_of(conversation.customer),
        "moves": latest_move(conversation.customer, readable, wish.workspace),
        "may_put_right": may_correct(person, conversation.customer),
        "departments": known.departments,
        "others": [
            {
                "url": conversation_url(other, wish),
                "excerpt": other.excerpt or _("No words"),
                "objective": other.objective,
                "state": other.get_state_display(),
                "at": other.last_message_at,
            }
            for other in known.conversations
        ],
    }


def stages_of(customer: Customer) -> list[dict[str, Any]]:
    """The lifecycle's stages in order, each "past", "now" or not reached."""
    names = [name for name, _title in STAGES]
    reached = names.index(customer.stage) if customer.stage in names else -1
    return [
        {"name": title, "state": "now" if place == reached else "past" if place < reached else ""}
        for place, (_name, title) in enumerate(STAGES)
    ]


def reading_facts(conversation: Conversation) -> list[dict[str, Any]]:
    """How the conversation was understood, each with its confidence (0 to 100) and the words that led to it."""
    reading = conversation.reading
    if reading is None:
        return []
    sentiments = dict(SENTIMENTS)
    mood = _("Mood") if reading.sentiment == conversation.sentiment else _("Mood then")  # the chip has the newest
    values: list[tuple[str, Any, Any]] = [
        ("objective", _("Objective"), conversation.objective or reading.objective),
        ("topic", _("Topic"), reading.topic.replace("_", " ")),
        ("theme", _("Theme"), reading.theme),
        ("entities", _("Names in it"), _names(reading.entities)),
        ("sentiment", mood, sentiments.get(reading.sentiment, reading.sentiment)),
        ("intent", _("Intent"), reading.intent.replace("_", " ")),
        ("emotions", _("Felt"), ", ".join(str(EMOTIONS.get(name, name)) for name in reading.emotions)),
        ("stage", _("Stage"), dict(STAGES).get(reading.stage, "")),
        ("urgency", _("Urgency"), URGENCIES.get(reading.urgency, reading.urgency)),
        ("language", _("Language"), language_name(reading.language)),
        ("needs_reply", _("Needs a reply"), _("Yes") if reading.needs_reply else _("No")),
    ]
    known = {"objective": reading.objective_confidence, **reading.confidences}
    return [
        {
            "field": field,
            "name": name,
            "value": value,
            "confidence": round(100 * known[field]) if isinstance(known.get(field), int | float) else "",
            "words": _words(reading.words.get(field)),
            "by": reading.by,
        }
        for field, name, value in values
        if value
    ]


EMOTIONS = {
    "anger": _("Anger"),
    "disappointment": _("Disappointment"),
    "joy": _("Joy"),
    "gratitude": _("Gratitude"),
    "fear": _("Fear"),
    "confusion": _("Confusion"),
}


def _names(entities: list[dict[str, str]]) -> str:
    return ", ".join(one["said"] if one["kind"] == "order_number" else one["name"] for one in entities)


def _words(words: object) -> str:
    if isinstance(words, list):
        return ", ".join(str(word) for word in words)
    return str(words or "")
