"""Every route has a rule, and the rule holds: each role, the outsider and nobody at all try each route.

The matrix is read from the URL table, so a new route without a rule fails here.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import IntConverter, SlugConverter, StringConverter, UUIDConverter
from pytest_django.plugin import DjangoDbBlocker

from choir.people.policy import Reach
from choir.web.access import Rule
from tests.cast import Cast, cast

THIRD_PARTY = ("allauth.", "django.")
METHOD_NOT_ALLOWED = 405


@dataclass
class SignedIn:
    """The cast, and by name a browser in which each of them is signed in."""

    company: Cast
    browsers: dict[str, Client]


def routes(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for one in patterns:
        where = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from routes(one.url_patterns, where)
        else:
            yield where, one


ROUTES = {
    where: pattern
    for where, pattern in routes(get_resolver().url_patterns)
    if not pattern.callback.__module__.startswith(THIRD_PARTY)
}
RULED = {where: one for where, one in ROUTES.items() if isinstance(getattr(one.callback, "rule", None), Rule)}


def rule_of(pattern: URLPattern) -> Rule:
    """The rule a route carries."""
    rule = getattr(pattern.callback, "rule", None)
    assert isinstance(rule, Rule)
    return rule


OF_A_WORKSPACE = {where: one for where, one in RULED.items() if rule_of(one).audience == "workspace"}

VALUES: dict[type, Any] = {
    UUIDConverter: uuid.UUID("01890000-0000-7000-8000-000000000000"),
    IntConverter: 1,
    SlugConverter: "something",
    StringConverter: "something",
}


def address(where: str, pattern: URLPattern, workspace: str) -> str:
    """The route's address with `workspace` in it, and values that name nothing for the rest."""
    path = "/" + where
    for name, converter in pattern.pattern.converters.items():
        value = workspace if name == "workspace" else VALUES.get(type(converter), "something")
        for written in (f"<{name}>", *(f"<{kind}:{name}>" for kind in ("uuid", "int", "slug", "str", "path"))):
            path = path.replace(written, str(value))
    for name in ("slug:workspace", "str:workspace", "workspace"):
        path = path.replace(f"<{name}>", workspace)
    assert "<" not in path, f"this test does not know how to fill {where}"
    return path


@pytest.fixture(scope="module")
def signed_in(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[SignedIn]:
    """The cast and a browser for each of them, made once for all routes and taken back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        company = cast()
        browsers = {name: Client(raise_request_exception=False) for name in [*company.people, "outsider"]}
        for name, browser in browsers.items():
            browser.force_login(getattr(company, name))
        yield SignedIn(company, browsers)
        transaction.set_rollback(True)


@pytest.fixture
def everyone(signed_in: SignedIn, db: None) -> SignedIn:
    """The cast for one test; whatever it changes is taken back."""
    return signed_in


def test_every_route_has_a_rule() -> None:
    assert sorted(set(ROUTES) - set(RULED)) == []


def test_there_are_routes() -> None:
    assert OF_A_WORKSPACE


@pytest.mark.parametrize("where", sorted(OF_A_WORKSPACE))
@pytest.mark.usefixtures("everyone")
def test_nobody_is_sent_to_sign_in(where: str) -> None:
    for send in (Client().get, Client().post):
        answer = send(address(where, OF_A_WORKSPACE[where], "acme"))
        if answer.status_code == METHOD_NOT_ALLOWED:
            continue
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("where", sorted(OF_A_WORKSPACE))
def test_the_outsider_gets_404(where: str, everyone: SignedIn) -> None:
    outsider = everyone.browsers["outsider"]
    for send in (outsider.get, outsider.post):
        assert send(address(where, OF_A_WORKSPACE[where], "acme")).status_code in {404, METHOD_NOT_ALLOWED}


@pytest.mark.parametrize("where", sorted(OF_A_WORKSPACE))
def test_each_role_gets_what_the_policy_table_says(where: str, everyone: SignedIn) -> None:
    rule = rule_of(OF_A_WORKSPACE[where])
    assert rule.permission is not None
    for name, person in everyone.company.people.items():
        client = everyone.browsers[name]
        for method, send in (("GET", client.get), ("POST", client.post)):
            permission = rule.asks_of(method)
            assert permission is not None
            allowed = person.access.reach(permission, everyone.company.workspace.pk) >= rule.at_least
            status = send(address(where, OF_A_WORKSPACE[where], "acme")).status_code
            if status == METHOD_NOT_ALLOWED:
                continue
            assert (status != 403) if allowed else (status == 403), f"{name} at {where}: {status}"
            assert status != 500, f"{name} at {where}"


def test_reach_is_a_ladder() -> None:
    assert list(Reach) == sorted(Reach)
