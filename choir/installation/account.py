"""The ordinary account under which root lets PostgreSQL run, and what that account can reach.

PostgreSQL refuses to run as root. An ordinary user runs it as themselves; root lends it an account that
exists already: the one that owns the cluster, else `choir` where an operator has made one, else `nobody`.
None is created.
"""

import hashlib
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CANDIDATES = ("choir", "nobody")


class NoAccount(Exception):
    """Root has no ordinary account to lend to the database; the text says what to do."""


@dataclass(frozen=True)
class Account:
    """Who runs the database's processes. `lent` is true where root lends another account than its own."""

    name: str
    uid: int
    gid: int
    lent: bool

    @property
    def subprocess_options(self) -> dict[str, Any]:
        """What `subprocess` needs to start a program as this account, with no other group and from a folder
        that everyone may enter."""
        place: dict[str, Any] = {"cwd": "/", "umask": 0o077}
        if self.lent:
            place |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return place

    def owns(self, path: Path) -> None:
        """Give `path` to this account, for it alone."""
        if self.lent:
            os.chown(path, self.uid, self.gid)
        path.chmod(0o700)

    def can_reach(self, path: Path) -> bool:
        """True if this account may enter the folder `path`, whatever stands above it."""
        if not self.lent:
            return os.access(path, os.X_OK)
        command = ["/bin/sh", "-c", 'cd "$0"', str(path)]
        answer = subprocess.run(command, capture_output=True, check=False, **self.subprocess_options)
        return answer.returncode == 0


def account_for(cluster: Path) -> Account:
    """The account that runs the database whose cluster is, or will be, at `cluster`."""
    mine = os.geteuid()
    if mine != 0:
        return _account(mine, lent=False)
    if cluster.exists() and (owner := cluster.stat().st_uid) != 0:
        return _account(owner, lent=True)
    for name in CANDIDATES:
        try:
            return _account(pwd.getpwnam(name).pw_uid, lent=True)
        except KeyError:
            continue
    raise NoAccount(
        "PostgreSQL does not run as root and this machine has no account `choir` or `nobody` to run it as; "
        "create one (`useradd --system choir`), start Choir as an ordinary user, or set DATABASE_URL."
    )


def _account(uid: int, *, lent: bool) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise NoAccount(
            f"The database must run as user id {uid}, which has no name on this machine, and PostgreSQL "
            "refuses that; add the user (in a container: to /etc/passwd), or set DATABASE_URL."
        ) from None
    return Account(entry.pw_name, uid, entry.pw_gid, lent)


def short_name(path: Path) -> str:
    """Twelve characters that stand for `path`: for folders elsewhere that belong to it."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
