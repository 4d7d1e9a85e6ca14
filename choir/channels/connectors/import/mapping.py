"""What the importer kept of a row, as the contract's types. Pure."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from choir.channels.contract import Author, Item, Kind, Raw, UnreadableError


def items_of(raw: Raw) -> Sequence[Item]:
    """What the row says. Raises UnreadableError with what is missing or wrong."""
    try:
        said = json.loads(raw.payload)
        if not isinstance(said, dict):
            raise UnreadableError("This is not a row the importer kept: it is no JSON object.")
        return () if said.get("deleted") else (_item(said),)
    except UnicodeDecodeError as error:
        raise UnreadableError(f"This is not UTF-8: {error.reason} at byte {error.start}.") from error
    except json.JSONDecodeError as error:
        raise UnreadableError(f"This is not JSON: {error.msg} at character {error.pos}.") from error
    except KeyError as error:
        raise UnreadableError(f"The row has no {error}.") from error
    except (TypeError, ValueError) as error:
        raise UnreadableError(f"The row has a value of the wrong kind: {error}.") from error


def _item(said: Mapping[str, Any]) -> Item:
    at = dt.datetime.fromisoformat(said["at"])
    if at.tzinfo is None:
        raise UnreadableError(f"The time {said['at']!r} has no zone.")
    parent = str(said.get("parent", ""))
    kind = Kind(said["kind"]) if said.get("kind") else (Kind.REPLY if parent else Kind.POST)
    name = str(said.get("author_name", ""))
    return Item(
        external_id=str(said["id"]),
        kind=kind,
        author=Author(external_id=str(said["author"]), handle="" if name else str(said["author"]), name=name),
        text=str(said.get("text", "")),
        posted_at=at,
        parent_id=parent,
        thread_id=str(said.get("thread", "")),
        url=str(said.get("url", "")),
        language_hint=str(said.get("language", "")),
        stars=said.get("stars"),
        is_private=kind is Kind.DIRECT,
        is_ours=not said["inbound"],
    )
