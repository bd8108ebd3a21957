"""A fact and the type of a PostgreSQL column come in; its value as engines hold it, and what may be wrong, go out as SQL.

A value means the same as in a file: numbers are exact decimals on the fact's step, or as near to it as binary fractions
are; blank texts are missing; a moment is a date only at midnight. Identifiers and values are quoted by psycopg.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import LiteralString

from psycopg import sql

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

WHOLE = frozenset({"smallint", "integer", "bigint"})
FLOATING = frozenset({"real", "double precision"})
SQL_TYPES = {"number": "bigint", "text": "text", "choice": "text", "truth": "boolean", "date": "date"}
TEXTS = 'text COLLATE "C"'
EXACT_DOUBLE = 2**52
FIRST_DAY, LAST_DAY = "0001-01-01", "9999-12-31"
DATE_SHAPE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}( 00:00(:00(\\.0+)?)?)?$"
TIME_SHAPE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}"
DAYS = "31,28,31,30,31,30,31,31,30,31,30,31"

Sql = sql.Composable


@dataclass(frozen=True, slots=True)
class Held:
    """A column of a table: its name, its type without a length, and the category PostgreSQL puts the type in."""

    name: str
    type: str
    category: str


@dataclass(frozen=True, slots=True)
class Formed:
    """A value, and what may be wrong with one that is there."""

    value: Sql
    checks: tuple[Check[Sql], ...] = ()


def written(text: LiteralString, /, **parts: Sql | str | int) -> sql.Composed:
    """SQL with its parts in place: texts and numbers as literals."""
    placed = {
        name: part if isinstance(part, sql.Composable) else sql.Literal(part) for name, part in parts.items()
    }
    return sql.SQL(text).format(**placed)


def either(*tests: Sql) -> Sql:
    return written("({tests})", tests=sql.SQL(" OR ").join(tests))


def words_of(texts: tuple[str, ...]) -> Sql:
    return sql.SQL(", ").join(sql.Literal(text) for text in texts)


def cell_of(column: str, fact: Fact, held: Held | None) -> Cell[Sql] | Refused:
    """The cell of a fact by its kind and its column's type; a type that cannot hold it is refused."""
    if held is None:
        nothing = written("CAST(NULL AS {kind})", kind=sql.SQL(SQL_TYPES[fact.type.kind]))
        return Cell(column, fact, nothing, nothing, ())
    name: Sql = sql.Identifier(held.name)
    formed = formed_of(fact, name, held)
    if formed is None:
        return Refused("data-type.table-column")
    textual = held.type not in WHOLE | FLOATING and held.category == "S"
    empty = written("{name} IS NULL", name=name)
    if textual:
        bare = trimmed(name)
        empty = written("coalesce({bare}, '') = ''", bare=bare)
        formed = Formed(
            written("CASE WHEN {bare} <> '' THEN {value} END", bare=bare, value=formed.value), formed.checks
        )
    checks = [
        replace(check, test=written("NOT ({empty}) AND ({test})", empty=empty, test=check.test))
        for check in formed.checks
    ]
    if fact.key or not fact.type.optional:
        checks.insert(0, Check("data-missing-value", empty))
    return Cell(column, fact, formed.value, written("{name}::text", name=name), tuple(checks))


def trimmed(name: Sql) -> Sql:
    return written("btrim({name}::text, {blanks})", name=name, blanks=BLANKS)


def formed_of(fact: Fact, name: Sql, held: Held) -> Formed | None:
    textual = held.category == "S"
    match fact.type.kind:
        case "number" if held.type in WHOLE:
            return whole(measures_of(fact), name)
        case "number" if held.type in FLOATING:
            return floating(measures_of(fact), name, held.type)
        case "number" if held.type == "numeric":
            return numeric(measures_of(fact), name)
        case "number" if textual:
            return number_text(measures_of(fact), trimmed(name))
        case "text" if textual or held.category == "E" or held.type in WHOLE or held.type == "uuid":
            return plain_text(fact, written('({name}::text COLLATE "C")', name=name))
        case "choice" if textual or held.category == "E" or held.type in WHOLE:
            return choice(fact, trimmed(name))
        case "truth":
            return truth(name, held)
        case "date":
            return day(name, held)
        case _:
            return None


# ---- Texts, choices, yes and no ------------------------------------------------------------------


