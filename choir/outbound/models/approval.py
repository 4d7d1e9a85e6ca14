"""Approval: an answer that others must see before it leaves."""

from django.db import models
from django.db.models import Q

from choir.ids import new_id
from choir.inbox.models import Conversation
from choir.media.models import Attachment
from choir.people.models import Department, Organisation, Person, Workspace
from choir.routing.models import Objective


class ApprovalPolicy(models.Model):
    """Which replies need approval and by how many people. Empty conditions mean any."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    objective = models.ForeignKey(Objective, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    department = models.ForeignKey(Department, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    author_role = models.CharField(max_length=20, blank=True, help_text="Only replies by people who hold this role.")
    approvers_count = models.PositiveSmallIntegerField(default=1)

    class Meta:
        verbose_name_plural = "approval policies"
        constraints = [
            models.CheckConstraint(condition=Q(approvers_count__gte=1), name="approval_needs_somebody"),
            models.UniqueConstraint(fields=["organisation", "name"], name="approval_policy_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Approval(models.Model):
    """One exact text waiting for, or past, its approvers. Another text is another approval."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="approvals")
    policy = models.ForeignKey(ApprovalPolicy, on_delete=models.SET_NULL, null=True, related_name="+")
    author = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    text = models.TextField()
    attachments = models.ManyToManyField(Attachment, related_name="+", help_text="What goes with the text.")
    in_reply_to = models.CharField(max_length=300, blank=True)
    seen_revision = models.PositiveIntegerField()
    approvers_count = models.PositiveSmallIntegerField()
    handling_seconds = models.PositiveIntegerField(null=True, blank=True, help_text="Goes along to the message.")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(
        max_length=10,
        blank=True,
        choices=[
            ("approved", "Approved"),
            ("declined", "Declined"),
            ("withdrawn", "Withdrawn"),
            ("expired", "Expired"),
            ("overtaken", "Overtaken"),
        ],
    )

    class Meta:
        indexes = [models.Index(fields=["workspace", "asked_at"], condition=Q(closed_at=None), name="approval_waiting")]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at=None, outcome="") | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="approval_closed_with_outcome",
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]


class ApprovalVote(models.Model):
    """One person's yes or no to one exact text, with a reason when it is no."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    approval = models.ForeignKey(Approval, on_delete=models.CASCADE, related_name="votes")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    is_yes = models.BooleanField()
    because = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["approval", "person"], name="vote_once")]

    def __str__(self) -> str:
        return "yes" if self.is_yes else "no"
