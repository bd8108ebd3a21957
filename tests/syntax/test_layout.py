"""The formatter: layout.md shows texts as written and laid out, corpus.seg shows every construct laid out."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from lifeseg.syntax.definitions import File
from lifeseg.syntax.from_text import from_text
from lifeseg.syntax.to_text import expression_to_text, to_text
from tests.syntax.messy import messy_texts
from tests.syntax.trees import files

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
EXAMPLE = re.compile(r"```seg written\n(.*?)```\n\n```seg laid out\n(.*?)```", re.DOTALL)
POLICIES = [
    *sorted((ROOT / "rules").glob("*/*.seg")),
    *sorted((ROOT.parent / "shared" / "design" / "drafts").glob("*.seg")),  # beside the checkout, if at all
]


def examples() -> list[Any]:
    page = (HERE / "layout.md").read_text(encoding="utf-8")
    return [
        pytest.param(
            match[1].replace("→", "\t"), match[2], id=f"line{page.count(chr(10), 0, match.start()) + 2}"
        )
        for match in EXAMPLE.finditer(page)
    ]


def read(text: str) -> File:
    file, found = from_text(text, "policy.seg")
    assert not found, (text, found)
    return file


def comments(file: File) -> list[str]:
    return [comment.text for comment in file.comments]


def check_laid_out(file: File) -> None:
    """The text of a file means the same, keeps the comments in their order, and is laid out like itself."""
    laid_out = to_text(file)
    again = read(laid_out)
    assert again.definitions == file.definitions, laid_out
    assert comments(again) == comments(file), laid_out
    assert to_text(again) == laid_out, laid_out
    assert "\n\n\n" not in laid_out


@pytest.mark.parametrize(("written", "laid_out"), examples())
def test_example(written: str, laid_out: str) -> None:
    assert to_text(read(written)) == laid_out
    assert to_text(read(laid_out)) == laid_out


def test_every_construct_is_given_back_letter_by_letter() -> None:
    corpus = (HERE / "corpus.seg").read_text(encoding="utf-8")
    assert to_text(read(corpus)) == corpus


@pytest.mark.parametrize("policy", POLICIES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_policies(policy: Path) -> None:
    check_laid_out(from_text(policy.read_text(encoding="utf-8"), policy.name)[0])


@given(files())
def test_any_tree_comes_back(file: File) -> None:
    text = to_text(file)
    assert read(text).definitions == file.definitions
    assert to_text(read(text)) == text


@given(messy_texts())
def test_any_text_keeps_its_meaning_and_its_comments(text: str) -> None:
    check_laid_out(read(text))


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "#a\n\n\n#b"])
def test_files_without_definitions(text: str) -> None:
    check_laid_out(read(text))


def test_line_ends_and_byte_order_mark_go() -> None:
    assert to_text(read("\ufeffflags a of b\r\n  c when d\r\n")) == "flags a of b\n  c when d\n"
    assert to_text(read("flags a of b\r  c when d")) == "flags a of b\n  c when d\n"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("every usage: stability is stable", "every usage: stability is stable"),
        ("vip\n    and every usage: late\n    and a or b", "vip and (every usage: late) and (a or b)"),
        ("not (a and b) or - ( - c ) <= 30 %", "not (a and b) or -(-c) <= 30%"),
        ("(a < b) = c", "(a < b) = c"),
        ('not a is not one of "2G" , x', 'not a is not one of "2G", x'),
        ("stage was not one of a", "stage was not one of a"),
        (
            "count(usage in months 1 .. 3 ago where late) > 0",
            "count(usage in months 1..3 ago where late) > 0",
        ),
        ("some usage where (no bill: x): y and (z)", "some usage where (no bill: x): y and z"),
        ("a - (b - c) - d / (e * f)", "a - (b - c) - d / (e * f)"),
    ],
)
def test_a_condition_on_one_line(written: str, shown: str) -> None:
    """What explanations show: the analyst's own words."""
    claim: Any = read(f'never "x" of customer when {written}\n').definitions[0]
    assert expression_to_text(claim.condition) == shown
