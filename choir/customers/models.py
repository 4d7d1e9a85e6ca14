"""Customer and identity: a human, and that human's account on one network."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from choir.customers.searching import words_of
from choir.ids import new_id
from choir.people.models import Workspace


class Customer(models.Model):
    """One human as a workspace knows them; several identities may be theirs."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(max_length=200, blank=True)
    stage = models.CharField(
        max_length=16,
        blank=True,
        help_text="Lifecycle: awareness, consideration, purchase, support, advocacy.",
    )
    is_vip = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    search = models.GeneratedField(expression=words_of("name"), output_field=SearchVectorField(), db_persist=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "name"], name="customer_by_name"),
            GinIndex(fields=["search"], name="customer_search"),
        ]

    def __str__(self) -> str:
        return self.name or "Unnamed customer"


class Identity(models.Model):
    """A customer's account on one network."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="identities")
    network = models.CharField(max_length=40)
    external_id = models.CharField(max_length=300)
    handle = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=200, blank=True)
    url = models.URLField(max_length=1000, blank=True)
    followers_count = models.PositiveIntegerField(null=True, blank=True)
    first_seen_at = models.DateTimeField(default=timezone.now)
    search = models.GeneratedField(
        expression=words_of("handle") + words_of("name"), output_field=SearchVectorField(), db_persist=True
    )

    class Meta:
        verbose_name_plural = "identities"
        indexes = [GinIndex(fields=["search"], name="identity_search")]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "network", "external_id"], name="identity_once_per_network"),
            models.CheckConstraint(condition=~Q(external_id=""), name="identity_has_external_id"),
        ]

    def __str__(self) -> str:
        return self.handle or self.name or self.external_id
