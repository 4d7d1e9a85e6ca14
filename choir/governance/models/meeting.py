"""Meeting: one of a committee's series, planned, open, closed or called off. Attendance: a department was there."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q

from choir.governance.models.committee import Committee
from choir.ids import new_id
from choir.people.models import Department, Person, Workspace


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def planned(self) -> MeetingQuerySet:
        """Neither opened nor called off."""
        return self.filter(opened_at=None, cancelled_at=None)

    def held(self) -> MeetingQuerySet:
        """Opened and closed."""
        return self.filter(closed_at__isnull=False)

    def lapsed(self, at: dt.datetime) -> MeetingQuerySet:
        """Planned, past, and never opened: the cadence was not kept."""
        return self.planned().filter(ends_at__lt=at)


class Meeting(models.Model):
    """One meeting of a committee. Its number counts the committee's meetings; its times say where it stands."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    committee = models.ForeignKey(Committee, on_delete=models.CASCADE, related_name="meetings")
    number = models.PositiveIntegerField()
    planned_on = models.DateField(help_text="Its day in the series; kept when it is moved.")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    agenda_at = models.DateTimeField(null=True, blank=True, help_text="When the agenda was last written.")
    invited_at = models.DateTimeField(null=True, blank=True, help_text="When invitations to these times left.")
    revision = models.PositiveSmallIntegerField(default=0, help_text="Counts changes that calendars must know of.")
    opened_at = models.DateTimeField(null=True, blank=True)
    opened_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ["-begins_at"]
        constraints = [
            models.UniqueConstraint(fields=["committee", "number"], name="meeting_number_once"),
            models.UniqueConstraint(fields=["committee", "planned_on"], name="meeting_day_once"),
            models.UniqueConstraint(
                fields=["committee"],
                condition=Q(opened_at__isnull=False, closed_at=None),
                name="meeting_one_open",
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("begins_at")), name="meeting_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(opened_at__isnull=False), name="meeting_closed_was_open"
            ),
        ]

    def __str__(self) -> str:
        return f"Meeting {self.number}"

    @property
    def is_open(self) -> bool:
        """Being held now."""
        return self.opened_at is not None and self.closed_at is None

    @property
    def is_planned(self) -> bool:
        """Still to be held."""
        return self.opened_at is None and self.cancelled_at is None


class Attendance(models.Model):
    """A department was at a meeting: who sat there for it, from when, and until when if they left."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendance")
    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    came_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "attendance"
        constraints = [models.UniqueConstraint(fields=["meeting", "department"], name="attendance_once")]

    def __str__(self) -> str:
        return f"{self.department} at {self.meeting}"
