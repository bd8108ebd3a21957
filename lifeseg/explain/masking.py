"""A trace comes in; out goes the same trace with personal facts, and what shows them, replaced by `•••`.

What a condition came to stays: that is the policy's answer, not the fact. A definition that gives a personal fact away, which
the trace remarks, is masked with it; what is computed from more than that (a score) stays, as in the results.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from lifeseg.frozen import dataclass
from lifeseg.interpreter.trace import CaseTrace, Child, Clause, DefinitionTrace, RecordTrace, Term, Trace
from lifeseg.model.personal import MASK

OF_MANY = ("mean(", "sum(", "share(", "count(", "deviation(")
Statistic = str | list[str | None] | None
_WORD = re.compile(r"\w+")
_REFERRING = ("field", "band", "one_of", "is_missing")


@dataclass(frozen=True, slots=True)
class _Secrets:
    """Personal facts and the others by entity, and what to call the records that a personal key names."""

    personal: Mapping[str, frozenset[str]]
    open: Mapping[str, frozenset[str]]
    keys: Mapping[tuple[str, str], str]


def masked(trace: Trace) -> Trace:
    """The trace without personal values; the same object if it has none."""
    secrets = _secrets(trace.record)
    if not any(secrets.personal.values()):
        return trace
    hidden = frozenset().union(*secrets.personal.values())
    baseline = {key: _hidden_statistic(key, value, hidden) for key, value in trace.baseline.items()}
    return replace(trace, record=_record(trace.record, frozenset(), secrets), baseline=baseline)


def _hidden_statistic(key: str, value: Statistic, hidden: frozenset[str]) -> Statistic:
    """A cut or an extreme is somebody's own value; a mean or a sum is nobody's."""
    if key.startswith(OF_MANY) or not hidden.intersection(_WORD.findall(key)):
        return value
    if isinstance(value, list):
        return [_hide(one) for one in value]
    return _hide(value)


def is_personal(trace: Trace, value: str) -> bool:
    """Whether a text is the value of a personal fact of the record."""
    return any(fact.personal and fact.value == value for fact in trace.record.facts)


def _is_personal(definition: DefinitionTrace) -> bool:
    return "personal" in definition.remarks


def _secrets(record: RecordTrace) -> _Secrets:
    personal: dict[str, frozenset[str]] = {}
    visible: dict[str, frozenset[str]] = {}
    keys: dict[tuple[str, str], str] = {}
    for number, found in enumerate(_records(record), start=1):
        names = frozenset(fact.name for fact in found.facts if fact.personal)
        names |= {one.name for one in found.definitions if _is_personal(one) and one.kind != "rank"}
        personal[found.entity] = personal.get(found.entity, frozenset()) | names
        there = frozenset(one.name for one in found.definitions)
        visible[found.entity] = there.union(fact.name for fact in found.facts) - names
        if any(fact.personal and fact.key for fact in found.facts):
            keys[found.entity, found.key] = MASK if found is record else f"{MASK}{number - 1}"
    return _Secrets(personal, visible, keys)


def _records(record: RecordTrace) -> Iterator[RecordTrace]:
    yield record
    for child in record.children:
        yield from _records(child)


def _hidden(entity: str, above: frozenset[str], secrets: _Secrets) -> frozenset[str]:
    """The names that mean something personal in a record of this entity."""
    own = secrets.personal.get(entity, frozenset())
    return (above - secrets.open.get(entity, frozenset())) | own | {f"{entity}.{name}" for name in own}


def _record(record: RecordTrace, above: frozenset[str], secrets: _Secrets) -> RecordTrace:
    hidden = _hidden(record.entity, above, secrets)
    facts = (
        replace(fact, value=MASK) if fact.personal and fact.value is not None else fact
        for fact in record.facts
    )
    return replace(
        record,
        key=secrets.keys.get((record.entity, record.key), record.key),
        facts=tuple(facts),
        definitions=tuple(_definition(definition, hidden, secrets) for definition in record.definitions),
        children=tuple(_record(child, hidden, secrets) for child in record.children),
    )


def _definition(definition: DefinitionTrace, hidden: frozenset[str], secrets: _Secrets) -> DefinitionTrace:
    given_away = _is_personal(definition)
    by_rank = (
        given_away and definition.kind == "rank"
    )  # its class stays, but not how far the fact is from others
    return replace(
        definition,
        value=MASK if given_away and not by_rank and definition.value is not None else definition.value,
        thresholds=tuple(
            replace(step, threshold=_hide(step.threshold), distance=_hide(step.distance)) if by_rank else step
            for step in definition.thresholds
        ),
        where=_maybe(definition.where, hidden, secrets),
        formula=_maybe(definition.formula, hidden, secrets),
        cases=tuple(_case(case, hidden, secrets) for case in definition.cases),
        terms=tuple(_term(term, hidden) for term in definition.terms),
        reasons=tuple(code for code in definition.reasons if code not in hidden),
    )


def _case(case: CaseTrace, hidden: frozenset[str], secrets: _Secrets) -> CaseTrace:
    return replace(case, clause=_maybe(case.clause, hidden, secrets))


def _term(term: Term, hidden: frozenset[str]) -> Term:
    return replace(term, value=MASK, points=MASK, lost=MASK) if term.name in hidden else term


def _maybe(clause: Clause | None, hidden: frozenset[str], secrets: _Secrets) -> Clause | None:
    return None if clause is None else _clause(clause, hidden, secrets)


def _clause(clause: Clause, hidden: frozenset[str], secrets: _Secrets) -> Clause:
    parts = tuple(_clause(part, hidden, secrets) for part in clause.parts)
    rows = tuple(_child(child, hidden, secrets) for child in clause.children)
    if not _shows(clause, hidden, secrets):
        return replace(clause, parts=parts, children=rows)
    beside = clause.operation == "compare" and len(clause.parts) == 2
    left, right = (_shows(part, hidden, secrets) for part in clause.parts) if beside else (True, True)
    return replace(
        clause,
        parts=parts,
        children=rows,
        value=_hide(clause.value),
        left=_hide(clause.left) if left else clause.left,
        right=_hide(clause.right) if right else clause.right,
        distance=_hide(clause.distance),
    )


def _hide(value: str | None) -> str | None:
    return None if value is None else MASK


def _child(child: Child, hidden: frozenset[str], secrets: _Secrets) -> Child:
    names = _hidden(child.entity, hidden, secrets)
    key = secrets.keys.get((child.entity, child.key), child.key)
    return replace(child, key=key, clause=_maybe(child.clause, names, secrets))


def _shows(clause: Clause, hidden: frozenset[str], secrets: _Secrets) -> bool:
    """Whether the values in a clause come from a personal fact."""
    if clause.operation in _REFERRING and _referred(clause) in hidden:
        return True
    if clause.operation == "aggregate" and any(
        _row_shows(child, hidden, secrets) for child in clause.children
    ):
        return True
    return any(_shows(part, hidden, secrets) for part in clause.parts)


def _row_shows(child: Child, hidden: frozenset[str], secrets: _Secrets) -> bool:
    return child.clause is not None and _shows(child.clause, _hidden(child.entity, hidden, secrets), secrets)


def _referred(clause: Clause) -> str | None:
    """The name a clause uses, with the entity where the text says it: `customer.satisfaction`."""
    subject, _, _ = clause.text.partition(" is ")
    return subject if clause.name is not None and subject.endswith(f".{clause.name}") else clause.name
