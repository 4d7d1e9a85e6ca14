"""`choir`: the command line for operators. Commands are the modules of `commands/`."""

import importlib
import pkgutil
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated, Any

import psycopg
import typer
from django.db import OperationalError
from typer.core import TyperGroup

from choir.installation.home import HomeUnusable
from choir.installation.postgres import DatabaseUnavailable
from choir.installation.removal import NotRemovable
from choir.operations import commands
from choir.operations.ready import Refusal, database_in_use, django_ready, logs_ready, name_installation

SELF_RELIANT = frozenset({"backup", "doctor", "restore", "serve", "up", "worker"})
"""Commands that start the database and Django themselves, when and if they want them."""

LONG_RUNNING = frozenset({"serve", "up", "worker"})
"""Commands whose log lines an operator wants to see; of the others, only warnings."""

PLAIN: dict[str, Any] = {
    "add_completion": False,
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,  # they print local variables, secrets among them
}
HELP = frozenset({"--help", "-h"})


def modules() -> dict[str, str]:
    """Command name → name of its module in `commands/`."""
    found = [module.name for module in pkgutil.iter_modules(commands.__path__)]
    return {name.rstrip("_").replace("_", "-"): name for name in found}


def load(name: str) -> Any:
    """The command, or group of commands, called `name`."""
    module = importlib.import_module(f"{commands.__name__}.{modules()[name]}")
    if hasattr(module, "app"):
        around = typer.Typer(**PLAIN)
        around.add_typer(module.app, name=name)
        return typer.main.get_group(around).commands[name]
    alone = typer.Typer(**PLAIN)
    alone.command(name)(module.command)
    return typer.main.get_command(alone)


class CommandFolder(TyperGroup):
    """The commands that lie in `commands/`; one is imported when it is called, all for `choir --help`."""

    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(modules())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in modules():
            return None
        if cmd_name not in SELF_RELIANT:
            django_ready()
        return load(cmd_name)


app = typer.Typer(cls=CommandFolder, no_args_is_help=True, **PLAIN)


@app.callback()
def choir(
    data: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="The installation's folder (also CHOIR_DATA); anywhere in the line."),
    ] = None,
) -> None:
    """Choir: every department that talks to customers, in one place.

    Example: choir up --data /srv/choir
    """


def tables_ready() -> None:
    """An installation is made on first use: any command may be the first, so the tables are brought up to date."""
    django_ready()
    module = importlib.import_module(f"{commands.__name__}.migrate")
    if module.pending():
        module.bring_up_to_date()


@contextmanager
def sentences(program: str = "choir") -> Iterator[None]:
    """What stands in the way of a command becomes one sentence on standard error, and exit code 1."""
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        yield
    except (Refusal, HomeUnusable, DatabaseUnavailable, NotRemovable) as refusal:
        sys.stderr.write(f"{program}: {refusal}\n")
        raise SystemExit(1) from None
    except (OperationalError, psycopg.OperationalError) as error:
        reason = " ".join(str(error).split())
        sys.stderr.write(f"{program}: The database does not answer ({reason}); `choir doctor` says more.\n")
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def main() -> None:
    """Run one command. Exit codes: 0 done, 1 not done (a sentence says why), 2 wrong use or a wrong setting."""
    with sentences(), ExitStack() as stack:
        arguments = name_installation(sys.argv[1:])
        name = next((argument for argument in arguments if not argument.startswith("-")), "")
        logs_ready(quiet=name not in LONG_RUNNING)
        if name in modules() and name not in SELF_RELIANT and HELP.isdisjoint(arguments):
            stack.enter_context(database_in_use())
            if name != "migrate":
                tables_ready()
        app(arguments, prog_name="choir")
