"""A compiled policy says the same of whole tables by columns as the reference: the same results, or the same findings.

Tables of generated policies are given as programs give them, right ones and ones with something missing, wrong or unheard
of. How often the quick way decides is counted, so that the reference is not compared with itself alone.
"""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest

from lifeseg import ConfigurationError, Policy
from lifeseg.engines.python_reading import UnusualError
from lifeseg.interpreter.baseline import to_json
from lifeseg.interpreter.evaluate import evaluate
from lifeseg.pipeline import by_columns
from tests.agreement.as_columns import Tables, as_columns
from tests.agreement.as_mapping import in_json
from tests.agreement.pairs import Pair, Tally, pairs
from tests.agreement.test_records import STRANGE, said

CHUNKS, TOGETHER, MOST_FAMILIES, LEAST_DECIDED = 4, 20, 5, 10


def changed(tables: Tables, source: Random) -> Tables:
    """The tables with one thing in them otherwise."""
    new: Tables = {
        entity: {name: [*column] for name, column in table.items()} for entity, table in tables.items()
    }
    table = new[source.choice([*new])]
    name = source.choice([*table])
    match source.randrange(6):
        case 0:
            del table[name]
        case 1:
            table["unheard_of"] = [1 for _ in table[name]]
        case 2 if table[name]:
            for column in table.values():  # a row twice
                column.append(column[0])
        case 3 if table[name]:
            table[name].pop()
        case _ if table[name]:
            table[name][source.randrange(len(table[name]))] = source.choice(STRANGE)
        case _:
            del new[source.choice([*new])]
    return new


def compared(pair: Pair, source: Random, tally: Counter[str]) -> None:
    policy = Policy(pair.model, ())
    baseline = to_json(evaluate(pair.model, pair.population, pair.as_of).baseline)
    try:
        decide = policy.compile(pair.as_of, baseline=baseline)
    except ConfigurationError:  # a gap of the plan; test_pairs counts them
        return
    quickly = by_columns.quickly(decide)

    def by_reference(tables: Any) -> object:
        return by_columns.carefully(decide, tables)

    top = next(entity.name for entity in pair.model.entities.values() if entity.parent is None)
    families = [
        as_columns(pair.model, pair.population, [place])
        for place in range(len(pair.population.rows[top].values))
    ]
    everybody = [
        as_columns(pair.model, pair.population, give=in_json),
        as_columns(pair.model, pair.population),
    ]
    for tables in (*everybody, *families[:MOST_FAMILIES]):
        for given in (tables, *(changed(tables, source) for _ in range(3))):
            expected = said(by_reference, given)
            assert said(decide.columns, given) == expected, (pair.text, given)
            try:
                assert quickly(given) == expected, (pair.text, given)
                tally["quickly"] += 1
            except UnusualError:
                tally["wrong" if isinstance(expected, str) else "carefully"] += 1


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_columns(chunk: int) -> None:
    tally: Counter[str] = Counter()
    for one in pairs(TOGETHER, Tally(), first=9_000 + chunk * 1_000):
        compared(one, Random(chunk), tally)
    assert tally["quickly"] >= LEAST_DECIDED
    assert tally["carefully"] == 0  # what is right is never left to the reference
