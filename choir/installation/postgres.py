"""The embedded PostgreSQL: made, started, shared and stopped by Choir itself.

The server belongs to the installation, not to the process that started it: any process may ask for it
(`ensure_running`), gets the same one, and the last that used it (`in_use`) stops it. Nothing is believed that
a `kill -9` could have left behind: a server runs if its process has the cluster as its working directory and
answers.
"""

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import structlog

from choir.installation.account import Account, NoAccount, account_for, short_name
from choir.installation.cluster import DATABASE, ROLE, create_cluster, ensure_role_and_database, password_of
from choir.installation.database_url import socket_url
from choir.installation.home import Home
from choir.installation.postgres_programs import NoPrograms, find_programs, reachable_by
from choir.installation.postgres_settings import server_settings, write_configuration

START_SECONDS = 120  # recovery after a crash replays up to max_wal_size
FAST_STOP_SECONDS = 30
SOCKET_PATH_LIMIT = 107 - len("/.s.PGSQL.5432.lock")  # sockaddr_un holds 108 bytes

log = structlog.get_logger()

_launched: dict[Path, "subprocess.Popen[bytes]"] = {}
"""Servers this process started, so that one that ends is reaped."""


class DatabaseUnavailable(Exception):
    """The embedded database cannot be started or reached; the text says what to do."""


def ensure_running(home: Home, *, durable: bool = True) -> str:
    """Start the installation's database unless it runs, and return its URL once it answers.

    `durable=False` trades safety against power loss for speed: for tests alone. Raises DatabaseUnavailable.
    """
    if _server(home) is not None and _answers(url := _url(home)):
        return url
    with _only_one(home):
        try:
            return _start(home, durable=durable)
        except (NoAccount, NoPrograms) as error:
            raise DatabaseUnavailable(str(error)) from error
        except OSError as error:
            raise DatabaseUnavailable(
                f"The embedded database in {home.database} could not be started: {error}. Check that the "
                "folder belongs to the account that starts Choir and that the disk has room."
            ) from error


def is_running(home: Home) -> bool:
    """True while the installation's server process lives."""
    return _server(home) is not None


