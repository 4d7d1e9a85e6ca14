"""Knowledge: everybody reads it, those who answer customers write it, and the record says who did."""

import csv
import datetime as dt
import io
import json
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from choir.events.models import Event
from choir.inbox.models import Consult
from choir.knowledge.models import Answer, Macro
from choir.knowledge.queries import answers_for
from choir.people.models import Person, Skill, SkillKind
from tests import conversing
from tests.cast import NOON, Cast

YESTERDAY, NEXT_YEAR = dt.timedelta(days=-1), dt.timedelta(days=365)


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def at(name: str, **kwargs: object) -> str:
    return reverse(name, kwargs={"workspace": "acme", **kwargs})


def body(person: Person, url: str) -> str:
    answer = browser(person).get(url)
    assert answer.status_code == HTTPStatus.OK
    return answer.content.decode()


def whole(client: Client, url: str) -> str:
    return client.get(url).getvalue().decode()


@pytest.fixture
def returns(company: Cast) -> Answer:
    """An answer of customer service's that holds."""
    return written(company, "Returning something", "Sixty days, for any reason.", NEXT_YEAR)


def written(company: Cast, title: str, text: str, holds: dt.timedelta, department: str = "customer_service") -> Answer:
    return Answer.objects.create(
        organisation=company.organisation,
        title=title,
        text=text,
        department=company.departments[department],
        owner=company.ana,
        expires_on=timezone.localdate() + holds,
        tags=["refund"],
    )


def answer_form(company: Cast, **changed: object) -> dict[str, object]:
    return {
        "title": "Late parcels",
        "text": "Send a new one the same day.",
        "language": "en",
        "department": company.departments["operations"].pk,
        "owner": company.ben.pk,
        "expires_on": str(timezone.localdate() + NEXT_YEAR),
        "tags": "delivery,  Late , late",
    } | changed


def macro_form(**changed: object) -> dict[str, object]:
    return {
        "name": "Sorry",
        "text": "{{customer.name}}, sorry. {{person.name}}",
        "language": "en",
        "department": "",
        "labels": "waiting, refund",
        "resolves": "on",
    } | changed


def test_the_list_narrows_by_words_department_and_end(company: Cast, returns: Answer) -> None:
    written(company, "Old prices", "They were lower.", YESTERDAY, "marketing")
    where = at("knowledge")
    for query, is_there in (
        ("", (True, True)),
        ("?q=sixt", (True, False)),
        ("?q=refund+old", (False, True)),
        (f"?department={company.departments['marketing'].pk}", (False, True)),
        ("?expired=on", (False, True)),
        ("?q=%21&expired=on", (False, False)),
    ):
        page = body(company.eve, where + query)
        assert ("Returning something" in page, "Old prices" in page) == is_there, query


def test_an_expired_answer_is_marked(company: Cast, returns: Answer) -> None:
    assert "Expired" not in body(company.ana, at("knowledge")).split("<table")[1]
    old = written(company, "Old prices", "They were lower.", YESTERDAY)
    assert "Expired" in body(company.ana, at("knowledge")).split("<table")[1]
    assert "1 answer has expired" in body(company.ana, at("knowledge"))
    page = body(company.eve, at("knowledge_answer", answer=old.pk))
    assert "not offered beside replies any more" in page
    assert "Ask Ana before you rely on it." in page


def test_an_answer_is_written_and_offered(company: Cast) -> None:
    sent = browser(company.ana).post(at("knowledge_new_answer"), answer_form(company))
    made = Answer.objects.get()
    assert sent["Location"] == at("knowledge_answer", answer=made.pk)
    assert (made.owner, made.tags) == (company.ben, ["delivery", "late"])
    offered = answers_for("parcels", organisation_id=company.organisation.pk, on=timezone.localdate())
    assert offered == [made]
    event = Event.objects.get(verb="answer.added")
    assert (event.subject_id, event.by) == (made.pk, company.ana)


def test_a_change_is_recorded_by_field_and_never_by_text(company: Cast, returns: Answer) -> None:
    where = at("knowledge_answer_wording", answer=returns.pk)
    form = browser(company.ana).get(where).context["form"].initial | {"text": "Ninety days.", "language": ""}
    browser(company.ana).post(where, form)
    returns.refresh_from_db()
    assert returns.text == "Ninety days."
    assert Event.objects.get(verb="answer.changed").facts == {"fields": ["text"]}
    browser(company.ana).post(where, form)
    assert Event.objects.filter(verb="answer.changed").count() == 1


def test_an_answer_without_words_is_refused(company: Cast) -> None:
    sent = browser(company.ana).post(at("knowledge_new_answer"), answer_form(company, text="", owner=""))
    assert sent.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert not Answer.objects.exists()


