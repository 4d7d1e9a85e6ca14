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
    `only_hashtags`: nothing but one hashtag can be asked; `also_hashtags`: a word is asked as a hashtag too. `longest`:
    characters of one question; `most_questions`: how many a query may be split into.

    `is_streamed`: the network's stream tells everything that is searched, so searching only finds what it missed.
    `is_of_one_server`: each server of the network shows its own part of it, so accounts on several are all asked.
    `days_back`: how far back it goes, None where that is not limited in days. `remark`: what else a person should know
    of how far it reaches, as a sentence."""

    either: str = ""
    without: str = ""
    phrases: bool = False
    beginnings: bool = False
    groups: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)
    only_hashtags: bool = False
    also_hashtags: bool = False
    longest: int = 500
    most_questions: int = 4
    is_streamed: bool = False
    is_of_one_server: bool = False
    days_back: int | None = None
    remark: str = ""
