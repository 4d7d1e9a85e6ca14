"""Why something did not leave. Each text says what happened and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from choir.outbound.checks import Finding
from choir.outbound.queries import Change


class RefusedError(Exception):
    """A reply, an approval or a delivery that may not go on as asked; nothing was written."""


class StaleReply(RefusedError):
    """The conversation moved on since the writer looked at it. `changes` says what happened, oldest first."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self.changes = tuple(changes)
        happened = " ".join(str(change) for change in self.changes) or "The conversation changed."
        super().__init__(f"{happened} Your text is kept; look at what is new, then send it or change it.")


class TooLong(RefusedError):
    """The network takes fewer characters than the reply has."""

    def __init__(self, *, count: int, limit: int, network: str) -> None:
        self.count, self.limit = count, limit
        super().__init__(
            f"The reply has {count:,} characters and {network} takes {limit:,}. Shorten it by {count - limit:,}."
        )


class CannotReply(RefusedError):
    """This channel cannot carry the answer: its network cannot, it is paused, or there is nothing to answer."""


class CannotAttach(RefusedError):
    """A picture or file that the network does not take."""


class CannotModerate(RefusedError):
    """What was asked for cannot be done about this on its network."""


class CheckStopped(RefusedError):
    """A check found something that must not leave. `findings` has every finding, the ones that only warn too."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(" ".join(f"{one.what} {one.do}" for one in self.findings if one.stops))


class TooLate(RefusedError):
    """The answer is already on its way, or the question was settled before."""
