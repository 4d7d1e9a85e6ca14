"""The brief by e-mail, for those who asked: the same words as on the page, each leading to its rows."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from choir.executive.models import Brief, BriefReader
from choir.governance.agenda.opening import path_of
from choir.governance.telling import can_send, sent
from choir.governance.wording import said
from choir.measurement.metrics import catalogue
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
    workspace = brief.workspace
    where = {"workspace": workspace.slug, "day": brief.last_on.isoformat()}
    page = f"{settings.PUBLIC_URL}{reverse('executive_brief', kwargs=where)}"
    figures = [_figure(one) for one in brief.figures]
    text = [
        f"{workspace}, {brief}",
        "",
        *(f"{title}: {value}, {before} the week before" for title, value, before in figures),
    ]
    text += ["", *(f"- {_words(one['parts'])}" for one in brief.sentences)]
    text += ["", "In the way", *(f"- {one['title']}" for one in brief.risks)] if brief.risks else []
    text += ["", "To be decided", *(f"- {one['title']}" for one in brief.waiting)] if brief.waiting else []
    text += ["", "Each of them opens its rows, and ten customers are worth hearing:", page, ""]
    mail = EmailMultiAlternatives(subject=f"The week at {workspace}: {brief}", body="\n".join(text), to=[to])
    mail.attach_alternative(str(_html(brief, figures, page)), "text/html")
    return mail


def _html(brief: Brief, figures: Iterable[tuple[str, str, str]], page: str) -> SafeString:
    slug = brief.workspace.slug
    rows = format_html_join("", "<tr><td>{}</td><td><b>{}</b></td><td>{} the week before</td></tr>", figures)
    sentences = format_html_join("", "<li>{}</li>", ((_linked(one["parts"], slug),) for one in brief.sentences))
    evidence = [
        format_html_join(" · ", "{}", [(_linked([fact], slug),) for fact in one["facts"]]) for one in brief.risks
    ]
    risks = format_html_join(
        "", "<li><b>{}</b><br>{}</li>", zip((one["title"] for one in brief.risks), evidence, strict=True)
    )
    waiting = format_html_join(
        "", "<li><b>{}</b><br>{}</li>", ((one["title"], one["question"]) for one in brief.waiting)
    )
    return format_html(
        "<h1>The week at {}</h1><p>{}</p><table cellpadding=6>{}</table><ol>{}</ol>{}{}"
        '<p><a href="{}">The brief, and ten customers to hear</a></p>',
        brief.workspace,
        brief,
        rows,
        sentences,
        _section("In the way", risks),
        _section("To be decided", waiting),
        page,
    )


def _section(title: str, rows: SafeString) -> SafeString:
    return format_html("<h2>{}</h2><ul>{}</ul>", title, rows) if rows else SafeString("")


def _linked(parts: Iterable[Mapping[str, Any]], workspace: str) -> SafeString:
    """Words of which some are links."""
    return format_html_join("", "{}", ((_link(one, workspace),) for one in parts))


def _link(part: Mapping[str, Any], workspace: str) -> SafeString:
    path = path_of(part, workspace)
    if not path:
        return format_html("{}", part["words"])
    return format_html('<a href="{}{}">{}</a>', settings.PUBLIC_URL, path, part["words"])


def _words(parts: Iterable[Mapping[str, Any]]) -> str:
    return "".join(str(one["words"]) for one in parts)


def _figure(kept: Mapping[str, Any]) -> tuple[str, str, str]:
    metric = catalogue().get(kept["metric"])
    before, now = (said(metric, one["value"]) for one in kept["weeks"][-2:])
    return metric.title if metric else str(kept["metric"]), now, before
