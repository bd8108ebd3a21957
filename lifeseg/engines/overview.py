"""Result columns come in; aggregates that count their cases, and sum them up for the result hash, go out as SQL.

What the sums are is written in records/result_sums.py; `dialect` is duckdb, postgres or spark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from lifeseg.engines.writer import column, number
from lifeseg.plan import tree as p

PRIME = 2**31 - 1
FACTOR = 1_000_003
GROUP = 30
MISSING_DATE = -10_000_000
WIDTH = 32  # bits of a record's number
NARROW = 64
NUMBER = "_n"
TEXTS = {"duckdb": "VARCHAR", "postgres": "TEXT", "spark": "STRING"}
WIDE = {"duckdb": "HUGEINT", "postgres": "NUMERIC", "spark": "DECIMAL(38, 0)"}

Layers = tuple[tuple[tuple[str, exp.Expr], ...], ...]
"""Columns, each layer over those before."""


def name(identifier: str, dialect: str = "duckdb") -> str:
    return exp.to_identifier(identifier, quoted=True).sql(dialect=dialect)


def text(value: str, dialect: str = "duckdb") -> str:
    return exp.Literal.string(value).sql(dialect=dialect)


def written(statement: str) -> exp.Expr:
    """SQL as it stands, for a tree."""
    return exp.var(statement)


def case_counts(result: p.Result, dialect: str = "duckdb") -> list[exp.Expr]:
    """How many records have each option of a result."""
    value = name(result.column, dialect)
    return [
        written(f"COUNT(CASE WHEN {value} = {text(option, dialect)} THEN 1 END)") for option in result.options
    ]


def near(result: p.Result, ranges: Sequence[tuple[int, int]]) -> exp.Condition:
    """The condition that a number lies in one of several ranges."""
    value = column(result.column)
    tests = [exp.Between(this=value.copy(), low=number(low), high=number(high)) for low, high in ranges]
    return exp.or_(*tests)


# ---- Sums for the hash -------------------------------------------------------------------------


def checksums(results: Sequence[p.Result], names: Sequence[str], dialect: str = "duckdb") -> list[exp.Expr]:
    """The sums of each column, in the order of the names; a record's number is the column NUMBER."""
    by_name = {found.name: found for found in results}
    found: list[exp.Expr] = []
    for one in names:
        result = by_name[one]
        flags = [by_name[flag].column for flag in result.options] if result.kind == "list" else []
        codes = list_codes(flags, dialect) if result.kind == "list" else [code(result, dialect)]
        wide = max(result.low.bit_length(), result.high.bit_length(), 31) + WIDTH + 1 > NARROW
        wide = wide or dialect == "spark"  # whose sums of whole numbers have 64 bits
        factor = f"CAST({NUMBER} AS {WIDE[dialect]})" if wide else NUMBER
        found += [written(f"SUM({factor} * {value})") for value in codes]
    return found


def record_number(
    keys: Sequence[str], dialect: str = "duckdb", known: Mapping[str, Mapping[str, int]] | None = None
) -> Layers:
    """The number of a record in the column NUMBER, made of the columns of its key, layer by layer: each is computed once.

    Where all texts of a key are `known`, their numbers are constants.
    """
    if not keys:
        return (((NUMBER, written("1")),),)
    numbers = [key_part(key, dialect, (known or {}).get(key, {})) for key in keys]
    parts = tuple((f"_n{place}", written(one)) for place, one in enumerate(numbers))
    total = "_n0"
    for one, _ in parts[1:]:
        total = f"(({total} * {FACTOR} + {one}) % {PRIME})"
    mixed = (("_h", written(total)),)
    return parts, mixed, ((NUMBER, written(f"(1 + _h * (_h * _h % {PRIME}) % {PRIME})")),)


def key_part(key: str, dialect: str, known: Mapping[str, int]) -> str:
    """What a part of a key counts."""
    if not known:
        return part(f"CAST({name(key, dialect)} AS {TEXTS[dialect]})", dialect)
    cases = " ".join(f"WHEN {text(one, dialect)} THEN {number}" for one, number in known.items())
    return f"CAST(CASE {name(key, dialect)} {cases} END AS BIGINT)"


def part(value: str, dialect: str = "duckdb") -> str:
    """Up to eight bytes as a number, of longer texts half the MD5; modulo the prime."""
    match dialect:
        case "postgres":
            padded = f"decode(lpad(encode(convert_to({value}, 'UTF8'), 'hex'), 16, '0'), 'hex')"
            short = bytes_number(padded, range(7, -1, -1))
            digested = bytes_number(f"decode(md5({value}), 'hex')", range(8, 16))
            return f"(CASE WHEN octet_length({value}) BETWEEN 1 AND 8 THEN {short} ELSE {digested} END)"
        case "spark":
            backwards = ", ".join(f"substr(md5({value}), {place}, 2)" for place in range(31, 15, -2))
            short, digested = hex_number(f"hex({value})"), hex_number(f"concat({backwards})")
            return f"(CASE WHEN octet_length({value}) BETWEEN 1 AND 8 THEN {short} ELSE {digested} END)"
        case _:
            short = f"(encode({value})::BIT::UBIGINT % {PRIME})::BIGINT"
            digested = f"(md5_number_lower({value}) % {PRIME})::BIGINT"
            return f"CASE WHEN strlen({value}) BETWEEN 1 AND 8 THEN {short} ELSE {digested} END"


def bytes_number(value: str, places: Sequence[int]) -> str:
    """PostgreSQL: the number of eight bytes modulo the prime, the byte that counts least first."""
    terms = [f"get_byte({value}, {place})::bigint * {pow(256, n, PRIME)}" for n, place in enumerate(places)]
    return f"(({' + '.join(terms)}) % {PRIME})"


def hex_number(value: str) -> str:
    """Spark: the number of up to sixteen hexadecimal digits modulo the prime."""
    return f"CAST(CAST(conv({value}, 16, 10) AS DECIMAL(20, 0)) % {PRIME} AS BIGINT)"


def code(result: p.Result, dialect: str = "duckdb") -> str:
    value = name(result.column, dialect)
    match result.kind:
        case "whole":
            return f"COALESCE({value}, {result.low - 1})"
        case "truth":
            return f"(CASE WHEN {value} THEN 1 WHEN NOT {value} THEN 0 ELSE -1 END)"
        case "date":
            days = {
                "duckdb": f"date_diff('day', DATE '1970-01-01', {value})",
                "postgres": f"({value} - DATE '1970-01-01')",
                "spark": f"datediff({value}, DATE'1970-01-01')",
            }
            return f"COALESCE({days[dialect]}, {MISSING_DATE})"
        case _ if result.options:
            places = " ".join(
                f"WHEN {text(option, dialect)} THEN {place}" for place, option in enumerate(result.options, 1)
            )
            return f"CAST(CASE {value} {places} ELSE 0 END AS BIGINT)"
        case _:
            return f"(CASE WHEN {value} IS NULL THEN -1 ELSE {part(value, dialect)} END)"


def list_codes(columns: Sequence[str], dialect: str = "duckdb") -> list[str]:
    """The flags of a list as bits, by the columns of the flags themselves."""
    found: list[str] = []
    for start in range(0, max(len(columns), 1), GROUP):
        flags = enumerate(columns[start : start + GROUP])
        bits = [f"CASE WHEN {name(flag, dialect)} THEN {1 << bit} ELSE 0 END" for bit, flag in flags]
        found.append(f"CAST({' + '.join(bits) or '0'} AS BIGINT)")
    return found
