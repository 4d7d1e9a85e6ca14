"""Organisation, its workspaces (a brand in a market) and its departments."""

from django.db import models
from django.utils import timezone

from choir.ids import new_id


class Organisation(models.Model):
    """One company. Everything else hangs below exactly one; a demo company is one too, and marked."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    time_zone = models.CharField(max_length=60, default="UTC")
    currency = models.CharField(max_length=3, default="EUR")
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class Workspace(models.Model):
    """A brand, market or business unit; every row of volume carries its workspace, so that data can be
    spread over machines by it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="workspaces")
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    market = models.CharField(max_length=60, blank=True, help_text="Region this workspace serves, e.g. DACH.")
    languages = models.JSONField(default=list, help_text="Languages expected here, ISO 639-1, most common first.")
    sorting_team = models.ForeignKey(
        "people.Team",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The team that sorts what triage is unsure about.",
    )
    hub_teams = models.ManyToManyField(
        "people.Team",
        blank=True,
        related_name="+",
        help_text="The teams at the centre, which enable the rest; none: all of the sorting team's department.",
    )
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """A department that touches social media. Its charter says what it is there for."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="departments")
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60)
    charter = models.TextField(blank=True, help_text="What this department is there for, in a sentence or two.")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "slug"], name="department_slug_once_per_organisation")
        ]

    def __str__(self) -> str:
        return self.name
