"""The data directory of one installation: database, media, keys, run-time files, logs.

Everything an installation owns on disk lies below one folder, named by `CHOIR_DATA` or `--data`. It is made
on first use. Only the account that runs Choir can read it, save that root lets the database's account pass
through (PostgreSQL refuses to run as root, see `postgres`).
"""

import os
import secrets
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from cryptography.fernet import Fernet, MultiFernet

OWNER_ONLY = 0o700
OWNER_ONLY_FILE = 0o600
PASSABLE = 0o711


class HomeUnusable(Exception):
    """The data directory cannot be made or used; the text says why and what to do."""


class Home:
    """One installation's folder. `Home(path)` makes it where it is missing; making it twice changes
    nothing."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).expanduser().resolve()
        try:
            self._make()
        except OSError as error:
            raise HomeUnusable(
                f"The data directory {self.path} cannot be used ({error.strerror or error}), so nothing was "
                "started; name a folder you may write to with --data or CHOIR_DATA."
            ) from error

    def __repr__(self) -> str:
        return f"Home({str(self.path)!r})"

    @property
    def database(self) -> Path:
        """The embedded database's cluster; a link where root's account for it cannot reach this folder."""
        return self.path / "database"

    @property
    def media(self) -> Path:
        """Files people and networks sent: attachments, pictures, exports."""
        return self.path / "media"

    @property
    def keys(self) -> Path:
        """Secrets, one file each, readable by the owner alone."""
        return self.path / "keys"

    @property
    def run(self) -> Path:
        """Sockets and locks; worthless once nothing runs."""
        return self.path / "run"

    @property
    def logs(self) -> Path:
        """What the database and the supervisor wrote."""
        return self.path / "logs"

    @cached_property
    def secret_key(self) -> str:
        """Signs sessions and links. Losing it signs everybody out, nothing more."""
        return self.secret("secret_key", lambda: secrets.token_urlsafe(64))

    @property
    def encryption_keys(self) -> list[str]:
        """Fernet keys for what is stored encrypted, newest first. Losing them loses the networks' tokens."""
        return self.secret("encryption_key", _new_fernet_key).split()

    @property
    def cipher(self) -> MultiFernet:
        """Encrypts with the newest key, decrypts with any."""
        return MultiFernet([Fernet(key) for key in self.encryption_keys])

    def rotate_encryption_key(self) -> None:
        """Put a new encryption key in front; the older ones still decrypt until rows are written anew."""
        keys = [_new_fernet_key(), *self.encryption_keys]
        write_secret(self.keys / "encryption_key", "\n".join(keys))

    def forget_older_encryption_keys(self) -> None:
        """Keep the newest encryption key alone; whatever older ones encrypted must have been written anew."""
        write_secret(self.keys / "encryption_key", self.encryption_keys[0])

    def secret(self, name: str, make: Callable[[], str]) -> str:
        """The secret called `name`, made once by `make`. Two processes that ask at once get the same one."""
        path = self.keys / name
        while not path.exists():
            if write_secret(path, make(), only_if_missing=True):
                break
        value = path.read_text("utf-8").strip()
        if not value:
            raise HomeUnusable(
                f"The key file {path} is empty; put it back from a backup or remove it to get a new one."
            )
        return value

    def is_empty(self) -> bool:
        """True while nothing was ever stored here: no database and no media."""
        return not os.path.lexists(self.database) and not any(self.media.iterdir())

    def _make(self) -> None:
        passable = {self.path, self.run, self.logs} if os.geteuid() == 0 else set()
        for folder in (self.path, self.media, self.keys, self.run, self.logs):
            if not folder.exists():
                folder.mkdir(parents=True, exist_ok=True)
                folder.chmod(PASSABLE if folder in passable else OWNER_ONLY)
        if not os.access(self.path, os.W_OK | os.X_OK) or not os.access(self.keys, os.R_OK | os.X_OK):
            raise PermissionError(13, "it belongs to another account")


def write_secret(path: Path, value: str, *, only_if_missing: bool = False) -> bool:
    """Write a secret file whole or not at all, mode 0600. False where it was there and `only_if_missing`."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY_FILE)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(value + "\n")
            file.flush()
            os.fsync(file.fileno())
        if not only_if_missing:
            draft.replace(path)
            return True
        try:
            os.link(draft, path)
        except FileExistsError:
            return False
        return True
    finally:
        draft.unlink(missing_ok=True)


def _new_fernet_key() -> str:
    return Fernet.generate_key().decode("ascii")
