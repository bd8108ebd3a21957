"""The tables of the manual that follow from the code are right; LIFESEG_RECORD=1 writes them."""

import os
import re
from pathlib import Path

import pytest

from tests.docs.recorded import DOCS, page_name, pages, rewritten, stretches
from tests.docs.tables import CODES, PRODUCERS

RECORD = bool(os.environ.get("LIFESEG_RECORD"))


@pytest.mark.parametrize("page", pages(), ids=page_name)
def test_page(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    unknown = stretches(text).keys() - PRODUCERS.keys()
    assert not unknown
    right = rewritten(text, PRODUCERS)
    if RECORD and right != text:
        page.write_text(right, encoding="utf-8")
        return
    assert text == right, "read it, then record it: make record"


def test_every_table_stands_somewhere() -> None:
    named = {name for page in pages() for name in stretches(page.read_text(encoding="utf-8"))}
    assert named == set(PRODUCERS)


def test_every_code_is_in_the_index() -> None:
    index = (DOCS / "diagnostics.md").read_text(encoding="utf-8")
    assert not [code for code in CODES if not re.search(rf"^\| `{code}` \|", index, re.MULTILINE)]


def test_every_table_has_as_many_cells_as_its_heading() -> None:
    """A vertical bar within a cell would tear a table apart."""
    wrong = []
    for page in pages():
        for stretch in stretches(page.read_text(encoding="utf-8")).values():
            rows = [line for line in stretch.splitlines() if line.startswith("|")]
            bars = [len(re.findall(r"(?<!\\)\|", row)) for row in rows]
            wrong += [row for row, number in zip(rows, bars, strict=True) if number != bars[0]]
    assert not wrong
