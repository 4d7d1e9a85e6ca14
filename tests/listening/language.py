"""Random queries and texts out of few words, so that they meet often."""

from __future__ import annotations

from hypothesis import strategies as some

from choir.listening.language.folding import spaced, words_in
from choir.listening.language.matching import Document
from choir.listening.language.tree import And, Field, Near, Node, Not, Or, Phrase, Word

WORDS = ["late", "later", "parcel", "#parcel", "@ana", "käse", "straße", "$up", "世", "🔥", "l", "lost"]
PATTERNS = ["late*", "par*l", "*cel", "l?te", "#par*", "k*se"]


def _word(typed: str) -> Word:
    folded = "".join(words_in(typed)) if typed not in PATTERNS else typed
    return Word(folded, typed)


words = some.sampled_from(WORDS + PATTERNS).map(_word)
phrases = some.lists(words, min_size=1, max_size=3).map(lambda found: Phrase(tuple(found), "typed"))
nears = some.builds(
    Near,
    some.lists(phrases, min_size=1, max_size=2).map(tuple),
    some.lists(phrases, min_size=1, max_size=2).map(tuple),
    some.integers(0, 4),
)
fields = some.one_of(
    some.builds(Field, some.just("language"), some.sampled_from(["de", "en"])),
    some.builds(Field, some.just("sentiment"), some.sampled_from(["negative", "positive"])),
    some.builds(Field, some.just("has"), some.sampled_from(["link", "media"])),
    some.builds(Field, some.just("author"), some.sampled_from(["ana", "ana lima"])),
    some.builds(Field, some.just("channel"), some.sampled_from(["sandbox", "acme on", "nowhere"])),
    some.builds(Field, some.just("stars"), some.sampled_from(["1", "3"]), some.sampled_from(["=", "<=", ">"])),
)


def _joined(parts: some.SearchStrategy[Node]) -> some.SearchStrategy[Node]:
    several = some.lists(parts, min_size=2, max_size=3).map(tuple)
    return some.one_of(some.builds(And, several), some.builds(Or, several), some.builds(Not, parts))


trees: some.SearchStrategy[Node] = some.recursive(some.one_of(phrases, nears, fields), _joined, max_leaves=6)
texts = some.lists(some.sampled_from([*WORDS, "the", "is", "PARCEL", "Kase", "strasse"]), max_size=9).map(" ".join)
documents = some.builds(
    Document,
    words=texts.map(lambda text: spaced(words_in(text))),
    author=some.sampled_from([" ", " ana lima ", " limana "]),
    channel=some.just(" acme on the sandbox "),
    language=some.sampled_from(["de", "en", ""]),
    sentiment=some.sampled_from(["negative", "positive", ""]),
    traits=some.frozensets(some.sampled_from(["link", "media"])),
    stars=some.sampled_from([None, 1, 3, 5]),
)
