"""The reader answers every field for every string, in order, with words that stand in the text."""

import csv
import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from choir.listening.models import Mention
from choir.triage.actions import reading_of
from choir.triage.reader import VERSION, Judgement, Reading, Text, reader

FIELDS = ("language", "sentiment", "intent", "objective", "department", "urgency", "stage", "needs_reply", "spam")
EXAMPLES = Path(__file__).with_name("guide_examples.csv")
HELD_OUT = Path(__file__).parents[2] / "training" / "held_out"
ODD = {
    "empty": "",
    "blank": " \t\n ",
    "nul": "a\x00b\x00",
    "surrogate": "broken \ud83d half \udc00 pair",
    "emoji": "👍👍👍",
    "megabyte": "why is it late again? " * 50_000,
    "endless word": "a" * 1_000_000,
    "markup": "<script>alert(1)</script> &amp; &lt;b&gt;",
    "marks only": "\u0301\u0302" * 500,
    "right to left": "\u202eevil\u202c الطلب متأخر",
    "link": "https://example.com/article",
    "handles": "@a @b @c",
}


def read(text: str, **more: object) -> Reading:
    return reader().read([Text(text, **more)])[0]  # type: ignore[arg-type]


def is_complete(reading: Reading, text: str) -> bool:
    answers: list[Judgement] = [getattr(reading, field) for field in FIELDS]
    assert all(answer.value and 0 <= answer.confidence <= 1 for answer in answers)
    assert all(len(answer.words) <= 5 and all(word in text for word in answer.words) for answer in answers)
    assert -1 <= reading.sentiment_score <= 1
    assert reading.version == VERSION
    return True


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_odd_text_is_read_like_any_other(text: str) -> None:
    assert is_complete(read(text), text)


@given(st.lists(st.text(max_size=200), max_size=5))
@settings(max_examples=40, deadline=None)
def test_any_strings_are_read_one_reading_each(texts: list[str]) -> None:
    readings = reader().read([Text(text) for text in texts])
    assert len(readings) == len(texts)
    assert all(is_complete(reading, text) for reading, text in zip(readings, texts, strict=True))


@given(st.text(alphabet=st.characters(), max_size=80))
@settings(max_examples=40, deadline=None)
def test_surrogates_and_controls_are_read(text: str) -> None:
    assert is_complete(read(text), text)


def test_a_batch_reads_as_its_texts_do_alone() -> None:
    texts = ["where is my parcel", "ich liebe es ❤️", "are you hiring?", "", "refund please", "🔥"] * 60
    together = reader().read([Text(text) for text in texts])
    alone = {text: read(text) for text in set(texts)}
    for text, reading in zip(texts, together, strict=True):
        assert [getattr(reading, field).value for field in FIELDS] == [
            getattr(alone[text], field).value for field in FIELDS
        ]


def test_no_texts_give_no_readings() -> None:
    assert reader().read([]) == []


def guide() -> list[dict[str, str]]:
    with EXAMPLES.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize(
    ("field", "floor"),
    [
        ("language", 0.95),
        ("sentiment", 0.8),
        ("intent", 0.85),
        ("objective", 0.9),
        ("department", 0.85),
        ("urgency", 0.7),
        ("stage", 0.8),
        ("needs_reply", 0.9),
    ],
)
def test_worked_examples_of_the_guide_are_mostly_read_as_the_guide_says(field: str, floor: float) -> None:
    examples = guide()
    readings = reader().read([Text(example["post"]) for example in examples])
    wrong = [
        (example["post"], example[field], getattr(reading, field).value)
        for example, reading in zip(examples, readings, strict=True)
        if getattr(reading, field).value != example[field]
    ]
    assert len(examples) - len(wrong) >= floor * len(examples), wrong


def test_words_name_what_led_to_the_answer() -> None:
    reading = read("Still waiting for my parcel, the tracking says nothing. Terrible.")
    assert "parcel" in reading.objective.words
    assert reading.sentiment.words
    japanese = read("荷物が届かないんですけど。もう一週間ですよ")
    assert japanese.objective.words
    assert all(word in "荷物が届かないんですけど。もう一週間ですよ" for word in japanese.objective.words)


