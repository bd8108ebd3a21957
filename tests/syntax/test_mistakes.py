"""What lifeseg says about mistakes in policy text: mistakes.md shows it, LIFESEG_RECORD=1 writes it anew."""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from lifeseg.diagnostics.catalogue import entries, words
from lifeseg.diagnostics.diagnostic import Diagnostic
from lifeseg.syntax.from_text import from_text

PAGE = Path(__file__).with_name("mistakes.md")
EXAMPLE = re.compile(r"```seg\n(.*?)```\n\n```findings\n(.*?)```", re.DOTALL)
RECORD = bool(os.environ.get("LIFESEG_RECORD"))
NOT_FOR_ANALYSTS = re.compile(r"[A-Z]{2,}_|__ANON|\$END|_NL|_INDENT|DEDENT|LPAR|token|parse", re.ASCII)


def written(text: str) -> str:
    """The text of an example, with what cannot be seen put in its place."""
    text = text.replace("«TAB»", "\t")
    return re.sub(r"«U\+([0-9A-F]{4})»", lambda match: chr(int(match[1], 16)), text)


def shown(finding: Diagnostic) -> str:
    said = words(finding)
    assert finding.span is not None
    lines = [
        f"{finding.span.line}:{finding.span.column}-{finding.span.end_column} {said.code}: {said.message}"
    ]
    lines += [f"    ^ {said.label}"] if said.label else []
    lines += [f"    {said.help}"] if said.help else []
    return "\n".join(lines)


def answer(text: str) -> str:
    return "".join(f"{shown(finding)}\n" for finding in from_text(written(text), "policy.seg")[1])


def examples() -> list[Any]:
    """Each example with the answer on the page; a test is named after the line."""
    page = PAGE.read_text(encoding="utf-8")
    return [
        pytest.param(match[1], match[2], id=f"line{page.count(chr(10), 0, match.start()) + 2}")
        for match in EXAMPLE.finditer(page)
    ]


EXAMPLES = examples()


def test_record() -> None:
    if RECORD:
        page = PAGE.read_text(encoding="utf-8")
        page = EXAMPLE.sub(lambda m: f"```seg\n{m[1]}```\n\n```findings\n{answer(m[1])}```", page)
        PAGE.write_text(page, encoding="utf-8")


@pytest.mark.parametrize(("text", "expected"), EXAMPLES)
def test_mistake(text: str, expected: str) -> None:
    if not RECORD:
        assert answer(text) == expected
    assert answer(text), "nothing is found"


@pytest.mark.parametrize(("text", "expected"), EXAMPLES)
class TestEveryAnswer:
    def test_stands_in_the_text(self, text: str, expected: str) -> None:
        lines = written(text).split("\n")
        for finding in from_text(written(text), "policy.seg")[1]:
            place = finding.span
            assert place is not None
            assert (place.line, place.column) < (place.end_line, place.end_column)
            assert place.column <= len(lines[place.line - 1]) + 1

    def test_has_words_and_no_terms_of_the_parser(self, text: str, expected: str) -> None:
        for finding in from_text(written(text), "policy.seg")[1]:
            assert finding.key in entries("en")
            said = shown(finding)
            assert not NOT_FOR_ANALYSTS.search(re.sub(r"`[^`]*`", "", said)), said
            assert "{" not in said

    def test_the_fix_mends_it(self, text: str, expected: str) -> None:
        """Where a finding brings its own fix, the fixed text has no finding in that place any more."""
        lines = written(text).split("\n")
        for finding in from_text(written(text), "policy.seg")[1]:
            if finding.fix is None:
                continue
            place, mended = finding.fix.span, lines.copy()
            line = mended[place.line - 1]
            mended[place.line - 1] = (
                line[: place.column - 1] + finding.fix.replacement + line[place.end_column - 1 :]
            )
            found = from_text("\n".join(mended), "policy.seg")[1]
            again = [f for f in found if (f.key, f.span) == (finding.key, finding.span)]
            assert not again, "\n".join(mended)


def test_at_least_sixty_mistakes_are_shown() -> None:
    findings = [line for example in EXAMPLES for line in example.values[1].splitlines() if line[0] != " "]
    assert len(findings) >= 60
