"""Re-reading history: all of it, once, whatever interrupts it; what people said stands."""

import pytest
from django.utils import timezone

from choir.flow.correct import correct
from choir.flow.reread import left_to_reread, reread, version_of
from choir.inbox.models import Conversation
from choir.listening.models import Mention
from choir.triage.models import Reading
from tests.cast import NOON, Cast, cast
from tests.conversing import arrived, opened

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Cast:
    return cast()


def test_history_is_read_anew_once_and_corrections_stand(company: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("choir.flow.reread.BATCH", 2)
    for text in ("Where is my parcel?", "Are you hiring?", "My lawyer will write to you"):
        opened(company, text)
    corrected = correct(opened(company, "Hello you"), by=company.cho, at=NOON, objective="sales")
    steps = reread(company.workspace, at=timezone.now)
    assert next(steps) == 2  # and here it dies
    assert left_to_reread(company.workspace, since=None).count() == 1
    assert list(reread(company.workspace, at=timezone.now)) == [1]
    assert list(reread(company.workspace, at=timezone.now)) == []
    anew = Reading.objects.filter(workspace=company.workspace, is_current=True, by=None)
    assert set(anew.values_list("version", flat=True)) == {version_of(company.workspace)}
    assert {one.objective for one in anew} >= {"care", "talent", "compliance"}
    corrected.refresh_from_db()
    assert corrected.is_current
    shown = Conversation.objects.get(reading__mention__text="Are you hiring?")
    assert shown.reading in anew
    assert shown.department == company.departments["customer_service"]  # nothing changes hands
    assert Reading.objects.filter(version="test", is_current=False).count() == 4


def test_it_waits_while_something_new_waits(company: Cast) -> None:
    opened(company)
    live = arrived(company, "I am new").messages.get().mention
    waited: list[float] = []

    def live_work(seconds: float) -> None:
        waited.append(seconds)
        Mention.objects.filter(pk=live.pk).update(read_at=NOON)  # type: ignore[union-attr]  # it is inbound

    assert list(reread(company.workspace, at=timezone.now, pause=live_work)) == [1]
    assert len(waited) == 1
