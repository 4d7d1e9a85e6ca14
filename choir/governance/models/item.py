"""Agenda item: what a meeting is to talk about. Paper and vote: what a department says before, and then."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from choir.governance.models.meeting import Meeting
from choir.ids import new_id
from choir.people.models import Department, Person


class Outcome(models.TextChoices):
    """What became of an agenda item."""

    DECIDED = "decided", _("Decided")
    NOTED = "noted", _("Talked about")
    POSTPONED = "postponed", _("Postponed")


class AgendaItem(models.Model):
    """One thing a meeting is to talk about: raised by the figures or by a person, with its evidence, a question and a
    proposed decision. Its key says what it is about, so that it stands once on an agenda however often it is raised."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="items")
    key = models.CharField(max_length=160)
    kind = models.CharField(max_length=24)
    title = models.CharField(max_length=200)
    question = models.TextField(blank=True)
    evidence = models.JSONField(default=list, help_text="Facts, as choir.governance.agenda.raised.")
    proposal = models.JSONField(default=dict, help_text="A change, as choir.governance.changing; empty: none.")
    proposal_because = models.TextField(blank=True)
    points = models.PositiveSmallIntegerField(default=0)
    ranking = models.JSONField(default=list, help_text="What the points are made of: words and points.")
    department = models.ForeignKey(Department, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    added_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    minutes = models.TextField(blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-points", "title"]
        constraints = [models.UniqueConstraint(fields=["meeting", "key"], name="agenda_item_once")]

    def __str__(self) -> str:
        return self.title


class Stance(models.TextChoices):
    """What a department thinks of a proposal before it was talked about."""

    FOR = "for", _("For it")
    AGAINST = "against", _("Against it")
    OPEN = "open", _("Open")


class Paper(models.Model):
    """What one department says on an agenda item before the meeting: its stance, and why."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    item = models.ForeignKey(AgendaItem, on_delete=models.CASCADE, related_name="papers")
    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    stance = models.CharField(max_length=8, choices=Stance.choices, default=Stance.OPEN)
    text = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["department__position"]
        constraints = [models.UniqueConstraint(fields=["item", "department"], name="paper_once")]

    def __str__(self) -> str:
        return f"{self.department}: {self.stance}"


class VoteChoice(models.TextChoices):
    """How a department votes."""

    YES = "yes", _("Yes")
    NO = "no", _("No")
    ABSTAIN = "abstain", _("Abstains")


class Vote(models.Model):
    """One present department's vote on an agenda item. It may change until the decision is made."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    item = models.ForeignKey(AgendaItem, on_delete=models.CASCADE, related_name="votes")
    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    choice = models.CharField(max_length=8, choices=VoteChoice.choices)
    at = models.DateTimeField()

    class Meta:
        ordering = ["department__position"]
        constraints = [models.UniqueConstraint(fields=["item", "department"], name="committee_vote_once")]

    def __str__(self) -> str:
        return f"{self.department}: {self.choice}"
