"""`bin/bench [PART] [--data DIR] [--conversations N …] [--json]`.

`flow`: storing, hearing, understanding and routing in bulk, then from arrival to inbox at 100 messages a second with a
whole installation running. `networks`: a burst of 10,000 mentions through Bluesky and Mastodon, and how long a webhook
waits. `reread`: history read again, killed on the way, and beside live messages. `pages`: list, search and conversation
at each size of history, server time and SQL queries, then list pages a second for eight clients of a real server.
`dashboards`: the pages of figures at each size of history, from rows alone and from tallies. `rollups`: whether figures
from tallies are what a recount says, on generated history and on real threads (CHOIR_BENCH_DATA).
`journeys`: the pages of customers' whole way, with half as many customers as conversations. `listening`: false alarms,
spikes found, texts matched. `forecast`: how often a KPI ends where it was foreseen, on invented histories. `fit`:
whether the department called best is, on invented organisations.
`calendars`: SLA clocks on 100,000 random calendars, against a walk through time.
`effect`: whether the interval of a decision's effect holds it. `staffing`: whether the people asked for keep promises.
`pilot`: how often a pilot finds a difference where there is one, and where there is none.
`learning`: simulated corrections on labelled posts
(CHOIR_BENCH_DATA names their folder; not in `all`). `triage`: how well posts are read and how fast, beside other tools,
on our own held-out posts and the sets of that folder. The database is an embedded one of its own, with durability on.
"""

import argparse
import importlib
import json
import os
import sys
import tempfile
from pathlib import Path

import django

from choir.installation import postgres
from choir.installation.home import Home

SIZES = (10_000, 200_000)
PARTS = (
    "flow",
    "networks",
    "reread",
    "pages",
    "dashboards",
    "journeys",
    "rollups",
    "listening",
    "forecast",
    "fit",
    "effect",
    "staffing",
    "calendars",
    "pilot",
)


def main() -> None:
    """Measure what was asked for and print it, one line a figure."""
    parser = argparse.ArgumentParser(
        prog="bin/bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("part", nargs="?", choices=[*PARTS, "learning", "triage", "all"], default="all")
    parser.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / f"choir-bench-{os.geteuid()}")
    parser.add_argument(
        "--conversations", type=int, nargs="+", default=list(SIZES), help="Sizes of history to measure."
    )
    parser.add_argument("--json", action="store_true", help="One JSON object at the end.")
    asked = parser.parse_args()
    os.environ["CHOIR_DATA"] = str(asked.data)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    os.environ["CHOIR_DEMO_SIGN_IN"] = "true"  # the served pages are asked for by a person signed in with one click
    home = Home(asked.data)
    with postgres.in_use(home) as url:
        os.environ["DATABASE_URL"] = url
        django.setup()
        figures = {}
        for part in PARTS if asked.part == "all" else [asked.part]:
            figures[part] = importlib.import_module(f"bench.{part}").measure(asked.conversations)
    if asked.json:
        sys.stdout.write(json.dumps(figures) + "\n")


main()
