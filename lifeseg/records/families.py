"""A database with typed records and the keys of a few top records come in; a population of these and of everything
beneath them goes out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from lifeseg.model.model import Entity
from lifeseg.records.population import Population, Rows
from lifeseg.records.to_tables import key_types, parents_first
from lifeseg.records.typed import quoted

Key = tuple[Any, ...]


def families(
    connection: duckdb.DuckDBPyConnection,
    entities: Mapping[str, Entity],
    records: Mapping[str, str],
    keys: Sequence[Key],
    fingerprint: str = "",
) -> Population:
    """The records with those keys, with their children and children's children; DuckDB reads no others where it can."""
    rows: dict[str, Rows] = {name: Rows(name) for name in entities}
    places: dict[str, dict[Key, int]] = {}
    for entity in parents_first(entities):
        width, kept = len(key_types(entities, entity)), rows[entity.name]
        above = places.get(entity.parent or "")
        places[entity.name] = {}
        for row in found(connection, records[entity.name], width, keys):
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