def plain_text(fact: Fact, text: Sql) -> Formed:
    checks = []
    if fact.key:
        checks.append(Check("data-type.blanks", written("{text} <> {bare}", text=text, bare=trimmed(text))))
    checks.append(
        Check("data-type.sheet-error", written("{text} IN ({words})", text=text, words=words_of(SHEET_WORDS)))
    )
    return Formed(text, tuple(checks))


def choice(fact: Fact, bare: Sql) -> Formed:
    known = written('({bare} COLLATE "C")', bare=bare)
    strange = written("{known} NOT IN ({options})", known=known, options=words_of(fact.type.options))
    return Formed(known, (Check("data-choice", strange, options_words(fact)),))


def truth(name: Sql, held: Held) -> Formed | None:
    if held.type == "boolean":
        return Formed(name)
    if held.type in WHOLE:
        value = written("CASE {name} WHEN 1 THEN true WHEN 0 THEN false END", name=name)
        return Formed(value, (Check("data-type", written("{name} NOT IN (0, 1)", name=name)),))
    if held.category != "S":
        return None
    word = written('lower({bare} COLLATE "C")', bare=trimmed(name))
    parts = {"word": word, "yes": words_of(YES), "no": words_of(NO)}
    value = written("CASE WHEN {word} IN ({yes}) THEN true WHEN {word} IN ({no}) THEN false END", **parts)
    return Formed(value, (Check("data-type", written("{word} NOT IN ({yes}, {no})", **parts)),))


# ---- Dates ---------------------------------------------------------------------------------------


def day(name: Sql, held: Held) -> Formed | None:
    """A date between the years 1 and 9999; `infinity` is none."""
    limits = {"first": FIRST_DAY, "last": LAST_DAY}
    if held.type == "date":
        beyond = written("{name} NOT BETWEEN DATE {first} AND DATE {last}", name=name, **limits)
        return Formed(name, (Check("data-type.no-such-day", beyond),))
    if held.type == "timestamp without time zone":
        date = written("CASE WHEN isfinite({name}) THEN {name}::date END", name=name)
        beyond = written(
            "coalesce({date} NOT BETWEEN DATE {first} AND DATE {last}, true)", date=date, **limits
        )
        later = written("isfinite({name}) AND {name} <> date_trunc('day', {name})", name=name)
        return Formed(date, (Check("data-type.no-such-day", beyond), Check("data-type.time-of-day", later)))
    if held.category != "S":
        return None
    text = trimmed(name)
    shaped = written("{text} ~ {shape}", text=text, shape=DATE_SHAPE)
    timed = written("NOT ({shaped}) AND {text} ~ {shape}", shaped=shaped, text=text, shape=TIME_SHAPE)
    strange = written("NOT ({shaped}) AND NOT ({timed})", shaped=shaped, timed=timed)
    exists = written("CASE WHEN {shaped} THEN {there} END", shaped=shaped, there=is_a_day(text))
    value = written("CASE WHEN {exists} THEN left({text}, 10)::date END", exists=exists, text=text)
    return Formed(value, (Check("data-type", strange), Check("data-type.time-of-day", timed),
                          Check("data-type.no-such-day", written("NOT ({exists})", exists=exists))))  # fmt: skip


def is_a_day(text: Sql) -> Sql:
    """Whether a text shaped like a date is a day of the calendar; a cast of what is none would end the run."""
    year, month, number = (
        written("substr({text}, {start}, {length})::int", text=text, start=start, length=length)
        for start, length in ((1, 4), (6, 2), (9, 2))
    )
    leap = written("({year} % 4 = 0 AND ({year} % 100 <> 0 OR {year} % 400 = 0))", year=year)
    longest = written(
        "(ARRAY[{days}])[{month}] + CASE WHEN {month} = 2 AND {leap} THEN 1 ELSE 0 END",
        days=sql.SQL(DAYS), month=month, leap=leap,
    )  # fmt: skip
    return written(
        "{year} >= 1 AND {month} BETWEEN 1 AND 12 AND {number} BETWEEN 1 AND ({longest})",
        year=year, month=month, number=number, longest=longest,
    )  # fmt: skip


# ---- Numbers -------------------------------------------------------------------------------------


