"""What is drawn once for the same values: never something old, never somebody else's token."""

import pytest
from django.template import Context, Template
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
