"""Setting a document: a template in Typst's language, its values as JSON, a PDF out.

Values reach the template as data and never as markup, so no name or comment can change the document. Drawings are SVG
texts among the values (`choir.web.charts.drawing.printed`). The PDF is tagged, so that a screen reader reads it in
order.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst

from choir.web.printing.ink import ink

MEANINGS = ("text", "text-quiet", "line-strong", "accent", "good", "warn", "bad")


def pdf_of(template: Path, values: Mapping[str, Any]) -> bytes:
    """The document. The template reads `sys.inputs.values` (JSON), among them `ink`, the colours by meaning; it may
    import what lies beside it and `/house.typ`, the look that all our documents share."""
    whole = {**values, "ink": {meaning: ink(meaning) for meaning in MEANINGS}}
    root = Path(__file__).parents[1]
    made = typst.compile(template, root=root, sys_inputs={"values": json.dumps(whole, default=str, ensure_ascii=False)})
    assert isinstance(made, bytes)
    return made
