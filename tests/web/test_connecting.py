"""Connecting an account: what is filled in is tried first; pausing and disconnecting keep everything."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from choir.channels.contract import Raw
from choir.channels.models import Arrival, ArrivalSource, Channel, ChannelState
from choir.events.models import Event
from choir.flow.hear import hear
from tests.cast import NOON, Cast, cast
from tests.serving import Site, site

FEED = (
    '<rss version="2.0"><channel><title>Shop forum</title><link>https://forum.example/</link>'
    "<item><guid>tag:x,2026:1</guid><title>Torn box</title></item></channel></rss>"
)
SECRET = "hunter2-never-to-be-seen"


@pytest.fixture
def company(db: None) -> Cast:
    return cast()


@pytest.fixture
def served() -> Iterator[Site]:
    with site() as one:
        one.put("/feed", FEED, "application/rss+xml")
        yield one


def signed_in(company: Cast, name: str = "ada") -> Client:
    client = Client()
    client.force_login(getattr(company, name))
    return client


def at(name: str, **kwargs: object) -> str:
    return reverse(name, kwargs={"workspace": "acme", **kwargs})


def filled(company: Cast, served: Site, **other: object) -> dict[str, object]:
    department = company.departments["marketing"].pk
    stated = {"address": f"{served.address}/feed", "allows_private": "on", "accountable_department": department}
    return stated | {"username": "u", "password": SECRET} | other


def test_every_connector_that_signs_in_is_offered_with_its_own_page(company: Cast) -> None:
    page = signed_in(company).get(at("settings_connectors")).content.decode()
    for slug in ("feeds", "mail", "webhook"):
        assert at("settings_connect", connector=slug) in page
        asked = signed_in(company).get(at("settings_connect", connector=slug))
        assert "What you need" in asked.content.decode()
    assert signed_in(company).get(at("settings_connect", connector="import")).status_code == 404


def test_an_account_is_connected_once_it_was_tried(company: Cast, served: Site) -> None:
    where = at("settings_connect", connector="feeds")
    answer = signed_in(company).post(where, filled(company, served))
    made = Channel.objects.get(connector="feeds")
    assert answer.headers["Location"] == at("settings_channel", channel=made.pk)
    assert (made.name, made.accountable, made.state) == ("Shop forum", company.departments["marketing"], "connected")
    assert made.open_secret() == {"password": SECRET}
    assert made.fetch_due_at is not None
    assert Event.objects.filter(verb="channel.connected").count() == 1
    page = signed_in(company).get(at("settings_channel", channel=made.pk)).content.decode()
    assert SECRET not in page + str(made.settings) + repr(made)
    signed_in(company).post(where, filled(company, served))
    assert Channel.objects.filter(connector="feeds").count() == 1


def test_what_does_not_work_is_said_and_nothing_is_kept(company: Cast, served: Site) -> None:
    served.put("/page", "<html>no feed", "text/html")
    where = at("settings_connect", connector="feeds")
    for wrong, said in (
        ({"address": f"{served.address}/page"}, "names no feed"),
        ({"address": f"{served.address}/gone"}, "no feed any more"),
        ({"allows_private": ""}, "private network"),
        ({"accountable_department": ""}, "required"),
    ):
        answer = signed_in(company).post(where, filled(company, served, **wrong))
        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert SECRET not in answer.content.decode()
    assert not Channel.objects.filter(connector="feeds").exists()


def test_what_cannot_be_reached_is_not_said_to_be_tried_again_by_itself(company: Cast) -> None:
    where = at("settings_connect", connector="bluesky")
    form = {"handle": "acme.example", "app_password": SECRET, "address": "http://127.0.0.1:9"}
    answer = signed_in(company).post(where, form | {"accountable_department": company.departments["legal"].pk})
    assert answer.status_code == 422
    assert "could not be reached" in answer.content.decode()
    assert "Try again in a moment" in answer.content.decode()
    assert "by itself" not in str(answer.context["form"].errors)


def test_what_only_signing_in_there_needs_may_be_empty_with_a_token(company: Cast) -> None:
    where, client = at("settings_connect", connector="x"), signed_in(company)
    form = {"accountable_department": company.departments["legal"].pk}
    there = client.post(where, form | {"way": "code"}).context["form"].errors
    assert set(there) == {"client_id", "client_secret"}
    tokens = client.post(where, form | {"way": "fields"}).context["form"].errors
    assert set(tokens) == {"__all__"}
    assert "all four" in str(tokens)


def test_a_webhook_gets_a_secret_and_an_address(company: Cast) -> None:
    where = at("settings_connect", connector="webhook")
    page = signed_in(company).get(where).content.decode()
    assert "whsec_" in page
    form = {"network": "Our forum", "webhook_secret": "whsec_" + "QUFB" * 10}
    signed_in(company).post(where, form | {"accountable_department": company.departments["legal"].pk})
    made = Channel.objects.get(connector="webhook")
    assert made.network == "Our forum"
    assert f"/hooks/{made.pk}" in signed_in(company).get(at("settings_channel", channel=made.pk)).content.decode()
    short = signed_in(company).post(where, form | {"webhook_secret": "whsec_QUFB"})
    assert short.status_code == 422


def test_only_an_administrator_connects(company: Cast) -> None:
    for name in ("settings_channel_pause", "settings_channel_disconnection", "settings_channel_resumption"):
        assert signed_in(company, "lea").post(at(name, channel=company.channel.pk)).status_code == 403
    assert signed_in(company, "lea").get(at("settings_connectors")).status_code == 403


def test_signing_in_again_goes_on_where_it_stopped_and_takes_no_other_account(company: Cast, served: Site) -> None:
    signed_in(company).post(at("settings_connect", connector="feeds"), filled(company, served))
    made = Channel.objects.get(connector="feeds")
    Channel.objects.filter(pk=made.pk).update(state=ChannelState.SIGN_IN_NEEDED, cursor="far", state_because="gone")
    where = at("settings_channel_sign_in", channel=made.pk)
    served.put("/other", FEED, "application/rss+xml")
    other = signed_in(company).post(where, filled(company, served, address=f"{served.address}/other"))
    assert (other.status_code, "channel of its own" in other.content.decode()) == (422, True)
    assert signed_in(company).post(where, filled(company, served)).status_code == 302
    made.refresh_from_db()
    assert (made.state, made.cursor, made.state_because) == (ChannelState.CONNECTED, "far", "")


def test_a_paused_channel_keeps_what_comes_unheard_until_it_goes_on(company: Cast) -> None:
    channel = company.channel
    signed_in(company).post(at("settings_channel_pause", channel=channel.pk))
    raw = Raw("k", b'{"id": "1"}')
    Arrival.objects.create(
        workspace=company.workspace,
        channel=channel,
        key=raw.key,
        source=ArrivalSource.WEBHOOK,
        payload=raw.payload,
        received_at=NOON,
    )
    assert hear(at=NOON) == 0
    signed_in(company).post(at("settings_channel_resumption", channel=channel.pk))
    assert hear(at=NOON) == 1


def test_disconnecting_forgets_the_sign_in_and_keeps_what_was_heard(company: Cast) -> None:
    company.channel.seal_secret({"token": SECRET})
    company.channel.save()
    signed_in(company).post(at("settings_channel_disconnection", channel=company.channel.pk))
    company.channel.refresh_from_db()
    assert (company.channel.state, company.channel.open_secret()) == (ChannelState.DISCONNECTED, {})
    assert Client().post(f"/hooks/{company.channel.pk}", b"{}", content_type="application/json").status_code == 404
