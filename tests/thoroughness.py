"""How often tests that repeat themselves do so: each kind of death, race and mutation once and more in every run,
and a part of the pages; many times, and all of them, in `bin/test-faults`, which sets CHOIR_LONG_TESTS."""

import os

IS_LONG = bool(os.environ.get("CHOIR_LONG_TESTS"))
KILLS = 300 if IS_LONG else 20
RACES = 500 if IS_LONG else 60
MUTATIONS = 2000 if IS_LONG else 400
EXAMPLES = 2000 if IS_LONG else 120
PAGE_STEP = 1 if IS_LONG else 5  # of all pages, which axe looks at
