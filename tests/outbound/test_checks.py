"""What may not leave, and what only warns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from choir.outbound.checks import is_card_number, is_iban, review


def stopped_by(text: str, *, is_private: bool = False) -> set[str]:
    return {finding.check for finding in review(text, is_private=is_private) if finding.stops}


def warned_by(text: str, *, is_private: bool = False) -> set[str]:
    return {finding.check for finding in review(text, is_private=is_private) if not finding.stops}


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u200b", "\u2060 \u200d"])
def test_nothing_to_read_stops(text: str) -> None:
    assert "emptiness" in stopped_by(text)


@pytest.mark.parametrize("text", ["Hello {{ name }}!", "{{customer.first_name}}", "<<order>> is late", "{% if %}"])
def test_a_placeholder_that_nobody_filled_in_stops(text: str) -> None:
    assert "placeholders" in stopped_by(text)


@pytest.mark.parametrize(
    "text",
    [
        "Card 4111111111111111",
        "Card 4111 1111 1111 1111.",
        "3782-822463-10005",
        "You paid to DE89 3704 0044 0532 0130 00",
        "GB29NWBK60161331926819",
        "Your password is hunter22",
        "Das Passwort: geheim123",
    ],
)
def test_secrets_stop_in_public_and_in_private(text: str) -> None:
    assert "secrets" in stopped_by(text)
    assert "secrets" in stopped_by(text, is_private=True)


@pytest.mark.parametrize(
    "text",
    [
        "Your order 4111111111111112 is on its way.",
        "Card ending in 1111",
        "Reset your password here: https://acme.example/reset",
        "Call 0000000000000000",
        "Order DE89370400440532013001",
        "Thanks! 😀 مرحبا بك، كيف يمكننا المساعدة؟",
        "ご連絡ありがとうございます。",
        "L’équipe s’en occupe aujourd’hui : à bientôt !",
    ],
)
def test_ordinary_answers_pass(text: str) -> None:
    assert stopped_by(text) == set()


def test_contact_details_warn_in_public_only() -> None:
    assert "contact_details" in warned_by("Write to mia@example.com")
    assert "contact_details" in warned_by("Call +49 30 1234567")
    assert warned_by("Write to mia@example.com", is_private=True) == set()


def test_links() -> None:
    assert "links" in stopped_by("See https://acme.example@evil.example/")
    assert "links" in stopped_by("See https://[broken/")
    assert "links" in warned_by("See http://acme.example/")
    assert "links" in warned_by("See https://bit.ly/x")
    assert review("See https://acme.example/help", is_private=False) == []


def test_characters_nobody_sees_stop() -> None:
    assert "invisible" in stopped_by("a\0b")
    assert "invisible" in stopped_by("abc\u202edef")
    assert stopped_by("one\ntwo\tthree") == set()


def test_shouting_warns() -> None:
    assert "shouting" in warned_by("WE ARE SORRY FOR THE DELAY OF YOUR ORDER")
    assert warned_by("USB-C and HDMI") == set()


def test_a_finding_marks_its_words() -> None:
    text = "Dear {{name}}, hello."
    [finding] = review(text, is_private=False)
    assert text[finding.start : finding.end] == "{{name}}"


@given(st.text(max_size=400))
def test_no_text_breaks_the_checks(text: str) -> None:
    for finding in review(text, is_private=False):
        assert 0 <= finding.start <= finding.end <= len(text)
        assert finding.what
        assert finding.do


@given(st.integers(10**12, 10**18 - 1))
def test_exactly_one_last_digit_makes_a_card_number(number: int) -> None:
    fitting = [digit for digit in range(10) if is_card_number(f"{number}{digit}")]
    assert len(fitting) == 1 or len(set(str(number))) == 1


@given(st.integers(0, 10**18 - 1))
def test_two_digits_swapped_break_an_iban(number: int) -> None:
    body = f"{number:018d}"
    check = 98 - int(f"{body}131400") % 97
    iban = f"DE{check:02d}{body}"
    assert is_iban(iban)
    swapped = iban[:6] + iban[7] + iban[6] + iban[8:]
    assert swapped == iban or not is_iban(swapped)
