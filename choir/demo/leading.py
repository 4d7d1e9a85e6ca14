"""The demo company's leaders: on which day they are told of the week."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from choir.demo.company import Company
from choir.executive.models import BriefPolicy
from choir.executive.weeks import WRITTEN_HOUR


def lead(company: Company, *, at: dt.datetime) -> None:
    """The brief is written today, whatever day that is, of the seven days before."""
    local = at.astimezone(ZoneInfo(company.organisation.time_zone)) - dt.timedelta(hours=WRITTEN_HOUR)
    BriefPolicy.objects.create(workspace=company.workspace, weekday=local.weekday())
