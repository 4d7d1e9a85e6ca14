"""The command line: what operators run, and what keeps an installation's processes running."""

import signal
import sys

if sys.argv[0] == "-m":
    # Python is about to run a module of ours as a program. Until it is read and can answer in its own words
    # (`cli.sentences`), Ctrl-C ends the process without any.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
