"""Starting and stopping the servers, and cutting the line to one."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg

START_SECONDS = 120


def free_port() -> int:
    """A port nobody has."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait_for(port: int, *, seconds: float = START_SECONDS) -> None:
    """Until somebody answers there."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise AssertionError(f"nothing answers on port {port} after {seconds} s")


class MastodonMock:
    """mastodon-mock with its rows in a file: killed and started again it knows what it knew."""

    def __init__(self, installation: Path, folder: Path, accounts: list[str]) -> None:
        self.port, self.folder = free_port(), folder
        self.address = f"http://127.0.0.1:{self.port}"
        seeds = "".join(f'[[seed.accounts]]\nusername = "{name}"\naccess_token = "token-{name}"\n' for name in accounts)
        (folder / "mock.toml").write_text(f'[database]\npath = "{folder / "mock.sqlite"}"\n{seeds}')
        self.command = [
            str(installation / "mastodon-mock/bin/python"), "-m", "mastodon_mock", "serve",
            "--config", str(folder / "mock.toml"), "--port", str(self.port), "--log-level", "error",
        ]  # fmt: skip
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start, and wait until it answers."""
        with (self.folder / "mock.log").open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log)
        wait_for(self.port)

    def stop(self) -> None:
        """SIGKILL."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """A Redis that keeps nothing; its address."""
    port = free_port()
    program = shutil.which("redis-server") or "redis-server"
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with (folder / "redis.log").open("wb") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        wait_for(port)
        yield f"127.0.0.1:{port}"
    finally:
        running.kill()
        running.wait()


def node_database(url: str) -> str:
    """An empty database beside ours, as Node's driver wants it named: the socket's folder unescaped."""
    name = f"atproto_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
        connection.execute(f'CREATE DATABASE "{name}"')
    parts = urlsplit(url)
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    more = "&".join(f"{key}={value}" for key, value in query.items())
    return f"postgresql://{parts.netloc}/{name}?{more}"


@contextmanager
def at_network(installation: Path, folder: Path, database_url: str) -> Iterator[dict[str, str]]:
    """The whole AT network; the addresses of its servers."""
    with redis(folder) as redis_address:
        environment = os.environ | {
            "DB_POSTGRES_URL": node_database(database_url),
            "REDIS_HOST": redis_address,
            "LOG_ENABLED": "false",
            "NODE_PATH": str(installation / "bluesky/node_modules"),
            "NODE_NO_WARNINGS": "1",
        }
        script = Path(__file__).parent / "bluesky/network.cjs"
        with (folder / "network.log").open("wb") as log:
            running = subprocess.Popen(
                ["node", str(script)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment,
                text=True,
            )
        try:
            assert running.stdout is not None
            line = running.stdout.readline()
            assert line.startswith("{"), (folder / "network.log").read_text()[-2000:]
            addresses: dict[str, str] = json.loads(line)
            yield addresses
        finally:
            running.send_signal(signal.SIGKILL)
            running.communicate()


class Line:
    """A line to a server that can be cut: connections break and none are taken until it is mended."""

    def __init__(self, port: int) -> None:
        self.target, self.port = port, free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.listening: socket.socket | None = None
        self.open: set[socket.socket] = set()
        self.mend()

    def mend(self) -> None:
        """Take connections (again)."""
        self.listening = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
        threading.Thread(target=self._take, args=(self.listening,), daemon=True).start()

    def cut(self) -> None:
        """Break what is there, refuse what comes."""
        if self.listening is not None:
            with contextlib.suppress(OSError):
                self.listening.shutdown(socket.SHUT_RDWR)
            self.listening.close()
        for one in list(self.open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self.open.clear()

    def _take(self, listening: socket.socket) -> None:
        while True:
            try:
                ours, _ = listening.accept()
                theirs = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                return
            self.open |= {ours, theirs}
            for one, other in ((ours, theirs), (theirs, ours)):
                threading.Thread(target=_pour, args=(one, other), daemon=True).start()


def _pour(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while said := one.recv(65536):
            other.sendall(said)
    for each in (one, other):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()
