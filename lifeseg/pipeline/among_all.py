"""A record's family, looked up in large data, comes in; how its scores compare with those of all records goes out, by a query
over everybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from lifeseg.explain.explanation import Standing
from lifeseg.interpreter.results import Results, Row
from lifeseg.model.model import Score
from lifeseg.pipeline.single_changes import below
from lifeseg.pipeline.standings import decimal, scores_of

if TYPE_CHECKING:
    from lifeseg.engines.running import Run

Place = tuple[tuple[int, ...], Score, int]
"""A record of the family, its score, and the value."""


def scored(results: Results, entity: str, index: int) -> list[str]:
    """The scores of which a record, or one beneath it, has a value."""
    found = (
        score.name
        for name, child, row in below(results, entity, (), results.rows[entity][index])
        for _, score, _ in valued(results, name, child, row)
    )
    return list(dict.fromkeys(found))


def compared(results: Results, entity: str, index: int, running: Run) -> Iterator[Standing]:
    """One for each score that a record, or one beneath it, has a value of; `running` evaluates these scores."""
    found: dict[str, list[Place]] = {}
    for name, child, row in below(results, entity, (), results.rows[entity][index]):
        found.setdefault(name, []).extend(valued(results, name, child, row))
    for name, places in found.items():
        if places:
            yield from among(running, name, places)


def valued(results: Results, entity: str, child: tuple[int, ...], row: Row) -> Iterator[Place]:
    for score in scores_of(results, entity):
        value = row[results.slots[entity][score.name]]
        if isinstance(value, int):
            yield child, score, value


def among(running: Run, entity: str, places: list[Place]) -> Iterator[Standing]:
    """Of each score how many have one and their sum, of each value how many have less."""
    from sqlglot import exp

    from lifeseg.pipeline.by_engine import outputs

    step = next(step for step in outputs(running.plan) if step.entity == entity)
    columns = {result.name: result.column for result in step.results}
    asked: list[Any] = []
    for _, score, value in places:
        column = exp.column(columns[score.name], quoted=True)
        less = exp.LT(this=column, expression=exp.Literal.number(value))
        asked += [exp.Count(this=column.copy()), exp.Sum(this=column.copy())]
        asked.append(exp.Count(this=exp.Case(ifs=[exp.If(this=less, true=exp.Literal.number(1))])))
    row = running.rows(running.text(running.queries().select(step.relation, asked)))[0]
    for (child, score, _), count, total, less in zip(places, row[::3], row[1::3], row[2::3], strict=True):
        if count > 1:
            mean = Fraction(int(total), int(count) * 10**score.type.scale)
            yield Standing(child, score.name, decimal(mean), int(count), 100 * int(less) // int(count))