def whole(measures: Measures, name: Sql) -> Formed:
    """A whole number: it has no fraction, so only its range, and its step where that is coarser than one."""
    value = written("{name}::bigint", name=name)
    scaled = value if measures.unit == 1 else written("{value} * {unit}", value=value, unit=measures.unit)
    beyond = written(
        "{name} NOT BETWEEN {least} AND {most}", name=name, least=measures.least, most=measures.most
    )
    checks = [Check(measures.range_key, beyond, measures.limits)]
    if measures.unit % measures.step:
        exact = written(
            "{name}::numeric * {unit} % {step} <> 0", name=name, unit=measures.unit, step=measures.step
        )
        inside = written("NOT ({beyond}) AND {exact}", beyond=beyond, exact=exact)
        checks.insert(0, Check("data-step", inside, measures.step_words))
    return Formed(scaled, tuple(checks))


def numeric(measures: Measures, name: Sql) -> Formed:
    finite = written("{name} NOT IN ('NaN', 'Infinity', '-Infinity')", name=name)
    return finite_number(measures, finite, written("{name} * {unit}", name=name, unit=measures.unit))


def floating(measures: Measures, name: Sql, kind: str) -> Formed:
    """A binary fraction is the shortest decimal that means it; where it is plainly on a whole unit, no decimal is made."""
    finite = written("{name} NOT IN ('NaN', 'Infinity', '-Infinity')", name=name)
    decimal = written("{name}::text::numeric * {unit}", name=name, unit=measures.unit)
    careful = finite_number(measures, finite, decimal)
    if measures.step != 1 or kind == "real":
        return careful
    scaled = written("{name} * {unit}", name=name, unit=measures.unit)
    on_unit = written(
        "abs({scaled} - round({scaled})) <= least(0.05, 1e-10 * greatest(abs({scaled}), 1))"
        " AND round({scaled}) BETWEEN {low} AND {high}",
        scaled=scaled, low=measures.low, high=measures.high,
    )  # fmt: skip
    inside = written("CASE WHEN abs({name}) < {most} THEN {on_unit} ELSE false END",
                     name=name, most=EXACT_DOUBLE // measures.unit, on_unit=on_unit)  # fmt: skip
    plain = written("CASE WHEN {inside} THEN round({scaled})::bigint ELSE {careful} END",
                    inside=inside, scaled=scaled, careful=careful.value)  # fmt: skip
    checks = tuple(
        replace(
            check,
            test=written("CASE WHEN {inside} THEN false ELSE {test} END", inside=inside, test=check.test),
        )
        for check in careful.checks
    )
    return Formed(plain, checks)


def number_text(measures: Measures, text: Sql) -> Formed:
    """Only the plain way of writing: a table holds what a program has written."""
    shaped = written("{text} ~ {shape}", text=text, shape=r"^-?[0-9]{1,30}(\.[0-9]{1,30})?$")
    number = written(
        "CASE WHEN {shaped} THEN {text}::numeric * {unit} END", shaped=shaped, text=text, unit=measures.unit
    )
    formed = finite_number(measures, shaped, number)
    strange = Check("data-type", written("NOT ({shaped})", shaped=shaped))
    return Formed(formed.value, (strange, *formed.checks[1:]))


def finite_number(measures: Measures, finite: Sql, number: Sql) -> Formed:
    """`number` is an exact decimal at the fact's scale: read as the nearest step, if that is near enough."""
    step = measures.step
    steps = written("round({number})", number=number)
    if step != 1:
        steps = written("(round({number} / {step}) * {step})", number=number, step=step)
    parts: dict[str, Sql | int] = {"number": number, "steps": steps, "step": step, "near": NEAR}
    off = written(
        "abs({number} - {steps}) * {near} > greatest(abs({number}), {step}) OR abs({number} - {steps}) * 10 >= {step}",
        **parts,
    )
    value = written("{steps}::bigint", steps=steps)
    return Formed(value, tuple(number_checks(measures, finite, number, steps, off)))


def number_checks(measures: Measures, finite: Sql, number: Sql, steps: Sql, off: Sql) -> Iterator[Check[Sql]]:
    limits: dict[str, Sql | int] = {"low": measures.low, "high": measures.high}
    parts: dict[str, Sql | int] = {"finite": finite, "number": number, "steps": steps, "off": off, **limits}
    yield Check("data-type.not-finite", written("NOT ({finite})", finite=finite))
    between = written("{finite} AND ({off}) AND {number} BETWEEN {low} AND {high}", **parts)
    yield Check("data-step", between, measures.step_words)
    beyond = written(
        "{finite} AND CASE WHEN {off} THEN {number} ELSE {steps} END NOT BETWEEN {low} AND {high}", **parts
    )
    yield Check(measures.range_key, beyond, measures.limits)
