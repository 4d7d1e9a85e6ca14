"""What a connector can do, in words for people."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_lazy

from choir.channels.contract import Capability, Manifest

AT_ONCE = {Capability.STREAM, Capability.WEBHOOK}
WORDS = (
    (Capability.SEARCH, gettext_lazy("searches the network")),
    (Capability.REPLY, gettext_lazy("answers")),
    (Capability.DIRECT_MESSAGE, gettext_lazy("private messages")),
    (Capability.MEDIA, gettext_lazy("pictures in answers")),
    (Capability.REMOVE, gettext_lazy("takes answers back")),
    (Capability.MODERATE, gettext_lazy("hides or reports")),
    (Capability.METRICS, gettext_lazy("counts likes and replies")),
    (Capability.PUBLISH, gettext_lazy("posts")),
)


def abilities(manifest: Manifest) -> str:
    """One sentence, what matters most first."""
    hears = gettext("Hears at once") if manifest.capabilities & AT_ONCE else gettext("Looks regularly")
    able = [str(words) for capability, words in WORDS if capability in manifest.capabilities]
    return ", ".join([hears, *able]) + "."
