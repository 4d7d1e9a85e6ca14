"""The sentence on every routed conversation: what it reads as, who owns that, and why this person."""

from choir.routing.decide import Cell
from choir.triage.models import Reading

WORDS_SHOWN = 3


def reads_as(reading: Reading) -> str:
    """“care: delivery (0.91: “still waiting”, “three weeks”)”"""
    topic = f": {words(reading.topic)}" if reading.topic else ""
    evidence = ", ".join(f"“{one}”" for one in reading.words.get("objective", [])[:WORDS_SHOWN])
    confidence = f"{reading.objective_confidence:.2f}" + (f": {evidence}" if evidence else "")
    return f"{words(reading.objective)}{topic} ({confidence})"


def ownership_sentence(cell: Cell, department: str) -> str:
    """“Operations owns care about delivery since 3 March 2026 (version 2)”"""
    scope = f" about {words(cell.topic)}" if cell.topic else ""
    since = f"{cell.effective_from.day} {cell.effective_from:%B %Y}"
    return f"{department} owns {words(cell.objective)}{scope} since {since} (version {cell.version})"


def here_because(reading: Reading, ownership: str, person: str) -> str:
    """The whole sentence."""
    return f"Here because it reads as {reads_as(reading)}, {ownership}, and {person}."


def words(slug: str) -> str:
    """A slug as words."""
    return slug.replace("_", " ")
