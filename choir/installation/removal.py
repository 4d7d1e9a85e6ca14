"""An installation taken off the machine: its database, files and keys. There is no way back."""

import fcntl
import os
import shutil
from pathlib import Path

from choir.installation import postgres
from choir.installation.home import Home


class NotRemovable(Exception):
    """The folder is no installation of Choir, or one that is in use; nothing was removed."""


def remove_installation(path: Path) -> None:
    """Remove the installation in `path`; where there is none, nothing happens. Raises NotRemovable."""
    if not path.exists() or not any(path.iterdir()):
        return
    if not all((path / name).is_dir() for name in ("keys", "media", "run")):
        raise NotRemovable(f"{path} is no folder that Choir made, so nothing in it was removed; look at it yourself.")
    home = Home(path)
    descriptor = os.open(home.run / "database.users", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise NotRemovable(f"A Choir runs on {path}, so nothing was removed; stop it first.") from None
    else:
        postgres.stop(home)
        if home.database.is_symlink():
            shutil.rmtree(home.database.resolve().parent, ignore_errors=True)
        shutil.rmtree(home.path)
    finally:
        os.close(descriptor)
