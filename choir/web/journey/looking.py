"""What the journey's pages look at: everybody's place in a period, as it was drawn last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from choir.journey.models import Panorama
from choir.journey.panorama import flow_of, panorama_of, period_of
from choir.journey.queries import Flow
from choir.measurement.question import Period
from choir.people.policy import Permission, Reach
from choir.web.access import WorkspaceRequest, requires

READS = requires(Permission.CUSTOMER_READ, at_least=Reach.WORKSPACE)
PERIODS = {"28": _("Last 28 days"), "90": _("Last 90 days"), "365": _("Last 365 days")}
USUAL = "28"


@dataclass(frozen=True)
class Look:
    """One look at one period: at what was drawn of it last."""

    request: WorkspaceRequest
    chosen: str
    panorama: Panorama

    @cached_property
    def period(self) -> Period:
        """Its days."""
        return period_of(self.panorama, self.request.workspace)

    @cached_property
    def flow(self) -> Flow:
        """Everybody, by where they were and are."""
        return flow_of(self.panorama)

    def url(self, name: str, kwargs: Mapping[str, str] | None = None, /, **asked: str) -> str:
        """Another page of the journey, of the same period."""
        query = {key: one for key, one in {**asked, "period": self.chosen}.items() if one}
        path = reverse(name, kwargs={"workspace": self.request.workspace.slug, **(kwargs or {})})
        return f"{path}?{urlencode(query)}"

    def people_url(self, start: str, end: str) -> str:
        """The people of a cell, a row or a column of the flow."""
        return self.url("journey_people", start=start, end=end)


def look(request: WorkspaceRequest) -> Look:
    """The period that the address asks for; what is not understood is the usual one."""
    chosen = request.GET.get("period", USUAL)
    chosen = chosen if chosen in PERIODS else USUAL
    return Look(request, chosen, panorama_of(request.workspace, int(chosen), at=timezone.now()))


def frame(shown: Look, **context: Any) -> dict[str, Any]:
    """The context that every page of the journey has."""
    periods = [(key, words, key == shown.chosen) for key, words in PERIODS.items()]
    return {"section": "customers", "look": shown, "periods": periods, **context}
