"""The style guide."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from choir.web.access import public
from choir.web.styleguide import samples
from choir.web.styleguide.forms import SampleForm


@cache
def icon_names() -> list[str]:
    """The drawings of the sprite, in its order."""
    sprite = Path(str(finders.find("choir/icons.svg")))
    return re.findall(r'<symbol id="([^"]+)"', sprite.read_text())


@public
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every part in every state; `?theme=dark` or `light` fixes the theme."""
    return render(request, "styleguide/styleguide.html", _everything(request))


@public
def inbox(request: HttpRequest) -> HttpResponse:
    """The inbox's parts together, as large as the window."""
    return render(request, "styleguide/inbox_alone.html", _everything(request))


def _everything(request: HttpRequest) -> dict[str, Any]:
    now = timezone.now()
    theme = request.GET.get("theme", "")
    return {
        "theme": theme if theme in {"light", "dark"} else None,
        "section": "inbox",
        "at": now,
        "tokens": samples.TOKENS,
        "objectives": samples.OBJECTIVES,
        "rows": samples.rows(now),
        "turns": samples.thread(now),
        "groups": samples.views(),
        "icons": icon_names(),
        "facts": samples.reading(),
        "panel": samples.customer_panel(now),
        "composer": samples.composer(),
        "form": SampleForm({"name": "Ana Lima", "email": "ana@", "language": "en", "theme": "system"}),
    }
