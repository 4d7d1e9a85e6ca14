"""What groups of texts are called: the words and pairs of words that they say more than the rest, and of those the ones
that mean most nearly what the group means. No database.

How much more is c-TF-IDF (Grootendorst 2022) with shares in place of frequencies: how many of the group's texts have a
phrase × log(its share there ÷ its share everywhere). What it means is asked of the encoder that read the texts, as
KeyBERT (Grootendorst 2020) does.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from choir.triage.encoder import Matrix, clean
from choir.triage.function_words import says_nothing
from choir.triage.themes import Found, apart_from

NAMING = 3  # phrases in a name
KEPT = 8
ASKED = 24  # of a group's phrases whose meaning is asked for
FEWEST_TEXTS = 2
SMALLEST_SHARE = 0.05  # of a group's texts
SHARED = 0.3  # of a group's texts say one of its phrases, or nothing is what it could be called
LIFT = 1.5  # how much larger than everywhere its share in the group is at least
PAIRED = 1.3  # two words say more than one
SAYING = 0.5  # what being said more counts for beside meaning the same
SAME = 0.8  # likeness from which two phrases say the same
TELLING = 3  # words from which a text tells what it is about
SPREAD = 0.2  # of all groups, and two; a word said by that share of more of them, such as a brand, sets nothing apart

COURTESIES = frozenset(Path(__file__).with_name("courtesies.txt").read_text(encoding="utf-8").split())

_WORD = re.compile(r"[^\W\d_]{3,}(?:[-’'][^\W\d_]+)?")
_BREAK = re.compile(r"[^\w\s'’-]+")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_CJK_RUN = re.compile("[\u30a1-\u30ff]{3,}|[\u4e00-\u9fff]{2,4}")

Reads = Callable[[list[str]], Matrix]


def tells(text: str) -> bool:
    """Whether a text says enough to be about something; “Thanks!” is about nothing."""
    return sum(" " not in phrase for phrase in phrases(text)) >= TELLING


def phrases(text: str) -> set[str]:
    """The words of a text that mean something, and pairs of them that stand side by side; each once."""
    cleaned = clean(text).lower()
    found = set(_CJK_RUN.findall(cleaned))
    for run in _BREAK.split(cleaned):
        before = ""
        for word in run.split():
            means = bool(_WORD.fullmatch(word)) and not (word in COURTESIES or says_nothing(word) or _CJK.search(word))
            if means:
                found.add(word)
                if before:
                    found.add(f"{before} {word}")
            before = word if means else ""
    return found


def named(
    found: Sequence[Found], texts: Sequence[str], reads: Reads, *, leaving_out: Sequence[str] = ()
) -> list[tuple[str, ...]]:
    """Per group its phrases, those for its name first; none where its texts have hardly a word in common but those left
    out, such as our own name: that they name us says nothing of what they speak of."""
    if not found:
        return []
    said = [phrases(text) for text in texts]
    everywhere = Counter(phrase for one in said for phrase in one)
    common = _common([[said[at] for at in one.members] for one in found]).union(leaving_out)
    said = [{phrase for phrase in one if common.isdisjoint(phrase.split())} for one in said]
    weighed = [_weights([said[at] for at in one.members], everywhere, len(texts)) for one in found]
    asked = sorted({phrase for one in weighed for phrase in one})
    if not asked:
        return [() for _ in found]
    meaning = dict(zip(asked, apart_from(found[0].origin, reads(asked)), strict=True))
    names = [_chosen(one, weights, meaning) for one, weights in zip(found, weighed, strict=True)]
    return [
        name if _is_shared(name, [said[at] for at in one.members]) else ()
        for one, name in zip(found, names, strict=True)
    ]


def _is_shared(name: Sequence[str], said: Sequence[set[str]]) -> bool:
    return sum(not phrases.isdisjoint(name) for phrases in said) >= SHARED * len(said)


def _common(gathered: Sequence[Sequence[set[str]]]) -> set[str]:
    """The words that so many groups say that they tell none of them."""
    groups = Counter[str]()
    for texts in gathered:
        counts = Counter(phrase for one in texts for phrase in one)
        groups.update(phrase for phrase, count in counts.items() if count >= SPREAD * len(texts))
    return {phrase for phrase, count in groups.items() if count > max(2, SPREAD * len(gathered))}


def _weights(said: Sequence[set[str]], everywhere: Mapping[str, int], total: int) -> dict[str, float]:
    """The phrases that a group says more than everybody, by how much more."""
    counts = Counter(phrase for one in said for phrase in one)
    least = max(FEWEST_TEXTS, math.ceil(SMALLEST_SHARE * len(said)))
    lifts = {
        phrase: (count / len(said)) / (everywhere[phrase] / total) for phrase, count in counts.items() if count >= least
    }
    weights = {
        phrase: counts[phrase] * math.log(lift) * (PAIRED if " " in phrase else 1)
        for phrase, lift in lifts.items()
        if lift > LIFT
    }
    return {phrase: weights[phrase] for phrase in sorted(weights, key=lambda one: (-weights[one], one))[:ASKED]}


def _chosen(one: Found, weights: Mapping[str, float], meaning: Mapping[str, Matrix]) -> tuple[str, ...]:
    """The best few that say different things, then the others."""
    most = max(weights.values(), default=1.0)
    merits = {
        phrase: float(meaning[phrase] @ one.centre) + SAYING * weight / most for phrase, weight in weights.items()
    }
    ordered = sorted(merits, key=lambda phrase: (-merits[phrase], phrase))
    name: list[str] = []
    for phrase in ordered:
        again = any(set(phrase.split()) & set(other.split()) for other in name)
        if not again and all(float(meaning[phrase] @ meaning[other]) < SAME for other in name):
            name.append(phrase)
        if len(name) == NAMING:
            break
    return (*name, *(phrase for phrase in ordered if phrase not in name))[:KEPT]
