"""Hindi in Latin letters is read with its common words in English; nothing else is touched."""

import pytest

from choir.triage.reader import Text, reader
from choir.triage.romanised import in_english, romanised


def test_hindi_in_latin_letters_is_put_into_english_word_by_word() -> None:
    assert in_english("Mera paisa wapas karo yaar, service bakwas") == "my money back do friend, service terrible"


@pytest.mark.parametrize(
    "text",
    [
        "log in to my main account, no mail",
        "mein Paket ist noch immer nicht da, hat jemand etwas gehört",
        "la sala era sporca e il mare bello, mai più",
        "de naam op mijn bus klopt niet, maar het kan me niet schelen",
        "acha que a mata perto da sala vai pegar fogo?",
        "",
    ],
)
def test_words_that_other_languages_share_with_hindi_stay_as_they_are(text: str) -> None:
    assert in_english(text) == text
    assert romanised(text) is None


def test_a_customer_who_writes_hindi_in_latin_letters_reaches_the_right_department() -> None:
    lost, charged, praise = reader().read(
        [Text(text) for text in (
            "bhai mera parcel kahan hai? teen din se tracking update nahi hui",
            "paise do baar kat gaye mere account se, refund kab milega?",
            "bahut badhiya service, ek din mein delivery mil gayi",
        )]
    )  # fmt: skip
    assert [one.language.value for one in (lost, charged, praise)] == ["hi"] * 3
    assert [one.department.value for one in (lost, charged)] == ["operations", "billing"]
    assert (praise.sentiment.value, praise.objective.value) == ("positive", "advocacy")
    assert "badhiya" in praise.sentiment.words
