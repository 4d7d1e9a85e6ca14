"""Installs the servers of the network suites, each within a time limit, and writes down which could not be and why.

Run as `python -m tests.networks.install FOLDER`; what is there already is not installed again. Missing programs (Node,
Redis, a C++ compiler) are installed with apt-get where that is allowed. `CHOIR_NETWORKS_MINUTES` is the limit, six.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

MASTODON_MOCK = "mastodon-mock==0.6.1"
DEV_ENV = "0.3.215"
END = time.monotonic() + 60 * float(os.environ.get("CHOIR_NETWORKS_MINUTES", "6"))


class NotInstalledError(Exception):
    """Why a server could not be installed."""


def run(*command: str, cwd: Path | None = None) -> None:
    """A command within what is left of the time."""
    left = END - time.monotonic()
    if left <= 0:
        raise NotInstalledError("the time for installing was over")
    try:
        done = subprocess.run(
            command, cwd=cwd, timeout=left, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        raise NotInstalledError(f"“{' '.join(command[:3])}” was not done in time") from None
    except OSError as error:
        raise NotInstalledError(f"“{command[0]}” could not be run ({error})") from None
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-3:]
        raise NotInstalledError(f"“{' '.join(command[:3])}” failed: {' '.join(last)[:300]}")


def need(program: str, *packages: str) -> None:
    """A program of the system, installed when it is missing and that is allowed."""
    if shutil.which(program):
        return
    if not shutil.which("apt-get") or os.geteuid():
        raise NotInstalledError(f"{program} is missing (Debian: apt install {' '.join(packages)})")
    run("apt-get", "update", "-qq")
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages)


def mastodon_mock(folder: Path) -> None:
    """From PyPI, in an environment of its own."""
    python = folder / "python/bin/python"
    if (folder / "python/bin/mastodon_mock").exists():
        return
    if importlib.util.find_spec("uv"):
        run(sys.executable, "-m", "uv", "venv", "-q", str(folder / "python"), "--python", sys.executable)
        run(sys.executable, "-m", "uv", "pip", "install", "-q", "--python", str(python), MASTODON_MOCK)
        return
    run(sys.executable, "-m", "venv", "--without-pip", str(folder / "python"))
    run(sys.executable, "-m", "pip", "-q", "--python", str(python), "install", MASTODON_MOCK)


def bluesky(folder: Path) -> None:
    """From npm. Its database for accounts is compiled here: its makers publish no binary in the registry."""
    need("redis-server", "redis-server")
    need("node", "nodejs", "npm")
    need("npm", "npm")
    need("c++", "g++", "make", "python3")
    home = folder / "node"
    if (home / "done").exists():
        return
    home.mkdir(parents=True, exist_ok=True)
    (home / "package.json").write_text(json.dumps({"private": True, "dependencies": {"@atproto/dev-env": DEV_ENV}}))
    run("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", cwd=home)
    run("npm", "rebuild", "better-sqlite3", "--loglevel=error", cwd=home)
    (home / "done").touch()


SERVERS: dict[str, Callable[[Path], None]] = {"mastodon-mock": mastodon_mock, "bluesky": bluesky}


def attempted(name: str, folder: Path) -> str:
    """Install one; "" or why not."""
    began = time.monotonic()
    try:
        SERVERS[name](folder)
    except NotInstalledError as error:
        print(f"NOT DONE  {name}: {error}", flush=True)
        return str(error)
    print(f"ok        {name} ({time.monotonic() - began:.0f} s)", flush=True)
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
