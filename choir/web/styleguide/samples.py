"""Invented rows for the style guide. They have the attributes the parts read; no database is asked."""

from datetime import datetime, timedelta
from types import SimpleNamespace as Sample
from typing import Any, NamedTuple
from uuid import UUID

from choir.inbox.queries import listing

TOKENS = (
    "canvas",
    "surface",
    "surface-quiet",
    "surface-hover",
    "line",
    "line-control",
    "text",
    "text-quiet",
    "accent",
    "accent-soft",
    "good",
    "warn",
    "bad",
    "note-soft",
    "consult-soft",
)
OBJECTIVES = (
    ("care", "Care"),
    ("sales", "Sales"),
    ("reputation", "Reputation"),
    ("advocacy", "Advocacy"),
    ("product-insight", "Product insight"),
    ("talent", "Talent"),
    ("compliance", "Compliance"),
    ("community", "Community"),
    ("listening", "Listening"),
    ("roadworks", "An own objective"),
)


class Row(NamedTuple):
    """One line of the sample list; `objective` is a place in OBJECTIVES, `due` minutes from now."""

    name: str
    words: str
    network: str
    is_private: bool
    objective: int
    sentiment: str
    hours: float
    due: int | None
    assignee: str
    is_unread: bool


_ROWS = (
    (
        "Marta Kowalczyk",
        "My parcel has been sitting in Leipzig for nine days and nobody answers the phone.",
        "Bluesky",
        False,
        0,
        "negative",
        0.2,
        -18,
        "Ana Lima",
        True,
    ),
    (
        "Tom Okafor",
        "Does the Aria 2 kettle fit a 220 V socket? Would order two today",
        "Mastodon",
        False,
        1,
        "neutral",
        0.5,
        12,
        "",
        True,
    ),
    (
        "نور الهدى",
        "لم يصلني المبلغ المسترد حتى الآن، متى يصل؟",
        "Sandbox",
        True,
        0,
        "negative",
        1.1,
        95,
        "Ben Hart",
        True,
    ),
    (
        "Elodie Marchand",
        "Bravo à votre équipe de Lyon, un service aux petits oignons !",
        "Bluesky",
        False,
        3,
        "positive",
        2,
        240,
        "",
        False,
    ),
    (
        "高橋 美咲",
        "ハンドルがすぐに緩みます。改善を検討していただけますか。",
        "E-mail",
        True,
        4,
        "mixed",
        3.4,
        180,
        "Ana Lima",
        False,
    ),
    (
        "The Ghent Courier",
        "Can you comment on the recall reported this morning? Deadline 17:00.",
        "Mastodon",
        False,
        2,
        "neutral",
        3.9,
        25,
        "Iris Chen",
        True,
    ),
    (
        "jonas_b",
        "You still have my address although I asked you twice to delete everything.",
        "Bluesky",
        True,
        6,
        "negative",
        5,
        300,
        "",
        False,
    ),
    (
        "Ana-Lucía Fernández de la Vega y Montalbán",
        "¿Hay puestos de prácticas en el taller de Valencia este verano?",
        "Import",
        False,
        5,
        "neutral",
        8,
        420,
        "Oskar Nyman",
        False,
    ),
    (
        "@kettle_kate",
        "my kettle at 6am vs my kettle at 6pm, a thread",
        "Mastodon",
        False,
        7,
        "positive",
        9,
        None,
        "",
        False,
    ),
    (
        "Dr. P. Rossi",
        "Il manuale in italiano manca della pagina 12.",
        "Sandbox",
        False,
        0,
        "neutral",
        20,
        60 * 20,
        "Ben Hart",
        False,
    ),
    ("Chidi", "ok", "Bluesky", True, 0, "neutral", 26, 60 * 30, "", False),
    ("Wanda Meier", "Danke, hat geklappt!", "E-mail", True, 0, "positive", 50, None, "Ana Lima", False),
    (
        "Sam Poole",
        "Anyone else's app logging them out every hour?",
        "Bluesky",
        False,
        4,
        "negative",
        70,
        60 * 52,
        "",
        False,
    ),
    ("Leïla Benali", "Vous livrez en Martinique ?", "Sandbox", False, 1, "neutral", 90, 60 * 70, "", False),
)


