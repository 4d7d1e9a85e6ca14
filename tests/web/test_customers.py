"""Customers: found by name and handle, seen only through conversations that the person may see."""

import datetime as dt
import io
import json
import re
from http import HTTPStatus

import pytest
from arro3.io import read_parquet
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from choir.customers.models import Customer
from choir.inbox.models import Conversation
from choir.inbox.queries.customers import MoodOfMonth
from choir.journey.following import correct_stage
from choir.people.models import Person
from choir.web import taking
from choir.web.customers.wording import mood_in_words
from tests import conversing
from tests.cast import NOON, Cast


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def listed(person: Person, query: str = "") -> str:
    answer = browser(person).get(reverse("customers", args=["acme"]) + query)
    assert answer.status_code == HTTPStatus.OK
    return answer.content.decode()


def profile(person: Person, conversation: Conversation) -> tuple[int, str]:
    answer = browser(person).get(reverse("customer", args=["acme", conversation.customer_id]))
    return answer.status_code, answer.content.decode()


def named(conversation: Conversation, name: str, **fields: object) -> Conversation:
    Customer.objects.filter(pk=conversation.customer_id).update(name=name, **fields)
    return conversation


def another(company: Cast, first: Conversation, *, department: str, at: dt.datetime = NOON) -> Conversation:
    """A further conversation of the same customer, with another department."""
    further = conversing.opened(company, "And one more thing.", department=department, at=at)
    further.customer_id = first.customer_id
    further.save()
    return further


def test_the_list_says_who_wrote(company: Cast) -> None:
    named(conversing.opened(company), "Nadia Moreau", stage="support")
    page = listed(company.ana)
    assert "Nadia Moreau" in page
    assert "Support" in page


def test_another_departments_customer_is_not_there(company: Cast) -> None:
    conversation = named(conversing.opened(company), "Nadia Moreau")
    assert "Nadia Moreau" not in listed(company.ben)
    assert profile(company.ben, conversation)[0] == HTTPStatus.NOT_FOUND
    assert "Nadia Moreau" in listed(company.leo)


def test_whoever_is_assigned_sees_the_customer(company: Cast) -> None:
    conversation = named(conversing.opened(company, assignee=company.ben), "Nadia Moreau")
    assert "Nadia Moreau" in listed(company.ben)
    assert profile(company.ben, conversation)[0] == HTTPStatus.OK


def test_the_outsider_gets_404(company: Cast) -> None:
    conversation = conversing.opened(company)
    assert profile(company.outsider, conversation)[0] == HTTPStatus.NOT_FOUND
    assert browser(company.outsider).get(reverse("customers", args=["acme"])).status_code == HTTPStatus.NOT_FOUND


def test_an_own_customer_is_found_in_no_other_workspace(company: Cast) -> None:
    conversation = conversing.opened(company)
    answer = browser(company.outsider).get(reverse("customer", args=["other", conversation.customer_id]))
    assert answer.status_code == HTTPStatus.NOT_FOUND


def test_names_and_handles_are_found_by_their_beginning(company: Cast) -> None:
    first = named(conversing.opened(company), "Nadia Moreau")
    named(conversing.opened(company), "Tom Weber")
    handle = first.customer.identities.get().handle
    assert "Tom Weber" not in listed(company.ana, "?q=nad")
    assert "Nadia Moreau" in listed(company.ana, "?q=nad")
    assert "Nadia Moreau" in listed(company.ana, f"?q={handle}")
    assert "Nobody fits" in listed(company.ana, "?q=zebra")
    assert "Nobody fits" in listed(company.ana, "?q=%21")
    assert "Nadia Moreau" in listed(company.ana, "?q=%00&stage=nothing&after=x")


def test_stages_and_importance_narrow(company: Cast) -> None:
    named(conversing.opened(company), "Nadia Moreau", stage="support", is_vip=True)
    named(conversing.opened(company), "Tom Weber", stage="purchase")
    for query in ("?stage=support", "?important=on"):
        assert "Nadia Moreau" in listed(company.ana, query)
        assert "Tom Weber" not in listed(company.ana, query)


