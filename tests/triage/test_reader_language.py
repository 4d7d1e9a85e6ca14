"""Language by script, by letters, by hint; and "und" where there is none."""

import json
from pathlib import Path

import pytest

from choir.triage.language import Languages

HELD_OUT = Path(__file__).parents[2] / "training" / "held_out"

LANGUAGES = Languages()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("where is my parcel", "en"),
        ("Wo bleibt mein Paket?", "de"),
        ("où est mon colis", "fr"),
        ("¿dónde está mi pedido?", "es"),
        ("dov'è il mio pacco", "it"),
        ("cadê meu pedido", "pt"),
        ("waar blijft mijn pakket", "nl"),
        ("الطلب متأخر", "ar"),
        ("荷物が届かない", "ja"),
        ("最高", "ja"),
        ("배송이 언제 되나요", "ko"),
        ("где мой заказ", "ru"),
        ("พัสดุอยู่ที่ไหน", "th"),
        ("@brand 荷物が届かない https://example.com", "ja"),
        ("ok", "und"),
        ("👍👍👍", "und"),
        ("https://example.com/article", "und"),
        ("12345", "und"),
        ("", "und"),
    ],
)
def test_language_of_short_posts(text: str, language: str) -> None:
    assert LANGUAGES.read(text)[0] == language


def test_short_mixed_and_transliterated_texts_mostly_find_their_language() -> None:
    """Hindi and Arabic in Latin letters, languages that nobody expects, single words, two languages in one text."""
    rows = [json.loads(line) for line in (HELD_OUT / "languages.jsonl").read_text(encoding="utf-8").splitlines()]
    right = sum(LANGUAGES.read(row["text"])[0] == row["language"] for row in rows)
    assert right / len(rows) >= 0.85


@pytest.mark.parametrize(
    "text",
    [
        "el pedido ya no llega",
        "da quando il mio ordine è in ritardo",
        "Wer war mein Fahrer am 3ten?",
        "2nd time in 3 days",
    ],
)
def test_words_that_hindi_and_arabic_share_with_others_mislead_nobody(text: str) -> None:
    assert LANGUAGES.read(text)[0] in ("es", "it", "de", "en")


def test_what_the_network_claims_only_tips_the_scale() -> None:
    assert LANGUAGES.read("Wo bleibt mein Paket, seit zwei Wochen warte ich", hint="en")[0] == "de"


def test_only_expected_languages_are_told_apart_by_letters() -> None:
    assert Languages(["en", "sv"]).read("var är mitt paket, jag har väntat i en vecka")[0] == "sv"
    assert Languages(["zh", "en"]).read("最高")[0] == "zh"


def test_an_unheard_of_language_code_is_no_error() -> None:
    assert Languages(["xx"]).read("hello there")[0] == "en"


def test_two_words_mostly_tell_the_language() -> None:
    rows = [json.loads(line) for line in (HELD_OUT / "as_posted.jsonl").read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row["language"] not in ("ja", "hi")]
    right = sum(LANGUAGES.read(" ".join(row["text"].split()[:2]))[0] == row["language"] for row in rows)
    assert right / len(rows) >= 0.9  # 0.89 by letters and the most common words alone


def test_hashtags_do_not_tell_the_language_while_there_are_words() -> None:
    assert LANGUAGES.read("kommt noch was heute #BlackFriday #happyweekend #love")[0] == "de"  # "en" with them
    assert LANGUAGES.read("#heute #ist #das #los")[0] == "de"
