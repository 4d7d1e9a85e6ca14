"""What a connector can do, in words for people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from choir.channels.contract import Capability, Manifest

WORDS = (
    (Capability.LISTEN, gettext_lazy("hears by looking")),
    (Capability.STREAM, gettext_lazy("hears at once")),
    (Capability.WEBHOOK, gettext_lazy("is told at once")),
    (Capability.SEARCH, gettext_lazy("searches the network")),
    (Capability.REPLY, gettext_lazy("answers")),
    (Capability.DIRECT_MESSAGE, gettext_lazy("private messages")),
    (Capability.MEDIA, gettext_lazy("sends pictures")),
    (Capability.REMOVE, gettext_lazy("takes answers back")),
    (Capability.MODERATE, gettext_lazy("hides or reports")),
    (Capability.METRICS, gettext_lazy("measures")),
    (Capability.PUBLISH, gettext_lazy("posts")),
)


def abilities(manifest: Manifest) -> str:
    """One sentence, what matters most first."""
    able = ", ".join(str(words) for capability, words in WORDS if capability in manifest.capabilities)
    return f"{able[:1].upper()}{able[1:]}."