@pytest.mark.parametrize("who", ["eve", "ada", "leo"])
def test_who_may_not_write_reads_alone(company: Cast, returns: Answer, who: str) -> None:
    person = getattr(company, who)
    macro = Macro.objects.create(organisation=company.organisation, name="Hello", text="Hello {{customer.name}}")
    assert "Add an answer" not in body(person, at("knowledge"))
    assert "Sixty days" in body(person, at("knowledge_answer", answer=returns.pk))
    assert "Hello Maya" in body(person, at("knowledge_macro", macro=macro.pk))
    for where, form in (
        (at("knowledge_new_answer"), answer_form(company)),
        (at("knowledge_answer_wording", answer=returns.pk), answer_form(company)),
        (at("knowledge_new_macro"), macro_form()),
        (at("knowledge_macro", macro=macro.pk), macro_form()),
    ):
        assert browser(person).post(where, form).status_code == HTTPStatus.FORBIDDEN
    assert (Answer.objects.get().title, Macro.objects.get().name) == ("Returning something", "Hello")


def test_the_outsider_finds_nothing(company: Cast, returns: Answer) -> None:
    macro = Macro.objects.create(organisation=company.organisation, name="Hello", text="Hello")
    outside = browser(company.outsider)
    for name in ("knowledge", "knowledge_macros", "knowledge_people", "knowledge_new_answer"):
        assert outside.get(at(name)).status_code == HTTPStatus.NOT_FOUND
    assert outside.get(reverse("knowledge_answer", args=["other", returns.pk])).status_code == HTTPStatus.NOT_FOUND
    assert outside.get(reverse("knowledge_macro", args=["other", macro.pk])).status_code == HTTPStatus.NOT_FOUND
    assert "Returning" not in outside.get(reverse("knowledge", args=["other"])).content.decode()


def test_empty_pages_say_what_to_do_first(company: Cast) -> None:
    assert "Write the answer you give most often" in body(company.ana, at("knowledge"))
    assert "Colleagues who answer customers" in body(company.eve, at("knowledge"))
    assert "No macro yet" in body(company.ana, at("knowledge_macros"))
    Skill.objects.all().delete()
    assert "Nobody has said what they know" in body(company.ana, at("knowledge_people"))


def test_a_macro_is_written_and_changed(company: Cast) -> None:
    assert browser(company.ana).post(at("knowledge_new_macro"), macro_form()).status_code == HTTPStatus.FOUND
    macro = Macro.objects.get()
    assert (macro.labels, macro.resolves, macro.department) == (["waiting", "refund"], True, None)
    assert "Maya, sorry. Ana" in body(company.ana, at("knowledge_macro", macro=macro.pk))
    browser(company.ana).post(at("knowledge_macro", macro=macro.pk), macro_form(name="Sorry again"))
    assert Macro.objects.get().name == "Sorry again"
    assert list(Event.objects.order_by("at").values_list("verb", flat=True)) == ["macro.added", "macro.changed"]


def test_a_placeholder_that_nothing_fills_is_refused(company: Cast) -> None:
    sent = browser(company.ana).post(at("knowledge_new_macro"), macro_form(text="Your order {{order.number}}"))
    assert sent.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Nothing fills {{order.number}}" in sent.content.decode()
    assert not Macro.objects.exists()


def test_a_macros_name_is_taken_once(company: Cast) -> None:
    client = browser(company.ana)
    client.post(at("knowledge_new_macro"), macro_form())
    sent = client.post(at("knowledge_new_macro"), macro_form())
    assert sent.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "already" in sent.content.decode()
    assert Macro.objects.count() == 1


def test_who_knows_what_counts_skills_and_answered_consults(company: Cast) -> None:
    Skill.objects.create(person=company.ben, kind=SkillKind.TOPIC, value="delivery", level=3)
    conversation = conversing.opened(company)
    conversation.reading.topic = "delivery"  # type: ignore[union-attr]
    conversation.reading.save()  # type: ignore[union-attr]
    for answered_at in (NOON, NOON, None):
        Consult.objects.create(
            workspace=company.workspace,
            conversation=conversation,
            asked_by=company.ana,
            department=company.departments["legal"],
            question="Where?",
            asked_at=NOON,
            answer_by=NOON,
            answered_by=company.leo if answered_at else None,
            answered_at=answered_at,
        )
    topics = browser(company.ana).get(at("knowledge_people")).context["topics"]
    assert [one.value for one in topics] == ["delivery"]
    assert [(one.person.name, one.level, one.consults_count) for one in topics[0].people] == [
        ("Leo", 0, 2),
        ("Ben", 3, 0),
    ]


def test_answers_and_macros_leave_as_rows(company: Cast, returns: Answer) -> None:
    written(company, "=cmd()", "Harmless.", YESTERDAY)
    Macro.objects.create(organisation=company.organisation, name="Hello", text="Hello")
    client = browser(company.ana)
    as_csv = whole(client, at("knowledge_answers_file", form="csv")).lstrip("\ufeff")
    rows = list(csv.DictReader(io.StringIO(as_csv)))
    assert [row["title"] for row in rows] == ["'=cmd()", "Returning something"]
    as_json = json.loads(whole(client, at("knowledge_answers_file", form="json") + "?q=sixty"))
    assert [row["owner"] for row in as_json["rows"]] == ["Ana"]
    assert json.loads(whole(client, at("knowledge_macros_file", form="json")))["rows"][0]["name"] == "Hello"
    assert client.get(at("knowledge_answers_file", form="xls")).status_code == HTTPStatus.NOT_FOUND
