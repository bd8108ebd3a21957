"""Plan formulas and relations come in; sqlglot trees for one engine's dialect go out, by that engine's operations.

Whole numbers are computed in 64 bits where the plan's bounds allow it and in the engine's wider type elsewhere, so no
engine overflows and none rounds. Each relation used more than once becomes a named, materialised subquery.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Protocol, assert_never

from sqlglot import exp

from lifeseg.engines.dates import DateOperations, shifted
from lifeseg.engines.widths import NARROW_BITS, by_floating, is_loose, is_wide
from lifeseg.plan import tree as p
from lifeseg.plan.formulas import settled, texts_of

ScalarValue = int | None


class Operations(DateOperations, Protocol):
    """What differs between engines. Every method takes and gives sqlglot trees."""

    @property
    def dialect(self) -> str: ...

    @property
    def narrow(self) -> str:
        """The 64-bit whole number type."""

    @property
    def wide(self) -> str:
        """A whole number type of at least 127 bits."""

    @property
    def materialised(self) -> bool | None:
        """How a shared subquery is marked; None: not at all."""

    @property
    def keeps_outputs(self) -> bool:
        """Whether the rows of an output are kept before they are shown and looked at."""

    @property
    def narrow_sums(self) -> bool:
        """Whether a sum of 64-bit numbers has 64 bits, so that they are widened before."""

    def whole_quotient(self, left: exp.Expression, right: exp.Expression, wide: bool) -> exp.Expression:
        """The quotient of non-negative left and positive right, rounded down."""

    def months_between(self, later: exp.Expression, earlier: exp.Expression) -> exp.Expression:
        """The largest count of calendar months that, added to the earlier day, gives none after the later one."""

    def near_root(self, value: exp.Expression) -> exp.Expression:
        """A wide whole number, at least 1, near the square root of a wide one: by floating point."""

    def latest(
        self, value: exp.Expression, order: list[tuple[exp.Expression, p.Kind]], rows: exp.Expression | None
    ) -> exp.Expression:
        """Of a group, among the rows for which the condition is true, the value of the one that comes last by the columns
        of the order; of several last ones null if one of them has null, else the greatest value.
        """

    def names(self, items: list[tuple[str, exp.Expression]]) -> exp.Expression:
        """The list of the names whose condition holds."""

    def table(self, entity: str, columns: Collection[str] | None = None) -> exp.Expression:
        """The typed records of an entity; perhaps something that has only these columns of them."""

    def shown(self, result: p.Result) -> exp.Expression:
        """A result column as it is read: a number as an exact decimal."""

    def equal(self, left: exp.Expression, right: exp.Expression) -> exp.Expression:
        """Equality of texts by their characters alone."""

    def one_of(self, value: str, options: Sequence[str]) -> exp.Expression:
        """A text where only these, in the order of texts, are possible: a column of them may be held in a shorter form."""


def column(name: str) -> exp.Column:
    return exp.Column(this=exp.to_identifier(name, quoted=True))


def number(value: int) -> exp.Expression:
    return (
        exp.Literal.number(value) if value >= 0 else exp.Paren(this=exp.Neg(this=exp.Literal.number(-value)))
    )


def cast(value: exp.Expression, kind: str, dialect: str) -> exp.Expression:
    return exp.Cast(this=value, to=data_type(kind, dialect).copy())


@cache
def data_type(kind: str, dialect: str) -> exp.DataType:
    return exp.DataType.build(kind, dialect=dialect, udt=True)


def enumeration(options: Sequence[str]) -> exp.DataType:
    """DuckDB: the type of a text that is one of these, in their order."""
    return exp.DataType(this=exp.DataType.Type.ENUM, expressions=[*map(exp.Literal.string, options)])


def sign_of(value: exp.Expression) -> exp.Expression:
    """1 or -1 as a whole number; the engines' own functions differ in type. The value may be 0: its sign is then not used."""
    negative = exp.LT(this=value, expression=number(0))
    return exp.Case(ifs=[exp.If(this=negative, true=number(-1))], default=number(1))


def double(value: float, operations: Operations) -> exp.Expression:
    """A floating-point constant, to the last bit."""
    return cast(exp.Literal.string(f"{value:.17e}"), "DOUBLE", operations.dialect)


