"""`choir worker`: one process that does the jobs: arrival, understanding, routing, delivery, figures; and listens to
the streams of channels that have one."""

import asyncio
import signal
import threading
from collections.abc import Sequence
from typing import Annotated

import typer
from procrastinate.jobs import DeleteJobCondition
from procrastinate.psycopg_connector import PsycopgConnector
from procrastinate.worker import Worker

from choir.operations.ready import Refusal, database_in_use, django_ready, logs_ready, spare_collections
from choir.operations.supervised import end_with_supervisor

FINISH_SECONDS = 8
LOOK_EVERY_SECONDS = 0.5
"""How soon a job that waits for its time is found; one that is due now is told of by the database at once."""


def command(
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Jobs done at the same time.")] = 4,
    queues: Annotated[str | None, typer.Option(help="Only these: arrivals, default, or both with a comma.")] = None,
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


def load_steps() -> None:
    """Load all that moving messages needs: the steps' code, the weights, and what comes with the first text."""
    from choir.flow.steps import function_of  # noqa: PLC0415
    from choir.triage.reader import Text, reader  # noqa: PLC0415
    from choir.wake import Step  # noqa: PLC0415

    for step in Step:
        function_of(step)
    reader().read([Text("Where is my parcel?")])
    spare_collections()


async def _work(concurrency: int, queues: list[str] | None) -> None:
    # Modules with models: only once Django is set up.
    from procrastinate.contrib.django import app  # noqa: PLC0415
    from procrastinate.contrib.django.utils import connector_params  # noqa: PLC0415

    from choir.flow.jobs import wake_all  # noqa: PLC0415
    from choir.flow.streams import listen_until  # noqa: PLC0415
    from choir.wake import OTHERS, QUEUES  # noqa: PLC0415

    if unknown := set(queues or ()) - set(QUEUES):
        raise Refusal(f"There is no queue “{sorted(unknown)[0]}”; the queues are {' and '.join(QUEUES)}.")
    await asyncio.to_thread(load_steps)  # seconds: better before the first message waits for it
    await asyncio.to_thread(wake_all)  # the one before it may have died with something half done
    over = threading.Event()
    listening = threading.Thread(target=listen_until, args=(over,), name="listen", daemon=True)
    listening.start()
    with app.replace_connector(PsycopgConnector(kwargs=connector_params())) as working:
        async with working.open_async():
            workers = [
                Worker(
                    app=working,
                    queues=[queue],
                    concurrency=concurrency if queue == OTHERS else 1,
                    fetch_job_polling_interval=LOOK_EVERY_SECONDS,
                    shutdown_graceful_timeout=FINISH_SECONDS,
                    delete_jobs=DeleteJobCondition.SUCCESSFUL,
                    install_signal_handlers=False,
                )
                for queue in queues or QUEUES
            ]
            try:
                await _until_stopped(workers)
            finally:
                over.set()
                await asyncio.to_thread(listening.join, FINISH_SECONDS)


async def _until_stopped(workers: Sequence[Worker]) -> None:
    """Let them work until a signal comes or one of them ends; a second signal does not wait."""
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for kind in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(kind, stopping.set)
    working = [asyncio.create_task(one.run()) for one in workers]  # type: ignore[no-untyped-call]
    await asyncio.wait([*working, asyncio.create_task(stopping.wait())], return_when=asyncio.FIRST_COMPLETED)
    for kind in (signal.SIGINT, signal.SIGTERM):
        loop.remove_signal_handler(kind)
    for one in workers:
        one.stop()  # type: ignore[no-untyped-call]
    await asyncio.gather(*working)
