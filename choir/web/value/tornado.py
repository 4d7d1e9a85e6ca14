"""The tornado: how far each assumption alone moves a result, the widest at the top."""

from __future__ import annotations

from typing import Any

import altair as alt
from django.utils.translation import gettext as _

from choir.value.estimate import likely
from choir.value.worth import Account
from choir.web.charts.palette import hue
from choir.web.value.looking import Look
from choir.web.value.shown import shown_swings
from choir.web.value.wording import money

ROW = 34
WIDEST_WORDS = 190


def drawing(look: Look, account: Account) -> dict[str, Any]:
    """Two bars an assumption, from the result with everything as likely to the result at its low and at its high."""
    swings = shown_swings(look, account)
    middle = likely([one.term for one in account.parts], look.value.known)
    rows = []
    for one in swings:
        for side, value, amount in (
            (_("at its low"), one.swing.at_low, f"{one.from_value}: {one.at_low}"),
            (_("at its high"), one.swing.at_high, f"{one.to_value}: {one.at_high}"),
        ):
            rows.append({
                "name": one.words, "side": side, "from": middle, "to": value, "url": one.url,
                "words": f"{one.words}, {side}, {amount}",
            })  # fmt: skip
    sides = [_("at its low"), _("at its high")]
    base = alt.Chart(alt.InlineData(rows))
    axis = alt.Axis(tickCount=4, format="~s")
    words = alt.Axis(
        labelLimit=WIDEST_WORDS, labelExpr="split(datum.label, ': ')", labelOffset=-6
    )  # what is assumed, and of what below
    y = alt.Y("name:N", title=None, sort=[one.words for one in swings], axis=words)
    bars = base.mark_bar(height=14).encode(
        x=alt.X("from:Q", title=None, axis=axis, scale=alt.Scale(zero=False, nice=True)), x2="to:Q", y=y,
        color=alt.Color("side:N", scale=alt.Scale(domain=sides, range=[hue("line-strong"), hue("accent")])),
        description="words:N", href="url:N",
    )  # fmt: skip
    line = (
        alt.Chart(alt.InlineData([{"from": middle}])).mark_rule(color=hue("text"), strokeWidth=1.5).encode(x="from:Q")
    )
    title = _("What matters most; as likely: %s") % money(middle, look.currency)
    plain: dict[str, Any] = (
        alt.layer(bars, line).properties(height=max(2 * ROW, ROW * len(swings)), description=title).to_dict(
            validate=False
        )
    )  # fmt: skip
    plain.pop("config", None)
    return plain
