"""Hindi and Arabic in Latin letters: told by common words, and Hindi read with those words in English.

Letters' statistics know neither and the encoder knows no Hindi, so `glosses.toml` lists what common Hindi words mean.
Words that other languages have too (log, mein, sala) are put into English where the text is Hindi, and tell nothing.
"""

import re
import tomllib
from pathlib import Path

GLOSSES = Path(__file__).with_name("glosses.toml")
FEWEST = 2  # telling words
SHARE = {"hi": 0.15, "ar": 0.25}  # of all words that the telling ones must be: half of a mixed text may be English

_FIGURE_FOR_LETTER = re.compile(r"[a-z]+[2357][a-z]+|[2357][a-z]{2,}|[a-z]{3,}[37]")
_NOT_ARABIC = re.compile(r"^\d+(?:st|nd|rd|th|am|pm|day|days|mg|ml|kg|km|cm|gb|tb|er|ème|eme|ers)$")
_WORD_WITH_FIGURES = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_WORD = re.compile(r"[a-z]+")
_SPACES = re.compile(r" {2,}")


def _listed() -> tuple[dict[str, str], frozenset[str], frozenset[str]]:
    """What Hindi words mean, those of them that tell, and the Arabic words that tell."""
    with GLOSSES.open("rb") as file:
        listed = tomllib.load(file)
    glosses = {word: gloss for gloss, words in listed["hi"].items() for word in words.split()}
    elsewhere, arabic = (frozenset(listed[name]["words"].split()) for name in ("elsewhere", "arabic"))
    return glosses, frozenset(glosses) - elsewhere, arabic


_GLOSSES, _TELLING, _ARABIC = _listed()


def romanised(text: str) -> tuple[str, float] | None:
    """`hi` or `ar` and how sure, for a text in Latin letters whose words tell; None where too few do."""
    words = _WORD_WITH_FIGURES.findall(text.lower())
    counts = {"hi": sum(map(_TELLING.__contains__, words)), "ar": sum(map(_is_arabic, words))}
    code, count = max(counts.items(), key=lambda pair: pair[1])
    if count < FEWEST or count < SHARE[code] * len(words):
        return None
    return code, min(0.95, 0.6 + 0.5 * count / len(words))


def in_english(text: str) -> str:
    """A cleaned text as the encoder can read it: Hindi in Latin letters with its common words in English, any other
    as it is."""
    if not is_hindi(text):
        return text
    return _SPACES.sub(" ", _WORD.sub(lambda found: meaning(found[0]), text.lower())).strip() or text


def is_hindi(text: str) -> bool:
    """Whether enough of the words tell that a text is Hindi in Latin letters."""
    words = _WORD.findall(text.lower())
    telling = sum(map(_TELLING.__contains__, words))
    return telling >= FEWEST and telling >= SHARE["hi"] * len(words)


def meaning(word: str) -> str:
    """A Hindi word in English, maybe nothing; a word that is not listed as it is."""
    return _GLOSSES.get(word.lower(), word)


def _is_arabic(word: str) -> bool:
    return word in _ARABIC or bool(_FIGURE_FOR_LETTER.fullmatch(word) and not _NOT_ARABIC.match(word))
