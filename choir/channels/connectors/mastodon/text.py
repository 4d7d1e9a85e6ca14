"""A text as Mastodon counts and addresses it (https://docs.joinmastodon.org/user/posting/#text)."""

import regex

LINK = regex.compile(r"https?://\S+", regex.IGNORECASE)
LINK_CHARACTERS = 23
REMOTE = regex.compile(r"(?<![\w/])@(\w+(?:[\w.-]+\w)?)@[\w.-]+\w")
GRAPHEME = regex.compile(r"\X")


def length(text: str) -> int:
    """In graphemes; a link counts 23 whatever its length, somebody on another server only with their name."""
    shortened = REMOTE.sub(r"@\1", LINK.sub("x" * LINK_CHARACTERS, text))
    return len(GRAPHEME.findall(shortened))


def addressed(text: str, handle: str) -> str:
    """The text with whom it answers in front, unless they are named in it: without it they would not be told."""
    if not handle or regex.search(rf"(?<![\w/])@{regex.escape(handle)}(?![\w@.-]*\w)", text, regex.IGNORECASE):
        return text
    return f"@{handle} {text}"
