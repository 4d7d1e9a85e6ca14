"""Several processes that move the same steps, as workers do on a machine with several cores.

`python -m bench.side_by_side STEP…` is one of them: it says `ready`, begins with the first step when it is told on its
standard input, and ends when nothing is due any more.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence

PROCESSES = 2


def moved(steps: Sequence[str]) -> float:
    """Have that many processes move all that is due in these steps; the seconds they took, without their start."""
    command = [sys.executable, "-m", "bench.side_by_side", *steps]
    together = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)
    ]
    for one in together:
        assert one.stdout is not None
        next(line for line in one.stdout if line == "ready\n")
    began = time.perf_counter()
    for one in together:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.close()
    failed = [code for code in [one.wait(600) for one in together] if code]
    if failed:
        raise RuntimeError("A process ended with an error; what it said stands above.")
    return time.perf_counter() - began


def _move(steps: Sequence[str]) -> None:
    import django  # noqa: PLC0415 -- only here, in a process of its own

    django.setup()
    from choir.flow.steps import advance  # noqa: PLC0415 -- models need Django set up
    from choir.installation.logs import write_logs  # noqa: PLC0415
    from choir.operations.commands.worker import load_steps  # noqa: PLC0415
    from choir.wake import Step  # noqa: PLC0415

    wanted = [Step(one) for one in steps]
    write_logs("warning")  # to standard error: nobody reads the other while it works
    load_steps()  # as a worker does
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for step in wanted:
        advance(step)


if __name__ == "__main__":
    _move(sys.argv[1:])
