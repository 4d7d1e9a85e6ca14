"""The sandbox network's own rows. It knows nothing of the rest of Choir, as a network would not."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from choir.ids import new_id


class Account(models.Model):
    """Somebody on the sandbox network: a customer, or a company with an API token."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    place = models.CharField(max_length=40, help_text="The part of the network it lives in, e.g. mastodon-like.")
    handle = models.CharField(max_length=60)
    name = models.CharField(max_length=120, blank=True)
    followers_count = models.PositiveIntegerField(default=0)
    token_digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of a company's API token.")
    webhook_url = models.URLField(max_length=500, blank=True)
    webhook_secret = models.CharField(max_length=80, blank=True)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "handle"], name="sandbox_handle_once")]

    def __str__(self) -> str:
        return f"@{self.handle}"


class Post(models.Model):
    """Something said on the sandbox network: a post, a comment under one, or a direct message."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    author = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="posts")
    to = models.ForeignKey(
        Account,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="received",
        help_text="The company it speaks to.",
    )
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="answers")
    root = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="thread")
    kind = models.CharField(max_length=8, default="post")
    text = models.TextField()
    stars = models.PositiveSmallIntegerField(null=True, blank=True)
    is_private = models.BooleanField(default=False)
    posted_at = models.DateTimeField(default=timezone.now)
    announced_at = models.DateTimeField(null=True, blank=True, help_text="When the company's webhook took it.")

    class Meta:
        indexes = [
            models.Index(fields=["to", "id"], name="sandbox_inbound"),
            models.Index(fields=["parent", "id"], name="sandbox_answers"),
            models.Index(fields=["root", "posted_at"], name="sandbox_thread"),
            models.Index(fields=["id"], condition=Q(announced_at=None, to__isnull=False), name="sandbox_unannounced"),
        ]

    def __str__(self) -> str:
        return self.text[:60]
