"""Words as queries compare them: no case, no accents, in any script. What was said and what is looked for are folded
by the same function, so that the database and memory cannot disagree.

A folded text is its words with one space before, between and after them. `#launch` stays one word, mark and all; a
query for `launch` finds it too. Scripts without spaces (Chinese, Japanese, Thai…) have a word per character, and what
is looked for in them is a phrase of such words. An emoji is a word.
"""

from __future__ import annotations

import re
import unicodedata

from choir.customers.searching import SEARCHED_CHARACTERS, UNSPACED

LONGEST_WORD = 60
SIGILS = "#@$"

# What a person leaves out or does not see as another letter: accents, Arabic and Hebrew vowel points, the Arabic
# stretcher, soft hyphens and joiners. Vowel signs of Indian scripts, which Unicode calls marks too, are letters.
_DROPPED = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640\u064b-\u065f\u0670\u00ad\u200b-\u200f\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]"
)
_SHORT_I = "и\u0306"  # й is a letter of its own, though Unicode writes it as и with a breve
_ALIKE = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "ى": "ي", "ک": "ك", "ی": "ي"}
)


def _marks() -> str:
    """Marks that are part of words (vowel signs and the like), as the inside of a character class."""
    blocks = (range(0x0900, 0x0E00), range(0x0F00, 0x0FFF), range(0x1A00, 0x1D00), range(0xA800, 0xAC00))
    return "".join(chr(one) for block in blocks for one in block if unicodedata.category(chr(one)) in ("Mn", "Mc"))


_EMOJI = "\u2190-\u21ff\u2300-\u27bf\u2900-\u297f\u2b00-\u2bff\U0001f000-\U0001faff"
_LETTER = rf"[^\W{UNSPACED}]|[{_marks()}]"
_ONLY_EMOJI = re.compile(f"[{_EMOJI}]")
_MARKED = rf"(?:(?<!\w)[{SIGILS}])?"
_PLAIN = re.compile(rf"{_MARKED}[a-z0-9_]+")
_WORD = re.compile(rf"{_MARKED}(?:{_LETTER})+|(?![\W])[{UNSPACED}]|[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]|[{_EMOJI}]")


def folded(text: str) -> str:
    """The text without case, accents and compatibility forms; its characters may be more or fewer."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold()).casefold()
    apart = apart.replace(_SHORT_I, "й")
    return unicodedata.normalize("NFC", _DROPPED.sub("", apart)).translate(_ALIKE)


def words_in(text: str) -> list[str]:
    """The folded words of a text in order, each cut to LONGEST_WORD characters."""
    plain = folded(text[:SEARCHED_CHARACTERS])
    pattern = _PLAIN if plain.isascii() else _WORD
    return [word[:LONGEST_WORD] for word in pattern.findall(plain)]


def spaced(words: list[str]) -> str:
    """Folded words as they are stored: “ my parcel is late ”; nothing is a single space."""
    return f" {' '.join(words)} " if words else " "


def has_emoji(text: str) -> bool:
    """Whether there is an emoji in it."""
    return not text.isascii() and _ONLY_EMOJI.search(text) is not None