def _id(number: int) -> UUID:
    return UUID(int=number)


def rows(at: datetime) -> list[dict[str, Any]]:
    """Conversations as a list shows them: late, soon, running, resolved, snoozed, unsure, with a problem."""
    return [_row(at, number, Row(*fields)) for number, fields in enumerate(_ROWS)]


def _row(at: datetime, number: int, row: Row) -> dict[str, Any]:
    slug, title = OBJECTIVES[row.objective]
    listed = listing.Row(
        pk=_id(number),
        customer=row.name,
        network=row.network,
        is_private=row.is_private,
        state={11: "resolved", 9: "snoozed"}.get(number, "open"),
        snoozed_until=at + timedelta(hours=16),
        excerpt=row.words,
        sentiment=row.sentiment,
        is_unsure=number == 8,
        has_problem=number == 6,
        last_message_at=at - timedelta(hours=row.hours),
        due_at=at + timedelta(minutes=row.due) if row.due is not None else None,
        objective_slug=slug,
        objective_name=title,
        assignee=row.assignee or None,
        is_unread=row.is_unread,
    )
    return {"conversation": listed, "url": "#inbox", "chosen": number == 0}


class Named(Sample):
    """A row that shows as its name."""

    def __str__(self) -> str:
        return str(self.name)


def Person(name: str) -> Named:  # noqa: N802 -- stands for a model
    """One of us."""
    return Named(name=name)


def customer(at: datetime, name: str = "Marta Kowalczyk") -> Named:
    """A customer with a stage."""
    return Named(
        name=name,
        created_at=at - timedelta(days=412),
        stage="support",
        is_vip=True,
    )


def message(at: datetime, direction: str, text: str, minutes: int, **fields: Any) -> Sample:
    """One turn; `minutes` ago."""
    known = {
        "pk": _id(abs(minutes)),
        "direction": direction,
        "text": text,
        "at": at - timedelta(minutes=minutes),
        "person": None,
        "author_name": "",
        "identity": None,
        "url": "",
    }
    return Sample(**(known | fields))


def thread(at: datetime) -> list[dict[str, Any]]:
    """A conversation as it reads from top to bottom, every kind of turn in it."""
    ana, ben = Person("Ana Lima"), Person("Ben Hart")
    handle = Sample(handle="@marta.kowalczyk.social")
    return [
        {
            "kind": "message",
            "message": message(
                at,
                "inbound",
                "My parcel has been sitting in Leipzig for nine days and nobody answers the phone.\n"
                "Order 40-1177. I am getting really angry now 😠",
                190,
                identity=handle,
                url="https://example.org/post/1",
            ),
        },
        {
            "kind": "event",
            "icon": "assign",
            "sentence": "Given to Ana Lima in Customer Service",
            "because": "speaks Polish and has the most room",
            "at": at - timedelta(minutes=189),
        },
        {
            "kind": "message",
            "message": message(
                at,
                "outbound",
                "I'm sorry, Marta: nine days is far too long. I have asked the depot in Leipzig and "
                "will write to you today before six with a date.",
                160,
                person=ana,
            ),
        },
        {
            "kind": "note",
            "note": Sample(
                pk=_id(7),
                person=ana,
                at=at - timedelta(minutes=150),
                text="Depot says the label was torn. @Ben Hart, do we resend or wait?",
            ),
        },
        {
            "kind": "consult",
            "use_text": True,
            "keep_url": "#consult",
            "consult": Sample(
                pk=_id(8),
                asked_by=ana,
                expert=None,
                department=Named(name="Operations"),
                question="May we promise a resend within two working days from Leipzig?",
                asked_at=at - timedelta(minutes=140),
                answer_by=at - timedelta(minutes=20),
                answer="Yes, for parcels under 10 kg: resend leaves the next working day before noon.",
                answered_by=ben,
                answered_at=at - timedelta(minutes=100),
                is_quotable=True,
            ),
        },
        {
            "kind": "message",
            "context": "We ship every order within two working days.",
            "message": message(
                at, "inbound", "Before six today?? I will believe it when I see it.", 40, identity=handle
            ),
        },
        {
            "kind": "consult",
            "answer_url": "#consult",
            "consult": Sample(
                pk=_id(9),
                asked_by=ana,
                expert=Person("Oskar Nyman"),
                department=Named(name="Legal"),
                question="May we refund the postage without a form?",
                asked_at=at - timedelta(minutes=30),
                answer_by=at + timedelta(minutes=25),
                answered_at=None,
            ),
        },
        {
            "kind": "message",
            "state": "pending",
            "undo_url": "#undo",
            "message": message(at, "outbound", "Your replacement left Leipzig at 15:40.", 0, person=ana),
        },
        {
            "kind": "message",
            "state": "failed",
            "because": "The network refused it: longer than 300 characters. Shorten it and send again.",
            "retry_url": "#retry",
            "message": message(at, "outbound", "Tracking number 00340434161094042557", 1, person=ana),
        },
    ]


