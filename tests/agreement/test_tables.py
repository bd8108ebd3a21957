"""Typed records come out of DuckDB's tables as they went in, whatever they are called and whatever they hold."""

from __future__ import annotations

from random import Random

import duckdb

from lifeseg.records.identifiers import MOST_BYTES, identifiers
from lifeseg.records.population import Population, Rows
from lifeseg.records.to_tables import quoted, to_tables
from tests.agreement.outcome import existing, keys_by_entity
from tests.agreement.pairs import Tally, checked, pairs
from tests.agreement.words import DATA_WORDS, NAMES


def test_rows_come_back() -> None:
    for pair in pairs(20, Tally(), first=9_000):
        population, keys = existing(pair), keys_by_entity(pair)
        with duckdb.connect() as database:
            for entity, table in to_tables(database, pair.model.entities, population).items():
                whole = zip(keys[entity], population.rows[entity].values, strict=True)
                found = database.table(quoted(table)).fetchall()
                assert sorted(map(repr, found)) == sorted(repr((*key, *values)) for key, values in whole), (
                    pair.name
                )


def test_texts_of_any_kind_among_many() -> None:
    model, _ = checked("policy p\n  version 1.0.0\nentity customer\n  id text key\n  word text\n")
    assert model is not None
    source = Random(1)
    values = [(f"C{place}", source.choice(DATA_WORDS) * source.randint(1, 3)) for place in range(60_000)]
    population = Population({"customer": Rows("customer", values, [], [])}, "")  # type: ignore[arg-type]
    with duckdb.connect(config={"threads": 4}) as database:
        table = to_tables(database, model.entities, population)["customer"]
        found = database.execute(f"SELECT id, word FROM {quoted(table)}").fetchall()
    assert dict(found) == dict(values)


def test_identifiers_are_distinct_in_any_case_and_short() -> None:
    found = identifiers(NAMES)
    assert len({name.casefold() for name in found.values()}) == len(NAMES)
    assert all(len(name.encode()) <= MOST_BYTES + 4 and not name.startswith("_") for name in found.values())
    assert found["loyalty"] == "loyalty"
    assert identifiers(["_k1", "x"], found.values())["x"] not in found.values()
