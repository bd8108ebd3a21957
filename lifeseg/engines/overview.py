"""Result columns come in; aggregates that count their cases, and sum them up for the result hash, go out as DuckDB SQL.

What the sums are is written in records/result_sums.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from lifeseg.plan import tree as p

PRIME = 2**31 - 1
FACTOR = 1_000_003
GROUP = 30
MISSING_DATE = -10_000_000
WIDTH = 32  # bits of a record's number
NARROW = 64
NUMBER = "_n"


def name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def written(statement: str) -> exp.Expr:
    """SQL as it stands, for a tree."""
    return exp.var(statement)


def case_counts(result: p.Result) -> list[exp.Expr]:
    """How many records have each option of a result."""
    return [
        written(f"COUNT(CASE WHEN {name(result.name)} = {text(option)} THEN 1 END)")
        for option in result.options
    ]


def near(result: p.Result, ranges: Sequence[tuple[int, int]]) -> exp.Expr:
    """The condition that a number lies in one of several ranges."""
    tests = [f"{name(result.name)} BETWEEN {low} AND {high}" for low, high in ranges]
    return written(f"({' OR '.join(tests)})")


# ---- Sums for the hash -------------------------------------------------------------------------


def checksums(results: Sequence[p.Result], names: Sequence[str]) -> list[exp.Expr]:
    """The sums of each column, in the order of the names; a record's number is the column NUMBER."""
    by_name = {found.name: found for found in results}
    found: list[exp.Expr] = []
    for one in names:
        result = by_name[one]
        codes = list_codes(result) if result.kind == "list" else [code(result)]
        wide = max(result.low.bit_length(), result.high.bit_length(), 31) + WIDTH + 1 > NARROW
        factor = f"{NUMBER}::HUGEINT" if wide else NUMBER
        found += [written(f"SUM({factor} * {value})") for value in codes]
    return found


def record_number(keys: Sequence[str]) -> exp.Expr:
    """The number of a record, made of the columns of its key."""
    total = ""
    for key in keys:
        own = part(f"{name(key)}::VARCHAR")
        total = f"(({total} * {FACTOR} + {own}) % {PRIME})" if total else own
    return written(f"(1 + {total} * ({total} * {total} % {PRIME}) % {PRIME})" if total else "1")


def part(value: str) -> str:
    """Up to eight bytes as a number, of longer texts half the MD5; modulo the prime."""
    short = f"(encode({value})::BIT::UBIGINT % {PRIME})::BIGINT"
    digested = f"(md5_number_lower({value}) % {PRIME})::BIGINT"
    return f"CASE WHEN strlen({value}) BETWEEN 1 AND 8 THEN {short} ELSE {digested} END"


def code(result: p.Result) -> str:
    value = name(result.name)
    match result.kind:
        case "whole":
            return f"COALESCE({value}, {result.low - 1})"
        case "truth":
            return f"COALESCE({value}::BIGINT, -1)"
        case "date":
            return f"COALESCE(date_diff('day', DATE '1970-01-01', {value}), {MISSING_DATE})"
        case _ if result.options:
            places = " ".join(
                f"WHEN {text(option)} THEN {place}" for place, option in enumerate(result.options, 1)
            )
            return f"(CASE {value} {places} ELSE 0 END)::BIGINT"
        case _:
            return f"CASE WHEN {value} IS NULL THEN -1 ELSE {part(value)} END"


def list_codes(result: p.Result) -> list[str]:
    """The flags of a list as bits, by the columns of the flags themselves."""
    found: list[str] = []
    for start in range(0, max(len(result.options), 1), GROUP):
        flags = enumerate(result.options[start : start + GROUP])
        bits = [f"CASE WHEN {name(flag)} THEN {1 << bit} ELSE 0 END" for bit, flag in flags]
        found.append(f"({' + '.join(bits) or '0'})::BIGINT")
    return found
