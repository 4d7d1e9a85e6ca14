"""`choir up`: database, migrations, web and workers on one machine, under one supervisor."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import structlog
import typer

from choir.installation import postgres
from choir.installation.beginning import PLACE, nobody_is_here, token_to_begin
from choir.installation.home import Home
from choir.operations import several
from choir.operations.ready import Refusal, database_in_use, installation, preparing
from choir.operations.supervisor import Child, Supervisor
from config.environment import Environment, environment_or_exit

CHOIR = (sys.executable, "-m", "choir.operations")
GIVE_UP_AFTER_CRASHES = 3
WORKER_STOP_SECONDS = 9.0
DATABASE_CHECK_SECONDS = 1.0

log = structlog.get_logger()


def command(
    *,
    host: Annotated[str | None, typer.Option(help="Listen on this address instead of CHOIR_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Listen on this port instead of CHOIR_PORT.")] = None,
    workers: Annotated[int | None, typer.Option(min=0, help="So many workers instead of CHOIR_WORKERS.")] = None,
    demo: Annotated[bool, typer.Option(help="Load the demo company and let anyone sign in as its people.")] = False,
    log_files: Annotated[bool, typer.Option(help="Log into the installation's logs/, not to the terminal.")] = False,
    reload: Annotated[bool, typer.Option(help="Start anew when the source changes; for developers.")] = False,
) -> None:
    """Run everything on this machine until Ctrl-C: database, web and workers. A second Ctrl-C does not wait.

    Example: choir up --data /srv/choir --port 8000
    """
    for name, value in (("CHOIR_HOST", host), ("CHOIR_PORT", port), ("CHOIR_WORKERS", workers)):
        if value is not None:
            os.environ[name] = str(value)
    if demo:
        os.environ["CHOIR_DEMO_SIGN_IN"] = "true"
    settings, home = environment_or_exit(), installation()
    os.environ["CHOIR_DATA"] = str(home.path)
    with listening_socket(settings) as listener:
        children = processes(settings, listener.fileno(), home.logs if log_files else None, reload=reload)
        with database_in_use() as url, Supervisor(children).watching() as supervisor:
            run(supervisor, settings, home, url, demo=demo)


def run(supervisor: Supervisor, settings: Environment, home: Home, url: str, *, demo: bool) -> None:
    """Prepare, start, announce the address, and keep going until a stop is wanted."""
    began = time.monotonic()
    everything = supervisor.children
    supervisor.children = everything[:1]  # one web process first: the fewer start at once, the sooner it answers
    prepare(supervisor, home, ["migrate", "demo load"] if demo else ["migrate"])
    if settings.database_url is None:
        supervisor.each_tick = database_watch(home)
    if supervisor.run(until=lambda: answers(settings) or given_up(supervisor)):
        if given_up(supervisor):
            raise Refusal("The web server ends as soon as it starts; the log above, or logs/web.log, says why.")
        supervisor.children = everything
        say(f"Choir is at {settings.origin} ({time.monotonic() - began:.1f} s). Ctrl-C stops it.")
        if nobody_is_here(url):
            say(f"Nobody is here yet: begin at {settings.origin}/{PLACE}/{token_to_begin(home.secret_key)}")
        supervisor.run()
    say("Stopping …")


def processes(settings: Environment, descriptor: int, logs: Path | None, *, reload: bool) -> list[Child]:
    """Web processes, which share one listening socket, then workers: the order in which they end."""
    anew = ("--reload",) if reload else ()
    web = [
        Child(
            "web",
            (*CHOIR, "serve", "--descriptor", str(descriptor), *anew),
            descriptors=(descriptor,),
            output=logs / "web.log" if logs else None,
        )
        for _ in range(1 if reload else settings.web_processes)
    ]
    workers = [
        Child("worker", (*CHOIR, "worker", *anew), WORKER_STOP_SECONDS, output=logs / "worker.log" if logs else None)
        for _ in range(settings.workers)
    ]
    return [*web, *workers]


def listening_socket(settings: Environment) -> socket.socket:
    """The socket that all web processes accept on. While one is started anew connections wait in it."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host, settings.port), family=family, backlog=1024)
    except OSError as error:
        raise Refusal(
            f"Choir cannot listen on {settings.host}, port {settings.port} ({os.strerror(error.errno or 0)}); "
            "stop what uses the port, or choose another with --port."
        ) from None
    listener.set_inheritable(True)
    return listener


def prepare(supervisor: Supervisor, home: Home, commands: list[str]) -> None:
    """Run other `choir` commands to their end, or until a stop is wanted. The first web process starts meanwhile
    and waits with its first answer until this is done. Raises Refusal when a command fails."""
    say("Preparing the database …")
    with (
        preparing(home),
        subprocess.Popen(
            [sys.executable, "-m", several.__name__, *commands], stdout=sys.stderr, start_new_session=True
        ) as process,
    ):
        try:
            finished = supervisor.run(until=lambda: process.poll() is not None or given_up(supervisor))
        finally:
            if process.poll() is None:
                process.terminate()
    if finished and process.returncode > 0:
        raise Refusal(f"`choir {commands[-1]}` failed, so no page is served; the lines above say why.")


def database_watch(home: Home) -> Callable[[], None]:
    """What to do at each tick so that an embedded database that was killed runs again."""
    last = time.monotonic()

    def watch() -> None:
        nonlocal last
        if time.monotonic() - last < DATABASE_CHECK_SECONDS:
            return
        last = time.monotonic()
        if not postgres.is_running(home):
            log.warning("database.ended")
            try:
                postgres.ensure_running(home)
            except postgres.DatabaseUnavailable as error:
                log.error("database.unavailable", reason=str(error))

    return watch


def answers(settings: Environment) -> bool:
    """True once a web process answers that it serves and reaches the database."""
    address = urlsplit(Environment(public_url=None, host=settings.host, port=settings.port).origin)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=3)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def given_up(supervisor: Supervisor) -> bool:
    """True if the web server has never come up and has crashed too often to expect that it will."""
    return any(child.name == "web" and child.crashes >= GIVE_UP_AFTER_CRASHES for child in supervisor.children)


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
