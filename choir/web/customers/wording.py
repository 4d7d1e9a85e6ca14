"""How a customer felt over time, as a sentence."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from choir.inbox.queries.customers import MoodOfMonth


def mood_in_words(moods: Sequence[MoodOfMonth]) -> str:
    """What the months say, newest first; "" when fewer than two conversations tell."""
    if sum(one.total for one in moods) < 2:
        return ""
    words = {
        "negative": _("unhappy"),
        "neutral": _("neutral"),
        "positive": _("happy"),
        "mixed": _("of mixed feelings"),
    }
    now = moods[0].mood
    before = next((one.mood for one in moods if one.mood != now), None)
    if before is None:
        return _("Mostly %(mood)s all along.") % {"mood": words.get(now, now)}
    return _("Mostly %(now)s lately, %(before)s before that.") % {
        "now": words.get(now, now),
        "before": words.get(before, before),
    }
