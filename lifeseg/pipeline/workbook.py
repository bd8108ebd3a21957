"""A policy comes in and its tables, weights and parameters go out as a workbook; a workbook comes in and what it changes in
the policy goes out, to be shown first and then written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from lifeseg.diagnostics.diagnostic import Diagnostic, Span, problem
from lifeseg.frozen import dataclass
from lifeseg.pipeline.difference import Difference
from lifeseg.pipeline.errors import ConfigurationError, DataError, PolicyError, refusal
from lifeseg.pipeline.in_place import put_in_place
from lifeseg.pipeline.opened import closest
from lifeseg.pipeline.revisions import Side, standing
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.stages import Checked, check, checked, errors_among
from lifeseg.review.rules import Version, rule_changes
from lifeseg.syntax import definitions as d
from lifeseg.workbook.edits import TableEdit, edited
from lifeseg.workbook.from_policy import Tabled, known_names, sheets
from lifeseg.workbook.from_xlsx import from_xlsx, letter
from lifeseg.workbook.merge import Merged, merged, said
from lifeseg.workbook.sheet import Book, Filled, Sheet
from lifeseg.workbook.to_xlsx import to_xlsx
from lifeseg.workspace import Library, PolicyText, header_of, parsed, read_policy, reason, shown_path

MOST_CELLS = 3
"""Cells that are named as the cause of an error."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What a workbook changes: the difference in the policy's words, the new contents of files, and what was not taken."""

    difference: Difference
    contents: Mapping[Path, bytes]
    conflicts: tuple[Diagnostic, ...]
    remarks: tuple[Diagnostic, ...]

    def write(self) -> None:
        put_in_place(self.contents)


# ---- Out --------------------------------------------------------------------------------------------


def export(setting: Setting, out: Path, names: Sequence[str]) -> Book:
    """Writes the workbook and gives what is in it."""
    book = book_of(setting, names)
    needs_openpyxl(out)
    if out.exists():
        nothing_lost(setting, out)
    put_in_place({out: to_xlsx(book)})
    return book


def nothing_lost(setting: Setting, path: Path) -> None:
    """A workbook is written anew if all that was edited in it is in the policy; any other file is left alone."""
    try:
        found = bring_back(setting, path)
    except (ConfigurationError, DataError, PolicyError):
        raise refusal("cannot-write.there", path=shown_path(path)) from None
    if found.contents or found.conflicts:
        raise refusal("cannot-write.edited", path=shown_path(path))


def book_of(setting: Setting, names: Sequence[str] = ()) -> Book:
    """The sheets of a policy, which must have no errors; all of them, or what is called so."""
    files = read_policy(setting.policy).files
    model = check(setting.policy, setting.policies).good()
    known = known_names(files)
    for name in names:
        if name not in known:
            raise refusal("workbook-nothing.name", name=name, suggestion=closest(name, known))
    found = sheets(files, model, set(names) or None)
    if not found:
        raise refusal("workbook-nothing", policy=model.name)
    return Book(model.name, model.version, model.content_hash, found)


def needs_openpyxl(path: Path) -> None:
    if find_spec("openpyxl") is None:
        raise refusal("workbook-file.packages", path=shown_path(path))


# ---- And back ---------------------------------------------------------------------------------------


def bring_back(setting: Setting, path: Path) -> Imported:
    """What the workbook changes. Raises what is wrong with it, cell by cell, or the errors that the policy would have."""
    needs_openpyxl(path)
    text = read_policy(setting.policy)
    if text.found:
        raise PolicyError(text.found, {file.name: file.text for file in text.files})
    before = check(setting.policy, setting.policies)
    filled, found = filled_of(path, text)
    current = {sheet.id: sheet for sheet in sheets(text.files, before.model)}
    books = []
    for sheet in filled.sheets:
        lines, problems = said(sheet)
        found += problems
        books.append((sheet.base, lines))
    if found:
        raise DataError(found)
    changes = merged(books, current)
    texts = new_texts(text, changes)
    new = parsed(text.path, texts, text.places, ())
    after = checked(new, Library(setting.policy, setting.policies))
    if errors_among(after.findings):
        cells = list(edited_cells(new, changes))
        raise PolicyError(list(located(after, cells, before.model is not None)), after.sources)
    difference = Difference(
        standing(setting.policy),
        Side(shown_path(path), setting.policy, shown_path(setting.policy)),
        before,
        after,
        rule_changes(Version(text.files, before.model), Version(new.files, after.model)),
    )
    contents = {
        text.places[name]: new_text.encode()
        for name, new_text in texts.items()
        if new_text.encode() != text.places[name].read_bytes()
    }
    found = list(remarks(filled, before, after, path))
    if contents and before.model is not None and before.model.content_hash != filled.content_hash:
        found.insert(0, problem("workbook-older", None, path=shown_path(path), version=filled.version))
    return Imported(difference, contents, changes.conflicts, tuple(found))