@dataclass(slots=True)
class Formulas:
    """Writes formulas; `scalars` hold the statistics measured so far."""

    operations: Operations
    scalars: Mapping[str, ScalarValue]

    def sql(self, node: p.AnyFormula) -> exp.Expression:
        """The formula with the statistics measured so far."""
        return self.written(self.settled(node))

    def settled(self, node: p.AnyFormula) -> p.AnyFormula:
        return settled(node, self.scalars)

    def written(self, node: p.AnyFormula) -> exp.Expression:
        match node:
            case p.Column():
                return column(node.name)
            case p.Literal_():
                return self.literal(node.value) if node.value is not None else self.missing(node)
            case p.Scalar():
                return exp.Placeholder(this=node.name)
            case p.Binary():
                return self.binary(node)
            case p.Quotient():
                return self.quotient(node)
            case p.Whole():
                return self.whole(node)
            case p.NearRoot():
                return self.operations.near_root(self.widened(node.value, True))
            case p.Extreme():
                return self.extreme(node)
            case p.Compare():
                return self.compare(node)
            case p.OneOf() | p.IsNull() | p.Not() | p.Both():
                return self.condition(node)
            case p.Choose():
                return self.choose(node)
            case p.Coalesce():
                return exp.Coalesce(this=self.written(node.value), expressions=[self.written(node.instead)])
            case p.DateShift():
                day, count = self.written(node.day), self.written(node.count)
                ways = (node.count.low < 0, node.count.high > 0)
                return shifted(self.operations, day, count, node.unit, ways)
            case p.DaysBetween():
                return self.operations.days_between(self.written(node.later), self.written(node.earlier))
            case p.MonthsBetween():
                return self.operations.months_between(self.written(node.later), self.written(node.earlier))
            case p.Names():
                return self.operations.names([(name, self.written(test)) for name, test in node.items])
            case _:
                assert_never(node)

    def missing(self, node: p.Literal_) -> exp.Expression:
        """A missing value of its kind: databases take one without a type for a text, or for nothing at all."""
        narrow = self.operations.narrow if node.bits <= NARROW_BITS else self.operations.wide
        kind = {"whole": narrow, "truth": "BOOLEAN", "date": "DATE"}.get(node.kind)
        if kind is None:
            return exp.Cast(this=exp.Null(), to=exp.DataType.build("TEXT"))
        return cast(exp.Null(), kind, self.operations.dialect)

    def literal(self, value: int | str | bool | date) -> exp.Expression:
        if isinstance(value, bool):
            return exp.Boolean(this=value)
        if isinstance(value, int):
            return number(value)
        if isinstance(value, date):
            return exp.Cast(this=exp.Literal.string(value.isoformat()), to=exp.DataType.build("DATE"))
        return exp.Literal.string(value)

    # ---- Whole numbers -------------------------------------------------------------------------

    def widened(self, node: p.AnyFormula, wide: bool) -> exp.Expression:
        """The operand, cast where the operation needs more bits than the operand has."""
        value = self.written(node)
        if wide and (node.bits <= NARROW_BITS or is_loose(node)):
            return cast(value, self.operations.wide, self.operations.dialect)
        if is_loose(node) and not isinstance(node, p.Literal_):
            return cast(value, self.operations.narrow, self.operations.dialect)
        return value

    def column(self, node: p.AnyFormula) -> exp.Expression:
        """The formula as a column: a whole number in the type that its bounds ask for, of few texts their short form."""
        if node.kind == "text" and (options := texts_of(node)) is not None:
            return self.one_of(self.settled(node), options)
        value = self.sql(node)
        if node.kind != "whole" or not (is_loose(node) or (is_wide(node) and node.bits <= NARROW_BITS)):
            return value
        kind = self.operations.narrow if node.bits <= NARROW_BITS else self.operations.wide
        return cast(value, kind, self.operations.dialect)

    def one_of(self, node: p.AnyFormula, options: Sequence[str]) -> exp.Expression:
        """Which of the texts it is."""
        match node:
            case p.Choose():
                ifs = [
                    exp.If(this=self.written(test), true=self.one_of(value, options))
                    for test, value in node.steps
                ]
                last = self.one_of(node.otherwise, options) if node.otherwise is not None else None
                return exp.Case(ifs=ifs, default=last)
            case p.Literal_(value=str(text)):
                return self.operations.one_of(text, options)
            case _:
                return self.written(node)

    def binary(self, node: p.Binary) -> exp.Expression:
        wide = node.bits > NARROW_BITS
        left, right = self.widened(node.left, wide), self.widened(node.right, wide)
        kinds = {"+": exp.Add, "-": exp.Sub, "*": exp.Mul}
        return exp.Paren(this=kinds[node.operator](this=left, expression=right))

    def quotient(self, node: p.Quotient) -> exp.Expression:
        """To the nearest, halves away from zero; by floating point first where that is certain to be right."""
        floating = by_floating(node)
        exact = self.exact_quotient(node)
        if floating is None:
            return exact
        value, factor, margin = floating
        scaled = exp.Mul(
            this=cast(self.written(value), "DOUBLE", self.operations.dialect),
            expression=double(factor, self.operations),
        )
        beyond = exp.Sub(
            this=exp.Sub(this=scaled, expression=exp.Floor(this=scaled.copy())),
            expression=exp.Literal.number("0.5"),
        )
        safe = exp.GT(this=exp.Abs(this=beyond), expression=double(margin, self.operations))
        lifted = exp.Add(this=scaled.copy(), expression=exp.Literal.number("0.5"))
        nearest = cast(exp.Floor(this=lifted), self.operations.narrow, self.operations.dialect)
        return exp.Case(ifs=[exp.If(this=safe, true=nearest)], default=exact)

    def exact_quotient(self, node: p.Quotient) -> exp.Expression:
        """The quotient of the sizes to the nearest, with the sign put back."""
        left, right = node.left, node.right
        half = max(abs(right.low), abs(right.high)) // 2
        widest = max(abs(left.low), abs(left.high)) + half
        wide = widest.bit_length() + 1 > NARROW_BITS or right.bits > NARROW_BITS
        above, below = self.widened(left, wide), self.widened(right, wide)
        signs = []
        if left.low < 0:
            signs.append(sign_of(above.copy()))
            above = exp.Abs(this=above)
        if right.low < 0:
            signs.append(sign_of(below.copy()))
            below = exp.Abs(this=below)
        if right.low <= 0 <= right.high:
            below = exp.Nullif(this=below, expression=number(0))
        if widest.bit_length() + 1 > p.MOST_BITS:
            found = self.careful(above, below)
        else:
            constant = isinstance(right, p.Literal_)
            middle = (
                number(half) if constant else self.operations.whole_quotient(below.copy(), number(2), wide)
            )
            lifted = exp.Paren(this=exp.Add(this=above, expression=middle))
            found = self.operations.whole_quotient(lifted, below, wide)
        for sign in signs:
            found = exp.Paren(this=exp.Mul(this=sign, expression=found))
        if wide and node.bits <= NARROW_BITS:
            return cast(found, self.operations.narrow, self.operations.dialect)
        return found

    def careful(self, above: exp.Expression, below: exp.Expression) -> exp.Expression:
        """n / d to the nearest where n + d / 2 would be too wide: the whole part, and one more if the rest is half of d."""
        found = self.operations.whole_quotient(above, below, True)
        product = exp.Mul(this=found.copy(), expression=below.copy())
        rest = exp.Paren(this=exp.Sub(this=above.copy(), expression=exp.Paren(this=product)))
        far = exp.GTE(
            this=rest, expression=exp.Paren(this=exp.Sub(this=below.copy(), expression=rest.copy()))
        )
        one = exp.Case(ifs=[exp.If(this=far, true=number(1))], default=number(0))
        return exp.Paren(this=exp.Add(this=found, expression=one))

    def whole(self, node: p.Whole) -> exp.Expression:
        """Rounded down; neither side is negative."""
        wide = max(node.left.bits, node.right.bits) > NARROW_BITS
        below = self.widened(node.right, wide)
        if node.right.low <= 0:
            below = exp.Nullif(this=below, expression=number(0))
        found = self.operations.whole_quotient(self.widened(node.left, wide), below, wide)
        if wide and node.bits <= NARROW_BITS:
            return cast(found, self.operations.narrow, self.operations.dialect)
        return found

    def extreme(self, node: p.Extreme) -> exp.Expression:
        """Null if either is. `least` and `greatest` of the engines pass over nulls, and take DuckDB three times as long."""
        left, right = self.written(node.left), self.written(node.right)
        beyond, within = (exp.GT, exp.LTE) if node.function == "least" else (exp.LT, exp.GTE)
        other = exp.If(this=beyond(this=left, expression=right), true=right.copy())
        if not (node.left.optional or node.right.optional):
            return exp.Case(ifs=[other], default=left.copy())
        own = exp.If(this=within(this=left.copy(), expression=right.copy()), true=left.copy())
        return exp.Case(ifs=[other, own])

    # ---- Conditions ----------------------------------------------------------------------------

    def compare(self, node: p.Compare) -> exp.Expression:
        kinds = {"=": exp.EQ, "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE}
        left, right = self.written(node.left), self.written(node.right)
        return exp.Paren(this=kinds[node.operator](this=left, expression=right))

    def condition(self, node: p.OneOf | p.IsNull | p.Not | p.Both) -> exp.Expression:
        match node:
            case p.OneOf():
                subject = self.written(node.subject)
                tests = [
                    self.operations.equal(subject.copy(), exp.Literal.string(value)) for value in node.values
                ]
                return exp.Paren(this=exp.or_(*tests, copy=False))
            case p.IsNull():
                return exp.Paren(this=exp.Is(this=self.written(node.subject), expression=exp.Null()))
            case p.Not():
                return exp.Paren(this=exp.Not(this=self.written(node.value)))
            case p.Both():
                join = exp.and_ if node.operator == "and" else exp.or_
                return exp.Paren(this=join(*(self.written(item) for item in node.items), copy=False))
            case _:
                assert_never(node)

    def choose(self, node: p.Choose) -> exp.Expression:
        ifs = [exp.If(this=self.written(test), true=self.written(value)) for test, value in node.steps]
        return exp.Case(ifs=ifs, default=self.written(node.otherwise) if node.otherwise is not None else None)
