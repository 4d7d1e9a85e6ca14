"""Loopback doubles of networks nobody can run here, built from the vendors' published interfaces; by connector.

`standing_for(slug)` starts one, empty; `told` fills it with what the contract suite wants to find.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.doubles.double import Double

DOUBLED = sorted(
    one.name for one in pkgutil.iter_modules([str(Path(__file__).parent)]) if one.name not in ("double", "graph")
)


@contextmanager
def standing_for(slug: str) -> Iterator[Double]:
    """The double of one network, on loopback for as long as the block runs."""
    made: Double = importlib.import_module(f"tests.doubles.{slug}").Network()
    with made.served():
        yield made
