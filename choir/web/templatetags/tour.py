"""Where the guided tour of the demo company stands, for the strip above its pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import template

from choir.web.tour.steps import Step, steps_for
from choir.web.tour.views import KEPT_AS, OVER

register = template.Library()
OFFERED_ON = "today"


@dataclass(frozen=True, slots=True)
class Strip:
    """The step that is shown (None: the tour is offered), its place, and the numbers of those around it."""

    step: Step | None
    place: int
    count: int
    before: int | None
    after: int | None


@register.simple_tag(takes_context=True)
def tour_strip(context: Mapping[str, Any]) -> Strip | None:
    """The strip for this page; nothing where nobody asked for it or said no."""
    request = context.get("request")
    workspace = getattr(request, "workspace", None)
    if request is None or workspace is None or not workspace.organisation.is_demo:
        return None
    place = request.session.get(KEPT_AS)
    if place == OVER or (place is None and context.get("section") != OFFERED_ON):
        return None
    steps = steps_for(request.person, workspace)
    if not steps or (place is not None and place >= len(steps)):
        return None
    if place is None:
        return Strip(None, 0, len(steps), None, 0)
    after = place + 1 if place + 1 < len(steps) else None
    return Strip(steps[place], place + 1, len(steps), place - 1 if place else None, after)
