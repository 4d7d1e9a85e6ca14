"""The accounts as the pages show them: each part with what it counts, what it assumes and what it opens to; and what
nobody may claim, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from choir.value.assuming import ASSUMED
from choir.value.estimate import Swing
from choir.value.worth import Account, Part
from choir.web.value.looking import Look
from choir.web.value.wording import COUNTED, WHAT, Said, money, said, value_in

BARE = frozenset({"pieces", "settled", "kept", "work_uncosted", "unrecorded", "unrecorded_uncosted"})
"""Parts whose base says no more than what was counted."""
ROWS = {
    "settled": "settled", "kept": "kept", "work": "recorded", "work_uncosted": "recorded_uncosted",
    "unrecorded": "unrecorded", "unrecorded_uncosted": "unrecorded_uncosted",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShownPart:
    """One line of an account."""

    words: str
    counted: str
    url: str
    base: str
    factors: list[tuple[str, str, str]]  # of each assumption: its words, its likely value, where it is said
    amount: Said | None
    missing: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ShownAccount:
    """A goal's account."""

    account: Account
    name: str
    url: str
    benefit: Said | None
    cost: Said | None
    net: Said | None
    has_benefit: bool


@dataclass(frozen=True, slots=True)
class ShownSwing:
    """What one assumption alone does to the result."""

    words: str
    url: str
    at_low: str
    at_high: str
    from_value: str
    to_value: str
    swing: Swing


@dataclass(frozen=True, slots=True)
class Beyond:
    """Something that stands beside the claim, with what it opens to."""

    words: str
    url: str = ""


def shown_account(look: Look, account: Account) -> ShownAccount:
    """In words."""
    goal = account.goal
    is_claimed = any(one.amount is not None for one in account.benefits)
    return ShownAccount(
        account,
        goal.name if goal else _("Serves no goal"),
        look.url("value_goal", {"goal": goal.pk}) if goal else look.url("value_loose"),
        said(account.benefit, look.currency) if is_claimed else None,
        said(account.cost, look.currency),
        said(account.net, look.currency) if is_claimed else None,
        bool(account.benefits),
    )


def shown_part(look: Look, part: Part, account: Account) -> ShownPart:
    """In words, with its counts opening to their rows."""
    subject = part.kind.name if part.kind else part.initiative.name if part.initiative else ""
    words = str(WHAT[part.what])
    if "%s" in words:
        words = words % subject
    known, currency = look.value.known, look.currency
    counted = ""
    if part.what in COUNTED:
        n = f"{part.n:,.1f}".removesuffix(".0")
        counted = f"{n} {COUNTED[part.what]}"
    if part.what == "shared":
        whole = look.value.counted.shared
        counted = _("%(share)s %% of %(whole)s") % {
            "share": f"{100 * part.n / whole:.3g}", "whole": money(whole, currency, is_exact=True),
        }  # fmt: skip
    return ShownPart(
        words, counted, _rows_url(look, part, account),
        "" if part.what in BARE
        else money(part.term.base, currency, is_exact=True),
        [
            (str(ASSUMED[key.name].title), value_in(key.name, known[key].likely, currency), look.assumption_url(key))
            for key in part.term.factors(known) if key in known
        ],
        said(part.amount, currency),
        [(str(ASSUMED[key.name].title), look.assumption_url(key)) for key in part.missing],
    )  # fmt: skip


def _rows_url(look: Look, part: Part, account: Account) -> str:
    goal = account.goal.pk if account.goal else "none"
    if part.kind is not None:
        has = "amount" if part.what == "amount" else "bare"
        return look.url("value_conversions", kind=part.kind.slug, credited="yes", has=has)
    if part.what in ROWS:
        return look.url("value_rows", {"what": ROWS[part.what]}, goal=goal)
    return look.url("value_spend", initiative=part.initiative.pk if part.initiative else "none")


def shown_swings(look: Look, account: Account, at_most: int = 10) -> list[ShownSwing]:
    """The widest first."""
    known, currency = look.value.known, look.currency
    return [
        ShownSwing(
            look.words_of(one.key), look.assumption_url(one.key), money(one.at_low, currency),
            money(one.at_high, currency), value_in(one.key.name, known[one.key].low, currency),
            value_in(one.key.name, known[one.key].high, currency), one,
        )
        for one in account.swings[:at_most]
    ]  # fmt: skip


def beyond(look: Look) -> Iterator[Beyond]:
    """What nobody may claim, and where the costs are too low: each only if there is something of it."""
    found, currency = look.value.counted, look.currency
    untouched = sum(one.untouched for one in found.conversions)
    if untouched:
        amount = money(sum(one.untouched_amount for one in found.conversions), currency, is_exact=True)
        yield Beyond(
            ngettext(
                "%(n)s conversion (%(amount)s) came without a touch of ours that we know of. It is "
                "counted, not claimed.",
                "%(n)s conversions (%(amount)s) came without a touch of ours that we know of. They are counted, not "
                "claimed.",
                untouched,
            )
            % {"n": intcomma(untouched), "amount": amount},
            look.url("value_conversions", credited="no"),
        )
    for one in found.conversions:
        if one.kind_id not in look.value.goal_of:
            kind = look.value.kinds[one.kind_id]
            yield Beyond(
                _("%(n)s × “%(kind)s” count for no goal.")
                % {"n": intcomma(one.touched + one.untouched), "kind": kind.name},
                look.url("value_conversions", kind=kind.slug),
            )
    for account in look.value.accounts:
        yield from _beyond_account(look, account)
    yield Beyond(_("That somebody met us before they bought does not show that they bought because of us: that share "
                   "is an assumption, and it is in every result."))  # fmt: skip
    yield Beyond(_("Reach, views, likes and what advertising of the same size would have cost are no value: none of "
                   "it is turned into money anywhere."))  # fmt: skip


def _beyond_account(look: Look, account: Account) -> Iterator[Beyond]:
    name = account.goal.name if account.goal else _("what serves no goal")
    if account.claims_nothing:
        yield Beyond(
            _("“%s” claims no money: a good name has no price that anybody could check. Its KPIs say whether it moved.")
            % name,
            look.url("strategy"),
        )
    for part in account.parts:
        if not part.missing:
            continue
        missing = ", ".join(look.words_of(key).partition(":")[0].lower() for key in part.missing)
        subject = part.kind.name if part.kind else ""
        words = str(WHAT[part.what])
        words = words % subject if "%s" in words else words
        told = {"goal": name, "part": words, "missing": missing}
        if part.term.is_cost:
            text = _("The cost of “%(goal)s” is too low: “%(part)s” is not in it, as nobody has said: %(missing)s.")
        else:
            text = _("“%(part)s” of “%(goal)s” is not claimed, as nobody has said: %(missing)s.")
        yield Beyond(text % told, look.assumption_url(part.missing[0]))
