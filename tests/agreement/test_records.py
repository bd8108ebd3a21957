"""A policy says the same of a record when it is compiled: the same results, or the same error, however values are written.

Records of generated policies are given as programs give them, right ones and ones with something missing, wrong or
unheard of, each several times, for a compiled policy remembers what values mean.
"""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from random import Random
from types import MappingProxyType
from typing import Any

import pytest

from lifeseg import ConfigurationError, DataError, Policy
from lifeseg.interpreter.baseline import to_json
from lifeseg.interpreter.evaluate import evaluate
from tests.agreement.as_mapping import as_mapping
from tests.agreement.pairs import Pair, Tally, pairs

CHUNKS, TOGETHER, MOST_RECORDS = 6, 20, 4
STRANGE = (
    None, "", " ", "?", "yes", "1", "-0", "1e2", "１", "50%", "2 months", "2024-02-30", "2024-01-01 00:00:00", True, False,
    0, 1, -1, 3, 2.5, -0.0, 0.1 + 0.2, 1e300, float("nan"), float("inf"), Decimal("1.50"), Decimal("0E+5000"), 10**30,
    [], {}, b"1", [{}], ({},), object(),
)  # fmt: skip


def said(function: Any, record: Any) -> object:
    """The results, or the error in words."""
    try:
        return function(record)
    except DataError as error:
        return str(error)


def rows_in(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The record and those below it."""
    below = [row for value in record.values() if isinstance(value, list) for row in value]
    return [record, *(one for row in below for one in rows_in(row))]


def changed(record: dict[str, Any], source: Random) -> dict[str, Any]:
    """The record with one thing in it otherwise."""
    new = deepcopy(record)
    row = source.choice(rows_in(new))
    name = source.choice([*row])
    match source.randrange(4):
        case 0:
            del row[name]
        case 1:
            row["unheard_of"] = 1
        case 2 if isinstance(row[name], list) and row[name]:
            row[name] = [*row[name], source.choice(row[name])]
        case _:
            row[name] = source.choice(STRANGE)
    return new


def compared(pair: Pair, source: Random) -> None:
    policy = Policy(pair.model, ())
    baseline = to_json(evaluate(pair.model, pair.population, pair.as_of).baseline)
    for entity in pair.model.entities.values():
        if entity.parent is not None:
            continue
        try:
            decide = policy.compile(pair.as_of, baseline=baseline, entity=entity.name)
        except ConfigurationError:  # a gap of the plan; test_pairs counts them
            return

        def by_interpreter(record: dict[str, Any], name: str = entity.name) -> object:
            return policy.evaluate(record, pair.as_of, baseline=baseline, entity=name)

        for place in range(min(MOST_RECORDS, len(pair.population.rows[entity.name].values))):
            record = as_mapping(pair.model, pair.population, entity, place)
            for given in (record, record, *(changed(record, source) for _ in range(4)), record):
                expected = said(by_interpreter, given)
                assert said(decide, given) == expected, (pair.text, given)
                assert said(decide, MappingProxyType(given)) == expected, (pair.text, given)


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_records(chunk: int) -> None:
    for one in pairs(TOGETHER, Tally(), first=7_000 + chunk * 1_000):
        compared(one, Random(chunk))
