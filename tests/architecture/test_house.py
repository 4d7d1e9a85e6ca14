"""What an import linter cannot see: foreign keys that point up, imports hidden in functions, words nobody explained."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

ROOT = Path(__file__).parents[2]
CHOIR = ROOT / "choir"
LAYERS = [name.removeprefix("choir.") for name in settings.INSTALLED_APPS if name.startswith("choir.")]
OURS = [model for model in apps.get_models() if model.__module__.startswith("choir.")]
MODULES = sorted(path for path in CHOIR.rglob("*.py") if "migrations" not in path.parts)
BANNED_NAMES = {"utils", "helpers", "common", "core", "lib", "signals", "managers", "handlers"}

# Imported where it is used, because importing it is slow or needs what only exists then; each with its reason.
LATE_IMPORTS = {
    "operations": "a command imports Django only after the settings are known",
}


def test_foreign_keys_point_to_the_same_or_an_earlier_layer() -> None:
    wrong = [
        f"{model.__name__}.{field.name} → {field.related_model.__name__}"
        for model in OURS
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey | models.ManyToManyField | models.OneToOneField)
        and isinstance(field.related_model, type)
        and field.related_model.__module__.startswith("choir.")
        and LAYERS.index(field.related_model._meta.app_label) > LAYERS.index(model._meta.app_label)
    ]
    assert wrong == []


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_model_says_what_one_row_is_and_stands_in_the_glossary(model: type[models.Model]) -> None:
    assert not (model.__doc__ or f"{model.__name__}(").startswith(f"{model.__name__}(")
    words = str(model._meta.verbose_name).lower()
    assert f"**{words}**" in (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").lower()


def test_no_import_hides_in_a_function() -> None:
    hidden = []
    for path in MODULES:
        package = path.relative_to(CHOIR).parts[0]
        if package in LATE_IMPORTS:
            continue
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for inner in ast.walk(function):
                    if isinstance(inner, ast.Import | ast.ImportFrom):
                        hidden.append(f"{path.relative_to(ROOT)}:{inner.lineno}")
    assert hidden == []


def test_no_module_is_called_after_nothing() -> None:
    assert [path for path in MODULES if path.stem in BANNED_NAMES] == []


def test_every_module_says_where_it_sits() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in MODULES
        if path.name not in {"__init__.py", "apps.py"} and not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == []


def test_nothing_listens_to_model_signals() -> None:
    listening = ("models.signals", "post_save", "dispatch.receiver", "import receiver")
    callers = [path for path in MODULES if any(word in path.read_text("utf-8") for word in listening)]
    assert callers == []


def test_what_is_saved_is_never_put_into_a_page() -> None:
    """A link that saves a file stands out of what htmx follows, wherever it is put."""
    pages = CHOIR.rglob("*.html")
    links = [
        (page, link) for page in pages for link in re.findall(r"<a [^>]*>", page.read_text()) if " download" in link
    ]
    assert links
    assert [(page, link) for page, link in links if 'hx-boost="false"' not in link] == []
