"""The series of meetings: always the next few are planned, at the committee's local time whatever the clocks do."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from choir.governance.models import Committee, Meeting

AHEAD = dt.timedelta(weeks=5)
DAY = dt.timedelta(days=1)


def days_of(committee: Committee, first: dt.date, last: dt.date) -> list[dt.date]:
    """Days between two (both included) on which the committee meets: its weekday, every so many weeks counted from the
    first such day of the series."""
    origin = committee.first_on + (committee.weekday - committee.first_on.weekday()) % 7 * DAY
    stride = 7 * committee.every_weeks
    ahead = max(0, -(-(first - origin).days // stride))
    day, found = origin + ahead * stride * DAY, []
    while day <= last:
        found.append(day)
        day += stride * DAY
    return found


def begin_of(committee: Committee, day: dt.date) -> dt.datetime:
    """When a meeting of that day begins, in UTC: the wall clock of the committee's zone. An hour that the change to
    summer time leaves out becomes the one after it."""
    local = dt.datetime.combine(day, committee.begins_at, tzinfo=committee.zone)
    return local.astimezone(dt.UTC)


@transaction.atomic
def plan_ahead(committee: Committee, *, at: dt.datetime) -> int:
    """Plan the meetings of the next weeks that are not planned yet; how many. A meeting that is planned stays as it is,
    one whose day is no longer in the series is taken away."""
    Committee.objects.select_for_update().get(pk=committee.pk)
    today = at.astimezone(committee.zone).date()
    wanted = days_of(committee, max(today, committee.first_on), today + AHEAD)
    known = {one.planned_on: one for one in Meeting.objects.filter(committee=committee, planned_on__gte=today)}
    gone = [one.pk for day, one in known.items() if day not in wanted and one.is_planned and not one.items.exists()]
    Meeting.objects.filter(pk__in=gone).delete()
    number = Meeting.objects.filter(committee=committee).order_by("-number").values_list("number", flat=True).first()
    made = 0
    for day in wanted:
        begins_at = begin_of(committee, day)
        if day in known or begins_at <= at:
            continue
        made += 1
        Meeting.objects.create(
            workspace_id=committee.workspace_id, committee=committee, number=(number or 0) + made, planned_on=day,
            begins_at=begins_at, ends_at=begins_at + dt.timedelta(minutes=committee.duration_minutes),
        )  # fmt: skip
    return made + len(gone)


@transaction.atomic
def replan(committee: Committee, *, at: dt.datetime) -> None:
    """The series has other terms: planned meetings ahead follow them, and calendars are told."""
    ahead = Meeting.objects.select_for_update().planned().filter(committee=committee, begins_at__gt=at)
    for meeting in ahead:
        begins_at = begin_of(committee, meeting.planned_on)
        ends_at = begins_at + dt.timedelta(minutes=committee.duration_minutes)
        if (meeting.begins_at, meeting.ends_at) != (begins_at, ends_at):
            meeting.begins_at, meeting.ends_at = begins_at, ends_at
            meeting.revision, meeting.invited_at = meeting.revision + 1, None
            meeting.save(update_fields=["begins_at", "ends_at", "revision", "invited_at"])
    plan_ahead(committee, at=at)
