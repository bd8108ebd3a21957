"""Faults in the operations of PostgreSQL and of Spark, each beside the construct that shows it; each, while it is in force,
makes that engine wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlglot import exp

from lifeseg.engines import dates, writer
from lifeseg.engines.postgres import PostgreSQL
from lifeseg.engines.spark import Spark
from tests.agreement.faults import Fault, instead


def decimals_kept() -> Any:
    """Sums are numeric in PostgreSQL: divided as they are, they keep decimals."""
    quotient = PostgreSQL.whole_quotient

    def divided(self: PostgreSQL, left: exp.Expression, right: exp.Expression, wide: bool) -> exp.Expression:
        if wide:
            return quotient(self, left, right, wide)
        return exp.Paren(this=exp.Div(this=left, expression=right, typed=True, safe=False))

    return instead((PostgreSQL, "whole_quotient", divided))


def every_day_is_the_last(engine: Any) -> Any:
    """Months are counted as if every later day were the last of its month."""

    def months(self: Any, later: exp.Expression, earlier: exp.Expression) -> exp.Expression:
        return dates.months_from_parts(later, earlier, self.part, later.copy())

    return instead((engine, "months_between", months))


def flags_backwards(engine: Any) -> Any:
    names = engine.names
    return instead((engine, "names", lambda self, items: names(self, items[::-1])))


def case_does_not_matter(engine: Any) -> Any:
    equal = lambda self, a, b: exp.EQ(this=exp.Lower(this=a), expression=exp.Lower(this=b))  # noqa: E731
    return instead((engine, "equal", equal))


def thirty_days(engine: Any) -> Any:
    shift = engine.shift

    def days(self: Any, day: exp.Expression, count: exp.Expression, unit: str) -> exp.Expression:
        many = exp.Paren(this=exp.Mul(this=exp.Paren(this=count), expression=writer.number(30)))
        return shift(self, day, many if unit == "month" else count, "day")

    return instead((engine, "shift", days))


def earliest() -> Any:
    latest = PostgreSQL.latest

    def first(*arguments: Any) -> exp.Expression:
        found = latest(*arguments)
        for ordered in found.find_all(exp.Ordered):
            ordered.set("desc", not ordered.args["desc"])
        return found

    return instead((PostgreSQL, "latest", first))


def least_by() -> Any:
    latest = Spark.latest

    def first(*arguments: Any) -> exp.Expression:
        found = latest(*arguments)
        for node in found.find_all(exp.Anonymous):
            if node.this == "max_by":
                node.set("this", "min_by")
        return found

    return instead((Spark, "latest", first))


FAULTS: Mapping[str, Mapping[str, tuple[str, Fault]]] = {
    "postgres": {
        "sums keep decimals": ("index", decimals_kept),
        "every day is the last": ("months_between", lambda: every_day_is_the_last(PostgreSQL)),
        "flags backwards": ("flagblock", lambda: flags_backwards(PostgreSQL)),
        "upper and lower case are the same": ("fact text", lambda: case_does_not_matter(PostgreSQL)),
        "months of thirty days": ("date shifted", lambda: thirty_days(PostgreSQL)),
        "the earliest row": ("latest of rows", earliest),
    },
    "spark": {
        "every day is the last": ("months_between", lambda: every_day_is_the_last(Spark)),
        "the earliest row": ("latest of rows", least_by),
    },
}
