"""Faults of the kind that an engine's author makes; each, while it is in force, makes the DuckDB engine wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlglot import exp

from lifeseg.engines import dates, writer
from lifeseg.engines.duckdb import DuckDB
from lifeseg.engines.queries import Queries
from lifeseg.engines.running import Run
from lifeseg.engines.writer import Formulas
from lifeseg.plan import children, from_definition, from_expression, relations, statistics
from lifeseg.plan import formulas as f
from lifeseg.plan import tree as p

Fault = Callable[[], Any]
quotient = Formulas.exact_quotient


@contextmanager
def instead(*changes: tuple[Any, str, Any]) -> Iterator[None]:
    """Other functions in place of some."""
    patches = [patch.object(*change) for change in changes]
    for one in patches:
        one.start()
    try:
        yield
    finally:
        for one in patches:
            one.stop()


def twice(node: p.Quotient, more: int) -> p.Quotient:
    """(2n + more) / 2d: what lies just between two goes the way of `more`."""
    left = f.add(f.times(node.left, 2), f.literal(more))
    return p.Quotient("whole", node.low, node.high, node.optional, left, f.times(node.right, 2))


# ---- Numbers -------------------------------------------------------------------------------------


def halves_down() -> Any:
    return instead((Formulas, "quotient", lambda self, node: quotient(self, twice(node, -1))))


def halves_up_for_negatives() -> Any:
    return instead((Formulas, "quotient", lambda self, node: quotient(self, twice(node, 1))))


def never_rounded() -> Any:
    def cut(self: Formulas, node: p.Quotient) -> exp.Expression:
        left, right = self.widened(node.left, True), self.widened(node.right, True)
        return exp.Paren(
            this=exp.IntDiv(this=left, expression=exp.Nullif(this=right, expression=writer.number(0)))
        )

    return instead((Formulas, "quotient", cut))


def sign_lost() -> Any:
    return instead((writer, "sign_of", lambda value: writer.number(1)))


def by_doubles() -> Any:
    """Every quotient in floating point."""

    def doubled(self: Formulas, node: p.Quotient) -> exp.Expression:
        left, right = (
            writer.cast(self.written(side), "DOUBLE", "duckdb") for side in (node.left, node.right)
        )
        quotient = exp.Div(this=left, expression=exp.Nullif(this=right, expression=writer.number(0)))
        return writer.cast(exp.Round(this=quotient), "HUGEINT", "duckdb")

    return instead((Formulas, "quotient", doubled))


def no_nullif() -> Any:
    return instead((exp, "Nullif", lambda this, expression: this))


def minus_is_plus() -> Any:
    def added(self: Formulas, node: p.Binary) -> exp.Expression:
        left, right = self.widened(node.left, True), self.widened(node.right, True)
        return exp.Paren(this={"*": exp.Mul}.get(node.operator, exp.Add)(this=left, expression=right))

    return instead((Formulas, "binary", added))


def extremes_pass_over_nulls() -> Any:
    def plain(self: Formulas, node: p.Extreme) -> exp.Expression:
        kind = exp.Least if node.function == "least" else exp.Greatest
        return exp.Anonymous(this=kind.key, expressions=[self.written(node.left), self.written(node.right)])

    return instead((Formulas, "extreme", plain))


def no_cap() -> Any:
    return instead((from_definition.f, "extreme", lambda function, left, right: left))


# ---- Conditions ----------------------------------------------------------------------------------


def comparing(**others: str) -> Any:
    """Another sign in place of one."""
    names = {"at_least": ">=", "at_most": "<=", "above": ">", "below": "<", "equal": "="}
    kinds = {"=": exp.EQ, "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE}
    signs = {names[name]: sign for name, sign in others.items()}

    def compare(self: Formulas, node: p.Compare) -> exp.Expression:
        kind = kinds[signs.get(node.operator, node.operator)]
        return exp.Paren(this=kind(this=self.written(node.left), expression=self.written(node.right)))

    return instead((Formulas, "compare", compare))


def unknown_is_no() -> Any:
    """Comparisons are two-valued."""
    compare = Formulas.compare
    no = exp.Boolean(this=False)
    made = lambda self, node: exp.Coalesce(this=compare(self, node), expressions=[no])  # noqa: E731
    return instead((Formulas, "compare", made))


def case_does_not_matter() -> Any:
    equal = lambda self, a, b: exp.EQ(this=exp.Lower(this=a), expression=exp.Lower(this=b))  # noqa: E731
    return instead((DuckDB, "equal", equal))


def blanks_do_not_matter() -> Any:
    equal = lambda self, a, b: exp.EQ(this=exp.Trim(this=a), expression=exp.Trim(this=b))  # noqa: E731
    return instead((DuckDB, "equal", equal))


def missing_case_is_unknown() -> Any:
    """`is` of a segment without a case is unknown, not no."""
    return instead((from_expression.f, "surely", lambda condition: condition))


def first_is_last() -> Any:
    layers = from_definition.First.layers
    back = lambda self, found: layers(self, lambda: found()[::-1])  # noqa: E731
    return instead((from_definition.First, "layers", back))


def flags_backwards() -> Any:
    names = DuckDB.names
    return instead((DuckDB, "names", lambda self, items: names(self, items[::-1])))


# ---- Children ------------------------------------------------------------------------------------


def every_of_nothing() -> Any:
    def quantifier(node: Any, parts: Mapping[str, str]) -> p.AnyFormula:
        if node.quantifier != "every":
            return children_quantifier(node, parts)
        rows, yes = children.number(parts["rows"]), children.number(parts["yes"])
        return f.compare("=", rows, yes)

    return instead((children, "quantifier", quantifier))


children_quantifier = children.quantifier


def no_rows_is_null() -> Any:
    number = lambda name, most=children.MOST_ROWS: p.Column("whole", 0, most, True, name)  # noqa: E731
    return instead((children, "number", number))


def unknown_rows_left_out() -> Any:
    def quantifier(node: Any, parts: Mapping[str, str]) -> p.AnyFormula:
        return children_quantifier(node, {role: name for role, name in parts.items() if role != "unknown"})

    return instead((children, "quantifier", quantifier))


def period_holds_its_end() -> Any:
    compare = f.compare
    later = lambda operator, left, right: compare("<=" if operator == "<" else operator, left, right)  # noqa: E731
    return instead((children.f, "compare", later))


def earliest() -> Any:
    latest = DuckDB.latest

    def first(*arguments: Any) -> exp.Expression:
        found = latest(*arguments)
        for node in found.find_all(exp.Anonymous):
            if node.this == "arg_max":
                node.set("this", "arg_min")
        return found

    return instead((DuckDB, "latest", first))


def rows_joined_inside() -> Any:
    """Records without children are lost."""
    query = Queries.query

    def inner(self: Queries, relation: Any, uses: Any) -> exp.Query:
        found = query(self, relation, uses)
        for join in found.args.get("joins") or ():
            join.set("side", None)
        return found

    return instead((Queries, "query", inner))


# ---- Dates ---------------------------------------------------------------------------------------


def months_of_thirty_days() -> Any:
    shift = DuckDB.shift

    def days(self: DuckDB, day: exp.Expression, count: exp.Expression, unit: str) -> exp.Expression:
        many = exp.Paren(this=exp.Mul(this=exp.Paren(this=count), expression=writer.number(30)))
        return shift(self, day, many if unit == "month" else count, "day")

    return instead((DuckDB, "shift", days))


def begun_months() -> Any:
    """Months are counted by the calendar, whatever the day."""

    def months(self: DuckDB, later: exp.Expression, earlier: exp.Expression) -> exp.Expression:
        last = exp.Anonymous(this="last_day", expressions=[later])
        return dates.months_from_parts(last, earlier, self.part, last.copy())

    return instead((DuckDB, "months_between", months))


# ---- The population ------------------------------------------------------------------------------


def neighbouring_rank() -> Any:
    at = Run.values_at

    def shifted(self: Run, relation: Any, request: Any, places: Sequence[int]) -> dict[int, int]:
        moved = {place: max(1, place - 1) for place in places}
        found = at(self, relation, request, list(moved.values()))
        return {place: found[other] for place, other in moved.items()}

    return instead((Run, "values_at", shifted))


def nulls_are_counted() -> Any:
    sums = Run.sums_of
    return instead((Run, "sums_of", lambda self, request: [sums(self, request)[5], *sums(self, request)[1:]]))


def deviation_of_a_sample() -> Any:
    root = statistics.exact.deviation_from_sums
    sample = lambda count, total, squares, scale: root(max(count - 1, 1), total, squares + total**2, scale)  # noqa: E731
    return instead((statistics.exact, "deviation_from_sums", sample))


def where_is_forgotten() -> Any:
    sums = Run.sums_of
    everybody = lambda self, request: sums(self, p.Request(request.name, request.key, request.function, request.value, None,  # noqa: E731
                                                           request.argument, request.scale))  # fmt: skip
    return instead((Run, "sums_of", everybody))


def parents_by_the_first_key() -> Any:
    keys = relations.Relations.key_columns
    return instead((relations.Relations, "key_columns", lambda self, entity: keys(self, entity)[:1]))


FAULTS: Mapping[str, Fault] = {
    "halves down": halves_down,
    "halves of negatives up": halves_up_for_negatives,
    "never rounded": never_rounded,
    "sign lost": sign_lost,
    "quotients by doubles": by_doubles,
    "no nullif": no_nullif,
    "minus is plus": minus_is_plus,
    "extremes pass over nulls": extremes_pass_over_nulls,
    "no cap": no_cap,
    "> for >=": lambda: comparing(at_least=">"),
    ">= for >": lambda: comparing(above=">="),
    "< for <=": lambda: comparing(at_most="<"),
    "<= for <": lambda: comparing(below="<="),
    "<= for =": lambda: comparing(equal="<="),
    "unknown is no": unknown_is_no,
    "upper and lower case are the same": case_does_not_matter,
    "blanks do not matter": blanks_do_not_matter,
    "a missing case is unknown": missing_case_is_unknown,
    "the last case that holds": first_is_last,
    "flags backwards": flags_backwards,
    "every of nothing": every_of_nothing,
    "no rows is null": no_rows_is_null,
    "unknown rows left out": unknown_rows_left_out,
    "a period holds its end": period_holds_its_end,
    "the earliest row": earliest,
    "no rows without children": rows_joined_inside,
    "months of thirty days": months_of_thirty_days,
    "begun months": begun_months,
    "the neighbouring rank": neighbouring_rank,
    "nulls are counted": nulls_are_counted,
    "deviation of a sample": deviation_of_a_sample,
    "where is forgotten": where_is_forgotten,
    "parents by the first key": parents_by_the_first_key,
}
