"""Tests that say what a record was in the run before: they see what a run that knows it gives."""

from __future__ import annotations

from dataclasses import replace

from lifeseg.interpreter.check_tests import Benches, evaluated, started
from lifeseg.interpreter.evaluate import evaluate
from lifeseg.model.model import Entity, Given
from lifeseg.model.with_past import of_before, recalled
from lifeseg.records.population import Population, Rows
from tests.agreement.pairs import Pair, checked, pair

NUMBERS = range(1, 400, 2)
MOST_RECORDS = 12


def test_a_record_given_its_past_becomes_what_a_run_makes_of_it() -> None:
    """On generated policies and customers: what they were is drawn, and said of each by a test."""
    compared = sum(compare(found) for number in NUMBERS if (found := pair(number)) is not None)
    assert compared > 300


def compare(found: Pair) -> int:
    """How many results of records were compared, of entities that alone are asked what they were."""
    model, _ = checked(found.text)
    assert model is not None
    asked = recalled(model.definitions)
    own = [name for name in asked if model.entities[name].parent is None and model.entities[name].keys]
    if list(asked) != own:
        return 0
    plain = evaluate(model, forgotten(found.population, found.model.entities), found.as_of)
    results = evaluate(found.model, found.population, found.as_of, baseline=plain.baseline)
    benches = Benches(model, forgotten(found.population, found.model.entities))
    count = 0  # of what is not missing
    for name in own:
        for place in range(min(MOST_RECORDS, len(results.rows[name]))):
            given = given_of(found, results.rows[name][place], name)
            ready = benches.of(found.as_of, given)
            row = started(ready, given)
            assert row is not None
            evaluated(ready, name, row)
            slots = ready.link.slots[name]
            names = {f"{one.name}_band" if f"{one.name}_band" in slots else one.name for one in asked[name]}
            for one in names:
                assert row[slots[one]] == results.value(name, place, one), found.text
                count += row[slots[one]] is not None
    return count


def given_of(found: Pair, row: list[object], name: str) -> Given:
    """A test of an existing record that says all that it was."""
    entity = found.model.entities[name]
    values = dict(zip((fact.name for fact in entity.facts), row[2:], strict=False))
    past = {fact: value for fact, value in values.items() if of_before(fact)}
    key = tuple(str(values[fact.name]) for fact in entity.keys)
    return Given(name, key, past, {}, entity.span)  # type: ignore[arg-type]


def forgotten(population: Population, entities: dict[str, Entity]) -> Population:
    """The records without what they were."""
    rows = {}
    for name, found in population.rows.items():
        kept = [place for place, fact in enumerate(entities[name].facts) if not of_before(fact.name)]
        values = [tuple(line[place] for place in kept) for line in found.values]
        rows[name] = Rows(name, values, found.parents, found.lines)
    return replace(population, rows=rows)
