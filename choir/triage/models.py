"""Reading: what triage, or a person who corrected it, understood of one mention."""

from django.db import models

from choir.ids import new_id
from choir.listening.models import Mention
from choir.people.models import Person, Workspace


class Reading(models.Model):
    """One understanding of one mention. Rows are never changed: a re-reading or a correction is a new row, and
    the newest counts (`is_current`). Confidences are calibrated, 0 to 1; a person's are 1."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    mention = models.ForeignKey(Mention, on_delete=models.CASCADE, related_name="readings")
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
        indexes = [models.Index(fields=["mention", "-at"], name="reading_history")]

    def __str__(self) -> str:
        return f"{self.objective} ({self.objective_confidence:.2f})"
