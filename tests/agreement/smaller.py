"""A pair that shows something comes in; a smaller one that still shows it goes out: fewer lines, fewer records."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from lifeseg.model.expression import Value
from lifeseg.model.model import Fact, Model
from lifeseg.model.with_past import with_past
from lifeseg.records.population import Population, Rows
from lifeseg.records.to_tables import parents_first
from tests.agreement.pairs import Pair, checked

Shows = Callable[[Pair], bool]


def smaller(pair: Pair, shows: Shows, seconds: float = 60) -> Pair:
    """Leaves out lines, then records, as long as the rest still shows it and time lasts."""
    deadline = time.monotonic() + seconds
    changed = True
    while changed and time.monotonic() < deadline:
        changed = False
        for attempt in (*with_fewer_lines(pair), *with_fewer_records(pair)):
            if time.monotonic() > deadline:
                break
            candidate = attempt(pair)
            if candidate is not None and shows(candidate):
                pair, changed = candidate, True
    return pair


# ---- Lines ---------------------------------------------------------------------------------------


def with_fewer_lines(pair: Pair) -> Iterator[Callable[[Pair], Pair | None]]:
    """Ways to leave out a line with those beneath it, the outer ones first."""
    lines = pair.text.split("\n")
    for indent in (0, 2, 4, 6):
        for line in lines:
            if line.strip() and len(line) - len(line.lstrip()) == indent and not line.startswith("policy"):
                yield lambda found, line=line: without(found, line)


def without(pair: Pair, line: str) -> Pair | None:
    lines = pair.text.split("\n")
    if line not in lines:
        return None
    start = lines.index(line)
    indent = len(line) - len(line.lstrip())
    end = start + 1
    while end < len(lines) and lines[end].strip() and len(lines[end]) - len(lines[end].lstrip()) > indent:
        end += 1
    text = "\n".join([*lines[:start], *lines[end:]])
    model, _ = checked(text)
    model = with_past(model) if model is not None and pair.past else model
    return None if model is None else replace(pair, text=text, model=model, population=fitted(pair, model))


def fitted(pair: Pair, model: Model) -> Population:
    """The population with the entities and facts that are left."""
    rows: dict[str, Rows] = {}
    for entity in model.entities.values():
        old = pair.model.entities[entity.name]
        places = {fact.name: place for place, fact in enumerate(old.facts)}
        found = pair.population.rows[entity.name]
        values = [tuple(held(row, places, fact) for fact in entity.facts) for row in found.values]
        parents = found.parents if entity.parent else []
        rows[entity.name] = Rows(entity.name, values, list(parents), list(found.lines))
    return Population(rows, "")


def held(row: tuple[Value, ...], places: dict[str, int], fact: Fact) -> Value:
    return row[places[fact.name]]


# ---- Records -------------------------------------------------------------------------------------


def with_fewer_records(pair: Pair) -> Iterator[Callable[[Pair], Pair | None]]:
    """Ways to leave out records of an entity with what belongs to them: halves, quarters, … single ones."""
    for name, rows in pair.population.rows.items():
        size = max(1, len(rows.values) // 2)
        while size:
            for start in range(0, len(rows.values), size):
                yield lambda found, name=name, start=start, size=size: dropped(found, name, start, size)
            size //= 2


def dropped(pair: Pair, name: str, start: int, size: int) -> Pair | None:
    if name not in pair.model.entities or start >= len(pair.population.rows[name].values):
        return None
    rows: dict[str, Rows] = {}
    places: dict[str, dict[int, int]] = {}
    for entity in parents_first(pair.model.entities):
        found = pair.population.rows[entity.name]
        gone = range(start, start + size) if entity.name == name else range(0)
        kept = [place for place in range(len(found.values)) if place not in gone]
        parents: list[int] = []
        if entity.parent is not None:
            kept = [place for place in kept if found.parents[place] in places[entity.parent]]
            parents = [places[entity.parent][found.parents[place]] for place in kept]
        places[entity.name] = {place: number for number, place in enumerate(kept)}
        values = [found.values[place] for place in kept]
        rows[entity.name] = Rows(entity.name, values, parents, [found.lines[place] for place in kept])
    return replace(pair, population=Population({entity: rows[entity] for entity in pair.model.entities}, ""))
