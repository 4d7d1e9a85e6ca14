"""Delivery: one answer on its way to the network, exactly once."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q

from choir.channels.models import Channel
from choir.ids import new_id
from choir.inbox.models import Message
from choir.outbound.models.approval import Approval
from choir.people.models import Workspace


class DeliveryState(models.TextChoices):
    """Where an answer is. Only WAITING and SENDING move by themselves."""

    WAITING = "waiting", "Waiting"  # may still be undone; or waits for the network to take it
    SENDING = "sending", "Sending"  # an attempt began; its outcome is not known yet
    SENT = "sent", "Sent"
    UNSURE = "unsure", "Unsure"  # nobody can tell whether it got through; a person decides
    FAILED = "failed", "Failed"  # the network refused it for good
    RETURNED = "returned", "Came back"  # it left, and the network told later that it did not reach the customer
    UNDONE = "undone", "Undone"  # taken back before it left


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, at: dt.datetime) -> DeliveryQuerySet:
        """Waiting and its time has come, or an attempt whose process seems to have died."""
        return self.filter(
            Q(state=DeliveryState.WAITING, due_at__lte=at) | Q(state=DeliveryState.SENDING, leased_until__lt=at)
        )

    def problems(self) -> DeliveryQuerySet:
        """What a person has to look at."""
        return self.filter(state__in=[DeliveryState.UNSURE, DeliveryState.FAILED, DeliveryState.RETURNED])


class Delivery(models.Model):
    """One message's way out. `key` is the idempotency key, the same on every attempt."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="deliveries")
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="delivery")
    approval = models.ForeignKey(Approval, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    key = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    due_at = models.DateTimeField(help_text="Not before; the seconds until then are for undo, or for a retry to wait.")
    leased_until = models.DateTimeField(null=True, blank=True, help_text="An attempt runs at most until then.")
    attempts_count = models.PositiveIntegerField(default=0)
    first_attempt_at = models.DateTimeField(null=True, blank=True)
    because = models.TextField(blank=True, help_text="Why it stands where it stands, for a person.")
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="delivery_key_once")]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="delivery_waiting"),
            models.Index(fields=["leased_until"], condition=Q(state="sending"), name="delivery_sending"),
            models.Index(
                fields=["workspace", "-created_at"],
                condition=Q(state__in=["unsure", "failed", "returned"]),
                name="delivery_problems",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state}: {self.key}"