def test_an_empty_list_says_who_will_appear(company: Cast) -> None:
    assert "No customer yet" in listed(company.ana)


def test_every_customer_is_on_exactly_one_page(company: Cast) -> None:
    conversations = [conversing.opened(company) for _ in range(60)]
    for place, conversation in enumerate(conversations):
        named(conversation, f"Same {place % 3}")
    client, url, seen = browser(company.ana), reverse("customers", args=["acme"]), []
    while url:
        shown = client.get(url).context
        seen += [row["customer"].pk for row in shown["rows"]]
        url = shown["next_url"]
    assert len(seen) == len(set(seen)) == 60


def test_the_profile_shows_history_as_far_as_the_person_may_see_it(company: Cast) -> None:
    first = conversing.opened(company, "Where is my parcel?")
    correct_stage(first.customer, stage="support", because="Wrote about an order.", by=company.ana, at=NOON)
    another(company, first, department="legal")
    Conversation.objects.filter(pk=first.pk).update(sentiment="negative")
    page = profile(company.ana, first)[1]
    assert "Where is my parcel?" in page
    assert "Wrote about an order." in page
    assert "Unhappy" in page
    assert "1 more conversation is with others" in page
    assert "And one more thing." not in page
    assert "Legal" not in page
    everything = profile(company.eve, first)[1]
    assert "And one more thing." in everything
    assert "is with others" not in everything


def test_whoever_was_only_brought_in_is_not_told_how_many_there_are(company: Cast) -> None:
    first = conversing.opened(company, assignee=company.ada)  # an administrator reads what is theirs alone
    another(company, first, department="legal")
    status, page = profile(company.ada, first)
    assert status == HTTPStatus.OK
    assert "is with others" not in page


def test_the_inbox_links_to_the_profile(company: Cast) -> None:
    conversation = conversing.opened(company)
    page = browser(company.ana).get(reverse("conversation", args=["acme", conversation.pk])).content.decode()
    assert reverse("customer", args=["acme", conversation.customer_id]) in page


def test_moods_become_a_sentence() -> None:
    def month(mood: str) -> MoodOfMonth:
        return MoodOfMonth(NOON, mood, 1, 1)

    assert mood_in_words([]) == ""
    assert mood_in_words([month("negative")]) == ""
    assert mood_in_words([month("neutral"), month("neutral")]) == "Mostly neutral all along."
    changed = [month("positive"), month("positive"), month("negative")]
    assert mood_in_words(changed) == "Mostly happy lately, unhappy before that."


def test_the_list_is_taken_whole_from_wherever_one_has_come_to(
    company: Cast, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(taking, "AT_ONCE", 3)
    for number in range(8):
        named(conversing.opened(company), "42" if number == 0 else f"Customer {number}", is_vip=number < 7)
    here = reverse("customers", args=["acme"]) + "?important=on"
    page = browser(company.ana).get(f"{here}&after={Customer.objects.get(name='Customer 5').pk}").content.decode()
    files = re.findall(r'href="([^"]*take=customers\.json)"', page)
    with django_assert_max_num_queries(60):
        taken = json.loads(b"".join(browser(company.ana).get(files[0].replace("&amp;", "&"))))
    assert [one["name"] for one in taken["rows"]] == ["42", *(f"Customer {n}" for n in range(1, 7))]
    assert all(one["address"].startswith("http://testserver/w/acme/customers/") for one in taken["rows"])
    lines = b"".join(browser(company.ana).get(f"{here}&take=customers.csv")).decode().splitlines()
    assert len(lines) == 8
    parquet = b"".join(browser(company.ana).get(f"{here}&take=customers.parquet"))
    assert read_parquet(io.BytesIO(parquet)).read_all().num_rows == 7
    assert browser(company.ben).get(f"{here}&take=customers.json").status_code == HTTPStatus.NOT_FOUND
