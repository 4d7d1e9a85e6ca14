"""Brief: one week told to leaders. Hearing: a customer of it to hear. Attention: what one leader did with one."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from choir.ids import new_id
from choir.inbox.models import Consult, Conversation
from choir.people.models import Person, Workspace

FRIDAY = 4


class BriefPolicy(models.Model):
    """On which weekday a workspace's brief is written; it tells of the seven days before. Without one, on Fridays."""

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, primary_key=True, related_name="+")
    weekday = models.PositiveSmallIntegerField(default=FRIDAY, help_text="0 is Monday, 6 is Sunday.")

    class Meta:
        verbose_name_plural = "brief policies"
        constraints = [models.CheckConstraint(condition=Q(weekday__lte=6), name="brief_weekday_exists")]

    def __str__(self) -> str:
        return f"{self.workspace_id}: weekday {self.weekday}"


class Brief(models.Model):
    """Seven days of a workspace as they were told: five figures, five sentences, risks, and decisions that wait.
    Written once and never changed, so that all who read it read the same."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="briefs")
    first_on = models.DateField()
    last_on = models.DateField(help_text="Its last day, in the organisation's time zone.")
    counted_at = models.DateTimeField(help_text="Its figures are as of then.")
    written_at = models.DateTimeField()
    figures = models.JSONField(help_text="Metric, value and what it rests on, this week and the eight before.")
    sentences = models.JSONField(help_text="Each a list of facts, as choir.governance.agenda.raised.Fact.")
    risks = models.JSONField()
    waiting = models.JSONField(help_text="Questions that the committee is to decide.")

    class Meta:
        ordering = ["-last_on"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "last_on"], name="brief_once_a_week"),
            models.CheckConstraint(condition=Q(first_on__lte=F("last_on")), name="brief_has_days"),
        ]

    def __str__(self) -> str:
        first = f"{self.first_on:%-d}" if self.first_on.month == self.last_on.month else f"{self.first_on:%-d %B}"
        return f"{first} to {self.last_on:%-d %B %Y}"


class BriefReader(models.Model):
    """Somebody who asked for a workspace's briefs by e-mail, and the last one that was sent."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    sent_to = models.DateField(null=True, blank=True, help_text="Last day of the brief that was sent last.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "person"], name="brief_reader_once")]

    def __str__(self) -> str:
        return f"{self.person}'s briefs"


class Hearing(models.Model):
    """One customer's conversation that leaders should hear this week, and why this one. Chosen once with its brief."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    brief = models.ForeignKey(Brief, on_delete=models.CASCADE, related_name="hearings")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="hearings")
    place = models.PositiveSmallIntegerField()
    facets = models.JSONField(help_text="Stage, objective, mood, language and reach as they were when it was chosen.")
    because = models.JSONField(help_text="What it adds to those chosen before it, in words.")

    class Meta:
        ordering = ["brief", "place"]
        constraints = [
            models.UniqueConstraint(fields=["brief", "conversation"], name="hearing_once_a_brief"),
            models.UniqueConstraint(fields=["brief", "place"], name="hearing_place_once"),
        ]

    def __str__(self) -> str:
        return f"{self.place}. of {self.brief}"


class Attention(models.Model):
    """What one person did with one hearing: read it, kept it with a star, asked the owning team to draft an answer."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    hearing = models.ForeignKey(Hearing, on_delete=models.CASCADE, related_name="attention")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    read_at = models.DateTimeField()
    starred_at = models.DateTimeField(null=True, blank=True)
    drafting = models.ForeignKey(Consult, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name_plural = "attention"
        constraints = [models.UniqueConstraint(fields=["hearing", "person"], name="attention_once")]
        indexes = [models.Index(fields=["workspace", "read_at"], name="attention_by_time")]

    def __str__(self) -> str:
        return f"{self.person}: {self.hearing}"
