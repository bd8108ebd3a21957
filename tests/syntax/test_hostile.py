"""Text that nobody writes in earnest ends in findings, soon, and never in a traceback."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifeseg.diagnostics.catalogue import entries, words
from lifeseg.syntax.from_text import MOST_DEPTH, MOST_ERRORS, from_text
from lifeseg.syntax.to_text import to_text

CORPUS = Path(__file__).with_name("corpus.seg").read_text(encoding="utf-8")
FLAGS = "flags a of customer\n"
SECONDS = 60  # far more than any of these takes, far less than a loop that grows with the square of the text


def keys(text: str) -> list[str]:
    return [finding.key for finding in from_text(text, "policy.seg")[1]]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (FLAGS + "  a\0b when vip\n", "control-character"),
        (FLAGS + "  a when vip\x1b[2J\n", "control-character"),
        (FLAGS + '  a "left \u202e right" when vip\n', "control-character"),
        (FLAGS + "  a\ufeff when vip\n", "control-character"),
        (FLAGS + "  " + "a" * 1_000_000 + " when vip\n", "line-too-long"),
        (FLAGS + "  " + "a" * 101 + " when vip\n", "name-too-long"),
        (FLAGS + "  a when x > " + "9" * 39 + "\n", "number-too-long"),
        (FLAGS + "  a when " + "(" * 10_000 + "x" + ")" * 10_000 + "\n", "line-too-long"),
        (FLAGS + "  a when " + "\n  (" * 10_000 + "x" + "\n  )" * 10_000 + "\n", "too-deep"),
        (FLAGS + "  a when " + "(" * 61 + "x" + ")" * 61 + "\n", "too-deep"),
        (FLAGS + "  a when " + "not " * 900 + "x\n", "too-deep"),
        (FLAGS + "  a when " + "- " * 900 + "x > 1\n", "too-deep"),
        (FLAGS + "  a when (" + "\n  some u:" * 50_000 + " x)\n", "too-deep"),
        ("indexes a of b\n  c = " + "x + " * 200 + "x\n", "too-deep"),
        ("score a of b\n" + "".join(" " * (level + 1) + "c\n" for level in range(200)), "too-deep"),
        (FLAGS + "  a when vip\n" * 400_000, "file-too-large"),
        ("foo bar\n" * 100_000, "unknown-definition"),
        ("§%&/=?\n" * 100_000, "strange-character"),
        (FLAGS + "  a wen vip\n" * 100_000, "syntax.instead"),
        (FLAGS + "  a when vip\n" * 60_000 + "  a wen vip\n", "syntax.instead"),
        (FLAGS + "  a when (x" + "\n  or x" * 100_000 + "\n", "unclosed-bracket"),
        (FLAGS + "  a when (x" + "\n  or x" * 100_000 + ") x x\n", "syntax"),
        (FLAGS + "  a when vip\n" + "    # c\n\n" * 100_000 + "    or a and\n", "syntax.trailing"),
        (FLAGS + "  " + '"' * 3_997 + "\n", "unclosed-text.pairs"),
    ],
    ids=lambda value: value if len(value) < 30 else str(len(value)),
)  # fmt: skip
def test_hostile(text: str, key: str) -> None:
    start = time.monotonic()
    found = keys(text)
    assert time.monotonic() - start < SECONDS
    assert key in found
    assert len(found) <= MOST_ERRORS


def test_depth_that_is_just_allowed() -> None:
    text = FLAGS + "  a when " + "not " * (MOST_DEPTH - 3) + "x\n"
    file, found = from_text(text, "policy.seg")
    assert not found
    assert to_text(file) == text


def test_many_lines_are_read_in_one_go() -> None:
    file, found = from_text(FLAGS + "  a when vip\n" * 50_000, "policy.seg")
    assert not found
    assert len(file.definitions[0].items) == 50_000  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "\t\n", "#", '"', "(", ")", "|", "=", "1", "and", "change", "policy"]
)
def test_scraps(text: str) -> None:
    file, found = from_text(text, "policy.seg")
    assert not file.definitions
    assert bool(found) == bool(text.strip(" \t\n#"))


SCRAPS = [
    " ", "\n", "\n  ", "\n    ", "\t", '"', "(", ")", "|", "||", ",", ":", ".", "..", "..<", "=", "==", "<",
    "-", "0,5", ".5", "1.0", "2013-02-30", "and", "or", "\n    and ", "not", "every", "some", "is", "when",
    "where", "otherwise", "if missing", "of", "source", "bands", "segment x of y", "#", "é", "e\u0301", "“",
    "（", "\u00a0", "\u200b", "is one of", "1 000", "v1", "%", "\r\n", "first match",
]  # fmt: skip


@st.composite
def spoilt_corpora(draw: st.DrawFn) -> str:
    """The corpus, or a part of it, with some places cut out or filled with scraps."""
    start = draw(st.integers(0, len(CORPUS)))
    text = CORPUS[start : start + draw(st.integers(0, 1500))]
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(text)))
        text = text[:place] + draw(st.sampled_from(SCRAPS)) + text[place + draw(st.integers(0, 12)) :]
    return text


@given(spoilt_corpora() | st.text(max_size=60) | st.lists(st.sampled_from(SCRAPS), max_size=30).map("".join))
def test_any_text_gives_findings_with_words_and_places(text: str) -> None:
    file, found = from_text(text, "policy.seg")
    lines = file.text.split("\n")
    assert len(found) <= MOST_ERRORS
    for finding in found:
        assert finding.key in entries("en")
        assert "{" not in words(finding).message.replace("`{`", "")
        place = finding.span
        assert place is not None
        assert 1 <= place.line <= place.end_line <= len(lines)
        assert 1 <= place.column <= len(lines[place.line - 1]) + 1
    if not found:
        assert from_text(to_text(file), "policy.seg")[0].definitions == file.definitions
