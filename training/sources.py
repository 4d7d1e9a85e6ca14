"""Where examples come from: public data sets given by path, and the texts written for Choir beside this file.

Only sets whose licence allows shipping what was learnt from them are read here (docs/model-card.md lists them). An
example may say something about one field or about all; a field learns only from the examples that speak of it.
"""

import csv
import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

WRITTEN = Path(__file__).with_name("written")
HELD_OUT = Path(__file__).with_name("held_out")  # written too, never trained on: calibration and figures

THREADS = Path(__file__).parents[1] / "choir" / "demo" / "content" / "threads"  # written for Choir too
GUIDE_DEPARTMENTS = {"customer_service", "operations", "it", "sales", "product", "marketing", "pr_communications"}
GUIDE_DEPARTMENTS |= {"legal", "hr"}

POSITIVE = {"admiration", "gratitude", "love", "joy", "excitement", "relief", "pride"}
NEGATIVE = {"annoyance", "anger", "disapproval", "disappointment", "sadness", "disgust", "fear", "remorse", "grief"}
NEGATIVE |= {"embarrassment", "nervousness"}
FELT = {
    "anger": {"anger", "annoyance", "disgust"},
    "disappointment": {"disappointment", "sadness", "grief"},
    "joy": {"joy", "excitement", "love", "relief"},
    "gratitude": {"gratitude"},
    "fear": {"fear", "nervousness"},
    "confusion": {"confusion"},
}
OPEN = {"neutral", "curiosity", "confusion", "realization", "surprise"}
OPEN |= {
    "amusement",
    "desire",
    "caring",
    "optimism",
}  # a mood, but seldom praise; counting them as neutral measured better


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled text; `labels` by field, possibly few."""

    text: str
    source: str
    labels: dict[str, str] = field(default_factory=dict)


def rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a gzipped CSV."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def written(folder: Path = WRITTEN) -> list[Example]:
    """The texts written for Choir, labelled by the guide; lines that say only how somebody feels are "opinions"."""
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            told = json.loads(line)
            text: str = told["text"]
            labels: dict[str, str] = {name: value for name, value in told.items() if name not in ("text", "emotions")}
            labels["spam"] = "yes" if labels.get("intent") == "spam" else "no"
            if (felt := told.get("emotions")) is not None:
                labels |= {name: "yes" if name in felt else "no" for name in FELT}
            found.append(Example(text, "written" if "intent" in labels else "opinions", labels))
    return found


def threads(folder: Path = THREADS) -> list[Example]:
    """What customers of the demo company said first, labelled by the guide. Its twelve departments become the guide's:
    who answers at Brindlewick is left out where the guide knows no such department."""
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            thread = json.loads(line)
            labels = {name: thread[name] for name in ("sentiment", "intent", "objective", "stage")}
            labels |= {"urgency": str(thread["urgency"]), "needs_reply": "yes" if thread["needs_reply"] else "no"}
            labels["spam"] = "yes" if thread["intent"] == "spam" else "no"
            if department := _guide_department(thread):
                labels["department"] = department
            found.append(Example(thread["turns"][0]["text"], "threads", labels))
    return found


def _guide_department(thread: dict[str, str]) -> str:
    if thread["objective"] == "listening":
        return "none"
    if thread["objective"] == "compliance":
        return "legal"
    if thread["objective"] == "care" and thread["topic"] in {"billing", "refund", "refunds"}:
        return "billing"
    if thread["objective"] == "care" and thread["topic"].startswith(("delivery", "parcels")):
        return "operations"  # whoever had them at Brindlewick before its pilot
    return thread["department"] if thread["department"] in GUIDE_DEPARTMENTS else ""


def goemotions(folder: Path, part: str = "train") -> Iterator[Example]:
    """Reddit comments with 27 emotions, as sentiment. "Approval" alone is left out: half of it is mere agreement."""
    for row in rows(folder / "goemotions" / f"{part}.csv.gz"):
        said = set(row["labels"].split(";"))
        labels = {emotion: "yes" if said & names else "no" for emotion, names in FELT.items()} | {"spam": "no"}
        if sentiment := sentiment_of(said):
            labels["sentiment"] = sentiment
        yield Example(row["text"], "goemotions", labels)


def sentiment_of(emotions: set[str]) -> str:
    """positive, negative, mixed, neutral or "" (says nothing clear) for a set of emotions."""
    glad, sad = bool(emotions & POSITIVE), bool(emotions & NEGATIVE)
    if glad or sad:
        return "mixed" if glad and sad else "positive" if glad else "negative"
    return "neutral" if emotions <= OPEN else ""


def banking77(folder: Path) -> Iterator[Example]:
    """Questions of bank customers: all of them want help, or have been robbed."""
    for row in rows(folder / "banking77" / "train.csv.gz"):
        objective, department = BANKING.get(row["category"], ("care", "billing"))
        yield Example(row["text"], "banking77", {"objective": objective, "department": department, "spam": "no"})


def bitext(folder: Path) -> Iterator[Example]:
    """Template-made support requests."""
    for row in rows(folder / "bitext-support" / "support.csv.gz"):
        if row["intent"] in BITEXT:
            intent, objective, department = BITEXT[row["intent"]]
            labels = {"intent": intent, "objective": objective, "department": department, "needs_reply": "yes"}
            labels["spam"] = "no"
            yield Example(row["instruction"], "bitext", labels)


def clinc150(folder: Path) -> Iterator[Example]:
    """The few of 150 assistant intents that people also say to companies."""
    for row in rows(folder / "clinc150" / "train_val.csv.gz"):
        if row["intent"] in CLINC:
            intent, objective, department, reply = CLINC[row["intent"]]
            labels = {"intent": intent, "objective": objective, "department": department, "needs_reply": reply}
            labels["spam"] = "no"
            yield Example(row["text"], "clinc150", labels)


def spam(folder: Path) -> Iterator[Example]:
    """SMS and YouTube comments, spam or not."""
    for row in rows(folder / "spam" / "sms.csv.gz"):
        yield Example(row["text"], "spam-sms", {"spam": "yes" if row["label"] == "spam" else "no"})
    for row in rows(folder / "spam" / "youtube.csv.gz"):
        yield Example(row["text"], "spam-youtube", {"spam": "yes" if row["spam"] == "1" else "no"})


PUBLIC: tuple[Callable[[Path], Iterator[Example]], ...] = (goemotions, banking77, bitext, clinc150, spam)

_FRAUD = ("compliance", "legal")
_SERVICE = ("care", "customer_service")
_OPERATIONS = ("care", "operations")
_IT = ("care", "it")
BANKING = {
    "compromised_card": _FRAUD,
    "cash_withdrawal_not_recognised": _FRAUD,
    "card_arrival": _OPERATIONS,
    "card_delivery_estimate": _OPERATIONS,
    "passcode_forgotten": _IT,
    "apple_pay_or_google_pay": _IT,
    "virtual_card_not_working": _IT,
    "contactless_not_working": _SERVICE,
    "card_not_working": _SERVICE,
    "card_swallowed": _SERVICE,
    "lost_or_stolen_card": _SERVICE,
    "lost_or_stolen_phone": _SERVICE,
    "activate_my_card": _SERVICE,
    "card_linking": _SERVICE,
    "change_pin": _SERVICE,
    "pin_blocked": _SERVICE,
    "edit_personal_details": _SERVICE,
    "terminate_account": _SERVICE,
    "verify_my_identity": _SERVICE,
    "unable_to_verify_identity": _SERVICE,
    "why_verify_identity": _SERVICE,
    "age_limit": _SERVICE,
    "country_support": _SERVICE,
    "card_about_to_expire": _SERVICE,
    "card_acceptance": _SERVICE,
    "supported_cards_and_currencies": _SERVICE,
    "atm_support": _SERVICE,
    "order_physical_card": _SERVICE,
    "get_physical_card": _SERVICE,
    "getting_spare_card": _SERVICE,
    "getting_virtual_card": _SERVICE,
    "get_disposable_virtual_card": _SERVICE,
    "visa_or_mastercard": _SERVICE,
}
BITEXT = {
    "delivery_period": ("question", *_OPERATIONS),
    "delivery_options": ("question", *_OPERATIONS),
    "track_order": ("question", *_OPERATIONS),
    "change_shipping_address": ("request", *_OPERATIONS),
    "set_up_shipping_address": ("request", *_OPERATIONS),
    "edit_account": ("request", *_IT),
    "create_account": ("question", *_IT),
    "switch_account": ("request", *_IT),
    "recover_password": ("request", *_IT),
    "registration_problems": ("complaint", *_IT),
    "delete_account": ("request", *_SERVICE),
    "check_invoice": ("question", "care", "billing"),
    "get_invoice": ("request", "care", "billing"),
    "track_refund": ("question", "care", "billing"),
    "get_refund": ("request", "care", "billing"),
    "check_refund_policy": ("question", "care", "billing"),
    "check_cancellation_fee": ("question", "care", "billing"),
    "check_payment_methods": ("question", "care", "billing"),
    "payment_issue": ("complaint", "care", "billing"),
    "change_order": ("request", *_SERVICE),
    "cancel_order": ("request", *_SERVICE),
    "contact_human_agent": ("request", *_SERVICE),
    "contact_customer_service": ("question", *_SERVICE),
    "complaint": ("complaint", *_SERVICE),
    "place_order": ("purchase", "sales", "sales"),
}
_CHAT = ("conversation", "community", "marketing", "yes")
CLINC = {
    "lost_luggage": ("complaint", *_OPERATIONS, "yes"),
    "flight_status": ("question", *_OPERATIONS, "yes"),
    "order_status": ("question", *_OPERATIONS, "yes"),
    "carry_on": ("question", *_OPERATIONS, "yes"),
    "report_fraud": ("threat", *_FRAUD, "yes"),
    "account_blocked": ("question", "care", "billing", "yes"),
    "card_declined": ("question", "care", "billing", "yes"),
    "damaged_card": ("request", *_SERVICE, "yes"),
    "book_flight": ("purchase", "sales", "sales", "yes"),
    "book_hotel": ("purchase", "sales", "sales", "yes"),
    "car_rental": ("purchase", "sales", "sales", "yes"),
    "new_card": ("purchase", "sales", "sales", "yes"),
    "greeting": _CHAT,
    "goodbye": _CHAT,
    "tell_joke": _CHAT,
    "fun_fact": _CHAT,
    "what_are_your_hobbies": _CHAT,
    "do_you_have_pets": _CHAT,
    "thank_you": ("praise", "advocacy", "customer_service", "no"),
}
