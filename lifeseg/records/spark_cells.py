"""A fact and the type of a Spark column come in; its value as engines hold it, and what may be wrong, go out as SQL.

A value means the same as in a file: numbers are exact decimals on the fact's step, or as near to it as binary fractions
are; blank texts are missing; a moment is a date only at midnight. Names and texts are quoted here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from lifeseg.frozen import dataclass
from lifeseg.model.model import Fact
from lifeseg.records.findings import Refused
from lifeseg.records.number import NEAR
from lifeseg.records.table_checks import (
    BLANKS,
    NO,
    SHEET_WORDS,
    YES,
    Cell,
    Check,
    Measures,
    measures_of,
    options_words,
)

WHOLE = frozenset({"tinyint", "smallint", "int", "bigint"})
SQL_TYPES = {"number": "BIGINT", "text": "STRING", "choice": "STRING", "truth": "BOOLEAN", "date": "DATE"}
TEXTUAL = re.compile(r"string|varchar|char")
MOST_DIGITS = 36
FINEST = 18
"""Digits behind the point of what is written as a text or a binary fraction; finer ones cannot matter."""

DATE_SHAPE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}( 00:00(:00(\\.0+)?)?)?$"
TIME_SHAPE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}"
NUMBER_SHAPE = "^-?[0-9]{1,30}(\\.[0-9]{1,30})?$"
BEYOND_CALENDAR = "{day} NOT BETWEEN DATE'0001-01-01' AND DATE'9999-12-31'"


@dataclass(frozen=True, slots=True)
class Formed:
    """A value, and what may be wrong with one that is there."""

    value: str
    checks: tuple[Check[str], ...] = ()


def quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def text(value: str) -> str:
    """A text as a literal; Spark reads escapes in it."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def texts(values: tuple[str, ...]) -> str:
    return ", ".join(map(text, values))


def cell_of(column: str, fact: Fact, name: str | None, kind: str) -> Cell[str] | Refused:
    """The cell of a fact by its kind and its column's type; a type that cannot hold it is refused."""
    if name is None:
        nothing = f"CAST(NULL AS {SQL_TYPES[fact.type.kind]})"
        return Cell(column, fact, nothing, nothing, ())
    held = quoted(name)
    textual = TEXTUAL.match(kind) is not None
    if textual and "collate" in kind:
        held = f"({held} COLLATE UTF8_BINARY)"
    formed = formed_of(fact, held, kind, textual)
    if formed is None:
        return Refused("data-type.table-column")
    empty = f"{held} IS NULL"
    if textual:
        bare = trimmed(held)
        empty = f"coalesce({bare}, '') = ''"
        formed = Formed(f"CASE WHEN {bare} <> '' THEN {formed.value} END", formed.checks)
    checks = [
        replace(check, test=f"CASE WHEN {empty} THEN false ELSE {check.test} END") for check in formed.checks
    ]
    if fact.key or not fact.type.optional:
        checks.insert(0, Check("data-missing-value", empty))
    return Cell(column, fact, formed.value, f"CAST({held} AS STRING)", tuple(checks))


def trimmed(held: str) -> str:
    return f"btrim({held}, {text(BLANKS)})"


def formed_of(fact: Fact, held: str, kind: str, textual: bool) -> Formed | None:
    match fact.type.kind:
        case "number" if kind in WHOLE:
            return whole(measures_of(fact), held)
        case "number" if kind in ("float", "double"):
            return floating(measures_of(fact), held, kind)
        case "number" if kind.startswith("decimal("):
            return decimal(measures_of(fact), held, kind)
        case "number" if textual:
            return number_text(measures_of(fact), trimmed(held))
        case "text" if textual or kind in WHOLE:
            return plain_text(fact, held if textual else f"CAST({held} AS STRING)")
        case "choice" if textual or kind in WHOLE:
            known = trimmed(held) if textual else f"CAST({held} AS STRING)"
            strange = f"{known} NOT IN ({texts(fact.type.options)})"
            return Formed(known, (Check("data-choice", strange, options_words(fact)),))
        case "truth":
            return truth(held, kind, textual)
        case "date":
            return day(held, kind, textual)
        case _:
            return None


# ---- Texts, yes and no, dates --------------------------------------------------------------------


def plain_text(fact: Fact, held: str) -> Formed:
    checks = [Check("data-type.blanks", f"{held} <> {trimmed(held)}")] if fact.key else []
    checks.append(Check("data-type.sheet-error", f"{held} IN ({texts(SHEET_WORDS)})"))
    return Formed(held, tuple(checks))


def truth(held: str, kind: str, textual: bool) -> Formed | None:
    if kind == "boolean":
        return Formed(held)
    if kind in WHOLE:
        value = f"CASE {held} WHEN 1 THEN true WHEN 0 THEN false END"
        return Formed(value, (Check("data-type", f"{held} NOT IN (0, 1)"),))
    if not textual:
        return None
    word = f"lower({trimmed(held)})"
    value = f"CASE WHEN {word} IN ({texts(YES)}) THEN true WHEN {word} IN ({texts(NO)}) THEN false END"
    return Formed(value, (Check("data-type", f"{word} NOT IN ({texts((*YES, *NO))})"),))


