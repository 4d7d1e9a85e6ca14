"""Signing in on the network itself: there and back, once, in one's own session, with the reason when it fails."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from choir.channels.connectors.reddit import connector as reddit
from choir.channels.models import Channel
from tests.cast import Cast
from tests.doubles import standing_for
from tests.doubles.double import SECRET, Double

APP = {"client_id": "brindle-app", "client_secret": "app-secret-never-shown", "way": "code"}


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Double]:
    with standing_for("reddit") as one:
        monkeypatch.setattr(reddit, "ADDRESS", one.address)
        monkeypatch.setattr(reddit, "SIGN_IN_ADDRESS", one.address)
        yield one


def as_ada(company: Cast) -> Client:
    client = Client()
    client.force_login(company.ada)
    return client


def leaves(company: Cast, client: Client) -> dict[str, str]:
    """Fill in, and what the network is asked when the person arrives there."""
    where = reverse("settings_connect", kwargs={"workspace": "acme", "connector": "reddit"})
    page = client.post(where, APP | {"accountable_department": company.departments["marketing"].pk})
    assert page.status_code == 200
    assert APP["client_secret"] not in page.content.decode()
    asked = parse_qs(urlsplit(page.context["url"]).query)
    return {name: values[0] for name, values in asked.items()}


def returns(client: Client, **brought: str) -> str:
    """Come back, and what is said last on the next page."""
    answer = client.get(reverse("settings_consent"), brought)
    assert answer.status_code == 302
    return str(list(get_messages(answer.wsgi_request))[-1])


def test_there_and_back_makes_a_channel(company: Cast, network: Double) -> None:
    client = as_ada(company)
    asked = leaves(company, client)
    assert asked["redirect_uri"].endswith("/connecting/return")
    assert APP["client_secret"] not in str(dict(client.session.items()))
    said = returns(client, code="a-code", state=asked["state"])
    made = Channel.objects.get(connector="reddit")
    assert f"{made.name} is connected" in said
    assert made.accountable == company.departments["marketing"]
    assert made.open_secret() == {"client_secret": APP["client_secret"], "refresh_token": SECRET}


def test_the_same_return_a_second_time_is_refused(company: Cast, network: Double) -> None:
    client = as_ada(company)
    asked = leaves(company, client)
    returns(client, code="a-code", state=asked["state"])
    Channel.objects.filter(connector="reddit").delete()
    assert "was used already" in returns(client, code="a-code", state=asked["state"])
    assert not Channel.objects.filter(connector="reddit").exists()


def test_a_state_of_another_session_or_made_up_is_nothing(company: Cast, network: Double) -> None:
    asked = leaves(company, as_ada(company))
    for state in (asked["state"], asked["state"][:-2] + "xx", ""):
        assert "was not begun here" in returns(as_ada(company), code="a-code", state=state)
    assert not Channel.objects.filter(connector="reddit").exists()


@pytest.mark.parametrize(
    ("brought", "reason"),
    [
        ({"error": "access_denied"}, "was not allowed"),
        ({"error": "<script>"}, "refused the sign-in (script)"),
        ({"code": "stale"}, "The consent was not taken"),
    ],
)
def test_why_it_failed_stands_on_the_page(company: Cast, network: Double, brought: dict[str, str], reason: str) -> None:
    client = as_ada(company)
    asked = leaves(company, client)
    assert reason in returns(client, state=asked["state"], **brought)
    assert not Channel.objects.filter(connector="reddit").exists()
