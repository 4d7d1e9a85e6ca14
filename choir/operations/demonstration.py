"""`bin/demo`: an invented company to look at and try, in an installation of its own."""

import importlib
import os
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

import choir
from choir.installation.removal import remove_installation
from choir.operations.cli import sentences
from choir.operations.commands import up
from choir.operations.ready import Refusal, logs_ready

DEFAULT_FOLDER = Path(choir.__file__).resolve().parents[1] / ".choir-demo"
CHECK_MODULE = "choir.demo.check"

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def demo(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="The port to listen on; 8000 by default.")] = None,
    data: Annotated[Path, typer.Option(metavar="DIR", help="The demo's folder.")] = DEFAULT_FOLDER,
    fresh: Annotated[bool, typer.Option(help="Forget what was done in the demo before, and begin anew.")] = False,
    check: Annotated[bool, typer.Option(help="Drive the demo as a customer and an agent, report, and stop.")] = False,
) -> None:
    """Run Choir with an invented company until Ctrl-C; sign in as any of its people with one click.

    Example: bin/demo --port 8080
    """
    os.environ["CHOIR_DATA"] = str(data.absolute())
    logs_ready(quiet=True)
    if fresh:
        remove_installation(data.absolute())
    if check:
        raise typer.Exit(check_demo(host, port or free_port(host)))
    up.command(host=host, port=port or 8000, demo=True, log_files=True)


def check_demo(host: str, port: int) -> int:
    """Start the demo, drive it through one message's whole way, stop it. The exit code; 0 if every step
    held."""
    command = [sys.executable, "-m", __spec__.name, "--host", host, "--port", str(port)]
    running = subprocess.Popen(
        [*command, "--data", os.environ["CHOIR_DATA"]], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        address = ""
        for line in running.stdout or ():
            sys.stderr.write(line)
            if line.startswith("Choir is at "):
                address = line.split()[3]
                break
        if not address:
            raise Refusal("The demo did not start; the lines above say why.")
        return int(importlib.import_module(CHECK_MODULE).main(address))
    finally:
        running.send_signal(signal.SIGINT)
        running.communicate()


def free_port(host: str) -> int:
    """A port that nobody listens on."""
    with closing(socket.create_server((host, 0))) as probe:
        return int(probe.getsockname()[1])


def main() -> None:
    """Run the demo; sentences, not tracebacks, where something is in the way."""
    with sentences("bin/demo"):
        app(prog_name="bin/demo")


if __name__ == "__main__":
    main()
