"""What may go wrong with a network. The words say what happened and what to do, and hold no secret; what Choir does
about it by itself is said once, after them, whoever raised it and however often it was passed on."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar


class ConnectorError(Exception):
    """Something went wrong with a network. `words` say what happened and what to do, without any secret: they are for
    somebody who tries just now. As a string it also says what happens `by_itself`, for those who read it later."""

    by_itself: ClassVar[str] = ""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words

    def __str__(self) -> str:
        return f"{self.words} {self.by_itself}".rstrip()


class SignInExpiredError(ConnectorError):
    """The network no longer accepts our credentials; a person has to connect the channel again."""


class RateLimitedError(ConnectorError):
    """The network asks to wait until `until`."""

    by_itself = "It is tried again by itself then."

    def __init__(self, words: str, *, until: dt.datetime) -> None:
        super().__init__(words)
        self.until = until


class TemporaryError(ConnectorError):
    """The network failed or could not be reached. `may_have_happened`: an answer could have got through."""

    by_itself = "It is tried again by itself."

    def __init__(self, words: str, *, may_have_happened: bool = True) -> None:
        super().__init__(words)
        self.may_have_happened = may_have_happened


class RejectedError(ConnectorError):
    """The network refuses this for good (too long, deleted, blocked); trying again will not help."""


class UnreadableError(ConnectorError):
    """A raw payload cannot be mapped; it is set aside with this reason."""
