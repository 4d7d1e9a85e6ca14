"""Drift in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from choir.flow.drift import Drift


def drift_words(drift: Drift) -> str:
    """One shift as a sentence."""
    shares = {
        "before": f"{100 * drift.before:.0f}",
        "now": f"{100 * drift.now:.0f}",
        "name": drift.name.replace("_", " "),
    }
    if drift.about == "unsure":
        return _("Triage is unsure of %(now)s %% of the last seven days, %(before)s %% in the weeks before.") % shares
    if drift.about == "objective":
        return _("Objectives shifted: %(name)s is %(now)s %% of the last seven days, %(before)s %% before.") % shares
    return _("Topics shifted: %(name)s is %(now)s %% of the last seven days, %(before)s %% before.") % shares
