"""A decision table's rows come in; out go the same conditions as if written in words, one to a line.

The tracer quotes a cell (`12..18`, `high, medium`, `missing`) and the checks behind it; a reader wants
`terminal_age >= 12`, `data_need is one of high, medium`, `terminal_age is missing`.
"""

from __future__ import annotations

from dataclasses import replace

from lifeseg.interpreter.trace import CaseTrace, Clause, DefinitionTrace, RecordTrace


def with_readable_tables(record: RecordTrace) -> RecordTrace:
    """The record with the rows of its decision tables, and of its children's, in words."""
    kinds = {definition.kind for definition in record.definitions}
    children = tuple(with_readable_tables(child) for child in record.children)
    if "table" not in kinds and children == record.children:
        return record
    definitions = tuple(_readable(definition) for definition in record.definitions)
    return replace(record, definitions=definitions, children=children)


def _readable(definition: DefinitionTrace) -> DefinitionTrace:
    if definition.kind != "table":
        return definition
    return replace(definition, cases=tuple(_row(case) for case in definition.cases))


def _row(case: CaseTrace) -> CaseTrace:
    """A row whose cells are parts of one `and`; a row of nothing but `-` has none."""
    if case.clause is None:
        return case
    parts = tuple(piece for cell in case.clause.parts for piece in _pieces(cell))
    if not parts:
        return replace(case, clause=None)
    text = " and ".join(part.text for part in parts)
    return replace(case, clause=replace(case.clause, text=text, parts=parts))


def _pieces(cell: Clause) -> tuple[Clause, ...]:
    """The conditions of a cell, without the check that there is a value at all."""
    if cell.operation == "and":
        kept = [part for part in cell.parts if not _is_guard(part)]
        return tuple(piece for part in kept or cell.parts for piece in _pieces(part))
    if cell.operation == "or":
        cell = replace(cell, parts=tuple(_unguarded(part) for part in cell.parts))
    return (_worded(cell),)


def _unguarded(part: Clause) -> Clause:
    """One of the values in a cell, without the check that there is a value."""
    kept = [piece for piece in part.parts if not _is_guard(piece)] if part.operation == "and" else []
    return replace(kept[0], verdict=part.verdict) if len(kept) == 1 else part


def _is_guard(clause: Clause) -> bool:
    """Whether it only asks that a value is known, to go with a comparison."""
    if clause.operation == "not" and clause.parts:
        return clause.parts[0].operation == "is_missing"
    return clause.operation == "is_missing" and asks_for_a_value(clause)


def asks_for_a_value(clause: Clause) -> bool:
    """Whether an `is missing` says `is not missing`; the text of a cell does not tell."""
    if " is " in clause.text:
        return clause.text.endswith(" is not missing")
    if not clause.parts:
        return False
    subject = clause.parts[0]
    absent = subject.value is None and subject.verdict in (None, "unknown")
    return (clause.verdict == "yes") is not absent


def _worded(cell: Clause) -> Clause:
    if not cell.parts:
        return cell
    column = cell.parts[0].text
    match cell.operation:
        case "or" if _is_choice(cell):
            subject = cell.parts[0].parts[0]
            listed = ", ".join(_asked(part.text) for part in cell.parts)
            text = f"{subject.text} is one of {listed}"
            return replace(cell, text=text, operation="one_of", name=subject.name, parts=(subject,))
        case "one_of" if " is " not in cell.text:
            asked = _asked(cell.text)
            several = "one of " if "," in asked else ""
            return replace(cell, text=f"{column} is {several}{asked}")
        case "is_missing" if " is " not in cell.text:
            return replace(cell, text=f"{column} is {'not ' if asks_for_a_value(cell) else ''}missing")
        case "not":
            return replace(cell, text=f"not {column}")
        case "compare":
            return replace(cell, text=f"{column} {cell.operator} {cell.parts[1].text}")
        case _:
            return cell


def _is_choice(cell: Clause) -> bool:
    """Whether a list of values asks the same subject each time."""
    subjects = {part.parts[0].text for part in cell.parts if part.operation == "one_of" and part.parts}
    return len(subjects) == 1 and all(part.operation == "one_of" and part.parts for part in cell.parts)


def _asked(text: str) -> str:
    """The values in a cell, without the column in front."""
    return text.rpartition(": ")[2]
