"""`choir worker`: one process that does the jobs: arrival, understanding, routing, delivery, figures; and listens to
the streams of channels that have one."""

import asyncio
import threading
from typing import Annotated

import typer
from procrastinate.app import WorkerOptions
from procrastinate.psycopg_connector import PsycopgConnector

from choir.operations.ready import database_in_use, django_ready, logs_ready
from choir.operations.supervised import end_with_supervisor

FINISH_SECONDS = 8
LOOK_EVERY_SECONDS = 0.5
"""How soon a job that waits for its time is found; one that is due now is told of by the database at once."""


def command(
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Jobs done at the same time.")] = 4,
    queues: Annotated[str | None, typer.Option(help="Only these queues, with commas between them.")] = None,
    reload: Annotated[bool, typer.Option(help="Start anew when the source changes; for developers.")] = False,
) -> None:
    """Do the jobs until stopped. Ctrl-C or SIGTERM lets running jobs finish; what does not is done again
    later.

    Example: choir worker --concurrency 4
    """
    end_with_supervisor()
    chosen = queues.split(",") if queues else None
    with database_in_use():
        if reload:
            from watchfiles import run_process  # noqa: PLC0415 -- only developers have it

            run_process("choir", "config", target=work, args=(concurrency, chosen))
        else:
            work(concurrency, chosen)


def work(concurrency: int, queues: list[str] | None) -> None:
    """Do jobs of `queues`, or of all, until a signal says to stop."""
    logs_ready(quiet=False)
    django_ready()
    asyncio.run(_work(concurrency, queues))


def _read_something() -> None:
    """Load all that understanding needs: the weights, and what comes with the first text."""
    from choir.triage.reader import Text, reader  # noqa: PLC0415

    reader().read([Text("Where is my parcel?")])


async def _work(concurrency: int, queues: list[str] | None) -> None:
    # Modules with models: only once Django is set up.
    from procrastinate.contrib.django import app  # noqa: PLC0415
    from procrastinate.contrib.django.utils import connector_params  # noqa: PLC0415

    from choir.flow.jobs import wake_all  # noqa: PLC0415
    from choir.flow.streams import listen_until  # noqa: PLC0415

    await asyncio.to_thread(_read_something)  # seconds: better before the first message waits for it
    await asyncio.to_thread(wake_all)  # the one before it may have died with something half done
    over = threading.Event()
    listening = threading.Thread(target=listen_until, args=(over,), name="listen", daemon=True)
    listening.start()
    with app.replace_connector(PsycopgConnector(kwargs=connector_params())) as working:
        async with working.open_async():
            options = WorkerOptions(
                concurrency=concurrency,
                fetch_job_polling_interval=LOOK_EVERY_SECONDS,
                shutdown_graceful_timeout=FINISH_SECONDS,
                delete_jobs="successful",
            )
            if queues:
                options["queues"] = queues
            try:
                await working.run_worker_async(**options)
            finally:
                over.set()
                await asyncio.to_thread(listening.join, FINISH_SECONDS)
