"""Which language a text is in: by its script where that settles it, else by letter statistics among the expected ones.

Very short texts say little, so common words of each language add weight, so does how many of the texts written for
Choir use a word in each language, and what the network claims adds a little more. Hindi and Arabic in Latin letters
have no statistics; they are told by their common words (`romanised.py`). A text of some length that is plainly in none
of the expected languages is said to be in the one it is in. "Unknown" (`und`) is an answer: only a link, emoji,
figures, a word that every language uses, or one word that no expected language is likelier than the others to use.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from copy import copy
from pathlib import Path

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from choir.triage.encoder import clean
from choir.triage.romanised import romanised

EXPECTED = ("en", "de", "fr", "es", "it", "pt", "nl", "ar", "ja")
UNKNOWN = "und"
READ_CHARACTERS = 140
WORD_WEIGHT = 1.2
HINT_WEIGHT = 0.7
COUNTED = ("en", "de", "fr", "es", "it", "pt", "nl")
WORD_COUNTS = Path(__file__).with_name("words_by_language.txt")  # training/words.py writes it
USED_WEIGHT = 0.5  # of how much likelier a word is in one language than in another; like the next, chosen on validation
MOST_LIKELIER = 3.0  # in natural logarithms: one word alone settles nothing
SMOOTHING = 0.3  # texts that each word is taken to stand in besides those counted
LETTERS_BESIDE = 15  # with as many beside them hashtags, which are English in every language, are not looked at
LONG_ENOUGH = 26  # letters from which a language that is not expected is believed
SURE_OF_ANOTHER = 0.8
COMMON_SHARE = 0.15  # of the words: with more that are common in an expected language, it is that one
DOUBTFUL = 0.4  # one word of which no language is likelier than this says nothing


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_HASHTAG = re.compile(r"#\w+")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_SCRIPTS = {
    "kana": re.compile("[\u3040-\u30ff\uff66-\uff9d]"),
    "han": re.compile("[\u3400-\u4dbf\u4e00-\u9fff]"),
    "ko": re.compile("[\uac00-\ud7af\u1100-\u11ff]"),
    "arabic": re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]"),
    "cyrillic": re.compile("[\u0400-\u04ff]"),
    "th": re.compile("[\u0e00-\u0e7f]"),
    "el": re.compile("[\u0370-\u03ff]"),
    "he": re.compile("[\u0590-\u05ff]"),
    "hi": re.compile("[\u0900-\u097f]"),
}
_NOT_LATIN = re.compile("[^\x00-\u02af\u1e00-\u1eff\u2000-\u206f\u20a0-\u20cf\u2100-\u214f]")
_EVERYWHERE = _set("ok okay okey k kk lol lmao haha hahaha hahah ha hm hmm wow omg xd hey ja no dm pm rip fyi")
_COMMON = {
    "en": _set(
        "the and you is it to of in for my your with this that are was have not what how do does did can please why"
        " when i'm don't can't it's still where thanks just but been from they i we will would about"
    ),
    "de": _set(
        "der die das und ist ich nicht ein eine mit für auf wie warum wann mein meine bitte euch ihr wir was kann"
        " noch schon seit den dem habe hat bei zu auch es sich danke keine wo gibt"
    ),
    "fr": _set(
        "le la les et est je pas une un des mon ma vous votre pour avec que qui sur bonjour merci c'est j'ai depuis"
        " du ce dans plus pourquoi quand comment ne toujours aucune où"
    ),
    "es": _set(
        "el la los las y es no un una de que en mi me por para con cuándo cómo dónde qué hola gracias está desde pero"
        " muy ya se lo mis del llevo nadie porque"
    ),
    "it": _set(
        "il la i gli e è non un una di che mi per con quando come dove perché ciao grazie sono della ho del avete più"
        " ancora mio nessuno lo da alla salve"
    ),
    "pt": _set(
        "o a os as e é não um uma de que meu minha por para com quando como onde oi olá obrigado obrigada está vocês"
        " desde mas já do da no na muito cadê bom boa"
    ),
    "nl": _set(
        "de het een en is ik niet van mijn met voor op hoe waarom wanneer jullie wat kan nog al sinds bij ook bedankt"
        " geen waar zijn maar dat er"
    ),
}


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without handles and links."""
    return [word.lower() for word in _WORD.findall(clean(text))]


def _own_words(text: str) -> str:
    """The text without handles and links, and without hashtags where enough is left."""
    beside = clean(_HASHTAG.sub(" ", text))
    return beside if sum(map(str.isalpha, beside)) >= LETTERS_BESIDE else clean(text)


