"""What the composer shows: the draft, where it goes, what the network takes, what is at hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from django.contrib.postgres.expressions import ArraySubquery
from django.core.cache import caches
from django.db.models import OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast, JSONObject
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from choir.channels import registry
from choir.channels.networks import network_name
from choir.conversions.giving import offered
from choir.ids import new_id
from choir.inbox.models import Conversation
from choir.knowledge.queries import macros_for
from choir.outbound.actions.attaching import attachable, going_along
from choir.outbound.actions.sending import answerable_until, limit_of, manifest_of, refuse_late
from choir.outbound.models import Draft
from choir.outbound.queries import policy_for
from choir.outbound.refusals import CannotReply
from choir.people.models import Department, Membership, Organisation, Person, Skill, SkillKind
from choir.prepared import Slot, prepared
from choir.web.access import WorkspaceRequest
from choir.web.inbox.asked import Asked
from choir.web.inbox.contents import Contents

ASKABLE_KEPT_SECONDS = 15
KINDS = ("reply", "note", "consult")
ANSWER_BY = (
    ("30", gettext_lazy("In 30 minutes")),
    ("120", gettext_lazy("In 2 hours")),
    ("480", gettext_lazy("In 8 hours")),
    ("1440", gettext_lazy("Tomorrow")),
    ("4320", gettext_lazy("In 3 days")),
)


def composer_context(
    request: WorkspaceRequest, conversation: Conversation, wish: Asked, has: Contents, *, may_answer: bool, **typed: Any
) -> dict[str, Any]:
    """Everything parts/composer.html asks for. What was just typed (`kind`, `text`, `token`, and with it `errors` and
    `warnings`) wins over the draft that was saved."""
    person = request.person
    saved = _drafts(conversation=conversation.pk, person=person.pk) if has.drafts else []
    drafts = {draft.kind: draft for draft in saved}
    refused = _refused(conversation, may_answer=may_answer)
    kind = typed.pop("kind", "") or _kind(request.GET.get("write", ""), drafts, can_reply=not refused)
    draft = drafts.get(kind)
    return {
        "kind": kind,
        "urls": _urls(conversation, wish),
        "text": draft.text if draft else "",
        "texts": {name: drafts[name].text if name in drafts else "" for name in KINDS},
        "saved_at": draft.saved_at if draft else None,
        "revision": conversation.revision,
        "token": typed.pop("token", "") or new_id().hex,
        "askable": askable_by(person),
        "answer_by": ANSWER_BY,
        "errors": (),
        "warnings": (),
        **_reply(conversation, person, has, refused=refused),
        **typed,
    }


def _urls(conversation: Conversation, wish: Asked) -> dict[str, str]:
    """Where each thing that is written goes; what names an attachment is still put behind `attachments_of`."""
    base = f"/w/{wish.workspace.slug}/conversations/{conversation.pk}/"
    nouns = {"reply": "reply", "note": "notes", "consult": "consults", "draft": "draft", "macro": "macro",
             "attachments": "attachments", "links": "links"}  # fmt: skip
    urls = {name: f"{base}{noun}?{wish.query}" for name, noun in nouns.items()}
    return {**urls, "attachments_of": f"{base}attachments/"}


def _reply(conversation: Conversation, person: Person, has: Contents, *, refused: str) -> dict[str, Any]:
    """What a reply can be: how long, with what, whose yes it needs, which macros fit; or why there can be none."""
    attaching = None if refused else attachable(conversation)
    macros = (
        macros_for(person, department_id=conversation.department_id, language=conversation.language)
        if has.macros
        else ()
    )
    return {
        "limit": _limit(conversation),
        "network": network_name(conversation.channel.network),
        "until": None if refused else answerable_until(conversation),
        "can_reply": not refused,
        "reply_refused": refused,
        "approval": policy_for(conversation, author=person) if has.policies and not refused else None,
        "attaching": attaching,
        "attachments": going_along(conversation=conversation.pk, person=person.pk)
        if attaching and has.going_along
        else (),
        "macros": [(str(macro.pk), macro.name) for macro in macros],
        "links": [(str(link.pk), link.name) for link in offered(workspace=conversation.workspace_id)]
        if has.links and not refused
        else (),
    }


@prepared
def _drafts(conversation: Slot, person: Slot) -> QuerySet[Draft]:
    return Draft.objects.filter(conversation=conversation, person=person)


@dataclass(frozen=True, slots=True)
class Askable:
    """Whom a question can be put to. `plain` is all of it as the database told it, for `{% remembered %}`."""

    plain: str
    departments: list[tuple[str, str]]  # (id, name)
    experts: list[tuple[str, list[tuple[str, str]]]]  # (department, [(id, name and topics)])


def askable_by(person: Person) -> Askable:
    """Every department of the organisation, and the people of each but the person themselves: as they were at most
    ASKABLE_KEPT_SECONDS ago. At most one query."""
    told = caches["local"].get_or_set(
        f"askable-{person.pk}",
        lambda: _askable_by(organisation=person.organisation_id, person=person.pk)[0][0],
        ASKABLE_KEPT_SECONDS,
    )
    return _askable(cast(str, told))


@prepared
def _askable_by(organisation: Slot, person: Slot) -> QuerySet[Any, Any]:
    topics = Skill.objects.filter(person=OuterRef("person"), kind=SkillKind.TOPIC).order_by("value").values("value")
    people = (
        Membership.objects.filter(~Q(person=person), team__department=OuterRef("pk"), person__is_active=True)
        .order_by("person__name")
        .values_list(JSONObject(id="person_id", name="person__name", knows=ArraySubquery(topics)))
        .distinct()
    )
    departments = Department.objects.filter(organisation=OuterRef("pk")).order_by("position", "name")
    told = departments.values_list(JSONObject(id="pk", name="name", people=ArraySubquery(people)))
    return Organisation.objects.filter(pk=organisation).values_list(
        Cast(JSONObject(departments=ArraySubquery(told)), TextField())
    )


@lru_cache(maxsize=256)
def _askable(told: str) -> Askable:
    departments = json.loads(told)["departments"]
    experts = [(one["name"], [(who["id"], _known_for(**who)) for who in one["people"]]) for one in departments]
    return Askable(
        plain=told,
        departments=[(one["id"], one["name"]) for one in departments],
        experts=[(department, people) for department, people in experts if people],
    )


def _known_for(id: str, name: str, knows: list[str]) -> str:
    return f"{name} ({', '.join(knows).replace('_', ' ')})" if knows else name


def _kind(wished: str, drafts: dict[str, Draft], *, can_reply: bool) -> str:
    """The tab that is open: as asked, else where something was typed last, else a reply where one is possible."""
    if wished in KINDS:
        return wished
    if drafts:
        return max(drafts.values(), key=lambda draft: draft.saved_at).kind
    return "reply" if can_reply else "note"


def _refused(conversation: Conversation, *, may_answer: bool) -> str:
    """Why no reply can be written, "" where one can."""
    if not may_answer:
        return _("Your roles do not include answering here. Leave a note, or ask whoever has it.")
    try:
        manifest_of(conversation.channel)
        refuse_late(conversation, at=timezone.now())
    except CannotReply as refusal:
        return str(refusal)
    return ""


def _limit(conversation: Conversation) -> int | None:
    return limit_of(conversation) if conversation.channel.connector in registry.manifests() else None
