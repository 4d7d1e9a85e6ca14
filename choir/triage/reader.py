"""Triage: a mention's text in, a reading out. No database, no network, no clock.

    text ─▶ encoder (512 numbers) + cues (what is seen on the surface) ─▶ linear heads ─▶ answers with confidence

The classes are those of the labelling guide (docs/model-card.md says what they were trained on and how well they do).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np

from choir.triage.cues import Cues, surface
from choir.triage.encoder import WIDTH, Encoder, Matrix, clean, excerpt, one_thread
from choir.triage.evidence import Evidence, Leaning
from choir.triage.heads import EMOTIONS, SHIPPED, Heads, shipped_version
from choir.triage.language import EXPECTED, UNKNOWN, Languages
from choir.triage.learning.adapted import Learnt, adjust
from choir.triage.personal import Span, personal_data
from choir.triage.romanised import in_english

VERSION: str = shipped_version()
CHUNK = 256  # texts encoded at a time, so that a long list needs little memory
SURE_SPAM = 0.82  # chosen on posts to airlines: no more of them may be lost the more kinds of spam are told
MOST_OF_AN_OFFER = 0.45  # likelihood of spam that an offer to work together can have
NO_SPAM = 0.5  # below, the intent is another one
HINTED_SPAM = 0.3  # and this likely by the intent too: a customer's post with a link must not be lost
CONTEXT_CHARACTERS = 300
SHORT_WORDS = 6
CONTEXT_SHARE = 0.4
CAUTION = 0.3  # law and danger are named at this likelihood already: about one false alarm in ten buys the recall
CAUTION_WHEN_TOLD = 0.2  # the same where the text has a telling phrase
HURRY = "2"  # from here on the words that speak for the urgency are named
RISKS = ("legal", "fraud", "privacy", "safety")

ANSWERED = ("sentiment", "intent", "objective", "department", "urgency", "stage", "needs_reply", "spam")
FELT = 0.4  # from here on an emotion is named
AGAINST = {"positive": ("anger", "disappointment", "fear"), "negative": ("joy", "gratitude")}
EXPLAINED = ("sentiment", "objective", "department", "intent", "stage", "needs_reply")  # their words are named

AS_SHIPPED = Learnt()

DEPARTMENTS_OF = {
    "care": ("customer_service", "operations", "billing", "it"),
    "sales": ("sales",),
    "reputation": ("pr_communications",),
    "advocacy": ("marketing", "customer_service"),
    "product_insight": ("product",),
    "talent": ("hr",),
    "compliance": ("legal",),
    "community": ("marketing",),
    "listening": ("none",),
}


@dataclass(frozen=True, slots=True)
class Text:
    """One mention as triage sees it."""

    text: str
    context: tuple[str, ...] = ()  # earlier turns of the thread, oldest first
    language_hint: str = ""  # what the network claims; may be wrong


@dataclass(frozen=True, slots=True)
class Judgement:
    """One field's answer; never empty."""

    value: str
    confidence: float  # calibrated, 0 to 1
    words: tuple[str, ...] = ()  # of the text, verbatim, at most five, strongest first


@dataclass(frozen=True, slots=True)
class Reading:
    """What one mention means."""

    language: Judgement
    sentiment: Judgement
    intent: Judgement
    objective: Judgement
    department: Judgement
    urgency: Judgement
    stage: Judgement
    needs_reply: Judgement
    spam: Judgement
    sentiment_score: float  # -1 to 1
    version: str
    emotions: tuple[Judgement, ...] = ()  # those felt (EMOTIONS), strongest first; several or none
    personal: tuple[Span, ...] = ()  # where the text has personal data
    usual: Matrix = field(default_factory=lambda: np.zeros(0, dtype=np.float32), repr=False, compare=False)
    vector: Matrix = field(default_factory=lambda: np.zeros(WIDTH, dtype=np.float32), repr=False, compare=False)


