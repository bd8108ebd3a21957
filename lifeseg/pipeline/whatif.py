"""Results, a record and changed facts come in; what the policy would say then goes out. The population
stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lifeseg.frozen import dataclass
from lifeseg.model.expression import Value
from lifeseg.model.model import Entity, Fact, Model
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.explaining import name_of
from lifeseg.pipeline.opened import Opened, closest, no_record
from lifeseg.pipeline.stages import evaluate
from lifeseg.records.population import Population, Rows

if TYPE_CHECKING:
    from lifeseg.explain.explanation import Explanation
    from lifeseg.interpreter.results import Results
    from lifeseg.interpreter.trace import Trace

    Pair = tuple[Trace, Trace]

MISSING = "missing"

Taken = dict[str, list[list[Any]]]
"""Rows of a family by entity."""
Edit = tuple[str, list[Any], Fact, Value]
"""Entity and row of a record, a fact of it, and what it is to be."""


def compared(
    found: Opened,
    entity: str,
    index: int,
    settings: Sequence[str],
    *,
    language: str = "en",
    show_personal: bool = False,
) -> tuple[Explanation, list[Pair]]:
    """What differs for a record with other facts, and the traces before and after: its own, then those of the records
    it belongs to.
    """
    from lifeseg.explain.comparison import compare
    from lifeseg.interpreter.tracer import Tracer

    results = found.results
    changed, taken = changed_results(results, entity, index, changes_of(found.model, entity, settings))
    before, after = Tracer(results), Tracer(changed)
    pairs = [
        (before.trace(name, place_of(results.rows[name], row)), after.trace(name, place_of(taken[name], row)))
        for name, row in lineage(results, entity, index)
    ]
    name, run = name_of(results, entity, index), str(found.run) if found.run is not None else None
    explanation = compare(
        *pairs[0], above=pairs[1:], name=name, language=language, run=run, show_personal=show_personal
    )
    return explanation, pairs


@dataclass(frozen=True, slots=True)
class Change:
    """A fact of the record itself (`child` None) or of one of its children, by entity and key; the value to
    set.
    """

    child: tuple[str, str] | None
    fact: Fact
    value: Value


def changes_of(model: Model, entity: str, settings: Sequence[str]) -> list[Change]:
    """`satisfaction=4`, `usage.data.satisfaction=4`, `contract_end=missing` as typed changes."""
    return [change_of(model, entity, text) for text in settings]


def change_of(model: Model, entity: str, text: str) -> Change:
    path, equals, written = (part.strip() for part in text.partition("="))
    if not equals or not path:
        raise refusal("bad-argument.setting", text=text)
    child, _, rest = path.partition(".")
    key, _, name = rest.rpartition(".")
    if not rest:
        return Change(None, *fact_and_value(model.entities[entity], path, written))
    below = [other.name for other in model.entities.values() if other.parent == entity]
    if child not in below:
        raise refusal(
            "no-such-name.entity",
            name=child,
            suggestion=closest(child, below),
            known=", ".join(below) or "itself",
        )
    if not key:
        raise refusal("bad-argument.setting", text=text)
    return Change((child, key), *fact_and_value(model.entities[child], name, written))


def fact_and_value(entity: Entity, name: str, written: str) -> tuple[Fact, Value]:
    """The fact, and the value as it would be read from a file."""
    from lifeseg.records.findings import Refused
    from lifeseg.records.from_cell import WANTED, Cells

    known = {fact.name: fact for fact in entity.facts}
    if name not in known:
        raise refusal("no-such-name.fact", entity=entity.name, name=name, suggestion=closest(name, known))
    fact = known[name]
    value = Cells(fact)["" if written == MISSING and MISSING not in fact.type.options else written]
    if isinstance(value, Refused):
        options = ", ".join(fact.type.options)
        wanted = f"one of {options}" if options else WANTED.get(fact.kind, "a value") + bounds(fact)
        raise refusal("bad-argument.value", name=name, value=written, wanted=wanted)
    return fact, value


def bounds(fact: Fact) -> str:
    """What a number may be at least and at most, where the policy says so."""
    if not fact.bounded or fact.type.kind != "number":
        return ""
    years = 12 if fact.kind == "years" else 1
    low, high = (float(bound / years) for bound in (fact.type.low, fact.type.high))
    return f" from {low:g} to {high:g}"


def changed_results(
    results: Results, entity: str, index: int, changes: Sequence[Change]
) -> tuple[Results, Taken]:
    """The record's whole family, evaluated with the changes and the population's baseline; and its rows as they were."""
    edits: list[Edit] = []
    for change in changes:
        row = results.rows[entity][index]
        if change.child is None:
            edits.append((entity, row, change.fact, change.value))
        else:
            child = child_named(results, entity, row, *change.child)
            edits.append((change.child[0], child, change.fact, change.value))
    return edited_results(results, entity, index, edits)


def edited_results(results: Results, entity: str, index: int, edits: Sequence[Edit]) -> tuple[Results, Taken]:
    """The same with facts of any record of the family."""
    model = results.model
    taken: Taken = {name: [] for name in model.entities}
    take(*lineage(results, entity, index)[-1], taken)
    values = {name: [facts_of(results, name, one) for one in rows] for name, rows in taken.items()}
    for where, row, fact, value in edits:
        values[where][place_of(taken[where], row)][fact_position(model.entities[where], fact)] = value
    rows = {name: rows_of(model.entities[name], taken, values[name]) for name in model.entities}
    return evaluate(model, Population(rows, ""), results.as_of, results.baseline), taken


def lineage(results: Results, entity: str, index: int) -> list[tuple[str, list[Any]]]:
    """The record and those it belongs to, up to the top: entity and row."""
    found, name = [(entity, results.rows[entity][index])], results.model.entities[entity].parent
    while name is not None:
        found.append((name, found[-1][1][0]))
        name = results.model.entities[name].parent
    return found


def place_of(rows: Sequence[list[Any]], wanted: list[Any]) -> int:
    return next(place for place, row in enumerate(rows) if row is wanted)


def take(entity: str, row: list[Any], taken: Taken) -> None:
    """A record and everything below it."""
    taken[entity].append(row)
    for name, below in row[1].items():
        for other in below:
            take(name, other, taken)


def facts_of(results: Results, entity: str, row: list[Any]) -> list[Value]:
    slots = results.slots[entity]
    return [row[slots[fact.name]] for fact in results.model.entities[entity].facts]


def fact_position(entity: Entity, fact: Fact) -> int:
    return next(place for place, own in enumerate(entity.facts) if own.name == fact.name)


def rows_of(entity: Entity, taken: Taken, values: list[list[Value]]) -> Rows:
    above = {id(row): place for place, row in enumerate(taken[entity.parent])} if entity.parent else {}
    parents = [above[id(row[0])] for row in taken[entity.name]] if entity.parent else []
    return Rows(entity.name, [tuple(row) for row in values], parents, [*range(1, len(values) + 1)])


def child_named(results: Results, entity: str, row: list[Any], child: str, key: str) -> list[Any]:
    """The row of the record's child that has that key (its row number where it has no key)."""
    width = len(results.key(entity, row))
    children: list[list[Any]] = row[1].get(child, [])
    named = {"/".join(results.key(child, below)[width:]): below for below in children}
    if key not in named:
        raise no_record(results.model, child, key, named)
    return named[key]
