"""The jobs: one per step, and the tick that wakes them all every minute."""

from collections.abc import Callable
from functools import partial

import structlog
from django.db import close_old_connections
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

from choir.flow.steps import ONWARD, advance_onward
from choir.flow.turns import Turn
from choir.wake import OTHERS, Step, queue_of, task_name, wake

log = structlog.get_logger()


TURNS = {step: Turn() for step in ONWARD}


def run(step: Step) -> None:
    """Advance one step in a worker, and give its connection back."""
    turn = TURNS.get(step, Turn())
    if not turn.take():
        return
    close_old_connections()
    try:
        goes_on = True
        while goes_on:
            for one, rows in advance_onward(step).items():
                log.info("flow.advanced", step=str(one), rows=rows)
            goes_on = turn.goes_on()
    except BaseException:
        if turn.give_back():
            wake(step)
        raise
    finally:
        close_old_connections()


def _job(step: Step) -> Callable[[], None]:
    job = partial(run, step)
    job.__doc__ = f"Advance “{step}”."
    return app.task(name=task_name(step), queue=queue_of(step))(job)


JOBS = {step: _job(step) for step in Step}


def wake_all() -> None:
    """Wake every step."""
    for step in Step:
        wake(step)
    close_old_connections()


@app.periodic(cron="* * * * *")
@app.task(name="choir.flow.tick", queueing_lock="tick", queue=OTHERS)
def tick(timestamp: int) -> None:
    """Wake every step: whatever a lost job left behind is found here."""
    wake_all()


@app.periodic(cron="17 * * * *")
@app.task(name="choir.flow.sweep", queueing_lock="sweep", queue=OTHERS)
async def sweep(timestamp: int) -> None:
    """Finish the jobs of workers that died: their rows would otherwise stand as running for ever."""
    for job in await app.job_manager.get_stalled_jobs():
        await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
