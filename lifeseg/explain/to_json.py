"""An explanation and its trace come in, versioned JSON goes out, its schema from the same dataclasses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from lifeseg.explain.differences import Difference, all_differences
from lifeseg.explain.explanation import Becomes, Earlier, Explanation
from lifeseg.explain.masking import masked
from lifeseg.explain.scope import scope_of
from lifeseg.explain.ways import fact_of, hidden
from lifeseg.frozen import dataclass
from lifeseg.interpreter.trace import RecordTrace, Trace

DOCUMENT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Position:
    """The record's place in a rank, 1 being the highest value, and how many records have one."""

    rank: str
    position: int
    population: int


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one fact that would alter the record; of a record beneath it by `entity` and `key`.

    `amount` is how much more a number is, or how many days later a date; `steps` how many steps of the fact that takes;
    `cost` what they cost by the policy, in its unit; `setting` what `whatif --set` takes, null where a personal key would
    have to be told.
    """

    entity: str
    key: str
    fact: str
    before: str | None
    after: str
    amount: str | None
    steps: int
    cost: str | None
    unit: str | None
    setting: str | None
    becomes: tuple[Becomes, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """How a score compares with those of all records of its entity; see Standing."""

    entity: str
    key: str
    score: str
    mean: str
    population: int
    percentile: int


@dataclass(frozen=True, slots=True)
class Since:
    """What differs from the run of an earlier day; of a child record by its key."""

    day: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """What `explain --format json` writes: the sentence for people, the trace for programs. What the policy's book says of a
    definition or a fact stands at `BOOK#ENTITY.NAME`.
    """

    version: int
    key: str
    name: str | None
    run: str | None
    book: str | None
    language: str
    sentence: str
    positions: tuple[Position, ...]
    standings: tuple[Compared, ...]
    changes: tuple[Change, ...]
    earlier: Earlier | None
    since: Since | None
    trace: Trace


def document(explanation: Explanation, trace: Trace, before: Trace | None = None) -> Document:
    """What is written of an explanation, perhaps with what differs from what was `before`; personal facts are masked unless
    it shows them.
    """
    shown = trace if explanation.shows_personal else masked(trace)
    return Document(
        version=DOCUMENT_VERSION,
        key=explanation.key,
        name=explanation.name,
        run=explanation.run,
        book=explanation.book,
        language=explanation.language,
        sentence=explanation.sentence,
        positions=tuple(Position(rank, *place) for rank, place in explanation.beside.positions.items()),
        standings=tuple(_standings(explanation, shown)),
        changes=tuple(_changes(explanation, trace.record, shown)),
        earlier=explanation.beside.earlier,
        since=_since(before, trace, explanation.shows_personal) if before is not None else None,
        trace=shown,
    )


def _standings(explanation: Explanation, shown: Trace) -> Iterator[Compared]:
    for one in explanation.beside.standings:
        owner = shown.record
        for place in one.child:
            owner = owner.children[place]
        yield Compared(owner.entity, owner.key, one.score, one.mean, one.population, one.percentile)


def _since(before: Trace, trace: Trace, shows_personal: bool) -> Since:
    """Differences are found among masked values, so that nobody is told that a personal fact has changed."""
    old, new = (before, trace) if shows_personal else (masked(before), masked(trace))
    return Since(before.as_of, tuple(all_differences(new.record, old.record)))


def _changes(explanation: Explanation, record: RecordTrace, shown: Trace) -> Iterator[Change]:
    """The nearest changes, but of facts that are masked."""
    scope = scope_of(shown)
    for way in explanation.beside.ways:
        if hidden(way, scope):
            continue
        _, owner = fact_of(way, scope)
        open_, masks = record, False
        for place in way.child:
            open_ = open_.children[place]
            masks = masks or open_.key != owner.record.key
        yield Change(
            owner.record.entity, owner.record.key, way.fact, way.before, way.after, way.amount, way.steps, way.cost, way.unit,
            None if masks else way.setting, way.becomes,
        )  # fmt: skip


def to_json(explanation: Explanation, trace: Trace, before: Trace | None = None) -> str:
    """The document as indented JSON text, ending with a line break."""
    content = asdict(document(explanation, trace, before))
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def trace_schema() -> dict[str, Any]:
    """The JSON Schema of what `to_json` writes."""
    from pydantic import TypeAdapter

    schema = TypeAdapter(Document).json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
