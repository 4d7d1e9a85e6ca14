"""The brief by e-mail, for those who asked: the same words as on the page, each leading to its rows."""

from __future__ import annotations

import uuid

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q

from choir.executive.letter import formatted, page_of, plain
from choir.executive.models import Brief, BriefReader
from choir.governance.telling import can_send, sent
from choir.people.policy import Permission

AT_ONCE = 20


def mail() -> int:
    """Send the newest brief to each who asked for it and has not had it; how many."""
    if not can_send():
        return 0
    count = 0
    for brief in Brief.objects.order_by("workspace_id", "-last_on").distinct("workspace_id"):
        wanting = BriefReader.objects.filter(
            Q(sent_to=None) | Q(sent_to__lt=brief.last_on), workspace=brief.workspace_id, person__is_active=True
        )
        count += sum(_mail(pk, brief) for pk in wanting.values_list("pk", flat=True)[:AT_ONCE])
    return count


@transaction.atomic
def _mail(pk: uuid.UUID, brief: Brief) -> int:
    reader = (
        BriefReader.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("person", "workspace")
        .filter(Q(sent_to=None) | Q(sent_to__lt=brief.last_on), pk=pk)
        .first()
    )
    if reader is None:
        return 0
    may_read = reader.person.access.allows(Permission.BRIEF_READ, workspace_id=brief.workspace_id)
    if may_read and not sent(composed(brief, to=reader.person.email)):
        return 0
    BriefReader.objects.filter(pk=pk).update(sent_to=brief.last_on)
    return int(may_read)


def composed(brief: Brief, *, to: str) -> EmailMultiAlternatives:
    """The e-mail: plain words with the page's address, and the same with links."""
    page = page_of(brief)
    mail = EmailMultiAlternatives(
        subject=f"The week at {brief.workspace}: {brief}", body=plain(brief), to=[to],
        headers={"List-Unsubscribe": f"<{page}>"},
    )  # fmt: skip
    mail.attach_alternative(formatted(brief), "text/html")
    return mail