def test_a_short_answer_is_read_with_what_was_said_before() -> None:
    before = ("My parcel has not arrived, tracking is stuck since Monday", "Sorry! Could you send us the number?")
    assert read("JD0044120", context=before).objective.value == "care"


def test_thanks_after_help_stay_thanks() -> None:
    reading = read("thanks, sorted!", context=("my parcel is lost", "We found it, it arrives today"))
    assert (reading.intent.value, reading.objective.value, reading.needs_reply.value) == ("praise", "advocacy", "no")


def test_stage_reply_and_spam_have_their_words_too() -> None:
    asked = read("Could you please tell me which of the two lamps is brighter before I buy one?")
    assert asked.stage.words
    assert asked.needs_reply.words
    sold = read("CONGRATULATIONS you WON a free prize, click http://win.example now to claim cash!!!")
    assert sold.spam.value == "yes"
    assert sold.spam.words


@pytest.mark.parametrize(
    "text",
    [
        "Tengo un canal con 100 mil suscriptores, me gustaría colaborar con ustedes",
        "Ich habe einen Podcast mit 12.000 Hörern, Interesse an einer Kooperation?",
        "Hi, I run a cooking channel with 80k followers and would love a partnership",
    ],
)
def test_who_offers_to_work_together_is_no_spam(text: str) -> None:
    reading = read(text)
    assert (reading.spam.value, reading.intent.value, reading.needs_reply.value) == ("no", "press", "yes")


@pytest.mark.parametrize("name", ["posts", "as_posted"])
def test_no_intent_is_spam_that_the_spam_head_denies(name: str) -> None:
    lines = (HELD_OUT / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    readings = reader().read([Text(json.loads(line)["text"]) for line in lines])
    assert all(one.spam.value == "yes" for one in readings if one.intent.value == "spam")


@pytest.mark.parametrize(
    "text",
    [
        "FREE ENTRY txt WIN to 60900 for a £1000 prize, 18+ £1.50 per msg",
        "Loans up to 20,000 with bad credit, apply now www.quick-loan.example",
        "Recharge et gagne un iPhone, clique sur le lien dans ma bio",
        "Verdiene 300 Euro am Tag von zu Hause, schreib mir auf Telegram",
    ],
)
def test_spam_of_many_kinds_goes_to_nobody(text: str) -> None:
    reading = read(text)
    assert (reading.spam.value, reading.intent.value, reading.department.value) == ("yes", "spam", "none")


@pytest.mark.parametrize(
    "text",
    [
        "I was charged £4.50 a week for a text service that I never joined, please refund me",
        "I got a text that says I won a voucher from you, is this real?",
        "please call me back on 07700 900111 about my subscription",
        "my channel was removed for spam, I only post cello lessons, can you look at it",
    ],
)
def test_customers_with_prizes_numbers_and_channels_are_answered(text: str) -> None:
    """Whatever the spam head alone says of numbers and channels."""
    reading = read(text)
    assert (reading.intent.value != "spam", reading.needs_reply.value) == (True, "yes")
    assert not reading_of(Mention(), reading, at=dt.datetime(2026, 11, 23, tzinfo=dt.UTC)).is_spam


def test_words_that_only_hold_a_sentence_together_are_no_evidence() -> None:
    holding = {"I", "for", "my", "and", "it", "is", "Ich", "auf", "das", "und", "es", "ist"}
    for text in ("I am waiting for my parcel and it is not here.", "Ich warte auf das Paket, und es ist nicht da."):
        assert not holding & {*read(text).objective.words, *read(text).sentiment.words}


def test_several_emotions_are_named_with_their_words() -> None:
    felt = {
        one.value: one for one in read("I'm furious and scared, this is dangerous. Absolutely disgusted!!").emotions
    }
    assert "anger" in felt
    assert felt["anger"].words
    assert not {"joy", "gratitude"} & felt.keys()
    assert "gratitude" in {one.value for one in read("Thank you so much, you made my day").emotions}
    assert read("what time do you open on Sunday").emotions == ()


def test_personal_data_is_pointed_at() -> None:
    assert [span.kind for span in read("ring me on +44 7700 900123, order 88-1204").personal] == ["phone"]
