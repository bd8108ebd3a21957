"""A trace comes in; out goes what names mean in a record: definitions, facts, its parent's, its children."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lifeseg.explain.cells import with_readable_tables
from lifeseg.frozen import dataclass
from lifeseg.interpreter.trace import Child, Clause, DefinitionTrace, FactTrace, RecordTrace, Titles, Trace

Named = DefinitionTrace | FactTrace


@dataclass(frozen=True, slots=True)
class Scope:
    """A record with the means to look up what its policy text names."""

    record: RecordTrace
    parent: Scope | None
    names: Mapping[str, Named]
    entities: Mapping[str, Titles]
    parameters: Mapping[str, Titles]

    def definition(self, name: str) -> DefinitionTrace | None:
        found = self.names.get(name)
        return found if isinstance(found, DefinitionTrace) else None

    def measured(self, decision: DefinitionTrace) -> DefinitionTrace | None:
        """What a class or band goes by: the score itself, or what a rank is by; a fact is shown as an index would be."""
        found = self.names.get(decision.by) if decision.by else decision
        if isinstance(found, FactTrace):
            return DefinitionTrace(found.name, "index", found.titles, found.value, found.place, found.unit)
        return found


def scope_of(trace: Trace) -> Scope:
    """The scope of the traced record."""
    return _scope(with_readable_tables(trace.record), None, trace.entities, trace.parameters)


def _scope(
    record: RecordTrace,
    parent: Scope | None,
    entities: Mapping[str, Titles],
    parameters: Mapping[str, Titles],
) -> Scope:
    names: dict[str, Named] = {fact.name: fact for fact in record.facts}
    names.update((definition.name, definition) for definition in record.definitions)
    return Scope(record, parent, names, entities, parameters)


def _below(record: RecordTrace, scope: Scope) -> Scope:
    return _scope(record, scope, scope.entities, scope.parameters)


def children(scope: Scope, entity: str | None = None) -> Iterator[Scope]:
    """The child records, of one entity or of all."""
    for record in scope.record.children:
        if entity in (None, record.entity):
            yield _below(record, scope)


def rows(scope: Scope, clause: Clause) -> Iterator[tuple[Child, Scope]]:
    """The child rows under a clause, each with the scope of its record; both stand in the same order."""
    entity = clause.children[0].entity if clause.children else ""
    records = list(children(scope, entity))
    for at, child in enumerate(clause.children):
        nameless = RecordTrace(child.entity, child.key, (), ())
        yield child, records[at] if at < len(records) else _below(nameless, scope)


def sibling_of(scope: Scope, entity: str) -> Scope:
    """Any child record of an entity, for the titles that all of them share."""
    return next(children(scope, entity), scope)


def meaning(scope: Scope, clause: Clause) -> Named | None:
    """What a field or band refers to, and of whom: `customer.satisfaction` is the parent's."""
    found = owner(scope, clause)
    return found.names.get(clause.name or "") if found else None


def owner(scope: Scope, clause: Clause) -> Scope | None:
    """The record whose name a clause uses."""
    if clause.name is None:
        return None
    above = scope.parent
    while above is not None:
        if f"{above.record.entity}.{clause.name}" in clause.text:
            return above
        above = above.parent
    here: Scope | None = scope
    while here is not None and clause.name not in here.names:
        here = here.parent
    return here


def condition_of(flag: DefinitionTrace) -> Clause | None:
    """What a flag asks; None if it always holds. An offer asks nothing by itself: much was weighed for it."""
    if "offers" in flag.remarks:
        return None
    clause = flag.cases[0].clause if flag.cases else flag.formula
    return None if clause is None or clause.operation == "constant" else clause


def case_titles(definition: DefinitionTrace) -> dict[str, Titles]:
    """The titles of everything a definition may come to: cases, rows' results, classes and bands."""
    found = {threshold.name: threshold.titles for threshold in definition.thresholds}
    found.update((case.name, case.titles) for case in definition.cases if case.name not in found)
    if definition.value is not None and definition.case_titles:
        found[definition.value] = definition.case_titles
    if definition.band is not None and definition.band_titles:
        found[definition.band] = definition.band_titles
    return found
