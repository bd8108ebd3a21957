"""A file of outcomes comes in; it is read into the result store, all or nothing; what is wrong with it is said by line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from lifeseg.diagnostics.diagnostic import Diagnostic, Span, problem
from lifeseg.frozen import dataclass
from lifeseg.model.model import Model
from lifeseg.pipeline.errors import DataError, refusal
from lifeseg.pipeline.history import asking
from lifeseg.pipeline.opened import closest
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.tasks import with_tasks
from lifeseg.workspace import reason, shown_path

if TYPE_CHECKING:
    from lifeseg.tracking.outcomes import Outcome, Read, Wrong

NEEDED = ("task", "outcome", "day")
ALLOWED = (*NEEDED, "cost", "revenue", "note")
HANDED_OUT = ("entity", "key", "name", "title", "about", "owner", "channel", "handed_out", "due")
"""What `lifeseg tasks` writes beside: its file may be filled in and read back."""

AMOUNT = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,2})?")
MOST_NUMBER = 9
MOST_WRONG = 50


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read, and how many rows say nothing yet."""

    model: Model
    read: Read
    empty: int


def outcomes(setting: Setting, path: Path) -> Reading:
    from lifeseg.tracking.outcomes import read

    model = with_tasks(setting)
    rows = rows_of(path)
    name = shown_path(path)
    told = [(line, row) for line, row in rows if any(row.get(column) for column in ALLOWED[1:])]
    found: list[Outcome] = []
    wrong: list[Diagnostic] = []
    seen: dict[int, int] = {}
    for line, row in told:
        one, problems = outcome_of(name, line, row)
        wrong += problems
        if one is None:
            continue
        if one.task in seen:
            wrong.append(at(name, line, "outcome-row.twice", task=one.task, first=seen[one.task]))
        seen.setdefault(one.task, line)
        found.append(one)
    with asking(setting, model) as store:
        done = read(store, model.name, found, enter=not wrong)
    wrong += [impossible(name, one) for one in done.wrong]
    if wrong:
        raise DataError(sorted(wrong, key=line_of)[:MOST_WRONG])
    return Reading(model, done, len(rows) - len(told))


def rows_of(path: Path) -> list[tuple[int, Mapping[str, str]]]:
    """The rows of a file with their lines, cells without blanks around them."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            heading = [cell.strip() for cell in next(reader, [])]
            rows = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except OSError as error:
        raise refusal("cannot-read", path=shown_path(path), reason=reason(error)) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise refusal(
            "cannot-read", path=shown_path(path), reason=f"it is no CSV file in UTF-8 ({error})"
        ) from error
    name = shown_path(path)
    if wrong := [*wrong_heading(name, heading), *ragged(name, heading, rows)]:
        raise DataError(wrong[:MOST_WRONG])
    return [
        (line, {column: cell.strip() for column, cell in zip(heading, cells, strict=True)})
        for line, cells in rows
    ]


def wrong_heading(name: str, heading: Sequence[str]) -> Iterator[Diagnostic]:
    for column in NEEDED:
        if column not in heading:
            yield at(name, 1, "outcome-row.lacking", column=column)
    known = (*ALLOWED, *HANDED_OUT)
    for place, column in enumerate(heading):
        if column not in known:
            yield at(name, 1, "outcome-row.column", column=column, suggestion=closest(column, known))
        elif column in heading[:place]:
            yield at(name, 1, "outcome-row.column-twice", column=column)


def ragged(name: str, heading: Sequence[str], rows: Sequence[tuple[int, list[str]]]) -> Iterator[Diagnostic]:
    for line, cells in rows:
        if len(cells) != len(heading):
            yield at(name, line, "outcome-row.cells", found=len(cells), wanted=len(heading))


def outcome_of(name: str, line: int, row: Mapping[str, str]) -> tuple[Outcome | None, list[Diagnostic]]:
    """The outcome in a row, or everything that is wrong with it."""
    from lifeseg.tracking.outcomes import WORDS, Outcome

    wrong = [at(name, line, "outcome-row.empty", column=column) for column in NEEDED if not row[column]]
    if wrong:
        return None, wrong
    number, word, day = row["task"], row["outcome"], row["day"]
    if not number.isascii() or not number.isdigit() or len(number) > MOST_NUMBER:
        wrong.append(at(name, line, "outcome-row.number", text=number))
    if word not in WORDS:
        wrong.append(
            at(
                name,
                line,
                "outcome-row.word",
                text=word,
                known=", ".join(WORDS),
                suggestion=closest(word, WORDS),
            )
        )
    when = date.min
    try:
        when = date.fromisoformat(day)
    except ValueError:
        wrong.append(at(name, line, "outcome-row.day", text=day))
    amounts = {column: amount(row.get(column) or "0", column) for column in ("cost", "revenue")}
    for column, found in amounts.items():
        if found is None:
            wrong.append(at(name, line, "outcome-row.amount", text=row[column], column=column))
    cost, revenue = amounts["cost"], amounts["revenue"]
    if wrong or cost is None or revenue is None:
        return None, wrong
    return Outcome(line, int(number), word, when, cost, revenue, row.get("note") or None), []


def amount(text: str, column: str) -> Decimal | None:
    """Costs are never negative; what came back may be taken back."""
    if not AMOUNT.fullmatch(text) or (column == "cost" and text.startswith("-")):
        return None
    return Decimal(text).quantize(Decimal("0.01"))


def line_of(one: Diagnostic) -> int:
    return one.span.line if one.span is not None else 0


def impossible(name: str, one: Wrong) -> Diagnostic:
    match one.reason:
        case "task":
            return at(name, one.line, "outcome-row.task", task=one.task)
        case "held":
            return at(name, one.line, "outcome-row.held", task=one.task)
        case "early":
            return at(name, one.line, "outcome-row.early", task=one.task, handed_out=str(one.handed_out))
        case _:
            assert_never(one.reason)


def at(name: str, line: int, key: str, **arguments: object) -> Diagnostic:
    return problem(key, Span(name, line, 1, line, 2), fix=None, **arguments)
