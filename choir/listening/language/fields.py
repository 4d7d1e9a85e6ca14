"""The fields a query may ask about: their names, values and what they mean. One table for the parser, both ways of
matching and the page that explains them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

TRAITS: Mapping[str, str] = {
    "link": "a web address",
    "media": "a picture, video or file",
    "hashtag": "a hashtag",
    "mention": "somebody’s @handle",
    "question": "a question mark",
    "emoji": "an emoji",
    "stars": "a rating",
}
KINDS = ("post", "comment", "reply", "review")


@dataclass(frozen=True, slots=True)
class Asked:
    """One field: what it asks, an example, and its values where there are only some. `is_number`: it is compared."""

    meaning: str
    example: str
    values: tuple[str, ...] = ()
    is_number: bool = False


FIELDS: Mapping[str, Asked] = {
    "author": Asked("who wrote it, by handle or name", 'author:"Ana Lima"'),
    "language": Asked("the language it is written in, by its code", "language:de"),
    "network": Asked("where it was said", "network:mastodon"),
    "channel": Asked("the channel that heard it, by name", 'channel:"Acme help"'),
    "has": Asked("what comes with it", "has:link", tuple(TRAITS)),
    "is": Asked("what sort of thing it is", "is:reply", KINDS),
    "sentiment": Asked("how it sounds", "sentiment:negative", ("positive", "neutral", "negative", "mixed")),
    "objective": Asked("what it is about for the company", "objective:care"),
    "topic": Asked("what it is about", "topic:delivery"),
    "stars": Asked("its rating", "stars:<=2", is_number=True),
    "followers": Asked("how many follow its author", "followers:>=10000", is_number=True),
}
