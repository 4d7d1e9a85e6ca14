"""Customers to hear: of all who wrote in a week, those that show most of it, chosen once and kept with the brief."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, CharField, F, Max, OuterRef, QuerySet, Subquery, Value, When, Window
from django.db.models.functions import Coalesce, Left, Length, NullIf, RowNumber

from choir.customers.models import Identity
from choir.executive.choosing import Candidate, Chosen, choose
from choir.executive.models import Brief, Hearing
from choir.executive.weeks import BEFORE, WEEK, Looked
from choir.inbox.models import Conversation, Message
from choir.measurement.question import DAY
from choir.routing.choose import language_name
from choir.routing.models import Objective

ENOUGH = 40  # characters of a customer's words, below which there is little to hear
MUCH = 240
A_CELL = 3  # candidates of each combination of facets
FOLLOWED, WELL_FOLLOWED = 500, 10_000
STAGES = {
    "awareness": "who has only heard of us", "consideration": "who thinks about buying", "purchase": "who is buying",
    "support": "who has bought and needs help", "advocacy": "who recommends us",
}  # fmt: skip
MOODS = {"negative": "unhappy", "positive": "happy", "mixed": "of mixed feelings", "neutral": "of neither mood"}
REACHES = {"few": "whom few follow", "some": "whom hundreds or thousands follow", "many": "whom very many follow"}
ORDINALS = {1: "the only one", 2: "one of two", 3: "one of three"}


def choose_for(brief: Brief, looked: Looked) -> list[Hearing]:
    """Choose the customers of a brief's week, and keep them with it."""
    chosen = choose(candidates(looked))
    objectives = {one.slug: one.name for one in Objective.objects.filter(organisation=looked.workspace.organisation_id)}
    return Hearing.objects.bulk_create(
        Hearing(
            workspace=looked.workspace, brief=brief, conversation_id=one.candidate.conversation_id, place=place,
            facets=dict(one.candidate.facets), because=_words(one, objectives),
        )
        for place, one in enumerate(chosen, start=1)
    )  # fmt: skip


def candidates(looked: Looked) -> list[Candidate]:
    """The conversations in which a customer said something in the week, a few of each combination of facets: those that
    say most. Spam is none, and what was heard in the weeks before is not heard again."""
    begins_at = looked.asked().period.start
    rows = Conversation.objects.filter(
        workspace=looked.workspace, last_inbound_at__gte=begins_at, last_inbound_at__lt=looked.ends_at,
        reading__isnull=False, reading__is_spam=False,
    )  # fmt: skip
    heard = Hearing.objects.filter(workspace=looked.workspace, brief__last_on__gte=looked.last - BEFORE * WEEK * DAY)
    told = _with_facets(rows.exclude(pk__in=heard.values("conversation_id"))).filter(said__gte=ENOUGH)
    cell = Window(
        RowNumber(), partition_by=[F("in_stage"), F("of_objective"), F("sentiment"), F("language"), F("of_reach")],
        order_by=[F("said").desc(), F("pk").asc()],
    )  # fmt: skip
    first = told.annotate(in_cell=cell).filter(in_cell__lte=A_CELL)
    names = ("pk", "customer_id", "in_stage", "of_objective", "sentiment", "language", "of_reach", "said")
    return [_candidate(one) for one in first.values(*names, "reading__entities")]


def _with_facets(rows: QuerySet[Conversation]) -> QuerySet[Any]:
    """Stage, objective and reach beside what a conversation shows itself, and how much the customer wrote at once."""
    followed = Identity.objects.filter(customer=OuterRef("customer_id")).values("customer")
    words = Message.objects.filter(
        conversation=OuterRef("pk"), direction="inbound", removed_at=None, is_automatic=False
    )
    longest = words.values("conversation").annotate(most=Max(Length(Left("text", MUCH))))
    return rows.annotate(
        in_stage=Coalesce(NullIf("customer__stage", Value("")), "reading__stage"),
        of_objective=Coalesce("objective__slug", Value("")),
        followers=Coalesce(Subquery(followed.annotate(most=Max("followers_count")).values("most")), Value(0)),
        said=Coalesce(Subquery(longest.values("most")), Value(0)),
        of_reach=Case(
            When(followers__gte=WELL_FOLLOWED, then=Value("many")),
            When(followers__gte=FOLLOWED, then=Value("some")),
            default=Value("few"),
            output_field=CharField(),
        ),
    )


def _candidate(row: dict[str, Any]) -> Candidate:
    places = (one["name"] for one in row["reading__entities"] if one.get("kind") == "place" and one.get("name"))
    facets = {
        "stage": row["in_stage"], "objective": row["of_objective"], "mood": row["sentiment"],
        "language": "" if row["language"] == "und" else row["language"], "reach": row["of_reach"],
        "place": next(places, ""),
    }  # fmt: skip
    return Candidate(row["pk"], row["customer_id"], facets, row["said"] / MUCH)


def _words(chosen: Chosen, objectives: dict[str, str]) -> list[str]:
    """Why this one, rarest first: “the only one in Japanese”."""
    return [f"{ORDINALS.get(count, f'one of {count}')} {_phrase(facet, value, objectives)}"
            for facet, value, count in chosen.reasons]  # fmt: skip


def _phrase(facet: str, value: str, objectives: dict[str, str]) -> str:
    if facet == "objective":
        return f"about {objectives.get(value, value).lower()}"
    if facet == "language":
        return f"in {language_name(value)}"
    if facet == "place":
        return f"from {value}"
    return {"stage": STAGES, "mood": MOODS, "reach": REACHES}[facet].get(value, value)
