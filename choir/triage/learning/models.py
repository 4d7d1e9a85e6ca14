"""Example and adaptation: what people's corrections teach, and what was made of them. Drift: when what arrives is no
longer what it was."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from choir.ids import new_id
from choir.listening.models import Mention
from choir.people.models import Department, Person, Workspace


class Lesson(models.TextChoices):
    """Where a labelled example comes from."""

    CORRECTION = "correction", "Corrected"
    HANDOVER = "handover", "Handed over"
    CONFIRMATION = "confirmation", "Confirmed"


class Example(models.Model):
    """One labelled example: of this mention a person said what one field really is. The newest of a mention and field
    counts. Taken back, it is no longer learnt from."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    mention = models.ForeignKey(Mention, on_delete=models.CASCADE, related_name="examples")
    source_id = models.UUIDField(help_text="The corrected reading, or the hand-over, that says so.")
    lesson = models.CharField(max_length=12, choices=Lesson.choices)
    field = models.CharField(max_length=16)
    value = models.CharField(max_length=60)
    was = models.CharField(max_length=60, blank=True, help_text="What triage had read.")
    confidence = models.FloatField(default=0.0, help_text="Of what triage had read.")
    language = models.CharField(max_length=8, blank=True)
    department = models.ForeignKey(
        Department, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", help_text="Which had it then."
    )
    because = models.TextField(blank=True)
    by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "source_id", "field"], name="example_once_per_source_and_field"
            )
        ]
        indexes = [
            models.Index(fields=["workspace", "field", "-at"], name="example_of_field"),
            models.Index(fields=["mention"], name="example_of_mention"),
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.was} → {self.value}"

    @property
    def was_words(self) -> str:
        """What triage had read, as words."""
        return self.was.replace("_", " ")

    @property
    def value_words(self) -> str:
        """What it really is, as words."""
        return self.value.replace("_", " ")


class Standing(models.TextChoices):
    """What became of an adaptation."""

    IN_FORCE = "in_force", "In force"
    REPLACED = "replaced", "Replaced"
    ROLLED_BACK = "rolled_back", "Rolled back"
    REFUSED = "refused", "Not taken: no better"


class Adaptation(models.Model):
    """One version of what a workspace's examples taught one field, with the judgement on examples kept back. At most
    one of a field is in force; without one the field is read as shipped. `base` ends in a mark of the organisation's
    own departments where it was fitted to those: once others are added, it says nothing any more."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    field = models.CharField(max_length=16)
    number = models.PositiveIntegerField(help_text="Counts up through all fields of the workspace.")
    base = models.CharField(max_length=40, help_text="Version of the shipped weights that it changes.")
    standing = models.CharField(max_length=12, choices=Standing.choices)
    examples_count = models.PositiveIntegerField()
    judgement = models.JSONField(default=dict)
    kept = models.BinaryField(default=b"", help_text="The arrays, as numpy keeps them; empty when refused.")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "number"], name="adaptation_number_once"),
            models.UniqueConstraint(
                fields=["workspace", "field"], condition=Q(standing="in_force"), name="adaptation_one_in_force"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field}, version {self.number}"


class DriftQuerySet(models.QuerySet["Drift"]):
    def running(self) -> DriftQuerySet:
        """Still so when it was last looked for."""
        return self.filter(ended_at=None)

    def unseen(self) -> DriftQuerySet:
        """Nobody has said that they know of it."""
        return self.filter(acknowledged_at=None)


class Drift(models.Model):
    """What arrives in a workspace, or how sure triage is of it, is no longer what it was in the weeks before: what,
    since when, how far, where, and which department should act. Over when it is as usual again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    about = models.CharField(max_length=12, help_text="unsure, objective or topic")
    name = models.CharField(max_length=40, blank=True, help_text="Which objective or topic; empty for unsure.")
    began_on = models.DateField()
    found_at = models.DateTimeField()
    looked_at = models.DateTimeField(help_text="When it was last still so.")
    ended_at = models.DateTimeField(null=True, blank=True)
    before = models.FloatField(help_text="Share in the weeks before, 0 to 1.")
    least = models.FloatField(help_text="Least share of a single one of those weeks.")
    most = models.FloatField(help_text="Largest share of a single one of those weeks.")
    count = models.PositiveIntegerField(help_text="Conversations of the last seven days that are so.")
    total = models.PositiveIntegerField(help_text="Conversations of the last seven days.")
    parts = models.JSONField(default=list, help_text="Where most of it is: kind, name and count.")
    examples = models.JSONField(default=list, help_text="Ids of conversations that are so, newest first.")
    department = models.ForeignKey(
        Department, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", help_text="Which should act."
    )
    acknowledged_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    acknowledged_at = models.DateTimeField(null=True, blank=True)

    objects = DriftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "about", "name"], condition=Q(ended_at=None), name="drift_running_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.about} {self.name}: {self.now:.0%} instead of {self.before:.0%}"

    @property
    def now(self) -> float:
        """Share in the last seven days, 0 to 1."""
        return self.count / self.total if self.total else 0.0
