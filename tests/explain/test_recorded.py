"""What people see, recorded: `LIFESEG_RECORD=1` writes it anew, the difference is the review."""

import os
from pathlib import Path

import pytest

from lifeseg.explain.comparison import compare
from lifeseg.explain.to_console import to_console
from lifeseg.explain.to_markdown import to_markdown
from tests.explain.conftest import Example

EXPECTED = Path(__file__).with_name("expected")

CASES = {
    "C19_sentence": ("C19", {"detail": 0}),
    "C19_decisions": ("C19", {"detail": 1}),
    "C19": ("C19", {}),
    "C19_scores": ("C19", {"detail": 3}),
    "C19_facts": ("C19", {"detail": 4}),
    "C19_zh": ("C19", {"language": "zh"}),
    "C19_scores_zh": ("C19", {"language": "zh", "detail": 3}),
    "C19_why_not_stabilization": ("C19", {"why_not": "stabilization"}),
    "C19_why_not_stabilization_zh": ("C19", {"why_not": "stabilization", "language": "zh"}),
    "C19_why_not_detainment": ("C19", {"why_not": "detainment"}),
    "C19_why_not_maintenance": ("C19", {"why_not": "maintenance"}),
    "C19_why_not_business_analysis": ("C19", {"why_not": "business_analysis"}),
    "C19_why_not_B": ("C19", {"why_not": "B"}),
    "C19_why_not_identification": ("C19", {"why_not": "stage.identification"}),
    "C2": ("C2", {}),
    "C2_zh": ("C2", {"language": "zh"}),
    "C2_why_not_maintenance": ("C2", {"why_not": "maintenance"}),
    "C9": ("C9", {}),
    "C20": ("C20", {}),
    "C28": ("C28", {}),
    "C28_zh": ("C28", {"language": "zh"}),
    "C28_why_not_abandoned": ("C28", {"why_not": "abandoned"}),
    "C66_exactly_stable": ("C66", {}),
}

CHANGES = {
    "C19_more_satisfied": (("usage", ("C19", "data"), "satisfaction", 3),),
    "C19_nothing_changes": (
        ("customer", ("C19",), "satisfaction", 4),
        ("customer", ("C19",), "wallet_share", 500_000),
    ),
    "C2_less_satisfied": (("customer", ("C2",), "satisfaction", 2),),
    "C2_worth_more": (("customer", ("C2",), "information_income", 500_000_00),),
}


def recorded(name: str, text: str) -> None:
    """Compare with the file of that name, or write it."""
    path = EXPECTED / name
    if os.environ.get("LIFESEG_RECORD"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CASES)
def test_console(name: str, example: Example) -> None:
    key, asked = CASES[name]
    recorded(f"{name}.txt", to_console(example.explain(key, **asked)))


@pytest.mark.parametrize("width", [40, 60, 80])
def test_narrow(width: int, example: Example) -> None:
    recorded(f"C19_width_{width}.txt", to_console(example.explain("C19"), width=width))


def test_colour(example: Example) -> None:
    recorded("C19_colour.txt", to_console(example.explain("C19"), colour=True))


@pytest.mark.parametrize("name", ["C19_scores", "C9", "C19_zh"])
def test_markdown(name: str, example: Example) -> None:
    key, asked = CASES[name]
    recorded(f"{name}.md", to_markdown(example.explain(key, **asked)))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", CHANGES)
def test_what_if(name: str, language: str, example: Example) -> None:
    changes = CHANGES[name]
    before, after = example.trace(changes[0][1][0]), example.changed(*changes)
    explanation = compare(before, after, language=language)
    recorded(f"{name}.{language}.txt", to_console(explanation))


def test_nothing_else_is_recorded() -> None:
    narrow = {f"C19_width_{width}.txt" for width in (40, 60, 80)} | {"C19_colour.txt"}
    markdown = {f"{name}.md" for name in ("C19_scores", "C9", "C19_zh")}
    changes = {f"{name}.{language}.txt" for name in CHANGES for language in ("en", "zh")}
    wanted = {f"{name}.txt" for name in CASES} | narrow | markdown | changes
    assert {path.name for path in EXPECTED.iterdir()} == wanted
