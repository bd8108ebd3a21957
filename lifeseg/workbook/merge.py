"""A workbook that came back and the policy as it is now come in; what is to be changed goes out, and what cannot be.

Three texts of each cell are compared: the exported one, that of the workbook, and that of the policy. Only what the workbook
changed is taken; where the policy has meanwhile changed the same, neither is right by itself: the policy stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from lifeseg.diagnostics.diagnostic import Diagnostic, Span, problem
from lifeseg.frozen import dataclass
from lifeseg.workbook.forms import Bad, canonical
from lifeseg.workbook.sheet import FORMS, BaseSheet, FilledLine, FilledSheet, Kind, Sheet
from lifeseg.workbook.values import words


@dataclass(frozen=True, slots=True)
class Change:
    """Another text for a stretch of the policy; `cell` is where it stands in the workbook."""

    sheet: str
    cell: str
    key: str
    column: int
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row of a table as it shall be: which row of the policy it was, if it was one, and where it is in the workbook."""

    origin: int | None
    texts: tuple[str, ...]
    row: int | None
    edited: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Rewritten:
    """All rows of a table, as they shall be."""

    title: str
    sheet: Sheet
    rows: tuple[NewRow, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    changes: tuple[Change, ...]
    tables: tuple[Rewritten, ...]
    conflicts: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A row of the workbook in the policy's words."""

    key: str | None
    row: int
    texts: tuple[str, ...]
    addresses: tuple[str, ...]


class Cell:
    """The three texts of a cell, and which one holds."""

    def __init__(self, before: str, now: str, policy: str) -> None:
        self.before, self.now, self.policy = before, now, policy

    @property
    def taken(self) -> bool:
        return self.now not in (self.before, self.policy) and self.policy == self.before

    @property
    def torn(self) -> bool:
        return self.now not in (self.before, self.policy) and self.policy != self.before


# ---- The workbook in words --------------------------------------------------------------------------


def said(sheet: FilledSheet) -> tuple[list[Said], list[Diagnostic]]:
    """The rows with their texts in canonical form, and what is wrong with some."""
    found: list[Diagnostic] = []
    return [said_line(sheet.base, line, found) for line in sheet.lines], found


def said_line(base: BaseSheet, line: FilledLine, found: list[Diagnostic]) -> Said:
    before = base.lines.get(line.key or "", ("",) * len(line.entries))
    texts = []
    for entry, was in zip(line.entries, before, strict=True):
        text = words(entry, was)
        if text != was and not text:
            key = "workbook-cell.empty" if base.kind == "rows" else "workbook-cell.cleared"
            found.append(problem(key, None, sheet=base.title, cell=entry.address, text=was))
        elif text != was and not was and line.key is not None:
            found.append(problem("workbook-cell.closed", None, sheet=base.title, cell=entry.address))
        elif text != was:
            form = canonical(FORMS[base.kind], text)
            if isinstance(form, Bad):
                key = f"workbook-cell.{FORMS[base.kind]}"
                found.append(
                    problem(
                        key, None, sheet=base.title, cell=entry.address, text=text, reason=form.reason,
                        quoted=quotable(base, text),
                    )
                )  # fmt: skip
            else:
                text = form
        elif not was and base.kind == "rows":
            found.append(problem("workbook-cell.empty", None, sheet=base.title, cell=entry.address))
        texts.append(text)
    return Said(line.key, line.row, tuple(texts), tuple(entry.address for entry in line.entries))


def quotable(base: BaseSheet, text: str) -> str | None:
    """The text in quotes, should that be all it lacks."""
    quoted = '"' + text.replace('"', "") + '"'
    return quoted if base.kind == "rows" and canonical("cell", quoted) == quoted else None


# ---- Three versions ---------------------------------------------------------------------------------


def merged(
    books: Sequence[tuple[BaseSheet, Sequence[Said]]], current: Mapping[tuple[Kind, str], Sheet]
) -> Merged:
    changes: list[Change] = []
    tables: list[Rewritten] = []
    conflicts: list[Diagnostic] = []
    for base, lines in books:
        sheet = current.get((base.kind, base.name))
        if unchanged(base, lines):
            continue
        if sheet is None:
            conflicts.append(problem("workbook-conflict.sheet", None, sheet=base.title, name=base.name))
        elif base.kind != "rows":
            changes += values(base, lines, sheet, conflicts)
        elif base.columns != tuple(column.name for column in sheet.columns if column.counts):
            conflicts.append(problem("workbook-conflict.columns", None, sheet=base.title, name=base.name))
        elif (rows := table_rows(base, lines, sheet, conflicts)) is not None:
            tables.append(Rewritten(base.title, sheet, tuple(rows)))
    return Merged(tuple(changes), tuple(tables), tuple(conflicts))


def unchanged(base: BaseSheet, lines: Sequence[Said]) -> bool:
    kept = {line.key: line.texts for line in lines} == base.lines
    return kept and (base.kind != "rows" or [line.key for line in lines] == list(base.lines))


def values(
    base: BaseSheet, lines: Sequence[Said], sheet: Sheet, conflicts: list[Diagnostic]
) -> Iterator[Change]:
    """The cells of a sheet with fixed rows."""
    known = {line.key: line for line in sheet.lines}
    places = [place for place, column in enumerate(sheet.columns) if column.role == "edited"]
    for line in lines:
        was, policy = base.lines[line.key or ""], known.get(line.key or "")
        for number, place in enumerate(places):
            text, address = line.texts[number], line.addresses[number]
            if text == was[number]:
                continue
            span = policy.spans[place] if policy is not None else None
            if policy is None or span is None:
                conflicts.append(
                    problem("workbook-conflict.gone", None, sheet=base.title, cell=address, name=line.key)
                )
                continue
            cell = Cell(was[number], text, policy.texts[place])
            if cell.taken:
                yield Change(base.title, address, line.key or "", place, span, text)
            elif cell.torn:
                conflicts.append(torn(base, address, cell))


def torn(base: BaseSheet, address: str, cell: Cell) -> Diagnostic:
    return problem(
        "workbook-conflict", None, sheet=base.title, cell=address, before=cell.before, workbook=cell.now, policy=cell.policy
    )  # fmt: skip


# ---- Rows of a table --------------------------------------------------------------------------------


def table_rows(
    base: BaseSheet, lines: Sequence[Said], sheet: Sheet, conflicts: list[Diagnostic]
) -> list[NewRow] | None:
    """All rows as they shall be; None if they stay, also because the workbook and the policy have both added, removed or
    moved some.
    """
    before = list(base.lines.values())
    policy = [sheet.edited(line) for line in sheet.lines]
    if [line.texts for line in lines] == policy:  # the policy says all of it already
        return None
    at = origins(before, policy)
    if [line.key for line in lines] == list(base.lines):
        return policy_with_cells(base, lines, sheet, at, conflicts)
    if len(at) == len(before) == len(policy):
        return workbook_with_cells(base, lines, policy, conflicts)
    conflicts.append(problem("workbook-conflict.rows", None, sheet=base.title, name=base.name))
    return None


def origins(before: Sequence[tuple[str, ...]], policy: Sequence[tuple[str, ...]]) -> dict[int, int]:
    """Which row of the policy each exported row is: the same one, or one that was changed in its place."""
    found: dict[int, int] = {}
    matcher = SequenceMatcher(None, before, policy, autojunk=False)
    for tag, a, b, x, y in matcher.get_opcodes():
        if tag == "equal" or b - a == y - x:
            found |= dict(zip(range(a, b), range(x, y), strict=True))
    return found


def policy_with_cells(
    base: BaseSheet, lines: Sequence[Said], sheet: Sheet, at: Mapping[int, int], conflicts: list[Diagnostic]
) -> list[NewRow] | None:
    """The rows of the policy, with the cells that were edited."""
    rows = [kept(place, sheet.edited(line)) for place, line in enumerate(sheet.lines)]
    for number, (line, was) in enumerate(zip(lines, base.lines.values(), strict=True)):
        if number in at:
            rows[at[number]] = with_cells(base, line, was, rows[at[number]].texts, at[number], conflicts)
        elif line.texts != was:
            address = f"A{line.row}"
            conflicts.append(
                problem("workbook-conflict.row", None, sheet=base.title, cell=address, name=line.key)
            )
    return rows if any(any(row.edited) for row in rows) else None


def workbook_with_cells(
    base: BaseSheet,
    lines: Sequence[Said],
    policy: Sequence[tuple[str, ...]],
    conflicts: list[Diagnostic],
) -> list[NewRow]:
    """The rows of the workbook in its order, with the cells that the policy has changed since."""
    rows: list[NewRow] = []
    left = dict(enumerate(base.lines.values()))
    for line in lines:
        if line.key is None:
            rows.append(NewRow(None, line.texts, line.row, (True,) * len(line.texts)))
            continue
        place = list(base.lines).index(line.key)
        rows.append(with_cells(base, line, left.pop(place), policy[place], place, conflicts))
    for place, was in left.items():
        if policy[place] != was:  # removed here, changed there
            conflicts.append(
                problem("workbook-conflict.removed", None, sheet=base.title, name=str(place + 1))
            )
            above = [n for n, row in enumerate(rows) if row.origin is not None and row.origin < place]
            rows.insert(max(above, default=-1) + 1, kept(place, policy[place]))
    return rows


def kept(place: int, texts: tuple[str, ...]) -> NewRow:
    return NewRow(place, texts, None, (False,) * len(texts))


def with_cells(
    base: BaseSheet,
    line: Said,
    was: tuple[str, ...],
    policy: tuple[str, ...],
    place: int,
    conflicts: list[Diagnostic],
) -> NewRow:
    """A row of the policy with the cells that the workbook has changed."""
    cells = [Cell(*three) for three in zip(was, line.texts, policy, strict=True)]
    conflicts += [
        torn(base, address, cell) for cell, address in zip(cells, line.addresses, strict=True) if cell.torn
    ]
    texts = tuple(cell.now if cell.taken else cell.policy for cell in cells)
    return NewRow(place, texts, line.row, tuple(cell.taken for cell in cells))
