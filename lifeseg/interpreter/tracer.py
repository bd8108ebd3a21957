"""Results and a record come in; the trace of every definition of that record and its children goes out.

A tracer is prepared once for a run; each clause's words are quoted then, so that tracing a record only fills in
values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lifeseg.frozen import dataclass
from lifeseg.functions.exact import to_text
from lifeseg.interpreter.clauses import place_of, unit_of
from lifeseg.interpreter.link import linked
from lifeseg.interpreter.results import BaselineValue, Results, Row
from lifeseg.interpreter.trace import TRACE_VERSION, FactTrace, RecordTrace, Titles, Trace
from lifeseg.interpreter.traced import Explain, remarked, traced
from lifeseg.interpreter.values import short_text
from lifeseg.model.by_hand import by_hand, by_rules
from lifeseg.model.model import AnyDefinition, Entity, Fact, Model, Rank
from lifeseg.model.personal import all_personal, gives_away
from lifeseg.model.quoting import words_of


@dataclass(frozen=True, slots=True)
class ReadyFact:
    """A fact with what its trace says of every record."""

    fact: Fact
    slot: int
    titles: Titles
    unit: str | None
    place: str
    highest: str | None

    def on(self, row: Row) -> FactTrace:
        fact = self.fact
        value = short_text(row[self.slot], fact.type)
        return FactTrace(
            fact.name,
            self.titles,
            value,
            self.unit,
            fact.personal,
            self.place,
            fact.kind,
            self.highest,
            fact.key,
        )


class Tracer:
    """Explains records of one run."""

    def __init__(self, results: Results) -> None:
        model = results.model
        self.results = results
        self.link = linked(model, results.as_of, dict(results.baseline.statistics))
        self.words = words_of(model)
        self.personal = all_personal(model)
        self.explains: dict[str, list[Explain]] = {
            name: [self.explained(found) for found in model.of(name) if found.made not in ("step", "copy")]
            for name in model.entities
        }
        self.facts = {name: self.ready_facts(entity) for name, entity in model.entities.items()}
        self.baseline = baseline_texts(results)
        self.entities = {name: dict(found.titles) for name, found in model.entities.items()}
        self.parameters = {name: dict(found.titles) for name, found in model.parameters.items()}

    def explained(self, definition: AnyDefinition) -> Explain:
        """Whoever is not set by hand is explained by the rules."""
        own = traced(self.link, self.words, definition)
        if self.is_personal(definition):
            own = remarked(own, "personal")
        rules = self.link.definitions.get((definition.entity, by_rules(definition.name)))
        if rules is None:
            return own
        slot = self.link.slots[definition.entity][by_hand(definition.name)]
        ruled = traced(self.link, self.words, replace(rules, name=definition.name, made=definition.made))
        return lambda row: ruled(row) if row[slot] is None else own(row)

    def is_personal(self, definition: AnyDefinition) -> bool:
        """Whether its value, or of a rank its cuts, is what a personal fact is."""
        if isinstance(definition, Rank):
            return gives_away(definition.by, self.personal)
        return (definition.entity, definition.name) in self.personal

    def ready_facts(self, entity: Entity) -> Sequence[ReadyFact]:
        slots = self.link.slots[entity.name]
        return [
            ReadyFact(
                fact,
                slots[fact.name],
                dict(fact.titles),
                unit_of(fact.type),
                place_of(fact),
                str(fact.type.high) if fact.kind == "rating" else None,
            )
            for fact in entity.facts
        ]

    def trace(self, entity: str, index: int) -> Trace:
        """Everything behind the results of the record at that place."""
        model, row = self.results.model, self.results.rows[entity][index]
        record = self.record(model.entities[entity], row)
        if not any(fact.personal for fact in above(model, entity)):
            record = replace(record, key="/".join(self.results.key(entity, row)))
        return Trace(
            TRACE_VERSION,
            model.name,
            model.version,
            model.content_hash,
            self.results.as_of.isoformat(),
            self.baseline,
            record,
            self.entities,
            self.parameters,
        )

    def record(self, entity: Entity, row: Row) -> RecordTrace:
        facts = tuple([fact.on(row) for fact in self.facts[entity.name]])
        definitions = tuple([explain(row) for explain in self.explains[entity.name]])
        entities = self.results.model.entities
        children = [self.record(entities[name], child) for name, below in row[1].items() for child in below]
        key = " ".join(self.results.key(entity.name, row)[-max(1, len(entity.keys)) :])
        return RecordTrace(entity.name, key, facts, definitions, tuple(children))


def above(model: Model, entity: str) -> list[Fact]:
    """The keys of the entities above one."""
    parent = model.entities[entity].parent
    return [] if parent is None else [*above(model, parent), *model.entities[parent].keys]


def trace(results: Results, entity: str, index: int) -> Trace:
    """The trace of one record; for many records prepare one Tracer."""
    return Tracer(results).trace(entity, index)


def baseline_texts(results: Results) -> dict[str, str | list[str | None] | None]:
    """The statistics as decimals, in the order of the policy, whoever measured them."""
    scales = {found.key: found.type.scale for found in results.model.statistics}

    def shown(value: BaselineValue, scale: int) -> str | list[str | None] | None:
        if isinstance(value, tuple):
            return [None if cut is None else to_text(cut, scale) for cut in value]
        return None if value is None else to_text(value, scale)

    statistics = results.baseline.statistics
    return {key: shown(statistics[key], scale) for key, scale in scales.items() if key in statistics}
