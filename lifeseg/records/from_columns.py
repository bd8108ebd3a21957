"""Tables of Python values, as columns by name, come in; a population of their rows, or what is wrong with them, goes out.

Every value is read as the same text in a file would be, and the findings are those about files: an entity stands for
its file, and its rows are counted from 1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import cast

from lifeseg.diagnostics.diagnostic import Diagnostic, problem
from lifeseg.model.model import Entity
from lifeseg.records.findings import Findings, at, finding, nearest
from lifeseg.records.from_cell import WANTED
from lifeseg.records.from_files import ONLY_AS_A_REASON
from lifeseg.records.from_table import Keys, TableReader
from lifeseg.records.heading import Column, match_heading
from lifeseg.records.loaded import Loaded
from lifeseg.records.population import Population, Rows
from lifeseg.records.source import Batch
from lifeseg.records.to_cell import to_cell

Columns = Mapping[str, Sequence[object]]


def from_columns(entities: Mapping[str, Entity], tables: Mapping[str, Columns]) -> Loaded:
    """Read the records of all entities; nothing is set aside."""
    findings, rows, keys = Findings(), dict[str, Rows](), dict[str, Keys | None]()
    for name in tables.keys() - entities.keys():
        suggestion = nearest(name, entities)
        findings.add(problem("data-file.no-entity", None, entity=name, suggestion=suggestion))
    waiting = [*entities.values()]
    while waiting:
        entity = waiting.pop(0)
        if entity.parent is not None and entity.parent not in rows:
            waiting.append(entity)
            continue
        parents = keys[entity.parent] if entity.parent is not None else None
        rows[entity.name], keys[entity.name] = Rows(entity.name), None
        if entity.name not in tables:
            findings.add(problem("data-file.not-given", None, entity=entity.name))
        elif entity.parent is not None and not entities[entity.parent].keys:
            words = {"entity": entity.name, "parent": entity.parent}
            findings.add(finding("data-orphan.no-key", None, words))
        else:
            found = read(entities, entity, tables[entity.name], parents, findings)
            if found is not None:
                rows[entity.name], keys[entity.name] = found
    if findings.failed:
        return Loaded(None, findings.listed())
    fingerprint = hashlib.sha256(repr([rows[name].values for name in entities]).encode()).hexdigest()
    return Loaded(Population({name: rows[name] for name in entities}, fingerprint), findings.listed())


def read(
    entities: Mapping[str, Entity], entity: Entity, columns: Columns, parents: Keys | None, findings: Findings
) -> tuple[Rows, Keys | None] | None:
    """The rows and their keys; None if the columns make no table."""
    place = at(entity.name, 1)
    heading, found = match_heading(entities, entity, [*columns], place)
    findings.add_all(found)
    counts = {name: len(column) for name, column in columns.items()}
    if len({*counts.values()}) > 1:
        short, long = min(counts, key=counts.__getitem__), max(counts, key=counts.__getitem__)
        words = {"column": short, "cells": counts[short], "other": long, "columns": counts[long]}
        findings.add(finding("data-row-length.columns", place, words))
        return None
    wanted = {one.position: one for one in (*heading.ancestors, *heading.own)}
    texts = [
        cells(entity, wanted.get(position), column, findings)
        for position, column in enumerate(columns.values())
    ]
    if any(None in column for column in texts):
        return None

    def report(_: int, one: Diagnostic) -> None:
        if one.key not in ONLY_AS_A_REASON:
            findings.add(one)

    reader = TableReader(entity, heading, parents, [entity.name], report)
    rows = [*zip(*texts, strict=True)]
    reader.take(Batch([*range(1, len(rows) + 1)], cast("list[Sequence[str]]", rows), len(rows)))
    return reader.rows, reader.keys() if reader.has_keys else None


def cells(
    entity: Entity, wanted: Column | None, values: Sequence[object], findings: Findings
) -> list[str | None]:
    """The texts of a column, None for what no cell can hold; of a column that is not wanted nothing is read."""
    if wanted is None:
        return [""] * len(values)
    texts = [*map(to_cell, values)]
    for row, text in enumerate(texts, start=1):
        if text is None:
            words = {"column": wanted.name, "wanted": WANTED.get(wanted.fact.kind, "a value"), "value": "…"}
            findings.add(finding("data-type", at(entity.name, row), words))
    return texts
