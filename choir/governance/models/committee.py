"""Committee: who sits in it and when it meets. Seat: one department's. Calendar feed: a person's private address."""

from __future__ import annotations

import math
import secrets
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from choir.ids import new_id
from choir.people.models import Department, Person, Workspace


class Agreeing(models.TextChoices):
    """What it takes for a decision."""

    CONSENT = "consent", _("Consent: nobody present objects")
    MAJORITY = "majority", _("Majority: more yes than no")


class Committee(models.Model):
    """A workspace's committee: all departments that touch social media, meeting every so many weeks on a weekday at a
    time of its own time zone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, related_name="committee")
    name = models.CharField(max_length=80)
    weekday = models.PositiveSmallIntegerField(default=1, help_text="0 is Monday, 6 is Sunday.")
    begins_at = models.TimeField(help_text="Local wall-clock time.")
    duration_minutes = models.PositiveSmallIntegerField(default=45)
    every_weeks = models.PositiveSmallIntegerField(default=1)
    time_zone = models.CharField(max_length=60, default="UTC")
    place = models.CharField(max_length=200, blank=True, help_text="A room, or the address of a call.")
    first_on = models.DateField(help_text="No meeting is planned before that day.")
    quorum_percent = models.PositiveSmallIntegerField(default=50, help_text="Of the seats, for anything to be decided.")
    agrees_by = models.CharField(max_length=8, choices=Agreeing.choices, default=Agreeing.CONSENT)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="committee_weekday_exists"),
            models.CheckConstraint(condition=Q(every_weeks__gte=1), name="committee_meets"),
            models.CheckConstraint(
                condition=Q(quorum_percent__gte=1, quorum_percent__lte=100), name="committee_quorum_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """Its time zone."""
        return ZoneInfo(self.time_zone)

    def quorum_of(self, seats_count: int) -> int:
        """How many departments must be present; at least one."""
        return max(1, math.ceil(seats_count * self.quorum_percent / 100))


class Seat(models.Model):
    """One department's seat in a committee, the person who takes it and who stands in. Attendance is compulsory: a
    department without either is missing."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    committee = models.ForeignKey(Committee, on_delete=models.CASCADE, related_name="seats")
    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    deputy = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["department__position", "department__name"]
        constraints = [
            models.UniqueConstraint(fields=["committee", "department"], name="seat_once"),
            models.CheckConstraint(
                condition=Q(person=None) | Q(deputy=None) | ~Q(person=F("deputy")), name="seat_deputy_is_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department}: {self.person or 'nobody'}"


def new_key() -> str:
    """A key that nobody guesses: 192 bits."""
    return secrets.token_urlsafe(24)


class CalendarFeed(models.Model):
    """The address under which one person's calendar finds a committee's meetings. Whoever knows it may read them;
    a new key makes the old address worthless."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=48, unique=True, default=new_key)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "person"], name="calendar_feed_once")]

    def __str__(self) -> str:
        return f"{self.person}'s calendar"
