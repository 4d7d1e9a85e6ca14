"""Watch: how far a workspace is listened to."""

from django.db import models

from choir.people.models import Workspace


class Watch(models.Model):
    """How far one workspace is listened to: up to when changed readings are followed, and when spikes and drift were
    last looked for."""

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, primary_key=True, related_name="+")
    readings_at = models.DateTimeField()
    spikes_at = models.DateTimeField(null=True, blank=True)
    drift_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "watches"

    def __str__(self) -> str:
        return f"{self.workspace}: readings up to {self.readings_at:%Y-%m-%d %H:%M}"