def day(held: str, kind: str, textual: bool) -> Formed | None:
    if kind == "date":
        return Formed(held, (Check("data-type.no-such-day", BEYOND_CALENDAR.format(day=held)),))
    if kind == "timestamp_ntz":
        date = f"CAST({held} AS DATE)"
        timed = f"{held} <> CAST({date} AS TIMESTAMP_NTZ)"
        beyond = Check("data-type.no-such-day", BEYOND_CALENDAR.format(day=date))
        return Formed(date, (beyond, Check("data-type.time-of-day", timed)))
    if not textual:
        return None
    bare = trimmed(held)
    shaped, with_time = f"{bare} RLIKE {text(DATE_SHAPE)}", f"{bare} RLIKE {text(TIME_SHAPE)}"
    date = f"CASE WHEN {shaped} THEN try_cast(left({bare}, 10) AS DATE) END"
    none = f"coalesce({BEYOND_CALENDAR.format(day=date)}, true)"
    return Formed(date, (
        Check("data-type", f"NOT {shaped} AND NOT {with_time}"),
        Check("data-type.time-of-day", f"NOT {shaped} AND {with_time}"),
        Check("data-type.no-such-day", f"{shaped} AND {none}"),
    ))  # fmt: skip


# ---- Numbers -------------------------------------------------------------------------------------


def whole(measures: Measures, held: str) -> Formed:
    """A whole number: it has no fraction, so only its range, and its step where that is coarser than one."""
    value = f"CAST({held} AS BIGINT)" + (f" * {measures.unit}" if measures.unit != 1 else "")
    beyond = f"{held} NOT BETWEEN {measures.least} AND {measures.most}"
    checks = [Check(measures.range_key, beyond, measures.limits)]
    if measures.unit % measures.step:
        inexact = f"CASE WHEN {beyond} THEN false ELSE ({value}) % {measures.step} <> 0 END"
        checks.insert(0, Check("data-step", inexact, measures.step_words))
    return Formed(value, tuple(checks))


def decimal(measures: Measures, held: str, kind: str) -> Formed:
    behind = int(kind[8:-1].split(",")[1])
    return finite_number(measures, held, behind)


def floating(measures: Measures, held: str, kind: str) -> Formed:
    """A binary fraction is the shortest decimal that means it; Spark widens a small one first, which is another number."""
    not_finite = f"isnan({held}) OR abs({held}) = CAST('Infinity' AS DOUBLE)"
    formed = finite_number(measures, held if kind == "double" else f"CAST({held} AS STRING)", FINEST)
    checks = [
        replace(check, test=f"CASE WHEN {not_finite} THEN false ELSE {check.test} END")
        for check in formed.checks
    ]
    return Formed(formed.value, (Check("data-type.not-finite", not_finite), *checks))


def number_text(measures: Measures, bare: str) -> Formed:
    """Only the plain way of writing: a table holds what a program has written."""
    shaped = f"{bare} RLIKE {text(NUMBER_SHAPE)}"
    formed = finite_number(measures, f"CASE WHEN {shaped} THEN {bare} END", FINEST)
    checks = [
        replace(check, test=f"CASE WHEN {shaped} THEN {check.test} ELSE false END") for check in formed.checks
    ]
    return Formed(formed.value, (Check("data-type", f"NOT {shaped}"), *checks))


def finite_number(measures: Measures, held: str, behind: int) -> Formed:
    """Read as the nearest step, if that is near enough. What does not fit the digits of the limits is beyond them.

    Every decimal is cast to digits that leave room for the product, since Spark takes digits off a result that is wider
    than 38.
    """
    step, unit = measures.step, measures.unit
    before = len(str(max(abs(measures.low), abs(measures.high)) // unit)) + 1
    width = len(str(unit))
    behind = max(0, min(behind, MOST_DIGITS - before - width - 1))
    number = (
        f"(try_cast({held} AS DECIMAL({before + behind}, {behind})) * CAST({unit} AS DECIMAL({width}, 0)))"
    )
    steps = f"(CAST({step} AS DECIMAL({len(str(step))}, 0)))"
    rest = f"pmod({number}, {steps})"
    nearest = f"({number} - {rest} + CASE WHEN 2 * {rest} >= {step} THEN {step} ELSE 0 END)"
    distance = f"least({rest}, {step} - {rest})"
    off = (
        f"({distance} * 10 >= {step} OR CAST({distance} AS DOUBLE) * {NEAR}"
        f" > CAST(greatest(abs({number}), {step}) AS DOUBLE))"
    )
    return Formed(f"CAST({nearest} AS BIGINT)", tuple(number_checks(measures, number, nearest, off)))


def number_checks(measures: Measures, number: str, nearest: str, off: str) -> Iterator[Check[str]]:
    limits = f"BETWEEN {measures.low} AND {measures.high}"
    yield Check("data-step", f"coalesce({off} AND {number} {limits}, false)", measures.step_words)
    beyond = f"coalesce(CASE WHEN {off} THEN {number} ELSE {nearest} END NOT {limits}, true)"
    yield Check(measures.range_key, beyond, measures.limits)
