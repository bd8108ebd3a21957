"""Large data within reach of queries come in; how each score is spread among everybody goes out, kept for as long as data,
policy, day and statistics are the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from lifeseg.model.expression import Field
from lifeseg.model.model import Model, Score
from lifeseg.model.walk import nodes
from lifeseg.model.with_past import of_before
from lifeseg.pipeline import cached
from lifeseg.pipeline.standings import PARTS, Distribution, Of, place_of, scores_of

if TYPE_CHECKING:
    from sqlglot import exp

    from lifeseg.engines.running import Run

Spread = Mapping[Of, Distribution]


def of_today(model: Model) -> list[Score]:
    """The scores that do not rest on what anybody was in the run before, of which only a family's was read."""
    known: dict[Of, Any] = {(one.entity, one.name): one for one in model.definitions}
    found = []
    for score in (each for entity in model.entities for each in scores_of(model, entity)):
        left, seen = fields_of(score.leaves), {(score.entity, score.name)}
        while left:
            of = left.pop()
            if of not in seen:
                seen.add(of)
                left += fields_of(known.get(of, ()))
        if not any(of_before(name) for _, name in seen):
            found.append(score)
    return found


def fields_of(tree: object) -> list[Of]:
    return [(node.entity, node.name) for node in nodes(tree) if isinstance(node, Field)]


def name_of(model: Model, mark: str, day: date, statistics: Mapping[str, Any]) -> str:
    """Under which the answer is kept."""
    known = json.dumps([model.content_hash, mark, str(day), statistics], sort_keys=True, default=str)
    return f"spread-{hashlib.sha256(known.encode()).hexdigest()[:32]}"


def kept(name: str) -> Spread | None:
    text = cached.read(name)
    if text is None:
        return None
    return {
        (entity, score): Distribution(count, Fraction(*mean), tuple(Fraction(*cut) for cut in cuts))
        for entity, score, count, mean, cuts in json.loads(text)
    }


def keep(name: str, found: Spread) -> None:
    parts = [
        [*of, one.population, pair(one.mean), [pair(cut) for cut in one.cuts]] for of, one in found.items()
    ]
    cached.write(name, json.dumps(parts).encode())


def pair(value: Fraction) -> tuple[int, int]:
    return value.numerator, value.denominator


def measured(running: Run, scores: Sequence[Score]) -> Spread:
    """By a query for each score over all who have one; `running` evaluates these scores."""
    from sqlglot import exp

    from lifeseg.pipeline.by_engine import outputs

    found: dict[Of, Distribution] = {}
    for step in outputs(running.plan):
        columns = {result.name: result.column for result in step.results}
        own = [one for one in scores if one.entity == step.entity]
        if not own:
            continue
        values = [
            exp.column(columns[one.name], quoted=True).as_(f"s{place}") for place, one in enumerate(own)
        ]
        table = running.keep(f"scores_{step.entity}", running.queries().select(step.relation, values))
        for place, score in enumerate(own):
            one = among(running, table, f"s{place}", 10**score.type.scale)
            if one is not None:
                found[score.entity, score.name] = one
    return found


def among(running: Run, table: exp.Table, name: str, unit: int) -> Distribution | None:
    """The values of a column, which are whole numbers of so many to one; None where nobody has any."""
    from sqlglot import exp

    column = exp.column(name)
    sums = exp.select(exp.Count(this=column.copy()), exp.Sum(this=column.copy())).from_(table.copy())
    count, total = running.rows(running.text(sums))[0]
    if not count:
        return None
    order = exp.Order(expressions=[column.copy()])
    number = exp.Window(this=exp.RowNumber(), order=order).as_("place")
    placed = exp.select(column.copy(), number).from_(table.copy()).where(column.is_(exp.null()).not_())
    places = [place_of(part, int(count)) for part in range(1, PARTS)]
    wanted = (
        exp.select("place", name)
        .from_(placed.subquery("placed"))
        .where(exp.column("place").isin(*set(places)))
    )
    values = {int(place): Fraction(int(value), unit) for place, value in running.rows(running.text(wanted))}
    return Distribution(
        int(count), Fraction(int(total), int(count) * unit), tuple(values[one] for one in places)
    )