class Reader:
    """Reads texts in batches; one per process is enough, it keeps no state between calls."""

    def __init__(self, weights: Path | None = None, expected_languages: Sequence[str] = EXPECTED) -> None:
        folder = weights or SHIPPED
        self.heads = Heads.load(folder)
        self._cues = Cues()
        self._encoder = Encoder()
        self._languages = Languages(expected_languages)
        self._evidence = Evidence(self._encoder, self.heads, self._cues, folder)

    def read(self, texts: Sequence[Text], *, learnt: Sequence[Learnt] | None = None) -> list[Reading]:
        """One reading per text, in order. Any string is accepted; a very long one is read at its two ends. `learnt` is
        what each text's workspace taught, one per text; without it all are read as shipped."""
        taught = learnt or [AS_SHIPPED] * len(texts)
        readings: list[Reading] = []
        for begin in range(0, len(texts), CHUNK):
            readings += self._read(texts[begin : begin + CHUNK], taught[begin : begin + CHUNK])
        return readings

    def shares(self, texts: Sequence[str], *, vectors: Matrix | None = None) -> tuple[Matrix, dict[str, Matrix]]:
        """The rows that the heads read, and per field what they say as shipped: what learning starts from. `vectors`:
        the texts', where they are known, which spares encoding them again."""
        features = self.features(texts, vectors=vectors)
        found = self.heads.probabilities(features)
        found["department"] = owned(found["department"], found["objective"], self.heads)
        return features, found

    def department_shares(self, texts: Sequence[str]) -> tuple[Matrix, Matrix]:
        """The rows that the heads read, and what they say of the usual departments."""
        features, found = self.shares(texts)
        return features, found["department"]

    def vectors(self, texts: Sequence[str]) -> Matrix:
        """The unit vectors of texts, as the heads see them: for neighbours and corrections."""
        return self._encoder.encode([in_english(clean(text)) for text in texts])

    def features(self, texts: Sequence[str], *, vectors: Matrix | None = None) -> Matrix:
        """The full rows that the heads read."""
        told = np.array([self._cues.read(excerpt(text)) for text in texts], dtype=np.float32)
        known = self.vectors(texts) if vectors is None else vectors
        return self.heads.features(known, told.reshape(len(texts), len(self._cues.names)))

    def _read(self, texts: Sequence[Text], taught: Sequence[Learnt]) -> list[Reading]:
        told = [self._cues.read(excerpt(text.text)) for text in texts]
        vectors = self.vectors([text.text for text in texts])
        with one_thread():
            features = self.heads.features(vectors, np.array(told, dtype=np.float32))
            found = self.heads.probabilities(features)
            adjust(found, features, taught, [field for field in found if field != "department"])
            self._lend_context(texts, found)
            found["department"] = owned(found["department"], found["objective"], self.heads)
            adjust(found, features, taught, ["department"])
        found["spam"] = self._spared(found["spam"], features)
        found["intent"] = self._meant(found["intent"], found["spam"])
        answers = {field: best(self.heads.labels[field], found[field]) for field in ANSWERED}
        leaning = self._evidence.leaning([text.text for text in texts])
        readings = [
            self._reading(
                text,
                told[at],
                {field: rows[at] for field, rows in found.items()},
                judged={field: judgements[at] for field, judgements in answers.items()},
                leaning=leaning[at],
                vector=vectors[at],
            )
            for at, text in enumerate(texts)
        ]
        return [
            replace(reading, version=f"{reading.version}+{learnt.tag}") if learnt.tag else reading
            for reading, learnt in zip(readings, taught, strict=True)
        ]

    def _lend_context(self, texts: Sequence[Text], found: dict[str, Matrix]) -> None:
        """A short answer in a thread ("yes, since Monday") is about what was said before it."""
        short = [
            at
            for at, text in enumerate(texts)
            if text.context and len(text.text.split()) <= SHORT_WORDS and not self._closes(found["intent"][at])
        ]
        if not short:
            return
        before = self.features([" ".join(texts[at].context)[-CONTEXT_CHARACTERS:] for at in short])
        lent = self.heads.probabilities(before)
        for name in ("objective", "department", "intent"):
            found[name][short] = (1 - CONTEXT_SHARE) * found[name][short] + CONTEXT_SHARE * lent[name]

    def _spared(self, spam: Matrix, features: Matrix) -> Matrix:
        """The spam head's answers, at most doubtful where a text speaks of working together: creators and partners name
        channels and followers as spam does, and a person must see them."""
        offers = features[:, WIDTH + self._cues.names.index("partner")] > 0
        spared = spam.copy()
        at = self.heads.labels["spam"].index("yes")
        spared[offers, at] = np.minimum(spam[offers, at], MOST_OF_AN_OFFER)
        spared[offers, 1 - at] = 1 - spared[offers, at]
        return spared

    def _meant(self, intents: Matrix, spam: Matrix) -> Matrix:
        """The intents, "spam" only where the spam head does not deny it."""
        none = spam[:, self.heads.labels["spam"].index("yes")] < NO_SPAM
        left = intents.copy()
        left[none, self.heads.labels["intent"].index("spam")] = 0
        return np.asarray(left / left.sum(axis=1, keepdims=True), dtype=np.float32)

    def _closes(self, intent: Matrix) -> bool:
        return self.heads.labels["intent"][int(intent.argmax())] in ("praise", "spam", "abuse")

    def _reading(
        self,
        text: Text,
        told: list[float],
        shares: dict[str, Matrix],
        *,
        judged: dict[str, Judgement],
        leaning: Leaning,
        vector: Matrix,
    ) -> Reading:
        language, certainty = self._languages.read(text.text, text.language_hint)
        if language == UNKNOWN and not any(map(str.isalpha, clean(text.text))):
            judged |= wordless(text.text)
        elif self._is_risk(judged, told, shares["objective"]):
            judged |= self._as_risk(judged, shares)
        elif judged["spam"].value == "yes" and self._is_spam(judged["spam"].confidence, shares["intent"]):
            judged |= as_spam(judged["spam"].confidence)
        felt = self._felt(shares, judged["sentiment"].value)
        answers = {field: judged[field].value for field in EXPLAINED} | {one.value: "yes" for one in felt}
        if judged["urgency"].value >= HURRY:
            answers["urgency"] = judged["urgency"].value
        if judged["spam"].value == "yes":
            answers["spam"] = "yes"
        words = self._evidence.words(text.text, answers, told, leaning)
        judged |= {
            field: Judgement(judged[field].value, judged[field].confidence, words[field])
            for field in answers
            if field in judged
        }
        score = dict(zip(self.heads.labels["sentiment"], shares["sentiment"].tolist(), strict=True))
        return Reading(
            language=Judgement(language, certainty),
            sentiment_score=round(score["positive"] - score["negative"], 3),
            version=self.heads.version,
            emotions=tuple(replace(one, words=words[one.value]) for one in felt),
            personal=tuple(personal_data(text.text)),
            usual=shares["department"],
            vector=vector,
            **judged,
        )

    def _felt(self, shares: dict[str, Matrix], sentiment: str) -> list[Judgement]:
        """The emotions likely enough to be named, strongest first; none that the mood rules out."""
        ruled_out = AGAINST.get(sentiment, ())
        likely = [(float(shares[name][1]), name) for name in EMOTIONS if name in shares and name not in ruled_out]
        return [Judgement(name, share) for share, name in sorted(likely, reverse=True) if share >= FELT]

    def _is_risk(self, judged: dict[str, Judgement], told: Sequence[float], objectives: Matrix) -> bool:
        """Whether law or danger is likely enough that missing it would be worse than a false alarm."""
        if judged["objective"].value == "compliance":
            return False
        likely = float(objectives[self.heads.labels["objective"].index("compliance")])
        hinted = any(told[self._cues.names.index(name)] > 0 for name in RISKS)
        return likely >= (CAUTION_WHEN_TOLD if hinted else CAUTION)

    def _is_spam(self, likely: float, intents: Matrix) -> bool:
        return likely >= SURE_SPAM and float(intents[self.heads.labels["intent"].index("spam")]) >= HINTED_SPAM

    def _as_risk(self, judged: dict[str, Judgement], shares: dict[str, Matrix]) -> dict[str, Judgement]:
        likely = float(shares["objective"][self.heads.labels["objective"].index("compliance")])
        answers = {"objective": Judgement("compliance", likely), "department": Judgement("legal", likely)}
        if judged["urgency"].value < "2":
            answers["urgency"] = Judgement("2", likely)
        return answers


