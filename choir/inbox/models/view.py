"""Saved view: a filter worth keeping; the filter is the query string of the list."""

from django.db import models
from django.utils import timezone

from choir.ids import new_id
from choir.people.models import Person, Workspace


class SavedView(models.Model):
    """A named filter of one person, shared with the workspace or private."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, help_text="The list's query string.")
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["workspace", "person", "name"], name="saved_view_name_once")]

    def __str__(self) -> str:
        return self.name