def filled_of(path: Path, text: PolicyText) -> tuple[Filled, list[Diagnostic]]:
    """What stands in the workbook, which must be one of this policy, and what is wrong with it."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise refusal("cannot-read", path=shown_path(path), reason=reason(error)) from None
    filled, found = from_xlsx(content, shown_path(path))
    if filled is None:
        raise DataError(found)
    header = header_of(text.files)
    if header is not None and header.name != filled.policy:
        raise refusal("workbook-file.policy", path=shown_path(path), policy=filled.policy, wanted=header.name)
    return filled, found


def remarks(filled: Filled, before: Checked, after: Checked, path: Path) -> Iterator[Diagnostic]:
    """Sheets that are somebody's own, and what the new text is warned of that the old one was not."""
    for title in filled.others:
        yield problem("workbook-other", None, path=shown_path(path), sheet=title)
    known = {(one.key, tuple(sorted(one.arguments.items()))) for one in before.findings}
    yield from (one for one in after.findings if (one.key, tuple(sorted(one.arguments.items()))) not in known)


def new_texts(text: PolicyText, changes: Merged) -> dict[str, str]:
    """The files as they shall be, by name."""
    found = {}
    for file in text.files:
        raw = text.places[file.name].read_bytes().decode("utf-8")
        cells = [change for change in changes.changes if change.span.file == file.name]
        tables = list(table_edits(file, changes))
        found[file.name] = edited(raw, file, cells, tables) if cells or tables else raw
    return found


def table_edits(file: d.File, changes: Merged) -> Iterator[TableEdit]:
    for node in file.definitions:
        inner = node.definition if isinstance(node, d.Change) else node
        if isinstance(inner, Tabled):
            for table in changes.tables:
                if (
                    table.sheet.name == inner.name
                    and table.sheet.lines[:1]
                    and inside(table.sheet, node.span)
                ):
                    yield TableEdit(inner, table.rows)


def inside(sheet: Sheet, place: Span) -> bool:
    return sheet.lines[0].within == place


# ---- Errors -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Edited:
    """A cell that was edited: where it is in the workbook, and what it is in the new text."""

    sheet: str
    cell: str
    span: Span
    within: Span


def located(after: Checked, cells: Sequence[Edited], right_before: bool) -> Iterator[Diagnostic]:
    """The errors of the new text, each after the cells that lead to it; some cell must, if there were no errors before."""
    for error in errors_among(after.findings):
        causes = causes_of(error.span, cells) if error.span is not None else []
        if causes or (cells and right_before):
            yield problem("workbook-refused", None, cells=named(causes or cells))
        yield error


def edited_cells(new: PolicyText, changes: Merged) -> Iterator[Edited]:
    by_id = {sheet.id: sheet for sheet in sheets(new.files, None)}
    for kind in ("weights", "bands", "parameters"):
        sheet = by_id.get((kind, kind))
        lines = {line.key: line for line in sheet.lines} if sheet is not None else {}
        for change in changes.changes:
            if (line := lines.get(change.key)) is not None and change.sheet == kind:
                span = line.spans[change.column]
                if span is not None:
                    yield Edited(change.sheet, change.cell, span, line.within)
    for table in changes.tables:
        sheet = by_id.get(table.sheet.id)
        for line, row in zip(sheet.lines if sheet is not None else (), table.rows, strict=False):
            for place, was_edited in enumerate(row.edited, 1):
                span = line.spans[place]
                if was_edited and span is not None and row.row is not None:
                    yield Edited(table.title, f"{letter(place)}{row.row}", span, line.within)


def causes_of(error: Span, cells: Sequence[Edited]) -> list[Edited]:
    """The cell in which an error stands, or else those in its line, or in the definition that it is about."""
    here = [one for one in cells if one.span.file == error.file]
    start = (error.line, error.column)
    tries = (
        [
            one
            for one in here
            if (one.span.line, one.span.column) <= start < (one.span.end_line, one.span.end_column)
        ],
        [one for one in here if one.span.line == error.line],
        [one for one in here if one.within.line <= error.line <= one.within.end_line],
    )
    return next((found for found in tries if found), [])


def named(cells: Sequence[Edited]) -> str:
    """The first of them, by sheet and cell."""
    first = cells[0].sheet
    places = [one.cell for one in cells if one.sheet == first][:MOST_CELLS]
    more = len(cells) - len(places)
    word = "cell" if len(places) == 1 else "cells"
    return f"sheet `{first}`, {word} {', '.join(places)}" + (f" and {more} more" if more else "")
