"""Two outcomes of a pair come in; the first difference goes out, with a report of it that a person can read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lifeseg.model.model import Entity
from lifeseg.plan.from_expression import Gap
from tests.agreement.engines import Engine, Interpreter
from tests.agreement.outcome import Key, Outcome, existing, keys_by_entity
from tests.agreement.pairs import Pair

MOST_LISTED = 20


@dataclass(frozen=True)
class Difference:
    """What differs (`customer.value`, a statistic, a finding, or the whole), of which record, and both values."""

    subject: str
    entity: str | None
    key: Key | None
    expected: Any
    found: Any


def difference(pair: Pair, engine: Engine, expected: Outcome | None = None) -> Difference | None:
    """The first difference between the interpreter and an engine; an engine's failure is one. A gap is raised."""
    wanted = Interpreter().outcome(pair) if expected is None else expected
    try:
        found = engine.outcome(pair)
    except Gap:
        raise
    except Exception as error:  # noqa: BLE001 - whatever an engine fails with is told with the pair that made it
        return Difference("the whole", None, None, "an outcome", said(error))
    return next(differences(wanted, found), None)


def said(error: BaseException) -> str:
    reason = error.__cause__ or error
    return f"{type(reason).__name__}: {reason}"[:2_000]


def differences(wanted: Outcome, found: Outcome) -> Iterator[Difference]:
    """Columns in the order of evaluation, then statistics, then findings."""
    for key, value in wanted.statistics.items():
        if found.statistics.get(key, "not there") != value:
            yield Difference(f"statistic `{key}`", None, None, value, found.statistics.get(key, "not there"))
    for (entity, name), values in wanted.columns.items():
        column = found.columns.get((entity, name))
        if column is None:
            yield Difference(f"{entity}.{name}", entity, None, "a column", "not there")
        elif column.keys() != values.keys():
            yield Difference(
                f"the records of {entity}", entity, None, sorted_keys(values), sorted_keys(column)
            )
        else:
            for record, value in values.items():
                other = column[record]
                if other != value or type(other) is not type(value):
                    yield Difference(f"{entity}.{name}", entity, record, value, other)
    for finding in sorted({*wanted.findings, *found.findings}):
        if wanted.findings[finding] != found.findings[finding]:
            entity, kind, name = finding
            counts = wanted.findings[finding], found.findings[finding]
            yield Difference(f"findings `{kind}` of {entity}: {name}", entity, None, *counts)


def sorted_keys(values: dict[Key, Any]) -> list[str]:
    return sorted(map(str, values))[:MOST_LISTED]


# ---- Reports -------------------------------------------------------------------------------------


def report(pair: Pair, engine: str, found: Difference) -> str:
    """The policy, the record and both values."""
    lines = [f"{pair.name} on {engine}, as of {pair.as_of}", "", pair.text.rstrip(), ""]
    if found.entity is not None and found.key is not None:
        lines += [*record(pair, found.entity, found.key), ""]
    else:
        lines += [f"{len(rows.values)} records of {name}" for name, rows in pair.population.rows.items()]
    lines.append(f"{found.subject}{'' if found.key is None else f' of {found.key}'}")
    lines += [f"  interpreter  {found.expected!r}", f"  {engine:<12} {found.found!r}"]
    return "\n".join(lines)


def record(pair: Pair, entity: str, key: Key) -> Iterator[str]:
    """The facts of a record, of those above it, and of those below."""
    keys, population = keys_by_entity(pair), existing(pair)
    entities = pair.model.entities
    place = keys[entity].index(key)
    above = [(entity, place)]
    while (parent := entities[above[-1][0]].parent) is not None:
        name, row = above[-1]
        above.append((parent, population.rows[name].parents[row]))
    for name, row in reversed(above):
        yield from described(entities[name], population.rows[name].values[row])
    waiting = [(entity, place)]
    while waiting:
        owner, parent_place = waiting.pop(0)
        for child in entities.values():
            if child.parent == owner:
                rows = population.rows[child.name]
                for row, parent_row in enumerate(rows.parents):
                    if parent_row == parent_place:
                        yield from described(child, rows.values[row])
                        waiting.append((child.name, row))


def described(entity: Entity, values: tuple[Any, ...]) -> Iterator[str]:
    shown = ", ".join(
        f"{fact.name} {value!r}{f'e-{fact.type.scale}' if fact.type.scale and value is not None else ''}"
        for fact, value in zip(entity.facts, values, strict=True)
    )
    yield f"  {entity.name}: {shown}"
