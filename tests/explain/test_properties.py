"""What holds of every explanation, whoever it is about, at every level, in every language, at every width."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from lifeseg.explain.catalogue import languages
from lifeseg.explain.decisions import decided, decisions
from lifeseg.explain.from_trace import LEVELS
from lifeseg.explain.scope import scope_of
from lifeseg.explain.to_console import to_console
from lifeseg.explain.to_json import to_json
from lifeseg.explain.to_markdown import to_markdown
from tests.explain.conftest import Example

KEYS = ("C1", "C2", "C5", "C9", "C16", "C19", "C20", "C28", "C36", "C58", "C66", "C93", "C104", "C150")
NUMBER = re.compile(r"(?<![\w.:-])-?\d[\d,]*(?:\.\d+)?(?![\w:-])")
ANSI = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("language", languages())
def test_no_line_is_too_wide(key: str, language: str, example: Example) -> None:
    for detail in range(len(LEVELS)):
        explanation = example.explain(key, language=language, detail=detail)
        for width in (40, 57, 80, 100, 140):
            lines = to_console(explanation, width=width).splitlines()
            assert [line for line in lines if cell_len(line) > width] == []
            assert [line for line in lines if line != line.rstrip()] == []


@pytest.mark.parametrize("key", KEYS)
def test_a_screenful(key: str, example: Example) -> None:
    assert len(to_console(example.explain(key)).splitlines()) <= 45


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("language", languages())
def test_the_sentence_alone_is_one_paragraph(key: str, language: str, example: Example) -> None:
    text = to_console(example.explain(key, language=language, detail=0))
    assert text.strip()
    assert "\n\n" not in text
    assert "{" not in text
    assert example.explain(key, language=language, detail=0).sentence.endswith((".", "。"))


@pytest.mark.parametrize("key", KEYS)
def test_each_level_says_more(key: str, example: Example) -> None:
    lengths = [len(to_console(example.explain(key, detail=detail))) for detail in range(len(LEVELS))]
    assert lengths == sorted(set(lengths))


@pytest.mark.parametrize("key", KEYS)
def test_every_number_shown_is_in_the_json(key: str, example: Example) -> None:
    """Rounded for display, without sign, or as a part of a text or date; row counts are counted."""
    explanation = example.explain(key, detail=4)
    content = json.loads(to_json(explanation, example.trace(key)))
    known = {number for text in leaves(content) for number in numbers(text)}
    counts = {Decimal(size) for size in range(7)}
    for shown in NUMBER.findall(to_console(explanation)):
        number = Decimal(shown.replace(",", ""))
        decimals = -int(number.as_tuple().exponent)
        assert number in counts or any(
            abs(number - value) <= Decimal(1).scaleb(-decimals) / 2 for value in known
        ), f"{shown} is not in the JSON"


def leaves(content: Any) -> Iterator[str]:
    if isinstance(content, dict):
        for value in content.values():
            yield from leaves(value)
    elif isinstance(content, list):
        for value in content:
            yield from leaves(value)
    elif content is not None:
        yield str(content)


def numbers(text: str) -> Iterator[Decimal]:
    for found in re.findall(r"\d+(?:\.\d+)?", text):
        yield Decimal(found)


@pytest.mark.parametrize("key", KEYS)
def test_every_decision_and_its_value_is_shown(key: str, example: Example) -> None:
    text = to_console(example.explain(key, detail=1))
    for definition in decisions(scope_of(example.trace(key))):
        if decided(definition):
            assert definition.name in text
            assert (definition.band or definition.value or "none").split(", ")[0] in text
            assert definition.place in text


@pytest.mark.parametrize("key", KEYS)
def test_colour_changes_nothing_but_colour(key: str, example: Example) -> None:
    explanation = example.explain(key, detail=4)
    assert ANSI.sub("", to_console(explanation, colour=True)) == to_console(explanation)


@pytest.mark.slow
def test_everybody_can_be_explained(example: Example) -> None:
    for key in example.keys:
        explanation = example.explain(key, detail=3)
        assert explanation.sentence
        assert to_console(explanation)
        assert to_markdown(explanation)


@given(data=st.data())
def test_every_case_of_every_decision_can_be_asked_about(data: st.DataObject, example: Example) -> None:
    key = data.draw(st.sampled_from(example.keys))
    scope = scope_of(example.trace(key))
    definition = data.draw(st.sampled_from(decisions(scope)))
    names = [case.name for case in definition.cases] + [step.name for step in definition.thresholds]
    name = data.draw(st.sampled_from(names or list(definition.uses)))
    language = data.draw(st.sampled_from(languages()))
    explanation = example.explain(key, why_not=f"{definition.name}.{name}", language=language)
    assert explanation.sentence
    assert "{" not in to_console(explanation)
