"""What is drawn once for the same values: never something old, never somebody else's token."""

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils import translation

from choir.people.models import Person


def drawn(source: str, **values: object) -> str:
    return Template("{% load remembered i18n %}" + source).render(Context(values))


def test_it_is_drawn_again_only_when_a_value_changed() -> None:
    times: list[int] = []
    page = Template("{% load remembered %}{% remembered rows name %}{{ name }}: {{ draw }}{% endremembered %}")

    def draw() -> str:
        times.append(1)
        return "drawn"

    rows = [{"name": "Mine", "count": 1}, {"name": "All", "count": 2}]
    for name in ("Ana", "Ana", "Ben", "Ana"):
        assert page.render(Context({"rows": rows, "name": name, "draw": draw})) == f"{name}: drawn"
    assert len(times) == 2
    rows[1]["count"] = 3
    page.render(Context({"rows": rows, "name": "Ana", "draw": draw}))
    assert len(times) == 3


def test_each_answer_has_its_own_token() -> None:
    page = Template("{% load remembered %}{% remembered %}<form>{% csrf_token %}</form>{% endremembered %}")
    first, second = page.render(Context({"csrf_token": "one"})), page.render(Context({"csrf_token": "two"}))
    assert 'value="one"' in first
    assert 'value="two"' in second


def test_another_language_is_another_drawing() -> None:
    page = Template(
        "{% load remembered i18n %}{% remembered %}{% get_current_language as now %}{{ now }}{% endremembered %}"
    )
    shown = []
    for language in ("en", "de"):
        with translation.override(language):
            shown.append(page.render(Context({})))
    assert shown == ["en", "de"]


def test_what_people_wrote_stays_escaped() -> None:
    assert "<script>" not in drawn("{% remembered name %}{{ name }}{% endremembered %}", name="<script>")


def test_a_model_is_refused_because_it_looks_the_same_when_it_changed() -> None:
    with pytest.raises(TypeError, match="A Person cannot be a value"):
        drawn("{% remembered person %}{% endremembered %}", person=Person(name="Ana"))


def test_slots_are_filled_each_time_and_drawn_once() -> None:
    times: list[int] = []
    page = Template(
        "{% load remembered %}{% remembered kind slots base urls text %}{{ draw }}"
        "<a href='{{ base }}x?{{ urls.reply }}'>{{ kind }}</a>{% if text %}<p>{{ text }}</p>{% endif %}"
        "{% endremembered %}"
    )

    def draw() -> str:
        times.append(1)
        return ""

    def shown(base: str, reply: str, text: str) -> str:
        return page.render(Context({"kind": "k", "base": base, "urls": {"reply": reply}, "text": text, "draw": draw}))

    assert shown("/1/", "a=1&b=2", "") == "<a href='/1/x?a=1&amp;b=2'>k</a>"
    assert shown("/2/", "c=3", "") == "<a href='/2/x?c=3'>k</a>"
    assert len(times) == 1
    assert shown("/2/", "c=3", "<b>") == "<a href='/2/x?c=3'>k</a><p>&lt;b&gt;</p>"
    assert shown("/2/", "c=3", "d") == "<a href='/2/x?c=3'>k</a><p>d</p>"
    assert len(times) == 2


def test_a_slot_that_is_not_only_printed_is_refused() -> None:
    with pytest.raises(TemplateSyntaxError, match="is a slot"):
        drawn("{% remembered slots name %}{% if name %}{{ name|upper }}{% endif %}{% endremembered %}", name="Ana")
