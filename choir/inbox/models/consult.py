"""Consult: a question to an expert or a department, inside a conversation, with an answer-by time."""

import datetime as dt

from django.db import models
from django.db.models import Q

from choir.ids import new_id
from choir.inbox.models.conversation import Conversation
from choir.people.models import Department, Person, Workspace


class ConsultQuerySet(models.QuerySet["Consult"]):
    def waiting(self) -> "ConsultQuerySet":
        """Asked, not yet answered."""
        return self.filter(answered_at=None)

    def overdue(self, at: dt.datetime) -> "ConsultQuerySet":
        """Waiting past the answer-by time."""
        return self.waiting().filter(answer_by__lt=at)

    def asked_of(self, person: Person) -> "ConsultQuerySet":
        """Asked of the person, or of a department they work in."""
        return self.filter(Q(expert=person) | Q(expert=None, department_id__in=person.access.department_ids))


class Consult(models.Model):
    """One question and, later, its answer. The conversation keeps its owner; the answer may be quoted to the
    customer or is for inside only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="consults")
    asked_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    expert = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="consults")
    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="consults")
    question = models.TextField()
    asked_at = models.DateTimeField()
    answer_by = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    is_quotable = models.BooleanField(default=True)

    objects = ConsultQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["conversation", "asked_at"], name="consult_thread"),
            models.Index(fields=["department", "answer_by"], condition=Q(answered_at=None), name="consult_waiting"),
        ]

    def __str__(self) -> str:
        return self.question[:60]
