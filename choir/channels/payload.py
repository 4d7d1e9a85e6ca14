"""Reading a raw payload: what is missing or of another kind becomes a sentence, never a crash. For mappings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from choir.channels.contract import Raw, UnreadableError


def opened(raw: Raw, what: str) -> Mapping[str, Any]:
    """The JSON object in a payload. `what` names it in a sentence: “a post of X”. Raises UnreadableError."""
    try:
        said = json.loads(raw.payload)
    except UnicodeDecodeError as error:
        raise UnreadableError(f"This is not UTF-8: {error.reason} at byte {error.start}.") from error
    except json.JSONDecodeError as error:
        raise UnreadableError(f"This is not JSON: {error.msg} at character {error.pos}.") from error
    except RecursionError as error:
        raise UnreadableError(f"This is not {what}: it is nested too deeply.") from error
    if not isinstance(said, dict):
        raise UnreadableError(f"This is not {what}: it is no JSON object.")
    return said


def closed(said: Mapping[str, Any]) -> bytes:
    """The payload that `opened` reads: the same for the same thing."""
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "surrogatepass")


@contextmanager
def expected(what: str) -> Iterator[None]:
    """Inside it, something missing or of another kind than the network promises makes the payload unreadable."""
    try:
        yield
    except KeyError as error:
        raise UnreadableError(f"This is not {what}: it has no {error}.") from error
    except (TypeError, ValueError, AttributeError, IndexError, OverflowError, OSError) as error:
        raise UnreadableError(f"This is not {what}: a value is of the wrong kind ({error}).") from error


def text(value: object) -> str:
    """A string, or nothing where the network says nothing. Raises TypeError for anything else."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} where a text was expected")
    return value


def named(value: object) -> str:
    """An id or a name that cannot be done without. Raises ValueError or TypeError."""
    said = text(value)
    if not said:
        raise ValueError("an id is empty")
    return said


def version(words: str) -> str:
    """A few letters that change with the words: the version of something that has none of its own."""
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:12]
