"""A database with typed records and the keys of a few top records come in; a population of these and of everything
beneath them goes out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import duckdb

from lifeseg.model.model import Entity
from lifeseg.records.heading import lineage
from lifeseg.records.population import Population, Rows
from lifeseg.records.to_tables import key_types, parents_first
from lifeseg.records.typed import quoted

Key = tuple[Any, ...]


def families_by(
    ask: Callable[[str], list[Key]],
    dialect: str,
    entities: Mapping[str, Entity],
    records: Mapping[str, str],
    top: str,
    keys: Sequence[tuple[str, ...]],
) -> Population:
    """The same of any engine, for records of the entity `top` and what is beneath them: `ask` gives the rows of a query; the
    keys are texts, which it compares as its own types.
    """
    from sqlglot import exp

    own = {
        records[name] for name, entity in entities.items() if lineage(entities, entity)[:1] == [entities[top]]
    }
    own.add(records[top])

    def rows_of(table: str, width: int) -> list[Key]:
        same = [
            exp.and_(
                *(
                    exp.EQ(this=exp.column(f"_k{place}", quoted=True), expression=exp.Literal.string(part))
                    for place, part in enumerate(key, 1)
                )
            )
            for key in keys
        ]
        order = [exp.column(f"_k{place}", quoted=True) for place in range(1, width + 1)]
        query = exp.select("*").from_(exp.Table(this=exp.to_identifier(table, quoted=True)))
        return (
            ask(query.where(exp.or_(*same)).order_by(*order).sql(dialect=dialect))
            if keys and table in own
            else []
        )

    return gathered(entities, records, rows_of)


def families(
    connection: duckdb.DuckDBPyConnection,
    entities: Mapping[str, Entity],
    records: Mapping[str, str],
    keys: Sequence[Key],
    fingerprint: str = "",
) -> Population:
    """The records with those keys, with their children and children's children; DuckDB reads no others where it can."""
    return gathered(
        entities, records, lambda table, width: found(connection, table, width, keys), fingerprint
    )


def gathered(
    entities: Mapping[str, Entity],
    records: Mapping[str, str],
    rows_of: Callable[[str, int], list[Key]],
    fingerprint: str = "",
) -> Population:
    """Rows with their keys as a population, the parents first."""
    rows: dict[str, Rows] = {name: Rows(name) for name in entities}
    places: dict[str, dict[Key, int]] = {}
    for entity in parents_first(entities):
        width, kept = len(key_types(entities, entity)), rows[entity.name]
        above = places.get(entity.parent or "")
        places[entity.name] = {}
        for row in rows_of(records[entity.name], width):
            key = row[:width]
            if above is not None:
                kept.parents.append(above[key[: len(key_types(entities, entities[entity.parent or ""]))]])
            places[entity.name][key] = len(kept.values)
            kept.values.append(row[width:])
            kept.lines.append(len(kept.values))
    return Population(rows, fingerprint)


def found(connection: duckdb.DuckDBPyConnection, table: str, width: int, keys: Sequence[Key]) -> list[Key]:
    """The rows of one table, in the order of their keys."""
    if not keys:
        return []
    top = len(keys[0])
    one = " AND ".join(f"_k{place} = ?" for place in range(1, top + 1))
    order = ", ".join(f"_k{place}" for place in range(1, width + 1))
    query = f"SELECT * FROM {quoted(table)} WHERE {' OR '.join([f'({one})'] * len(keys))} ORDER BY {order}"
    rows: list[Key] = connection.execute(query, [part for key in keys for part in key]).fetchall()
    return rows
