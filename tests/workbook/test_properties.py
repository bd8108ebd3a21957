"""Whatever the policy: what was exported comes back as no change, and an edited cell is what editing the text would be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from lifeseg.pipeline.errors import LifesegError, PolicyError
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.stages import check, errors_among
from lifeseg.pipeline.workbook import book_of, bring_back
from lifeseg.syntax.from_text import from_text
from lifeseg.syntax.to_text import to_text
from lifeseg.workbook.forms import canonical
from lifeseg.workbook.sheet import FIRST_ROW, FORMS, Line, Sheet
from lifeseg.workbook.to_xlsx import sheet_titles, to_xlsx
from tests.agreement.policies import policy as generated
from tests.workbook.conftest import Office

PACKS = sorted(path for path in (Path(__file__).resolve().parents[2] / "rules").iterdir() if path.is_dir())
BARE = ("rfm_published",)
SEEDS = (*range(12), 34, 94, 123)


def setting(policy: Path) -> Setting:
    return Setting(policy, None, None, None, None, "interpreter")


@pytest.mark.parametrize(
    "pack", [path for path in PACKS if path.name not in BARE], ids=lambda path: path.name
)
def test_a_pack_comes_back_as_it_went(pack: Path, tmp_path: Path) -> None:
    path = tmp_path / "pack.xlsx"
    path.write_bytes(to_xlsx(book_of(setting(pack))))
    imported = bring_back(setting(pack), path)
    assert imported.contents == {}
    assert (imported.conflicts, imported.remarks, imported.difference.rules) == ((), (), ())


@pytest.mark.parametrize("name", BARE)
def test_a_pack_without_tables_has_no_workbook(name: str) -> None:
    with pytest.raises(LifesegError, match="has no tables, weights or parameters of its own"):
        book_of(setting(next(path for path in PACKS if path.name == name)))


def generated_office(seed: int, folder: Path) -> Office | None:
    """A generated policy that has no errors and something to export."""
    text = generated(Random(seed))
    try:
        return Office(folder, text)
    except LifesegError:
        return None


@pytest.mark.parametrize("seed", SEEDS)
def test_a_generated_policy_comes_back_as_it_went(seed: int, tmp_path: Path) -> None:
    office = generated_office(seed, tmp_path)
    assert office is None or office.bring_back().contents == {}


def test_most_generated_policies_have_something_to_export(tmp_path: Path) -> None:
    offices = [generated_office(seed, tmp_path) for seed in SEEDS]
    assert sum(office is not None for office in offices) >= len(SEEDS) // 2


# ---- Edits ------------------------------------------------------------------------------------------


Place = tuple[int, Sheet, int, Line, int]
WORDS = (
    "0.5",
    "0.25",
    "30%",
    "7",
    "1",
    "-",
    "12..<18",
    ">= 3",
    "missing",
    "yes",
    "2024-02-29",
    '"x"',
    "a, b",
    "2 months",
)


def places(sheets: tuple[Sheet, ...]) -> Iterator[Place]:
    """Every cell that can be edited: sheet, row and column."""
    for number, sheet in enumerate(sheets):
        for row, line in enumerate(sheet.lines, FIRST_ROW):
            for column, (about, span) in enumerate(zip(sheet.columns, line.spans, strict=True)):
                if about.role in ("edited", "result") and span is not None:
                    yield number, sheet, row, line, column


def new_words(source: Random, place: Place) -> str:
    """Another cell's words of the same column, or any; with the same unit, which a bare number would be given."""
    _, sheet, _, line, column = place
    known = [other.texts[column] for other in sheet.lines if other.texts[column]]
    word, old = source.choice([*known, source.choice(WORDS)]), line.texts[column]
    if sheet.kind == "parameters" and unit(word) != unit(old):
        return old
    return word if isinstance(canonical(FORMS[sheet.kind], word), str) else old


def unit(word: str) -> str:
    return word.partition(" ")[2]


def laid_out(text: str) -> str:
    file, found = from_text(text, "shop.seg")
    assert not found
    return to_text(file)


