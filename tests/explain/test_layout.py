"""Text in columns: East Asian letters are two wide, and punctuation does not begin a line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from lifeseg.explain.layout import clean, pad, wrap


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, [""]),
        ("short", 10, ["short"]),
        ("two words", 5, ["two", "words"]),
        ("  kept in front", 20, ["  kept in front"]),
        ("unbreakable", 4, ["unbr", "eaka", "ble"]),
        ("relationship_stability", 14, ["relationship_", "stability"]),
        ("转换期客户", 6, ["转换期", "客户"]),
        ("转换期，客户", 6, ["转换", "期，客", "户"]),
        ("属于“衰退”的", 8, ["属于“衰", "退”的"]),
        ("C19 的阶段为转换期", 12, ["C19 的阶段为", "转换期"]),
    ],
)
def test_wrap(text: str, width: int, lines: list[str]) -> None:
    assert wrap(text, width) == lines


@given(st.text(max_size=80), st.integers(2, 40))
def test_wrapped_lines_fit_and_lose_nothing(text: str, width: int) -> None:
    text = clean(text)
    lines = wrap(text, width)
    assert [line for line in lines if cell_len(line) > width] == []
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_pad() -> None:
    assert pad("期", 4) == "期  "
    assert pad("期", 4, right=True) == "  期"
    assert pad("long", 2) == "long"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\tb\nc", "a b c"),
        ("\x1b[31mred", "�[31mred"),
        ("x\u202ey", "x�y"),
        ("客户 ·", "客户 ·"),
        ("\x00", "�"),
    ],
)
def test_clean(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned
