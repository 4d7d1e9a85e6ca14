"""Survey policy: which customers are asked. Survey: one customer asked once about one conversation."""

from django.db import models
from django.db.models import Q

from choir.channels.models import Channel
from choir.customers.models import Customer
from choir.ids import new_id
from choir.inbox.models import Conversation, Message
from choir.people.models import Workspace

LOWEST, HIGHEST, SATISFIED = 1, 5, 4


class SurveyPolicy(models.Model):
    """Which customers of a workspace are asked after a resolution: on one channel, or (empty) on all that have no
    policy of their own. In public only where that is wanted, because anybody who reads the thread has the link then."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    asks = models.BooleanField(default=True)
    wait_seconds = models.PositiveIntegerField(default=3600, help_text="From the resolution, which must still stand.")
    pause_days = models.PositiveSmallIntegerField(default=30, help_text="No customer is asked again within.")
    asks_in_public = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "survey policies"
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "channel"], nulls_distinct=False, name="survey_policy_once_per_channel"
            )
        ]

    def __str__(self) -> str:
        return str(self.channel or "Every other channel")


class Survey(models.Model):
    """One customer asked about one conversation; never a second time. What they said is a score from 1 (very bad) to 5
    (very good), perhaps with a comment. `because` says why the question could not be sent."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, related_name="survey")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="surveys", db_index=False)
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    language = models.CharField(max_length=8)
    asked_at = models.DateTimeField()
    because = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    comment = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at=None, score=None)
                | Q(answered_at__isnull=False, score__gte=LOWEST, score__lte=HIGHEST),
                name="survey_answered_with_a_score",
            )
        ]
        indexes = [
            models.Index(fields=["workspace", "asked_at"], name="survey_asked"),
            models.Index(fields=["workspace", "answered_at"], name="survey_answered"),
            models.Index(fields=["customer", "asked_at"], name="survey_of_customer"),
        ]

    def __str__(self) -> str:
        return f"asked {self.asked_at:%Y-%m-%d}: {self.score or 'no answer'}"
