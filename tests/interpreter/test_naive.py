"""The interpreter comes to exactly what schoolbook rules say, for drawn expressions on drawn records.

LIFESEG_EXAMPLES says how many policies are drawn.
"""

import os
import random
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeseg.interpreter.evaluate import evaluate
from lifeseg.model.from_trees import from_trees
from lifeseg.model.model import Model
from lifeseg.records.population import Population
from lifeseg.syntax.from_text import from_text
from tests.interpreter.drawn import FACTS, Drawn, condition_text, index_lines, text_of
from tests.interpreter.naive import Naive, Record, Tree, rounded
from tests.model.records import population

EXAMPLES = int(os.environ.get("LIFESEG_EXAMPLES", "120"))
TODAY = date(2013, 6, 30)
PARAMETERS = {"whole": Fraction(3), "fine": Fraction(1, 8), "dated": Fraction(3, 4)}
MOST = Fraction(10**6)

Indexes = list[tuple[Tree, int]]


def policy(indexes: Indexes, flags: list[Tree]) -> str:
    lines = [FACTS]
    for place, (tree, decimals) in enumerate(indexes):
        lines += ["indexes of customer", *index_lines(f"amount_{place}", tree)]
        lines += [f"    decimals {decimals}", f"    range -{MOST}..{MOST}", "    if missing 7"]
    for place, tree in enumerate(flags):
        lines += ["flags of customer", f"  answer_{place} when {condition_text(tree)}", "    if missing no"]
    return "\n".join(lines) + "\n"


def checked(text: str) -> Model | None:
    file, problems = from_text(text, "drawn.seg")
    assert not problems, problems
    model, _ = from_trees([file])
    return model


def records(model: Model, drawn: Population) -> list[Record]:
    """The records as the naive evaluator wants them: fractions, and children by name."""
    found: dict[str, list[Record]] = {}
    for name, entity in model.entities.items():
        rows = drawn.rows[name]
        found[name] = []
        for place, values in enumerate(rows.values):
            record: Record = {"usage": []}
            for fact, value in zip(entity.facts, values, strict=True):
                exact: Any = value
                if fact.type.kind == "number" and isinstance(value, int):
                    exact = Fraction(value, 10**fact.type.scale)
                record[fact.name] = exact
            if entity.parent:
                record["up"] = found[entity.parent][rows.parents[place]]
                record["up"][name].append(record)
            found[name].append(record)
    return found["customer"]


def agree(indexes: Indexes, flags: list[Tree], source: random.Random) -> bool:
    """Whether the checker accepts the expressions; then their results are compared."""
    model = checked(policy(indexes, flags))
    if model is None:
        return False
    drawn = population(model, source, 4)
    results, everybody = evaluate(model, drawn, TODAY), records(model, drawn)
    naive = Naive(everybody, PARAMETERS, TODAY)
    for place, (tree, decimals) in enumerate(indexes):
        for record, found in zip(everybody, results.column("customer", f"amount_{place}"), strict=True):
            value = naive.value(tree, record)
            wanted = Fraction(7) if value is None else min(max(rounded(value, decimals), -MOST), MOST)
            assert isinstance(found, int)
            assert Fraction(found, 10**decimals) == wanted, (index_lines("x", tree), record)
    for place, tree in enumerate(flags):
        for record, holds in zip(everybody, results.column("customer", f"answer_{place}"), strict=True):
            assert holds is (naive.value(tree, record) is True), (condition_text(tree), record)
    return True


@pytest.mark.slow
@settings(max_examples=EXAMPLES)
@given(st.integers(0, 2**40))
def test_interpreter_agrees_with_schoolbook_rules(seed: int) -> None:
    source = random.Random(seed)
    drawn = Drawn(source)
    indexes = [(drawn.amount("customer", 3), source.choice((0, 2, 6))) for _ in range(3)]
    indexes.append((drawn.steps(2), 6))
    flags = [drawn.condition("customer", 3) for _ in range(3)]
    if not agree(indexes, flags, source):  # at least each by itself, where the checker accepts it
        for index in indexes:
            agree([index], [], source)
        for flag in flags:
            agree([], [flag], source)


def test_the_checker_accepts_most_of_what_is_drawn() -> None:
    source = random.Random(1)
    drawn = Drawn(source)
    trees = [drawn.amount("customer", 3) for _ in range(100)]
    refused = [text_of(tree) for tree in trees if not agree([(tree, 6)], [], source)]
    assert len(refused) <= 10, refused
