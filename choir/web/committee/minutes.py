"""The minutes of a meeting to take along: a printed document (PDF, set by Typst) and Markdown, of the same values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from choir.governance.changing.kinds import in_words
from choir.governance.models import Attendance, Decision, Meeting
from choir.governance.wording import changed
from choir.measurement.metrics import catalogue
from choir.web.access import WorkspaceRequest
from choir.web.committee.frame import READS, meeting_of
from choir.web.committee.meetings import chairs_of
from choir.web.committee.showing import ShownItem, effect_sentence, sentence, shown_items
from choir.web.printing.setting import pdf_of

HISTORY = 12
TEMPLATE = Path(__file__).parent / "minutes.typ"


@require_safe
@READS
def document(request: WorkspaceRequest, number: int) -> HttpResponse:
    """The minutes as PDF."""
    found = _begun(request, number)
    response = HttpResponse(pdf_of(TEMPLATE, told(request, found)), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="meeting-{found.number}.pdf"'
    return response


@require_safe
@READS
def markdown(request: WorkspaceRequest, number: int) -> HttpResponse:
    """The minutes as Markdown."""
    found = _begun(request, number)
    response = HttpResponse(written(told(request, found)), content_type="text/markdown; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="meeting-{found.number}.md"'
    return response


def _begun(request: WorkspaceRequest, number: int) -> Meeting:
    found = meeting_of(request, number)
    if found.opened_at is None:
        raise Http404("A meeting has minutes from its opening on.")
    return found


def told(request: WorkspaceRequest, meeting: Meeting) -> dict[str, Any]:
    """Everything the minutes say, as plain values."""
    items = shown_items(meeting, request.person)
    chairs = chairs_of(meeting, None)
    committee = meeting.committee
    begins, ends = (one.astimezone(committee.zone) for one in (meeting.begins_at, meeting.ends_at))
    return {
        "title": f"{committee.name}, {_('meeting')} {meeting.number}",
        "when": f"{begins:%A %-d %B %Y, %H:%M}–{ends:%H:%M} ({committee.time_zone})",
        "place": committee.place,
        "language": request.person.language,
        "words": _words(),
        "quorum": committee.quorum_of(len(chairs)),
        "seats": [
            {
                "department": str(one.seat.department),
                "person": str(one.attendance.person or "") if one.attendance else str(one.seat.person or ""),
                "there": one.attendance is not None,
            }
            for one in chairs
        ],
        "history": _history(meeting),
        "decisions": [_decision(one, meeting) for item in items for one in item.decisions],
        "effects": [effect for item in items if (effect := _effect(item)) is not None],
        "items": [_item(one) for one in items],
        "actions": [
            {"title": one.title, "owner": str(one.owner), "due": f"{one.due_on:%-d %B %Y}"}
            for one in meeting.actions.select_related("owner")
        ],
    }


def _words() -> dict[str, str]:
    return {
        "attendance": _("Attendance"), "there": _("there"), "missing": _("missing"),
        "history": _("Departments present, by meeting; dashed: the quorum"), "decisions": _("Decisions"),
        "effects": _("Looked at again"), "items": _("What was talked about"), "actions": _("Actions"),
        "decided": _("Decided"),
        "effects_help": _("The disc is the effect, the bar the range that holds it in four of five cases; the line in "
                          "the middle is no effect."),
    }  # fmt: skip


def _history(meeting: Meeting) -> list[dict[str, Any]]:
    """How many departments came to the last meetings up to this one."""
    rows = Meeting.objects.held().filter(committee=meeting.committee_id, begins_at__lte=meeting.begins_at)
    held = list(rows.order_by("-begins_at")[:HISTORY])[::-1]
    came: dict[Any, int] = {}
    for pk in Attendance.objects.filter(meeting__in=held).values_list("meeting_id", flat=True):
        came[pk] = came.get(pk, 0) + 1
    return [{"label": str(one.number), "there": came.get(one.pk, 0)} for one in held]


def _decision(decision: Decision, meeting: Meeting) -> dict[str, str]:
    terms = f"{_('In force from')} {decision.effective_at.astimezone(meeting.committee.zone):%-d %B %Y}."
    if decision.expected:
        terms += f" {_('Expected:')} {sentence(decision.expected)}"
    if decision.review_on:
        terms += f" {_('Looked at again on')} {decision.review_on:%-d %B %Y}."
    return {
        "name": str(decision),
        "title": decision.title.rstrip("."),
        "change": sentence(in_words(meeting.workspace, decision.change)),
        "because": decision.because,
        "terms": terms,
    }


def _effect(item: ShownItem) -> dict[str, Any] | None:
    """The measured effect of a decision that the meeting looked at again."""
    if item.item.kind != "review":
        return None
    decision = Decision.objects.filter(pk=item.item.key.removeprefix("review:")).select_related("review").first()
    effect = decision.review.effect if decision is not None and hasattr(decision, "review") else {}
    if not effect or decision is None:
        return None
    return {
        "name": str(decision), "sentence": effect_sentence(effect), "low": effect["low"], "high": effect["high"],
        "middle": effect["effect"], "verdict": effect["verdict"],
        "words": changed(catalogue().get(effect["metric"]), effect["effect"], is_relative=effect["is_relative"]),
    }  # fmt: skip


def _item(shown: ShownItem) -> dict[str, Any]:
    item = shown.item
    return {
        "place": shown.place,
        "title": item.title,
        "question": item.question,
        "facts": [one.words for one in shown.facts],
        "minutes": item.minutes,
        "outcome": str(item.get_outcome_display()) if item.outcome else "",
        "votes": ", ".join(f"{one.department}: {one.get_choice_display()}" for one in shown.votes),
    }


def written(values: dict[str, Any]) -> str:
    """The same as Markdown."""
    words = values["words"]
    lines = [f"# {values['title']}", "", values["when"] + (f", {values['place']}" if values["place"] else ""), ""]
    lines += [f"## {words['attendance']}", ""]
    lines += [
        f"- {one['department']}" + (f" ({one['person']})" if one["person"] else "")
        + f": {words['there'] if one['there'] else words['missing']}"
        for one in values["seats"]
    ]  # fmt: skip
    if values["decisions"]:
        lines += ["", f"## {words['decisions']}", ""]
        lines += [
            f"- **{one['name']}: {one['title']}.** {one['change']} {one['because']} {one['terms']}"
            for one in values["decisions"]
        ]
    if values["effects"]:
        lines += ["", f"## {words['effects']}", ""]
        lines += [f"- **{one['name']}**: {one['sentence']}" for one in values["effects"]]
    lines += ["", f"## {words['items']}"]
    for one in values["items"]:
        lines += ["", f"### {one['place']}. {one['title']}" + (f" ({one['outcome']})" if one["outcome"] else ""), ""]
        lines += [f"*{one['question']}*", ""] if one["question"] else []
        lines += [f"- {fact}" for fact in one["facts"]]
        lines += ["", one["minutes"]] if one["minutes"] else []
        lines += ["", one["votes"]] if one["votes"] else []
    if values["actions"]:
        lines += ["", f"## {words['actions']}", ""]
        lines += [f"- {one['title']}: {one['owner']}, {one['due']}" for one in values["actions"]]
    return "\n".join(lines) + "\n"