def _used() -> dict[str, tuple[float, ...]]:
    """How much each counted word speaks for each of `COUNTED`: `MOST_LIKELIER` for the likeliest, the less the
    less likely, and nothing from there on."""
    lines = [line.split() for line in WORD_COUNTS.read_text(encoding="utf-8").splitlines()]
    texts = [int(count) for count in lines[0][1:]]
    found = {}
    for word, *counts in lines[1:]:
        likely = [
            math.log((int(count) + SMOOTHING) / (total + SMOOTHING)) for count, total in zip(counts, texts, strict=True)
        ]
        found[word] = tuple(max(share - max(likely), -MOST_LIKELIER) + MOST_LIKELIER for share in likely)
    return found


_USED = _used()

# Those that are told from the expected ones with few mistakes: no near relatives of them.
_OTHERS = _set("pl tr sv da no fi cs sk hu ro hr sl id ms vi tl lt lv et sq sw")


class Languages:
    """Tells the language of texts, among those a workspace expects (and any that its script gives away)."""

    def __init__(self, expected: Sequence[str] = EXPECTED) -> None:
        self.expected = tuple(dict.fromkeys(expected)) or EXPECTED
        self._any = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        self._identifier = copy(self._any)  # shares the tables, of which one is as large as the encoder's
        known = set(self._any.labels)
        by_letters = [code for code in self.expected if code in known and code not in ("ar", "ja", "ko", "zh", "th")]
        self._identifier.set_languages(by_letters or ["en"])
        self._others = _OTHERS - set(self.expected)

    def read(self, text: str, hint: str = "") -> tuple[str, float]:
        """The language code and the confidence in it, 0 to 1."""
        cleaned = _own_words(text[: READ_CHARACTERS * 3])[:READ_CHARACTERS]
        words = [word.lower() for word in _WORD.findall(cleaned)]
        letters = sum(map(len, words))
        if letters < 2 or all(word in _EVERYWHERE for word in words):
            return UNKNOWN, 0.9
        by_script = self._by_script(cleaned, letters)
        if by_script:
            return by_script
        return romanised(cleaned) or self._by_letters(cleaned, words, hint.lower().partition("-")[0])

    def _add_used(self, scores: dict[str, float], words: Sequence[str]) -> None:
        """Adds to the scores what the written texts' use of the words says."""
        weight = USED_WEIGHT / math.sqrt(max(len(words), 1))
        for says in (_USED[word] for word in words if word in _USED):
            for code, said in zip(COUNTED, says, strict=True):
                if code in scores:
                    scores[code] += weight * said

    def _of_others(self, text: str) -> tuple[str, float] | None:
        """A language that is not expected, where the letters leave no doubt."""
        code, share = self._any.rank(text)[0]
        return (code, float(share)) if code in self._others and share >= SURE_OF_ANOTHER else None

    def _by_script(self, text: str, letters: int) -> tuple[str, float] | None:
        """The answer where the script gives it; Latin script needs the letters' statistics."""
        if not _NOT_LATIN.search(text):
            return None
        counts = Counter({script: len(pattern.findall(text)) for script, pattern in _SCRIPTS.items()})
        counts["kana"] += counts["han"] if counts["kana"] else 0
        script, count = counts.most_common(1)[0]
        dense = 3 if script in ("kana", "han", "ko") else 1  # one such character says as much as several Latin letters
        latin = letters - sum(counts[name] for name in _SCRIPTS if name != "kana") - counts["kana"]
        if count == 0 or count * dense < latin:
            return None
        share = min(0.99, 0.5 + 0.5 * count * dense / (count * dense + max(latin, 0)))
        return self._of_script(script, text), share

    def _of_script(self, script: str, text: str) -> str:
        if script == "kana":
            return "ja"
        if script == "han":
            return "ja" if "ja" in self.expected and "zh" not in self.expected else "zh"
        if script == "arabic":
            return "fa" if re.search("[پچژگ]", text) and "fa" in self.expected else "ar"
        if script == "cyrillic":
            return "uk" if re.search("[іїєґ]", text) else "ru"
        return script

    def _by_letters(self, text: str, words: list[str], hint: str) -> tuple[str, float]:
        scores = {code: math.log(max(share, 1e-9)) for code, share in self._identifier.rank(text)}
        weight = WORD_WEIGHT / math.sqrt(max(len(words), 1))
        for code, common in _COMMON.items():
            if code in scores:
                scores[code] += weight * sum(map(common.__contains__, words))
        self._add_used(scores, words)
        if hint in scores:
            scores[hint] += HINT_WEIGHT
        ranked = sorted(scores.items(), key=lambda pair: pair[1], reverse=True)
        total = sum(math.exp(score - ranked[0][1]) for _, score in ranked)
        hits = sum(map(_COMMON.get(ranked[0][0], frozenset()).__contains__, words))
        letters, share = sum(map(len, words)), 1 / total
        if hits <= COMMON_SHARE * len(words) and letters >= LONG_ENOUGH and (other := self._of_others(text)):
            return other
        if not hits and hint != ranked[0][0] and len(words) == 1 and share < DOUBTFUL:
            return UNKNOWN, 1 - share
        return ranked[0][0], share
