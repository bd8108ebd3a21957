"""Results and a question come in; the records that are in the cases and flags asked for go out, as a table
of texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from lifeseg.frozen import dataclass
from lifeseg.model.expression import Choose, Constant, Expression, Parameter, Value
from lifeseg.model.model import (
    Definition,
    Fact,
    Flag,
    FlagBlock,
    Lifecycle,
    Model,
    Rank,
    Score,
    ScoreBand,
    Segment,
)
from lifeseg.model.model import Table as DecisionTable
from lifeseg.model.personal import MASK, key_facts, personal
from lifeseg.model.types import Type
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.kept import in_order_of_text, key_columns
from lifeseg.pipeline.opened import closest

if TYPE_CHECKING:
    from lifeseg.interpreter.results import Results


@dataclass(frozen=True, slots=True)
class Query:
    """Cases and flags to be in, what to sort by and show.

    With `near` only those this near to the threshold of a band. A `steady` listing has the same columns
    whoever is in it.
    """

    cases: tuple[str, ...] = ()
    sort: str | None = None
    reverse: bool = False
    columns: Sequence[str] | None = None
    top: int | None = None
    near: Decimal | None = None
    steady: bool = False
    show_personal: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """A column of a listing; `up` says how many entities above stands what it shows, `customer.stage` of a contract 1."""

    name: str
    type: Type
    is_key: bool = False
    up: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """Records as texts (missing is None, a list of flags a tuple); `total` are in it, `among` are there."""

    policy: str
    version: str
    as_of: str
    entity: str
    columns: tuple[Listed, ...]
    rows: tuple[tuple[str | tuple[str, ...] | None, ...], ...]
    total: int
    among: int
    counted: bool = False  # each row stands for several records


@dataclass(frozen=True, slots=True)
class Wanted:
    """A definition and the cases of it that are asked for, for a flag that it holds; no column: everybody."""

    entity: str
    column: str
    cases: set[Value] = field(default_factory=set)


def listing(results: Results, query: Query) -> Listing:
    """The records asked for, sorted, with the columns asked for."""
    wanted = wanted_of(results.model, query.cases)
    entity = listed_entity(results.model, wanted, query)
    places = [
        place
        for place, row in enumerate(results.rows[entity])
        if all(is_in(results, entity, row, w) for w in wanted)
    ]
    if query.near is not None:
        close = near_threshold(results, entity, query.near)
        places = [place for place in places if place in close]
    total = len(places)
    if query.sort is not None:
        sort(results, entity, places, column_of(results.model, entity, query.sort))
    if query.reverse:
        places.reverse()
    places = places[: query.top]
    columns = columns_of(results, entity, query, wanted, places)
    return Listing(
        results.model.name,
        results.model.version,
        results.as_of.isoformat(),
        entity,
        columns,
        tuple(rows_of(results, entity, columns, places, query.show_personal)),
        total,
        len(results.rows[entity]),
    )


# ---- Which records -----------------------------------------------------------------------------


def wanted_of(model: Model, cases: Sequence[str]) -> list[Wanted]:
    """What the names ask for; several cases of one definition stand together."""
    found: dict[tuple[str, str], Wanted] = {}
    for name in cases:
        if name in model.entities:
            found[name, ""] = Wanted(name, "")
            continue
        entity, column, value = case_named(model, name)
        found.setdefault((entity, column), Wanted(entity, column)).cases.add(value)
    return list(found.values())


def case_named(model: Model, name: str) -> tuple[str, str, Value]:
    """Entity, column and value that a case or flag stands for."""
    known = list(all_cases(model))
    exact = [entry for entry in known if name in (entry[0], entry[0].partition(".")[2])]
    exact = [entry for entry in exact if entry[0] == name] or exact  # a flag before a case that is called so
    if len(exact) == 1:
        return exact[0][1:]
    if exact:
        raise refusal("ambiguous-case", name=name, names=", ".join(entry[0] for entry in exact))
    names = [full for full, *_ in known] + [full.partition(".")[2] for full, *_ in known if "." in full]
    raise refusal("no-such-name.case", name=name, suggestion=closest(name, names))


def all_cases(model: Model) -> Iterator[tuple[str, str, str, Value]]:
    """Every case and flag: its full name, and the entity, column and value it stands for."""
    named: dict[str, int] = {}
    for definition in model.definitions:
        named[definition.name] = named.get(definition.name, 0) + 1
    for definition in model.definitions:
        if definition.made == "step":
            continue
        own = definition.name if named[definition.name] == 1 else f"{definition.entity}.{definition.name}"
        match definition:
            case Flag():
                yield own, definition.entity, definition.name, True
            case Score():
                for band in definition.bands:
                    yield f"{own}.{band.name}", definition.entity, f"{definition.name}_band", band.name
            case Segment() | DecisionTable() | Rank() | Lifecycle():
                for option in definition.type.options:
                    yield f"{own}.{option}", definition.entity, definition.name, option
            case _:
                pass


def listed_entity(model: Model, wanted: Sequence[Wanted], query: Query) -> str:
    """The entity whose records are listed: the lowest that is asked about, of which the others are
    ancestors.
    """
    asked = {one.entity for one in wanted} or {next(iter(model.entities), "")}
    lowest = max(asked, key=lambda entity: len(ancestors(model, entity)))
    if strangers := asked - {lowest, *ancestors(model, lowest)}:
        raise refusal("bad-argument.apart", one=lowest, other=min(strangers))
    return lowest


def ancestors(model: Model, entity: str) -> list[str]:
    above: list[str] = []
    while (parent := model.entities[entity].parent) is not None:
        above.append(parent)
        entity = parent
    return above


def is_in(results: Results, entity: str, row: list[Any], wanted: Wanted) -> bool:
    """Whether a record, or its ancestor that the case is about, is in it."""
    if not wanted.column:
        return True
    while entity != wanted.entity:
        row = row[0]
        entity = results.model.entities[entity].parent or ""
    return row[results.slots[entity][wanted.column]] in wanted.cases


def near_threshold(results: Results, entity: str, distance: Decimal) -> set[int]:
    """The records of which a score, or a score of a child, lies this near to the threshold of a band."""
    found: set[int] = set()
    places = {id(row): place for place, row in enumerate(results.rows[entity])}
    for other in results.model.entities:
        steps = [other, *ancestors(results.model, other)]
        if entity not in steps:
            continue
        for row in near_rows(results, other, distance):
            for _ in range(steps.index(entity)):
                row = row[0]
            found.add(places[id(row)])
    return found


def near_rows(results: Results, entity: str, distance: Decimal) -> Iterator[list[Any]]:
    for score in results.model.of(entity):
        if isinstance(score, Score):
            yield from rows_near(results, score, distance)


def near_scores(results: Results, entity: str, distance: Decimal) -> list[str]:
    """The scores of the entity itself that lie this near for somebody."""
    scores = [score for score in in_order_of_text(results.model, entity) if isinstance(score, Score)]
    return [score.name for score in scores if any(True for _ in rows_near(results, score, distance))]


def rows_near(results: Results, score: Score, distance: Decimal) -> Iterator[list[Any]]:
    """The records whose score lies this near to the threshold of a band."""
    slot = results.slots[score.entity][score.name]
    unit = Fraction(10) ** score.type.scale
    cuts = [cut * unit for cut in thresholds(results, score)]
    reach = Fraction(distance) * unit
    for row in results.rows[score.entity]:
        value = row[slot]
        if value is not None and any(abs(value - cut) <= reach for cut in cuts):
            yield row


def thresholds(results: Results, score: Score) -> list[Fraction]:
    """The thresholds of a score's bands, of a band with memory both."""
    return thresholds_on(results.model, results.as_of, score)


