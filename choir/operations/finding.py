"""What a check of the installation comes back with."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """One thing looked at: how it stands, and, unless all is well, what to do about it."""

    subject: str
    verdict: Verdict
    says: str
    advice: str = ""
