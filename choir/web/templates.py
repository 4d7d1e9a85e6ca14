"""Templates live beside the views that use them: `inbox/list.html` is `choir/web/inbox/list.html`."""

from pathlib import Path

from django.template.loaders.filesystem import Loader

WEB = Path(__file__).parent


class CapabilityLoader(Loader):
    """Finds templates in the capability folders, and in `signin/` those that replace allauth's."""

    def get_dirs(self) -> list[str | Path]:
        """Where templates are looked for, first match wins."""
        return [WEB / "signin", WEB]
