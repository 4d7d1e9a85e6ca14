"""How customers of the demo company say it went: each is asked an hour after a resolution, some answer, some of them in
words."""

from __future__ import annotations

import datetime as dt
import random
import tomllib
from collections import defaultdict
from typing import Any

from choir.administration.surveys import Asking, ask_customers
from choir.demo.company import CONTENT, Company
from choir.demo.rows import Rows
from choir.demo.schedule import HISTORY
from choir.inbox.models import Conversation, State
from choir.people.models import Person
from choir.surveys.actions import take_answer, take_comment
from choir.surveys.models import LOWEST, Survey
from choir.surveys.words import words_in

SLOWEST_HOURS = 40


def ask(company: Company, *, rows: Rows, at: dt.datetime, chance: random.Random) -> None:
    """Say who is asked, and let those answer whose conversations were resolved since. The rows are written already, and
    the questions themselves are none of them: each would be a message that a network was told of."""
    told = tomllib.loads((CONTENT / "surveys.toml").read_text(encoding="utf-8"))
    wait = dt.timedelta(minutes=told["wait_minutes"])
    asking = Asking(
        asks=True, wait_seconds=int(wait.total_seconds()), pause_days=told["pause_days"], asks_in_public=True
    )
    ask_customers(company.workspace, None, asking, by=_administrator(company), at=at - HISTORY)
    words = {(one["language"], one["score"]): list(one["words"]) for one in told["said"]}
    lately: dict[object, dt.datetime] = defaultdict(lambda: dt.datetime.min.replace(tzinfo=dt.UTC))
    resolved = [one for one in rows.of(Conversation) if one.state == State.RESOLVED and one.last_outbound_at]
    for one in sorted(resolved, key=lambda one: (one.state_at, str(one.pk))):
        moment = one.state_at + wait
        if moment >= at or moment - lately[one.customer_id] < dt.timedelta(days=told["pause_days"]):
            continue
        lately[one.customer_id] = moment
        survey = Survey.objects.create(
            id=rows.id_at(moment), workspace=company.workspace, conversation=one, customer_id=one.customer_id,
            language=words_in(one.language).language, asked_at=moment,
        )  # fmt: skip
        answered_at = moment + dt.timedelta(hours=chance.uniform(0.1, SLOWEST_HOURS))
        if chance.random() * 100 < told["answers_of_hundred"] and answered_at < at:
            _answer(survey, one, told, words, at=answered_at, chance=chance)


def _answer(
    survey: Survey,
    conversation: Conversation,
    told: dict[str, Any],
    words: dict[tuple[str, int], list[str]],
    *,
    at: dt.datetime,
    chance: random.Random,
) -> None:
    """A score as one who felt so would give it; in words where some are left that nobody else used."""
    likely = told["scores"].get(conversation.sentiment, told["scores"]["neutral"])
    score = chance.choices(range(LOWEST, LOWEST + len(likely)), weights=likely)[0]
    take_answer(survey, score=score, at=at)
    left = words.get((conversation.language, score), [])
    if left and chance.random() * 100 < told["words_of_hundred"]:
        take_comment(survey, comment=left.pop(0), at=at + dt.timedelta(seconds=40))


def _administrator(company: Company) -> Person:
    names = (name for name, line in company.roster.items() if "administrator" in line.get("roles", ()))
    return company.people[next(names)]