def best(labels: Sequence[str], shares: Matrix) -> list[Judgement]:
    """The likeliest label of each row."""
    likely = zip(shares.argmax(axis=1).tolist(), shares.max(axis=1).tolist(), strict=True)
    return [Judgement(labels[at], share) for at, share in likely]


def owned(departments: Matrix, objectives: Matrix, heads: Heads) -> Matrix:
    """Departments weighed by how likely each objective is that they own (rule 3 of the labelling guide)."""
    labels = heads.labels["department"]
    owns = np.full((len(heads.labels["objective"]), len(labels)), 0.1, dtype=np.float32)
    for row, objective in enumerate(heads.labels["objective"]):
        for department in DEPARTMENTS_OF.get(objective, labels):
            owns[row, labels.index(department)] = 1.0
    weighed = departments * (objectives @ owns)
    return np.asarray(weighed / weighed.sum(axis=1, keepdims=True), dtype=np.float32)


def wordless(text: str) -> dict[str, Judgement]:
    """What a text without a word says: applause, anger, or nothing (rules and examples of the labelling guide)."""
    happy, unhappy = surface(text)[3:5]
    if happy > unhappy:
        answers = ("positive", "praise", "advocacy", "marketing", "0", "advocacy", "no", "no")
    elif unhappy > happy:
        answers = ("negative", "abuse", "listening", "none", "0", "awareness", "no", "no")
    else:
        answers = ("neutral", "conversation", "listening", "none", "0", "awareness", "no", "no")
    fields = ("sentiment", "intent", "objective", "department", "urgency", "stage", "needs_reply", "spam")
    return {field: Judgement(answer, 0.85) for field, answer in zip(fields, answers, strict=True)}


def as_spam(confidence: float) -> dict[str, Judgement]:
    """Spam is spam in every field that routing looks at."""
    answers = {"intent": "spam", "objective": "listening", "department": "none", "urgency": "0", "needs_reply": "no"}
    return {field: Judgement(answer, confidence) for field, answer in answers.items()}


@cache
def reader() -> Reader:
    """The process's reader, with the weights that come with Choir."""
    return Reader()
