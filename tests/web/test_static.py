"""What the style sheets, modules and drawings promise to each other."""

import re
from pathlib import Path

import pytest
from django.templatetags.static import static
from django.test import Client

WEB = Path(__file__).parents[2] / "choir" / "web"
STATIC = WEB / "static" / "choir"
STYLES = sorted((STATIC / "css").rglob("*.css"))
MODULES = sorted((STATIC / "js").glob("*.js"))
TEMPLATES = sorted(WEB.rglob("*.html"))


def short(path: Path) -> str:
    """A path as a test's name."""
    return str(path.relative_to(WEB))


@pytest.mark.parametrize("module", MODULES, ids=short)
def test_imports_end_with_a_semicolon_and_exist(module: Path) -> None:
    for line in module.read_text().splitlines():
        if not line.startswith("import "):
            continue
        assert line.endswith(";"), f"hashed storage skips: {line}"
        target = re.search(r'"(.+)"', line)
        assert target
        assert (module.parent / target.group(1)).exists()


def test_every_module_is_loaded() -> None:
    loaded = " ".join(module.read_text() for module in MODULES)
    for module in MODULES:
        assert module.name == "choir.js" or f'"./{module.name}"' in loaded


def test_every_style_sheet_is_loaded_into_its_layer() -> None:
    index = (STATIC / "css" / "choir.css").read_text()
    for sheet in STYLES:
        name = sheet.relative_to(STATIC / "css")
        layer = name.parent.name or name.stem
        assert name.name == "choir.css" or f'@import "./{name}" layer({layer});' in index


@pytest.mark.parametrize("sheet", STYLES, ids=short)
def test_raw_colours_stand_in_the_tokens_alone(sheet: Path) -> None:
    rules = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
    assert "!important" not in rules
    assert not re.search(r"(?m)^#[\w-]+\s*[,{]", rules), "no ids"
    if sheet.name != "tokens.css":
        assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(|\boklch\(", rules)


@pytest.mark.parametrize("sheet", STYLES, ids=short)
def test_every_token_used_is_defined(sheet: Path) -> None:
    tokens = (STATIC / "css" / "tokens.css").read_text()
    own = sheet.read_text()
    for name in set(re.findall(r"var\((--[\w-]+)", own)):
        assert f"{name}:" in tokens or f"{name}:" in own, name


@pytest.mark.parametrize("template", TEMPLATES, ids=short)
def test_templates_have_nothing_inline(template: Path) -> None:
    source = template.read_text()
    assert not re.search(r'\sstyle="', source)
    assert not re.search(r'\son\w+="', source)
    assert "<style" not in source
    assert not re.search(r"<script(?![^>]*(src=|application/json))", source)


@pytest.mark.parametrize("template", TEMPLATES, ids=short)
def test_every_drawing_that_a_template_names_exists(template: Path) -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text()))
    named = set(re.findall(r'{% icon "([^"]+)"', template.read_text()))
    named |= set(re.findall(r'icon_name="([^"]+)"', template.read_text()))
    assert named <= drawn


@pytest.mark.parametrize("part", sorted((WEB / "parts").glob("*.html")), ids=short)
def test_every_part_says_what_it_expects(part: Path) -> None:
    assert part.read_text().startswith("{% comment %}")


@pytest.mark.django_db  # closing a file's answer looks at the connections that other tests opened
def test_browsers_keep_static_files_for_good_at_an_address_that_changes_with_them(client: Client) -> None:
    address = static("choir/css/choir.css")
    assert re.fullmatch(r"/static/[0-9a-f]{12}/choir/css/choir.css", address)
    answer = client.get(address)
    assert answer.status_code == 200
    assert "immutable" in answer["Cache-Control"]
    answer.close()
