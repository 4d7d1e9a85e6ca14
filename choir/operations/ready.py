"""What a command needs before it can do anything: the installation, the database, Django."""

import fcntl
import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
import psycopg
from django.apps import apps

from choir.installation import postgres
from choir.installation.home import Home
from choir.installation.logs import write_logs
from config.environment import environment_or_exit

CONNECT_SECONDS = 5
PREPARING = "preparing.lock"


class Refusal(Exception):
    """A command cannot do what was asked; the text says what happened, what it means and what to do."""


def name_installation(arguments: list[str]) -> list[str]:
    """Take `--data DIR` out of `arguments`, wherever it stands, and make it the process's installation."""
    rest: list[str] = []
    given = iter(arguments)
    for argument in given:
        if argument == "--":
            return [*rest, argument, *given]
        name, equals, value = argument.partition("=")
        if name != "--data":
            rest.append(argument)
            continue
        folder = value if equals else next(given, "")
        if not folder:
            raise Refusal("--data needs the installation's folder after it, as in --data /srv/choir.")
        os.environ["CHOIR_DATA"] = str(Path(folder).expanduser().absolute())
    return rest


def installation() -> Home:
    """The installation that the settings name."""
    return Home(environment_or_exit().data)


@contextmanager
def database_in_use() -> Iterator[str]:
    """The URL of the database, the embedded one started if need be, for as long as the block runs.

    It stands in DATABASE_URL meanwhile, for Django and for processes started from here. Raises psycopg's
    OperationalError at once where a database given by DATABASE_URL does not answer.
    """
    given = environment_or_exit().database_url
    if given is not None:
        url = given.get_secret_value()
        psycopg.connect(url, connect_timeout=CONNECT_SECONDS).close()
        yield url
        return
    with postgres.in_use(installation()) as url:
        os.environ["DATABASE_URL"] = url
        try:
            yield url
        finally:
            del os.environ["DATABASE_URL"]


@contextmanager
def preparing(home: Home) -> Iterator[None]:
    """Keep processes that call `wait_until_prepared` waiting while the block runs; the kernel lets them go when
    this process ends, however it ends."""
    with (home.run / PREPARING).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def wait_until_prepared(home: Home) -> None:
    """Return once nobody on this machine is preparing the installation's database."""
    with (home.run / PREPARING).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_SH)


def logs_ready(*, quiet: bool) -> None:
    """Log lines look the same everywhere and go to standard error; a quiet command writes warnings alone."""
    level = environment_or_exit().log_level
    write_logs("warning" if quiet and level == "info" else level)


def django_ready() -> None:
    """Set Django up once; models may be imported from here on."""
    if not apps.ready:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        django.setup()


def spare_collections() -> None:
    """Call once everything is loaded. Python looks for cycles each time some hundred objects more were made than freed;
    a page makes thousands and a batch of messages ten thousands, and hardly a cycle. Looking seldom, and never at what
    the application itself is made of, takes a fifth off a page and a sixth off a message."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