def views() -> list[dict[str, Any]]:
    """The inbox's views with counts."""

    def view(name: str, icon: str, count: int | None, late: int = 0, chosen: bool = False) -> dict[str, Any]:
        return {"name": name, "icon": icon, "url": "#inbox", "count": count, "late": late, "chosen": chosen}

    return [
        {
            "title": "",
            "views": [
                view("Mine", "inbox", 14, late=1, chosen=True),
                view("My department", "team", 212, late=9),
                view("Unassigned", "assign", 31),
                view("Mentioned", "mention", 2),
                view("For approval", "approval", 3),
                view("Problems", "problems", 1),
                view("Snoozed", "snooze", 8),
                view("All", "more", 20481),
            ],
        },
        {
            "title": "Saved",
            "views": [view("Press in Dutch", "filter", 4), view("Recall, angry", "filter", 17)],
        },
    ]


def reading() -> list[dict[str, Any]]:
    """What triage understood, with confidences and words."""
    return [
        {"name": "Objective", "value": "Care", "confidence": 91, "words": "parcel … nobody answers"},
        {"name": "Mood", "value": "Unhappy", "confidence": 97, "words": "really angry"},
        {"name": "Urgency", "value": "High", "confidence": 74, "words": "nine days"},
        {"name": "Language", "value": "English", "confidence": 99, "words": ""},
    ]


def customer_panel(at: datetime) -> dict[str, Any]:
    """Everything the panel beside a conversation shows."""
    return {
        "customer": customer(at),
        "identities": [
            Named(
                name="@marta.kowalczyk.social",
                network="Bluesky",
                url="https://example.org/marta",
                followers_count=1204,
            ),
            Named(name="marta@example.org", network="E-mail", url="", followers_count=None),
        ],
        "stages": [
            {"name": "Awareness", "state": "past"},
            {"name": "Consideration", "state": "past"},
            {"name": "Purchase", "state": "past"},
            {"name": "Support", "state": "now"},
            {"name": "Advocacy", "state": ""},
        ],
        "promises": [{"text": "A date for the parcel, today before six", "due_at": at + timedelta(minutes=80)}],
        "departments": [
            {"name": "Customer Service", "count": 4, "last_at": at - timedelta(minutes=160)},
            {"name": "Sales", "count": 1, "last_at": at - timedelta(days=380)},
        ],
        "conversations": [
            {
                "url": "#inbox",
                "excerpt": "Does the bike box fit in a small lift? Ours is 90 cm wide.",
                "objective": "Sales",
                "state": "Resolved",
                "at": at - timedelta(days=380),
            }
        ],
    }


def composer() -> dict[str, Any]:
    """The composer with a draft that is near the network's limit."""
    return {
        "kind": "reply",
        "urls": {"reply": "#composer", "note": "#composer", "consult": "#composer"},
        "revision": 12,
        "text": "Hello Marta, your replacement left Leipzig at 15:40 and reaches you on Thursday. ",
        "limit": 300,
        "network": "Bluesky",
        "askable": {
            "departments": [("legal", "Legal"), ("operations", "Operations")],
            "experts": [("Legal", [("oskar", "Oskar Nyman (privacy)")])],
        },
        "answer_by": [("60", "In an hour"), ("240", "In four hours"), ("1440", "Tomorrow")],
        "macros": [("1", "Apology for a late parcel"), ("2", "How to return")],
        "warnings": [
            {
                "level": "warn",
                "text": "The voice guide asks for a greeting by name and no exclamation marks (§2.3).",
            }
        ],
    }
