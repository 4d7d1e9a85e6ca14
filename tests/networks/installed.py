"""Where the servers are that `bin/test-networks` has installed (CHOIR_NETWORKS)."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

FOLDER = os.environ.get("CHOIR_NETWORKS", "")


def installed(name: str) -> Path:
    """Where a server was installed; skips with the reason when it could not be."""
    problem = json.loads((Path(FOLDER) / "installed.json").read_text()).get(name, "nobody asked for it")
    if problem:
        pytest.skip(f"{name} is not installed: {problem}")
    return Path(FOLDER)
