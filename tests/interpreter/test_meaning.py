"""What a policy means does not depend on how its text is formatted, or on the order of definitions or of records."""

import random
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeseg.interpreter.baseline import LackingError, from_json, to_json
from lifeseg.interpreter.evaluate import evaluate
from lifeseg.interpreter.results import Results
from lifeseg.model import expression as e
from lifeseg.model.expression import Value
from lifeseg.model.from_trees import from_trees
from lifeseg.model.model import Model, Rank
from lifeseg.model.walk import nodes
from lifeseg.records.population import Population, Rows
from lifeseg.syntax.from_text import from_text
from lifeseg.syntax.to_text import to_text
from tests.model.records import parents_first, population

ROOT = Path(__file__).resolve().parents[2]
PACKS = sorted(path.parent for path in (ROOT / "rules").glob("*/*.seg") if path.stem == path.parent.name)
TODAY = date(2013, 6, 30)

seeds = st.integers(0, 2**32)


@pytest.fixture(scope="module", params=PACKS, ids=lambda pack: pack.name)
def texts(request: pytest.FixtureRequest) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted(request.param.glob("*.seg"))]


@pytest.fixture(scope="module")
def model(texts: list[str]) -> Model:
    return built(texts)


def built(texts: Sequence[str]) -> Model:
    parsed = [from_text(text, f"file-{place}.seg") for place, text in enumerate(texts)]
    assert not any(problems for _, problems in parsed)
    model, found = from_trees([file for file, _ in parsed])
    assert model is not None, found
    return model


def by_key(results: Results) -> dict[tuple[str, str], dict[tuple[str, ...], list[Value]]]:
    """Every definition's values by the key of the record; records without one stand under that of their parent."""
    found: dict[tuple[str, str], dict[tuple[str, ...], list[Value]]] = {}
    for definition in results.model.definitions:
        own = found[definition.entity, definition.name] = {}
        nameless = not results.model.entities[definition.entity].keys
        values = results.column(definition.entity, definition.name)
        for key, value in zip(results.keys(definition.entity), values, strict=True):
            own.setdefault(key[:-1] if nameless else key, []).append(value)
        for several in own.values():
            several.sort(key=repr)
    return found


def same(one: Results, other: Results) -> None:
    assert by_key(one) == by_key(other)
    assert one.baseline == other.baseline


def formatted_otherwise(text: str) -> str:
    """The same text with other blanks, comments and empty lines."""
    lines = []
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(" "))
        line = " " * (2 * depth) + line.lstrip(" ")
        if '"' not in line and "#" not in line:
            line = re.sub(r" (=|\+|\*|<=|>=|<|>) ", r"   \1  ", line)
        lines += [line + "  # a remark" if line.strip() and "#" not in line else line, "", "# another"]
    return "\n".join(lines)


@settings(max_examples=3)
@given(seed=seeds)
def test_formatting_does_not_matter(texts: list[str], model: Model, seed: int) -> None:
    records = population(model, random.Random(seed), 8)
    expected = evaluate(model, records, TODAY)
    same(expected, evaluate(built([formatted_otherwise(text) for text in texts]), records, TODAY))
    formatted = [to_text(from_text(text, "file.seg")[0]) for text in texts]
    same(expected, evaluate(built(formatted), records, TODAY))


@settings(max_examples=3)
@given(seed=seeds)
def test_order_of_definitions_does_not_matter(texts: list[str], model: Model, seed: int) -> None:
    source = random.Random(seed)
    shuffled = [piece for text in texts for piece in re.split(r"\n(?=\S)", text)]
    source.shuffle(shuffled)
    records = population(model, source, 8)
    same(evaluate(model, records, TODAY), evaluate(built(["\n\n".join(shuffled)]), records, TODAY))


def shuffled_rows(model: Model, records: Population, source: random.Random) -> Population:
    """The same records in another order."""
    rows: dict[str, Rows] = {}
    moved: dict[str, dict[int, int]] = {}
    for entity in parents_first(model.entities):
        found = records.rows[entity.name]
        order = list(range(len(found.values)))
        source.shuffle(order)
        moved[entity.name] = {old: new for new, old in enumerate(order)}
        parents = [moved[entity.parent][found.parents[old]] for old in order] if entity.parent else []
        rows[entity.name] = Rows(entity.name, [found.values[old] for old in order], parents, found.lines)
    return Population({name: rows[name] for name in records.rows}, "")


@settings(max_examples=5)
@given(seed=seeds)
def test_order_of_records_does_not_matter(model: Model, seed: int) -> None:
    source = random.Random(seed)
    records = population(model, source, 12)
    same(evaluate(model, records, TODAY), evaluate(model, shuffled_rows(model, records, source), TODAY))


def alone(model: Model, records: Population, place: int) -> Population:
    """One record of the first entity, with everything below it."""
    rows: dict[str, Rows] = {}
    kept: dict[str, list[int]] = {}
    for entity in parents_first(model.entities):
        found = records.rows[entity.name]
        if entity.parent is None:
            taken = [place] if entity.name == next(iter(model.entities)) else []
        else:
            taken = [n for n, parent in enumerate(found.parents) if parent in kept[entity.parent]]
        kept[entity.name] = taken
        parents = [kept[entity.parent].index(found.parents[n]) for n in taken] if entity.parent else []
        rows[entity.name] = Rows(entity.name, [found.values[n] for n in taken], parents, [0] * len(taken))
    return Population({name: rows[name] for name in records.rows}, "")


@settings(max_examples=5)
@given(seed=seeds)
def test_one_record_with_the_baseline_is_as_in_the_population(model: Model, seed: int) -> None:
    records = population(model, random.Random(seed), 8)
    everybody = evaluate(model, records, TODAY)
    baseline = from_json(to_json(everybody.baseline))
    wanted = by_key(everybody)
    for place in range(len(records.rows[next(iter(model.entities))].values)):
        one = evaluate(model, alone(model, records, place), TODAY, baseline=baseline)
        for definition, values in by_key(one).items():
            for key, value in values.items():
                assert wanted[definition][key] == value
        assert one.baseline == baseline


def test_a_baseline_that_lacks_something_is_refused_for_one_record(model: Model) -> None:
    records = population(model, random.Random(3), 8)
    baseline = evaluate(model, records, TODAY).baseline
    lacking = from_json({**to_json(baseline), "statistics": {}})
    if any(
        isinstance(node, e.Statistic | Rank) for node in nodes((model.definitions, model.claims))
    ):  # not only KPIs
        with pytest.raises(LackingError):
            evaluate(model, alone(model, records, 0), TODAY, baseline=lacking)
    assert evaluate(model, records, TODAY, baseline=lacking).baseline == baseline


@settings(max_examples=3)
@given(seed=seeds)
def test_only_some_definitions_come_out_as_in_the_whole_run(model: Model, seed: int) -> None:
    source = random.Random(seed)
    records = population(model, source, 6)
    whole = evaluate(model, records, TODAY)
    for wanted in source.sample(model.definitions, min(8, len(model.definitions))):
        part = evaluate(model, records, TODAY, only=[wanted.name])
        assert part.column(wanted.entity, wanted.name) == whole.column(wanted.entity, wanted.name)
        assert part.baseline.statistics.items() <= whole.baseline.statistics.items()
