"""`python -m choir.operations.several COMMAND…`: several commands of `choir`, one after the other in one process.

Each argument is one command with its options (`"demo load"`). `choir up` prepares with it: Django is set up once.
"""

import shlex
import sys

from choir.operations.cli import app, sentences
from choir.operations.ready import database_in_use, logs_ready


def main() -> None:
    """Run the commands in order; the first that fails ends it with its exit code."""
    with sentences():
        logs_ready(quiet=True)
        with database_in_use():
            for line in sys.argv[1:]:
                if code := app(shlex.split(line), prog_name="choir", standalone_mode=False):
                    raise SystemExit(code)


if __name__ == "__main__":
    main()