def thresholds_on(model: Model, as_of: date, score: Score) -> list[Fraction]:
    found = []
    for band in score.bands:
        for threshold in limits_of(band):
            value = None
            match threshold:
                case Constant():
                    value = threshold.value
                case Parameter():
                    value = model.parameters[threshold.name].at(as_of)
                case _:
                    continue
            if isinstance(value, int):
                found.append(Fraction(value, 10**threshold.type.scale))
    return found


def limits_of(band: ScoreBand) -> tuple[Expression | None, ...]:
    match band.threshold:
        case Choose(steps=((_, leaving),), otherwise=entry):
            return entry, leaving
        case _:
            return band.threshold, band.leaving


# ---- Which columns, in which order -------------------------------------------------------------


def column_of(model: Model, entity: str, name: str) -> Listed:
    """A fact, definition or band by name, of an entity above by that name and its own."""
    owner, _, own = name.rpartition(".")
    if owner in (above := ancestors(model, entity)):
        return replace(column_of(model, owner, own), name=name, is_key=False, up=above.index(owner) + 1)
    known = {column.name: column for column in all_columns(model, entity)}
    if name in known:
        return known[name]
    raise refusal("no-such-name.column", name=name, entity=entity, suggestion=closest(name, known))


def all_columns(model: Model, entity: str) -> Iterator[Listed]:
    for fact in model.entities[entity].facts:
        yield Listed(fact.name, fact.type, fact.key)
    for definition in in_order_of_text(model, entity):
        yield Listed(definition.name, definition.type)
        if isinstance(definition, Score) and definition.bands:
            bands = tuple(band.name for band in definition.bands)
            yield Listed(f"{definition.name}_band", Type("choice", optional=True, options=bands))


