"""The sandbox network's own rows. It knows nothing of the rest of Choir, as a network would not."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils import timezone

from choir.ids import new_id


class Account(models.Model):
    """Somebody on the sandbox network: a customer, or a company with an API token."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    place = models.CharField(max_length=40, help_text="The part of the network it lives in: one network of its own.")
    handle = models.CharField(max_length=60)
    name = models.CharField(max_length=120, blank=True)
    followers_count = models.PositiveIntegerField(default=0)
    token_digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of a company's API token.")
    webhook_url = models.CharField(
        max_length=500, blank=True, help_text="Where news is announced; a path is one of this installation's own."
    )
    webhook_secret = models.CharField(max_length=80, blank=True, help_text="Signs webhooks (HMAC SHA-256).")
    last_number = models.PositiveBigIntegerField(
        default=0, help_text="Of a company's stream; the row's lock orders it."
    )
    faults = models.JSONField(default=list, help_text="How the network misbehaves towards a company; for trying it.")
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "handle"], name="sandbox_handle_once")]
        indexes = [
            models.Index(fields=["token_digest"], condition=~Q(token_digest=""), name="sandbox_company_by_token")
        ]

    def __str__(self) -> str:
        return f"@{self.handle}"


class PostQuerySet(models.QuerySet["Post"]):
    def to_announce(self, at: dt.datetime) -> PostQuerySet:
        """What a company's webhook has not taken yet and may be tried now."""
        return self.filter(announced_at=None, announce_due_at__lte=at, company__isnull=False)


class Post(models.Model):
    """Something said on the sandbox network: a post, a comment under one, a review, or a direct message. What
    concerns a company has a place (`number`) in that company's stream, in the order in which it was committed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    author = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="posts")
    company = models.ForeignKey(
        Account,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="stream",
        help_text="The company that is spoken to, or that speaks.",
    )
    number = models.PositiveBigIntegerField(null=True, blank=True, help_text="Its place in the company's stream.")
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="answers")
    root = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="thread")
    kind = models.CharField(max_length=8, default="post")
    text = models.TextField()
    stars = models.PositiveSmallIntegerField(null=True, blank=True)
    is_private = models.BooleanField(default=False)
    posted_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)
    hidden_at = models.DateTimeField(null=True, blank=True, help_text="When the company it was said to hid it.")
    announce_due_at = models.DateTimeField(null=True, blank=True, help_text="When the webhook is tried (again).")
    announce_attempts_count = models.PositiveSmallIntegerField(default=0)
    announced_at = models.DateTimeField(null=True, blank=True, help_text="When the company's webhook took it.")

    objects = PostQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "number"], name="sandbox_number_once")]
        indexes = [
            models.Index(fields=["parent", "id"], name="sandbox_answers"),
            models.Index(fields=["root", "posted_at"], name="sandbox_thread"),
            models.Index(
                fields=["announce_due_at"],
                condition=Q(announced_at=None, announce_due_at__isnull=False),
                name="sandbox_unannounced",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def is_ours(self) -> bool:
        """The company said it itself."""
        return self.company_id is not None and self.author_id == self.company_id


class Picture(models.Model):
    """A picture that stands in a post of the sandbox network."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="pictures")
    name = models.CharField(max_length=200, blank=True)
    media_type = models.CharField(max_length=40)
    alt_text = models.TextField(blank=True, help_text="What it shows, for those who do not see it.")
    content = models.BinaryField()

    def __str__(self) -> str:
        return self.alt_text or self.name
