"""Personal data is found where it is, and order numbers are left alone."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from choir.triage.personal import masked, passes_luhn, personal_data


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("my card 4111 1111 1111 1111 was charged", "card", "4111 1111 1111 1111"),
        ("card 5500-0055-5555-5559", "card", "5500-0055-5555-5559"),
        ("IBAN DE89 3704 0044 0532 0130 00 please", "iban", "DE89 3704 0044 0532 0130 00"),
        ("GB29NWBK60161331926819", "iban", "GB29NWBK60161331926819"),
        ("write to jo.doe+x@mail.example.org.", "email", "jo.doe+x@mail.example.org"),
        ("call me on +49 170 1234567", "phone", "+49 170 1234567"),
        ("my number is 07700 900123 thanks", "phone", "07700 900123"),
        ("(555) 010-9999 after six", "phone", "(555) 010-9999"),
        ("it was for 12 Mill Lane, Leeds LS6 2AB, thanks", "address", "12 Mill Lane, Leeds LS6 2AB"),
        ("Meine Adresse ist Lindenstraße 14", "address", "Lindenstraße 14"),
        ("14 rue de la Paix, 75002 Paris svp", "address", "14 rue de la Paix, 75002 Paris"),
        ("vivo en calle Mayor 3", "address", "calle Mayor 3"),
    ],
)
def test_personal_data_is_found(text: str, kind: str, said: str) -> None:
    [span] = personal_data(text)
    assert (span.kind, text[span.begin : span.end]) == (kind, said)


@pytest.mark.parametrize(
    "text",
    [
        "order 4111111111111112 is late",
        "order 88-1204, ref KL88P",
        "parcel 00340434161094021501",
        "delivered 12.11.2026 at 14:30",
        "@brand hello",
        "DE00 1234 5678 9012 3456 78",
        "1,000,000 views",
        "12 days on the road and no parcel",
        "the shop in Lindenstraße 14 was closed",
        "",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert personal_data(text) == []


def test_masking_replaces_each_piece_by_its_kind() -> None:
    assert masked("mail a@b.example or +44 7700 900123 ok") == "mail [email] or [phone] ok"


@given(st.text(max_size=300))
def test_spans_are_ordered_and_within_the_text(text: str) -> None:
    spans = personal_data(text)
    assert all(0 <= span.begin < span.end <= len(text) for span in spans)
    assert all(before.end <= after.begin for before, after in pairwise(spans))


def test_luhn_catches_every_single_wrong_digit() -> None:
    good = "4111111111111111"
    wrong = [good[:at] + digit + good[at + 1 :] for at in range(16) for digit in "0123456789" if digit != good[at]]
    assert passes_luhn(good)
    assert not any(passes_luhn(number) for number in wrong)
