"""The pages of themes and terms: read by whoever reads figures, decided by those who may."""

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from choir.triage.models import Term, Theme, ThemeState
from choir.triage.themes import packed
from tests.cast import NOON, Cast, cast
from tests.conversing import opened


@pytest.fixture
def company(db: None) -> Cast:
    return cast()


def signed_in(person: object) -> Client:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]  # any person of the cast
    return client


def proposed(company: Cast) -> Theme:
    mention = opened(company, "the lid came off").reading.mention  # type: ignore[union-attr]
    return Theme.objects.create(
        workspace=company.workspace, name="lid, came", words=["lid", "came"], examples=[str(mention.pk)], reach=0.6,
        centre=packed(np.ones(512, dtype=np.float32)), found_count=7, found_at=NOON,
    )  # fmt: skip


def decide(client: Client, theme: Theme, **told: str) -> int:
    return client.post(reverse("themes_decision", args=["acme", theme.pk]), told).status_code


def test_a_theme_is_shown_with_examples_accepted_and_found_in_the_inbox(company: Cast) -> None:
    theme, champion = proposed(company), signed_in(company.cho)
    page = reverse("themes", args=["acme"])
    assert "the lid came off" in champion.get(page).content.decode()
    assert decide(champion, theme, what="accept", name="") == 422
    assert decide(champion, theme, what="merge") == 422
    assert decide(champion, theme, what="nothing") == 422
    assert decide(champion, theme, what="accept", name="Lids") == 302
    assert "Lids" in champion.get(page).content.decode()
    inbox = champion.get(reverse("inbox", args=["acme"]), {"view": "all", "theme": str(theme.pk)})
    assert inbox.status_code == 200
    assert "Lids" in inbox.content.decode()


def test_who_may_not_decide_sees_no_buttons_and_is_refused(company: Cast) -> None:
    theme, agent = proposed(company), signed_in(company.ana)
    assert "Found, and waiting" not in agent.get(reverse("themes", args=["acme"])).content.decode()
    assert decide(agent, theme, what="dismiss") == 403
    assert Theme.objects.get().state == ThemeState.PROPOSED
    assert signed_in(company.outsider).get(reverse("themes", args=["acme"])).status_code == 404


def test_names_to_look_for_are_added_once_and_taken_away(company: Cast) -> None:
    champion, page = signed_in(company.cho), reverse("themes_terms", args=["acme"])
    told = {"kind": "order_number", "name": "Order", "spellings": "BW-######\n\nBW ######"}
    assert champion.post(page, told).status_code == 302
    assert champion.post(page, told).status_code == 422
    term = Term.objects.get()
    assert term.spellings == ["BW-######", "BW ######"]
    assert champion.post(reverse("themes_term_removal", args=["acme", term.pk])).status_code == 302
    assert not Term.objects.exists()


def test_personal_data_in_a_message_is_shown_on_demand(company: Cast) -> None:
    conversation = opened(company, "My card 4111 1111 1111 1111, call +44 7700 900123 please")
    page = signed_in(company.cho).get(reverse("conversation", args=["acme", conversation.pk])).content.decode()
    assert "card number</summary>4111 1111 1111 1111</details>" in page
    assert "telephone number</summary>+44 7700 900123</details>" in page
