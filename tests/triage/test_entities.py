"""A workspace's own names are found as they are written there, and nothing else is."""

import pytest

from choir.triage.entities import Terms
from choir.triage.models import Term, TermKind

TERMS = Terms(
    [
        Term(kind=TermKind.PRODUCT, name="Dusk lamp", spellings=["dusk"]),
        Term(kind=TermKind.PLACE, name="Leeds"),
        Term(kind=TermKind.ORDER_NUMBER, name="Order number", spellings=["BW-######", "@@ ####"]),
    ]
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("my DUSK  LAMP from Leeds, order bw-124871", ["DUSK  LAMP", "Leeds", "bw-124871"]),
        ("the dusk is dim; is the dusk broken?", ["dusk"]),
        ("number AB 1234.", ["AB 1234"]),
        ("Leedster, duskier, BW-1248711, BW-12487", []),
        ("", []),
    ],
)
def test_terms_are_found_as_whole_words(text: str, said: list[str]) -> None:
    assert [one["said"] for one in TERMS.found(text)] == said


def test_a_spelling_is_no_pattern() -> None:
    assert Terms([Term(kind=TermKind.PRODUCT, name="C++ (.*)")]).found("C++ (.*) and C++ more") == [
        {"kind": "product", "name": "C++ (.*)", "said": "C++ (.*)"}
    ]
