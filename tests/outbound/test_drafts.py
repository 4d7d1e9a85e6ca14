"""What is typed keeps itself; what was sent is no draft any more."""

from types import SimpleNamespace

from django.utils import timezone

from choir.inbox.models import Conversation
from choir.outbound.actions import save_draft, undo
from choir.outbound.models import Draft
from tests.outbound.company import answer

Company = SimpleNamespace


def typed(company: Company, conversation: Conversation, text: str, token: str = "") -> Draft | None:
    return save_draft(
        conversation, kind="reply", text=text, seen_revision=0, by=company.ana, at=timezone.now(), token=token
    )


def test_the_newest_text_is_kept_once(company: Company, conversation: Conversation) -> None:
    typed(company, conversation, "It le")
    typed(company, conversation, "It leaves")
    assert Draft.objects.get().text == "It leaves"


def test_an_empty_text_is_no_draft(company: Company, conversation: Conversation) -> None:
    typed(company, conversation, "It le")
    typed(company, conversation, "  ")
    assert not Draft.objects.exists()


def test_a_composer_that_saves_itself_after_it_was_sent_brings_nothing_back(
    company: Company, conversation: Conversation
) -> None:
    answer(conversation, company.ana, text="It leaves today.", token="form-1")
    assert typed(company, conversation, "It leaves today.", token="form-1") is None
    assert not Draft.objects.exists()


def test_what_is_typed_on_after_sending_is_kept(company: Company, conversation: Conversation) -> None:
    answer(conversation, company.ana, text="It leaves today.", token="form-1")
    assert typed(company, conversation, "And one more thing", token="form-1") is not None


def test_a_text_taken_back_is_a_draft_again(company: Company, conversation: Conversation) -> None:
    sent = answer(conversation, company.ana, text="It leaves today.", token="form-1")
    undo(sent, by=company.ana, at=timezone.now())
    assert typed(company, conversation, "It leaves today.", token="form-1") is not None
