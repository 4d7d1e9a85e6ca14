"""What may go wrong with a network. Every text says what happened and what to do, and holds no secret."""

from __future__ import annotations

import datetime as dt


class ConnectorError(Exception):
    """Something went wrong with a network. The text says what happened and what to do, without any secret."""


class SignInExpiredError(ConnectorError):
    """The network no longer accepts our credentials; a person has to connect the channel again."""


class RateLimitedError(ConnectorError):
    """The network asks to wait until `until`."""

    def __init__(self, message: str, *, until: dt.datetime) -> None:
        super().__init__(message)
        self.until = until


class TemporaryError(ConnectorError):
    """The network failed or could not be reached. `may_have_happened`: an answer could have got through."""

    def __init__(self, message: str, *, may_have_happened: bool = True) -> None:
        super().__init__(message)
        self.may_have_happened = may_have_happened


class RejectedError(ConnectorError):
    """The network refuses this for good (too long, deleted, blocked); trying again will not help."""


class UnreadableError(ConnectorError):
    """A raw payload cannot be mapped; it is set aside with this reason."""
