"""The metrics, one file each, found by listing this folder."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from choir.measurement.metric import Metric


@cache
def catalogue() -> Mapping[str, Metric]:
    """Every metric by its slug, in the alphabet's order."""
    found = sorted(module.name for module in pkgutil.iter_modules(__path__))
    metrics = (importlib.import_module(f"{__name__}.{name}").METRIC for name in found)
    return {metric.slug: metric for metric in metrics}
