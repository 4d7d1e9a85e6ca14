"""Team: a queue with working hours, a time zone and holidays."""

from django.db import models
from django.db.models import F, Q

from choir.ids import new_id
from choir.people.models.organisation import Department


class Team(models.Model):
    """A queue of one department, staffed in its working hours."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="teams")
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60)
    time_zone = models.CharField(max_length=60, default="UTC")
    position = models.PositiveSmallIntegerField(
        default=0, help_text="The first team of a department is its front door."
    )

    class Meta:
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["department", "slug"], name="team_slug_once_per_department")]

    def __str__(self) -> str:
        return self.name


class WorkingHours(models.Model):
    """One opening of a team on a weekday, local wall-clock time; several a day are allowed (a lunch break).
    A close at 00:00 means midnight at the end of the day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="working_hours")
    weekday = models.PositiveSmallIntegerField(help_text="0 is Monday, 6 is Sunday.")
    opens_at = models.TimeField()
    closes_at = models.TimeField()

    class Meta:
        ordering = ["weekday", "opens_at"]
        verbose_name_plural = "working hours"
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="working_hours_weekday_exists"),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")) | Q(closes_at="00:00"),
                name="working_hours_close_after_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens_at:%H:%M}–{self.closes_at:%H:%M}"


class Holiday(models.Model):
    """A day on which a team does not work, in the team's own calendar."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="holidays")
    on = models.DateField()
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["on"]
        constraints = [models.UniqueConstraint(fields=["team", "on"], name="holiday_once_per_team_and_day")]

    def __str__(self) -> str:
        return f"{self.on} {self.name}"
