"""What a network's own search understands, so that a listening query can be put to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SearchAbility:
    """What a network's own search understands, so that a listening query can be put to it as widely as it needs and no
    wider (`choir.listening.language.native`). Words side by side are taken to be all wanted. Whatever it does not
    understand is completed here: everything that comes back is matched again.

    `either`: what stands between alternatives (" OR "), "" where there is none. `without`: how an unwanted word is
    written ("-{value}"). `phrases`: "in quotes" is a phrase. `beginnings`: `word*` works. `groups`: ( ) work. `fields`:
    how a field is written, by its name ("author": "from:{value}") or with its value ("has:link": "filter:links").
    `only_hashtags`: nothing but one hashtag can be asked. `longest`: characters of one question; `most_questions`: how
    many a query may be split into."""

    either: str = ""
    without: str = ""
    phrases: bool = False
    beginnings: bool = False
    groups: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)
    only_hashtags: bool = False
    longest: int = 500
    most_questions: int = 4
