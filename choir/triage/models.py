"""Reading: what triage, or a person who corrected it, understood of one mention. Theme and term: what a workspace's
mentions are about, grown from them, and the names of its own to look for."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from choir.ids import new_id
from choir.listening.models import Mention
from choir.people.models import Person, Workspace
from choir.triage.learning.models import Adaptation, Drift, Example

__all__ = ["Adaptation", "Drift", "Example", "Reading", "Term", "TermKind", "Theme", "ThemeQuerySet", "ThemeState"]


class Reading(models.Model):
    """One understanding of one mention. Rows are never changed: a re-reading or a correction is a new row, and
    the newest counts (`is_current`). Confidences are calibrated, 0 to 1; a person's are 1."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    mention = models.ForeignKey(Mention, on_delete=models.CASCADE, related_name="readings", db_index=False)
    version = models.CharField(max_length=40, help_text="Of the weights; “person” for a correction.")
    by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    is_current = models.BooleanField(default=True)
    language = models.CharField(max_length=8)
    sentiment = models.CharField(max_length=8)
    sentiment_score = models.FloatField(help_text="-1 to 1")
    intent = models.CharField(max_length=16)
    objective = models.CharField(max_length=40)
    objective_confidence = models.FloatField()
    topic = models.CharField(max_length=40, blank=True, help_text="Splits an objective: care about delivery, billing…")
    department = models.CharField(max_length=60, blank=True, help_text="Who it reads as being for, by its slug.")
    emotions = models.JSONField(default=dict, help_text="Emotion felt → confidence, strongest first.")
    theme = models.ForeignKey(
        "Theme", on_delete=models.SET_NULL, null=True, blank=True, related_name="readings", db_index=False
    )
    entities = models.JSONField(default=list, help_text="Of the workspace's own terms: kind, name and what was said.")
    personal = models.JSONField(default=list, help_text="Kinds of personal data that the text has.")
    urgency = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=16, blank=True)
    needs_reply = models.BooleanField()
    is_spam = models.BooleanField(default=False)
    confidences = models.JSONField(default=dict, help_text="Field → confidence.")
    words = models.JSONField(default=dict, help_text="Field → the words that led to it, verbatim.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "mention"],
                condition=models.Q(is_current=True),
                name="reading_one_current",
            )
        ]
        indexes = [
            models.Index(fields=["mention", "-at"], name="reading_history"),
            models.Index(fields=["workspace", "id"], condition=Q(version="person"), name="reading_corrected"),
            models.Index(fields=["theme", "-at"], name="reading_of_theme", condition=Q(theme__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.objective} ({self.objective_confidence:.2f})"


class ThemeState(models.TextChoices):
    """Where a theme stands: found by Choir, or what a person made of it."""

    PROPOSED = "proposed", "Proposed"
    ACCEPTED = "accepted", "Accepted"
    DISMISSED = "dismissed", "Dismissed"
    MERGED = "merged", "Merged"


class ThemeQuerySet(models.QuerySet["Theme"]):
    def proposed(self) -> ThemeQuerySet:
        """Those that wait for a person, the largest first."""
        return self.filter(state=ThemeState.PROPOSED).order_by("-found_count", "name")

    def accepted(self) -> ThemeQuerySet:
        """Those that label new mentions."""
        return self.filter(state=ThemeState.ACCEPTED).order_by("name")


class Theme(models.Model):
    """What several mentions of a workspace are about. Choir proposes it from mentions that mean nearly the same;
    once a person accepts it, new mentions close to its centre carry it. Dismissed and merged ones are kept, so that
    they are not proposed again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="themes")
    name = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=ThemeState.choices, default=ThemeState.PROPOSED)
    words = models.JSONField(default=list, help_text="What is said in it more than elsewhere, strongest first.")
    examples = models.JSONField(default=list, help_text="Ids of the mentions nearest to its centre.")
    centre = models.BinaryField(help_text="Mean direction of its mentions from the origin: 512 half-precision numbers.")
    origin = models.BinaryField(
        default=bytes, help_text="What all mentions had in common when it was found: 512 half-precision numbers."
    )
    reach = models.FloatField(help_text="The likeness to the centre from which a mention belongs to it, 0 to 1.")
    found_count = models.PositiveIntegerField(help_text="Mentions it was found in.")
    found_at = models.DateTimeField()
    spread_at = models.DateTimeField(null=True, blank=True, help_text="When earlier mentions got it.")
    merged_into = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    decided_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = ThemeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "name"], condition=Q(state=ThemeState.ACCEPTED), name="theme_accepted_name_once"
            )
        ]
        indexes = [models.Index(fields=["workspace", "state"], name="theme_by_state")]

    def __str__(self) -> str:
        return self.name


class ThemeSearch(models.Model):
    """When a workspace's mentions were last looked through for themes, and whether somebody asked for it again."""

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, primary_key=True, related_name="+")
    asked_at = models.DateTimeField(null=True, blank=True)
    searched_at = models.DateTimeField(null=True, blank=True)
    looked_at_count = models.PositiveIntegerField(default=0, help_text="Mentions that were looked through.")

    def __str__(self) -> str:
        return f"themes of {self.workspace_id}"


class TermKind(models.TextChoices):
    """What a term names."""

    PRODUCT = "product", "Product"
    ORDER_NUMBER = "order_number", "Order number"
    PLACE = "place", "Place"


class Term(models.Model):
    """A name of a workspace's own that readings look for: a product, a place, or how its order numbers are written
    (# stands for a figure, @ for a letter: BW-######)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="terms")
    kind = models.CharField(max_length=16, choices=TermKind.choices)
    name = models.CharField(max_length=80)
    spellings = models.JSONField(default=list, blank=True, help_text="Other ways in which it is written.")

    class Meta:
        ordering = ["kind", "name"]
        constraints = [models.UniqueConstraint(fields=["workspace", "kind", "name"], name="term_once")]

    def __str__(self) -> str:
        return self.name
