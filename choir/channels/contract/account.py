"""Our account on a network: who it is, what opens it, and what the network says of its limits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Secret = Mapping[str, str]
Renewal = Callable[[Secret], Secret]


class Bucket(StrEnum):
    """What an allowance is for."""

    ALL = "all"
    READ = "read"
    WRITE = "write"
    SEARCH = "search"  # where searching has an allowance of its own


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the network says is left until `resets_at`. `holder` names whose allowance it is when it is not this
    account's own: an app's id, an address, never a secret. Where the network states nothing, `remaining` is None and
    `spent` units are taken from `limit`, full again at `resets_at`."""

    limit: int
    remaining: int | None
    resets_at: dt.datetime
    bucket: Bucket = Bucket.ALL
    holder: str = ""
    spent: int = 1


def _noted_nowhere(allowance: Allowance) -> None:
    return


@dataclass(frozen=True, slots=True)
class Account:
    """Our account on the network. `secret` never shows in a repr, a log or an exception.

    `note` takes every allowance the network states, so that all workers see it. `renew` replaces the secret where the
    network hands out a new one (an expired session, a refresh token): it is given a function from the newest secret to
    the one to keep, runs it alone, and returns what was kept. When that newest secret is no longer the one that
    failed, somebody else has renewed it already: the function returns it as it is."""

    external_id: str
    handle: str
    settings: Mapping[str, Any]
    secret: Secret = field(default_factory=dict, repr=False)
    note: Callable[[Allowance], None] = field(default=_noted_nowhere, repr=False, compare=False)
    renew: Callable[[Renewal], Secret] | None = field(default=None, repr=False, compare=False)

    def renewed(self, renewal: Renewal) -> Secret:
        """The secret after a renewal, kept where somebody keeps it."""
        return renewal(self.secret) if self.renew is None else self.renew(renewal)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The account that what a person filled in opens. `settings` and `secret` are what is to be kept, besides what was
    filled in: an address found, the instance's limits, a token instead of a password."""

    external_id: str
    handle: str
    name: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    secret: Secret = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Authorization:
    """Where a person goes to allow us in, and what has to be kept until they come back."""

    url: str
    kept: Secret = field(default_factory=dict, repr=False)