@pytest.mark.parametrize("seed", SEEDS)
def test_edited_cells_are_edited_words(seed: int, tmp_path: Path) -> None:
    """Cells are edited at random in the workbook, and the same words in the text: the same new text, the same errors."""
    office = generated_office(seed, tmp_path)
    if office is None:
        return
    source = Random(seed)
    book = book_of(office.setting)
    titles = sheet_titles(book.sheets)
    known = list(places(book.sheets))
    for _ in range(3):
        office.export()
        chosen = source.sample(known, min(len(known), source.randint(1, 4)))
        edits = [(place, new_words(source, place)) for place in chosen]
        office.edit(lambda pages: [fill(pages, titles, place, words) for place, words in edits])  # noqa: B023
        lines = office.text.split("\n")
        for (_, _, _, line, column), words in sorted(
            edits, key=lambda one: one[0][3].spans[one[0][4]], reverse=True
        ):
            span = line.spans[column]
            text = lines[span.line - 1]
            lines[span.line - 1] = text[: span.column - 1] + words + text[span.end_column - 1 :]
        compare(office, "\n".join(lines), tmp_path)


def fill(pages: Any, titles: list[str], place: Place, words: str) -> None:
    number, _, row, _, column = place
    cell = pages[titles[number]].cell(row, column + 1)
    cell.value, cell.data_type = words, "s"


def compare(office: Office, text: str, folder: Path) -> None:
    """The workbook gives what the edited text is: laid out alike, or refused with the same errors."""
    other = folder / "other"
    other.mkdir(exist_ok=True)
    (other / "shop.seg").write_text(text, encoding="utf-8")
    wrong = [one.key for one in errors_among(check(other / "shop.seg").findings)]
    if wrong:
        with pytest.raises(PolicyError) as caught:
            office.bring_back()
        assert [one.key for one in caught.value.findings if one.code != "workbook-refused"] == wrong
    else:
        assert laid_out(office.new_text()) == laid_out(text)
        before = office.text
        office.bring_back().write()
        again = office.bring_back()
        assert (again.contents, again.conflicts) == ({}, ())
        office.policy.write_text(before, encoding="utf-8")


@pytest.mark.parametrize("seed", SEEDS)
def test_rows_in_another_order_are_lines_in_another_order(seed: int, tmp_path: Path) -> None:
    """The rows of every table are shuffled, some left out and some doubled: as if the lines of the text were."""
    office = generated_office(seed, tmp_path)
    if office is None:
        return
    source = Random(seed)
    sheets = [sheet for sheet in book_of(office.setting).sheets if sheet.kind == "rows"]
    titles = sheet_titles(book_of(office.setting).sheets)
    lines = office.text.split("\n")
    orders = {}
    for sheet in sheets:
        rows = list(range(len(sheet.lines)))
        source.shuffle(rows)
        orders[sheet.name] = rows = rows[: max(1, len(rows) - source.randint(0, 1))]
        if source.random() < 0.5:
            rows.append(-1 - source.choice(rows))
    for sheet in reversed(sheets):
        numbers = [line.spans[0].line for line in sheet.lines if line.spans[0] is not None]
        taken = [lines[numbers[row if row >= 0 else -1 - row] - 1] for row in orders[sheet.name]]
        lines[numbers[0] - 1 : numbers[-1]] = taken
    office.edit(
        lambda pages: [reorder(pages[titles[n]], sheet, orders[sheet.name]) for n, sheet in enumerate(sheets)]
    )
    compare(office, "\n".join(lines), tmp_path)


def reorder(page: Any, sheet: Sheet, order: list[int]) -> None:
    """A row that is doubled is a new one, without a number."""
    before = [[cell.value for cell in row] for row in page.iter_rows(min_row=FIRST_ROW)]
    page.delete_rows(FIRST_ROW, len(before))
    for number, row in enumerate(order, FIRST_ROW):
        values = before[row] if row >= 0 else [None, *before[-1 - row][1:]]
        for column, value in enumerate(values, 1):
            cell = page.cell(number, column)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