def columns_of(
    results: Results, entity: str, query: Query, wanted: Sequence[Wanted], places: Sequence[int]
) -> tuple[Listed, ...]:
    """The keys, then what is asked for: else the name, what is sorted by, and the decisions made."""
    model = results.model
    keys = [Listed(column.name, column.type, True) for column in key_columns(model, model.entities[entity])]
    if query.columns is not None:
        shown = [column_of(model, entity, name) for name in query.columns]
    else:
        names = [fact.name for fact in model.entities[entity].facts if fact.name == "name"]
        names += [query.sort] if query.sort is not None else []
        names += near_scores(results, entity, query.near) if query.near is not None else []
        settled = {one.column for one in wanted if one.entity == entity and len(one.cases) == 1}
        names += [name for name in decisions(model, entity) if query.steady or name not in settled]
        shown = [column_of(model, entity, name) for name in names]
        if not query.steady:
            shown = [column for column in shown if says_something(results, entity, column.name, places)]
    taken = {column.name for column in keys}
    return (*keys, *{column.name: column for column in shown if column.name not in taken}.values())


def decisions(model: Model, entity: str) -> list[str]:
    """What a listing shows unless told otherwise: where a record stands, then what is done about it."""
    found = in_order_of_text(model, entity)
    kinds = (Lifecycle | Segment, Rank, DecisionTable, FlagBlock)
    names = [definition.name for kind in kinds for definition in found if isinstance(definition, kind)]
    bands = [f"{d.name}_band" for d in found if isinstance(d, Score) and d.bands]
    return names if any(not isinstance(d, FlagBlock) for d in found if d.name in names) else bands + names


def says_something(results: Results, entity: str, name: str, places: Sequence[int]) -> bool:
    """Whether one of the records has a value there."""
    values = results.column(entity, name)
    return any(values[place] is not None for place in places) or not places


def sort(results: Results, entity: str, places: list[int], column: Listed) -> None:
    """Numbers from the largest, choices in the order of their definition, texts and dates ascending;
    missing last.
    """
    read = reader(results, entity, column)
    values = [read(row) for row in results.rows[entity]]
    options = {option: place for place, option in enumerate(column.type.options)}

    def order(place: int) -> tuple[bool, Any]:
        value = values[place]
        match value:
            case None:
                return True, 0
            case bool() | int():
                return False, -int(value)
            case date():
                return False, value.toordinal()
            case tuple():
                return False, -len(value)
            case _:
                return False, (options.get(value, 0), value)

    places.sort(key=order)


def rows_of(
    results: Results, entity: str, columns: Sequence[Listed], places: Sequence[int], show_personal: bool
) -> Iterator[tuple[str | tuple[str, ...] | None, ...]]:
    """The cells; what is personal is masked unless it is to be shown."""
    from lifeseg.interpreter.values import short_text

    hidden = [not show_personal and is_personal(results.model, entity, column) for column in columns]
    keys = results.keys(entity)
    own = len(key_columns(results.model, results.model.entities[entity]))
    reads = [reader(results, entity, column) for column in columns[own:]]
    for place in places:
        row = results.rows[entity][place]
        cells: list[str | tuple[str, ...] | None] = [*keys[place]]
        for column, read in zip(columns[own:], reads, strict=True):
            value = read(row)
            cells.append(value if isinstance(value, tuple) else short_text(value, column.type))
        yield tuple(
            MASK if secret and cell is not None else cell for cell, secret in zip(cells, hidden, strict=True)
        )


def is_personal(model: Model, entity: str, column: Listed) -> bool:
    """Whether a column, or a part of the key, shows what is personal."""
    if column.is_key:
        return (column.name, True) in key_facts(model, entity)
    owner = [entity, *ancestors(model, entity)][column.up]
    return (column.name.rpartition(".")[2] if column.up else column.name) in personal(model, owner)


def reader(results: Results, entity: str, column: Listed) -> Callable[[list[Any]], Any]:
    """What a column shows of a row of the entity."""
    owner = [entity, *ancestors(results.model, entity)][column.up]
    slot = results.slots[owner][column.name.rpartition(".")[2] if column.up else column.name]

    def read(row: list[Any]) -> Any:
        for _ in range(column.up):
            row = row[0]
        return row[slot]

    return read


def described(model: Model, entity: str, name: str) -> Fact | Definition | None:
    """The fact or definition of that name."""
    own: list[Fact | Definition] = [*model.entities[entity].facts, *model.of(entity)]
    return next((one for one in own if one.name == name), None)
