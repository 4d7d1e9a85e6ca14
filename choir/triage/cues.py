"""What is seen on the surface of a text: telling phrases, punctuation, emoji, length.

The encoder is good at meaning and blind to some small things a person sees at once: a shouted text, a heart, the word
"lawyer" in a long story. They stand beside the vector as features of the heads; `cues.toml` lists the phrases.
"""

import math
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

PHRASES = Path(__file__).with_name("cues.toml")
MOST_COUNTED = 3
START = 3  # a space and two letters, by which phrases are looked up

HAPPY = "😀😃😄😁😆😊🙂😍🥰😘😋😎🤩🥳🤗❤🧡💛💚💙💜🖤💕💖💗💞💯👍👏🙌🙏🔥✨🎉💪👌😇☺♥😻🥹🫶⭐🌟"
UNHAPPY = "😠😡🤬😤😢😭😞😔😟🙁☹😣😖😫😩😒🙄😑🤮🤢👎💔😱😰😓🤦🤡💩😾😿🥺😕"
_EMOJI = re.compile("[\U0001f300-\U0001faff☀-➿]")
_HAPPY = re.compile(f"[{HAPPY}]|[:;]-?[)D]|<3|\\bx[dD]\\b")
_UNHAPPY = re.compile(f"[{UNHAPPY}]|:'?-?[(]|:-?/(?!/)")
_QUESTION = re.compile("[?？؟]")
_EXCLAMATION = re.compile("[!！]")
_LINK = re.compile(r"https?:|\bwww\.", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w.])@\w")
_DIGIT = re.compile(r"\d")

SURFACE = (
    "question",
    "exclamations",
    "shouting",
    "happy emoji",
    "unhappy emoji",
    "emoji",
    "link",
    "handles",
    "hashtags",
    "digits",
    "length",
    "very short",
    "ellipsis",
    "currency",
)


class _Plain(dict[int, str]):
    """What a character becomes, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        self[code] = plain = letter.lower()[0] if letter.isalnum() else " "
        return plain


_PLAIN = _Plain()


@lru_cache(maxsize=512)  # a text's cues are read, and then looked for in it
def plain(text: str) -> str:
    """The text in lower case, punctuation as spaces, one space around it; position n + 1 is position n of the text."""
    return f" {text.translate(_PLAIN)} "


class Cues:
    """The cue features of a text, in a fixed order, and where in the text a cue stands."""

    def __init__(self, phrases: Path = PHRASES) -> None:
        with phrases.open("rb") as file:
            listed = tomllib.load(file)
        self.phrases = {name: tuple(dict.fromkeys(entry["phrases"])) for name, entry in listed.items()}
        self.names = (*self.phrases, *SURFACE)
        self._starts: dict[str, list[tuple[str, int]]] = defaultdict(list)
        self._anywhere: list[tuple[str, int]] = []
        for at, listing in enumerate(self.phrases.values()):
            for phrase in listing:
                (self._starts[phrase[:START]] if phrase[0] == " " else self._anywhere).append((phrase, at))

    def read(self, text: str) -> list[float]:
        """One number per name, each between 0 and about 1."""
        level = plain(text)
        hits = [0] * len(self.phrases)
        for at in self._seen(level):
            hits[at] += 1
        told = [math.log1p(min(count, MOST_COUNTED)) / math.log1p(MOST_COUNTED) for count in hits]
        return told + surface(text)

    def _seen(self, level: str) -> Iterator[int]:
        """The cue of each phrase in the text: those that begin a word by its first letters, the others one by one."""
        starts = {level[at : at + START] for at in _word_starts(level)}
        for start in starts & self._starts.keys():
            yield from (at for phrase, at in self._starts[start] if phrase in level)
        if not level.isascii():
            yield from (at for phrase, at in self._anywhere if phrase in level)

    def found(self, text: str, name: str) -> Iterator[tuple[int, int]]:
        """Begin and end of each phrase of one cue in the text, first occurrence of each."""
        level = plain(text)
        for phrase in self.phrases[name]:
            if phrase in level:
                begin = level.find(phrase)
                lead = len(phrase) - len(phrase.lstrip())
                yield begin - 1 + lead, begin - 1 + lead + len(phrase.strip())


def _word_starts(level: str) -> Iterator[int]:
    at = level.find(" ")
    while at >= 0:
        yield at
        at = level.find(" ", at + 1)


def surface(text: str) -> list[float]:
    """The features that need no phrase list, in the order of `SURFACE`."""
    has_link = bool(_LINK.search(text))
    letters = sum(map(str.isalpha, text))
    capitals = sum(map(str.isupper, text))
    words = len(text.split())
    return [
        float(bool(_QUESTION.search(text))),
        _few(_EXCLAMATION, text),
        float(capitals / letters > 0.6) if letters > 8 else 0.0,
        _few(_HAPPY, text),
        _few(_UNHAPPY, text),
        _few(_EMOJI, text),
        float(has_link),
        _few(_HANDLE, text),
        min(text.count("#"), 3) / 3,
        float(bool(_DIGIT.search(text))),
        min(math.log1p(words) / 5, 1.0),
        float(letters < 12),
        float("..." in text or "…" in text),
        float(any(sign in text for sign in "$€£¥₹")),
    ]


def _few(pattern: re.Pattern[str], text: str) -> float:
    return min(len(pattern.findall(text)), 3) / 3