def stop(home: Home) -> None:
    """Stop the installation's database; a running transaction is rolled back. Nothing happens if it does not
    run."""
    with _only_one(home):
        server = _server(home)
        if server is None:
            return
        log.info("database.stopping", pid=server.pid)
        for kind, seconds in ((signal.SIGINT, FAST_STOP_SECONDS), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
            with suppress(psutil.NoSuchProcess):
                server.send_signal(kind)
            if _ends_within(server, seconds):
                _reap(home)
                return
        raise DatabaseUnavailable(f"The database server, process {server.pid}, does not stop; look at {home.logs}.")


@contextmanager
def in_use(home: Home, *, durable: bool = True) -> Iterator[str]:
    """The database's URL for as long as the block runs; the last user of the installation stops the
    server."""
    descriptor = os.open(home.run / "database.users", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield ensure_running(home, durable=durable)
    finally:
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            stop(home)
        os.close(descriptor)


def _url(home: Home) -> str:
    folder = str(_socket_folder(home))
    return socket_url(user=ROLE, password=password_of(home), database=DATABASE, folder=folder)


def _start(home: Home, *, durable: bool) -> str:
    began = time.monotonic()
    account = account_for(home.database)
    create_cluster(home, account, durable=durable)
    if _server(home) is None:
        _clear_leftovers(home)
        _reap(home)
        _launched[home.path] = _launch(home, account, durable=durable)
    url = _url(home)
    _wait_until_it_answers(home, url, until=began + START_SECONDS)
    log.info("database.started", seconds=round(time.monotonic() - began, 2), account=account.name)
    return url


def _wait_until_it_answers(home: Home, url: str, *, until: float) -> None:
    pause = 0.01
    while not _answers(url):
        process = _launched.get(home.path)
        if _server(home) is None and (process is None or process.poll() is not None):
            raise DatabaseUnavailable(_why_it_ended(home))
        if time.monotonic() > until:
            raise DatabaseUnavailable(
                f"The database did not answer within {START_SECONDS} seconds; it may still be recovering. "
                f"Look at {home.logs} and try again."
            )
        ensure_role_and_database(home, url)
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)


def _reap(home: Home) -> None:
    """Take note that a server which this process had started has ended."""
    if process := _launched.pop(home.path, None):
        process.poll()


def _launch(home: Home, account: Account, *, durable: bool) -> "subprocess.Popen[bytes]":
    cluster = home.database.resolve()
    version = int((cluster / "PG_VERSION").read_text().strip())
    programs = reachable_by(account, find_programs(version))
    logs = _log_folder(home, account, cluster)
    folder = _socket_folder(home)
    folder.mkdir(mode=0o700, exist_ok=True)
    _must_own(folder, account)
    account.owns(folder)
    settings = server_settings(logs=logs, socket_folder=folder, durable=durable)
    write_configuration(cluster, account, settings)
    with (home.logs / "database-start.log").open("wb") as output:
        return subprocess.Popen(
            [programs["postgres"], "-D", str(cluster)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C in the terminal is for Choir, which stops the database last
            env=_environment(),
            **account.subprocess_options,
        )


def _environment() -> dict[str, str]:
    """The caller's environment without libpq's variables, and with a time zone and messages we can read."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_MESSAGES": "C"}


def _log_folder(home: Home, account: Account, cluster: Path) -> Path:
    """Where the server's own log goes: in the installation's logs, or beside the cluster if it lies
    elsewhere."""
    folder = home.logs / "database" if cluster == home.database else cluster.parent / "logs"
    folder.mkdir(exist_ok=True)
    account.owns(folder)
    return folder


def _socket_folder(home: Home) -> Path:
    """The folder of the server's socket: in the installation, beside the cluster if that lies elsewhere, or
    under /tmp where the path is too long for a socket."""
    folder = home.run / "database"
    if home.database.is_symlink():
        folder = home.database.resolve().parent / "socket"
    if len(os.fsencode(folder)) <= SOCKET_PATH_LIMIT:
        return folder
    return Path(f"/tmp/choir-{short_name(home.path)}")  # noqa: S108 -- its owner is checked


def _must_own(folder: Path, account: Account) -> None:
    if folder.stat(follow_symlinks=False).st_uid not in {account.uid, os.geteuid()} or folder.is_symlink():
        raise DatabaseUnavailable(
            f"The folder {folder}, in which the database's socket belongs, is another account's; "
            "remove it and try again."
        )


def _server(home: Home) -> psutil.Process | None:
    """The running postmaster, if the process named in postmaster.pid is one, of this very cluster."""
    try:
        first_line = (home.database / "postmaster.pid").read_text().splitlines()[0]
        process = psutil.Process(int(first_line))
        ours = _works_in(process, home.database.resolve())
    except (OSError, IndexError, ValueError, psutil.Error):
        return None
    return process if ours and _is_alive(process) else None


def _works_in(process: psutil.Process, folder: Path) -> bool:
    """True if `folder` is the process's working directory: so with every process of a PostgreSQL server."""
    try:
        return bool(process.cwd() == str(folder))
    except psutil.Error:
        return False


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _ends_within(process: psutil.Process, seconds: float) -> bool:
    """Wait for `process` to end. psutil's own wait would wait for its parent, too, to take note of it."""
    deadline = time.monotonic() + seconds
    while _is_alive(process):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _clear_leftovers(home: Home) -> None:
    """After the postmaster was killed: end backends that outlived it, drop a pid file that names nobody.

    Such backends still write to the shared memory, and a new postmaster refuses to start beside them. A pid
    file whose number went to some other process would make it refuse for ever.
    """
    cluster = home.database.resolve()
    orphans = [process for process in psutil.process_iter() if _works_in(process, cluster) and _is_alive(process)]
    for process in orphans:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    if orphans:
        log.warning("database.leftovers_ended", processes=len(orphans))
        psutil.wait_procs(orphans, timeout=5)
    (cluster / "postmaster.pid").unlink(missing_ok=True)


def _answers(url: str) -> bool:
    """True if the server takes a connection as the application's role."""
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _why_it_ended(home: Home) -> str:
    last = (home.logs / "database-start.log").read_text(errors="replace").strip().splitlines()[-3:]
    reason = " ".join(line.strip() for line in last) or "it gave no reason"
    return f"The embedded database in {home.database} ended while starting: {reason}. More stands in {home.logs}."


@contextmanager
def _only_one(home: Home) -> Iterator[None]:
    """Hold the installation's start lock: of several processes one starts or stops the server, the others
    wait."""
    descriptor = os.open(home.run / "database.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
