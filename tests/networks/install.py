"""Installs the servers of the network suites and writes down which could not be and why.

Run as `python -m tests.networks.install FOLDER`. What comes from npm and PyPI is locked by hash in the folders beside
this file, and lies in FOLDER under a name made of its lock: another lock is another installation, the same lock is
installed once. An installation gets its name when it is complete, so that one that was interrupted is made anew.
Programs of the system (Node, Redis, dovecot, Postfix, nginx) are installed with apt-get when they are missing and that
is allowed. `CHOIR_NETWORKS_MINUTES` is the limit for all of it, twelve.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

HERE = Path(__file__).parent
END = time.monotonic() + 60 * float(os.environ.get("CHOIR_NETWORKS_MINUTES", "12"))
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"
OLDEST_NODE = (18, 7)
POLICY = Path("/usr/sbin/policy-rc.d")  # Debian asks it whether a package may start its service
PACKAGES = {
    "redis-server": ("redis-server",),
    "node": ("nodejs", "npm", "libnode-dev"),
    "npm": ("npm",),
    "c++": ("g++", "make", "python3"),
    "dovecot": ("dovecot-imapd", "dovecot-lmtpd", "dovecot-sieve"),
    "/usr/lib/dovecot/lmtp": ("dovecot-lmtpd",),
    "/usr/lib/dovecot/modules/lib90_sieve_plugin.so": ("dovecot-sieve",),
    "postfix": ("postfix",),
    "nginx": ("nginx-light",),
}
_one_at_a_time = threading.Lock()


class NotInstalledError(Exception):
    """Why a server could not be installed."""


def run(*command: str, cwd: Path | None = None, **environment: str) -> str:
    """A command within what is left of the time; what it said."""
    left = END - time.monotonic()
    if left <= 0:
        raise NotInstalledError("the time for installing was over")
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            timeout=left,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            env=os.environ | {"PATH": PATH} | environment,
        )
    except subprocess.TimeoutExpired:
        raise NotInstalledError(f"“{' '.join(command[:3])}” was not done in time") from None
    except OSError as error:
        raise NotInstalledError(f"“{command[0]}” could not be run ({error})") from None
    if done.returncode:
        last = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()][-3:]
        raise NotInstalledError(f"“{' '.join(command[:3])}” failed: {' '.join(last)[:300]}")
    return done.stdout.strip()


def is_there(program: str) -> bool:
    """Whether a program (or a file, by its path) is on this machine."""
    return Path(program).exists() if program.startswith("/") else shutil.which(program, path=PATH) is not None


def need(*programs: str) -> None:
    """Programs of the system, installed when they are missing and that is allowed."""
    with _one_at_a_time:
        missing = [one for one in programs if not is_there(one)]
        packages = list(dict.fromkeys(package for one in missing for package in PACKAGES[one]))
        if not packages:
            return
        if not shutil.which("apt-get") or os.geteuid():
            raise NotInstalledError(f"{', '.join(missing)} is missing (Debian: apt install {' '.join(packages)})")
        apt = ("apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300")
        run(*apt, "update")
        with _services_stay_off():
            run(*apt, "install", "-y", "--no-install-recommends", *packages, DEBIAN_FRONTEND="noninteractive")


@contextmanager
def _services_stay_off() -> Iterator[None]:
    """What is installed for tests does not begin to serve this machine."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


@contextmanager
def made_once(folder: Path, name: str, *about: str) -> Iterator[Path | None]:
    """An empty folder to install into, which gets its lasting name at the end; None where that is there already.
    `about` is what the installation depends on. Older ones of the name go."""
    lasting = folder / f"{name}-{sha256(' '.join(about).encode()).hexdigest()[:12]}"
    link = folder / name
    if not lasting.exists():
        building = folder / f"{name}-building"
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(parents=True)
        yield building
        building.rename(lasting)
    else:
        yield None
    for older in folder.glob(f"{name}-*"):
        if older != lasting:
            shutil.rmtree(older, ignore_errors=True)
    link.unlink(missing_ok=True)
    link.symlink_to(lasting.name)


def mastodon_mock(folder: Path) -> None:
    """From PyPI, in an environment of its own, beside which nothing of ours is installed."""
    lock = HERE / "mastodon/requirements.txt"
    with made_once(folder, "mastodon-mock", lock.read_text(), sys.version) as place:
        if place is None:
            return
        python = str(place / "bin/python")
        if importlib.util.find_spec("uv"):
            run(sys.executable, "-m", "uv", "venv", "-q", "--allow-existing", str(place), "--python", sys.executable)
            run(sys.executable, "-m", "uv", "pip", "sync", "-q", "--require-hashes", "--python", python, str(lock))
        else:
            run(sys.executable, "-m", "venv", "--without-pip", str(place))
            install = ("install", "--require-hashes", "-r", str(lock))
            run(sys.executable, "-m", "pip", "-q", "--python", python, *install)


def bluesky(folder: Path) -> None:
    """From npm. Only its database for accounts is compiled, quickly rather than for speed: its makers publish no
    binary in the registry, and everything else runs as it comes, without install scripts."""
    need("node", "npm", "redis-server")
    version = run("node", "--version")
    if tuple(int(one) for one in re.findall(r"\d+", version)[:2]) < OLDEST_NODE:
        raise NotInstalledError(f"Node {version} is too old; it needs {'.'.join(map(str, OLDEST_NODE))} or later")
    lock = HERE / "bluesky/package-lock.json"
    with made_once(folder, "bluesky", lock.read_text(), version) as place:
        if place is None:
            return
        need("c++")
        for name in ("package.json", "package-lock.json"):
            shutil.copy(lock.with_name(name), place)
        run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", cwd=place)
        prefix = Path(run("node", "-p", "process.execPath")).parent.parent
        headers = {"npm_config_nodedir": str(prefix)} if (prefix / "include/node/node.h").exists() else {}
        quickly = {"CFLAGS": "-O1", "CXXFLAGS": "-O1", "JOBS": "2"}
        run("npm", "rebuild", "better-sqlite3", "--loglevel=error", cwd=place, **quickly, **headers)


def mail(folder: Path) -> None:
    """Debian's dovecot and Postfix, run from a folder of the tests."""
    if os.geteuid():
        raise NotInstalledError("Postfix and dovecot start as root only")
    need("dovecot", "/usr/lib/dovecot/lmtp", "/usr/lib/dovecot/modules/lib90_sieve_plugin.so", "postfix")


def feeds(folder: Path) -> None:
    """Debian's nginx."""
    need("nginx")


SERVERS: dict[str, Callable[[Path], None]] = {
    "mastodon-mock": mastodon_mock,
    "bluesky": bluesky,
    "mail": mail,
    "feeds": feeds,
}


def attempted(name: str, folder: Path) -> str:
    """Install one; "" or why not."""
    began = time.monotonic()
    try:
        SERVERS[name](folder)
    except (NotInstalledError, OSError) as error:
        print(f"NOT INSTALLED  {name}: {error}", flush=True)
        return str(error)
    print(f"ok             {name} ({time.monotonic() - began:.0f} s)", flush=True)
    return ""


def main() -> None:
    """Install all of them at once."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor() as pool:
        problems = dict(zip(SERVERS, pool.map(lambda name: attempted(name, folder), SERVERS), strict=True))
    (folder / "installed.json").write_text(json.dumps(problems))


if __name__ == "__main__":
    main()
