"""The frame: what it shows to whom, and the pages for when something is wrong."""

from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, reverse

from choir.web.shell.sections import SECTIONS, places_for
from choir.web.shell.views import failed
from tests.cast import Cast


def test_the_rail_shows_every_section_that_has_a_page_to_somebody(company: Cast) -> None:
    shown = {place.section.name for one in company.people.values() for place in places_for(one, company.workspace)}
    for section in SECTIONS:
        if section.name in shown:
            continue
        for named in ({"workspace": "acme"}, {}):
            try:
                url = reverse(section.name, kwargs=named)
            except NoReverseMatch:
                continue
            raise AssertionError(f"{section.name} has a page at {url} and is shown to nobody")


def test_the_rail_shows_nobody_what_they_may_not_open(company: Cast) -> None:
    ana = {place.section.name for place in places_for(company.ana, company.workspace)}
    assert "inbox" in ana
    assert "strategy" not in ana


def test_sections_have_their_own_keys() -> None:
    keys = [section.keys for section in SECTIONS]
    assert len(keys) == len(set(keys))


def test_a_page_that_is_not_there_says_what_to_do(as_ana: Client) -> None:
    answer = as_ana.get("/no/such/page")
    assert answer.status_code == 404
    assert "Nothing here" in answer.content.decode()
    assert 'class="rail ' in answer.content.decode()


def test_a_stranger_sees_no_frame_around_a_missing_page(client: Client, db: None) -> None:
    answer = client.get("/no/such/page")
    assert answer.status_code == 404
    assert 'class="rail ' not in answer.content.decode()


def test_the_failure_page_needs_no_database() -> None:
    answer = failed(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert b"could not finish" in answer.content


def test_the_start_leads_somewhere(as_ana: Client) -> None:
    answer = as_ana.get("/", follow=True)
    assert answer.status_code == 200


def test_a_session_remembers_no_workspace_of_others(as_ana: Client, company: Cast) -> None:
    session = as_ana.session
    session["workspace"] = company.elsewhere.slug
    session.save()
    page = as_ana.get("/profile").content.decode()
    assert "Acme" in page
    assert ">Other<" not in page
