"""A word for what the static files are: it changes with any of them, and stands in their addresses."""

from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

OURS = Path(__file__).resolve().parents[1] / "choir" / "web" / "static"
FROM_PACKAGES = ("django", "django-allauth", "django-htmx")


def static_version() -> str:
    """Twelve letters that depend on every file of ours and on the versions of the packages that bring others."""
    content = sha256()
    for name in FROM_PACKAGES:
        content.update(f"{name} {version(name)}".encode())
    for file in sorted(OURS.rglob("*")):
        if file.is_file():
            content.update(str(file.relative_to(OURS)).encode() + file.read_bytes())
    return content.hexdigest()[:12]
