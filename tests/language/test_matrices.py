"""Panels as policy text: whole matrices say what pairs say, published ones come out, weak indexes are screened out."""

import json
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeseg.model.model import Model, Score
from tests.language.run import Checked, check

EXAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "ahp_examples.json"
COMPARISON = st.sampled_from(["1", *map(str, range(2, 10)), *(f"1/{n}" for n in range(2, 10))])
JUDGES = ("Li", "Wang", "Zhao")


def policy(panel: list[str], names: list[str]) -> Checked:
    """A score of indexes that all weigh what the panel says."""
    facts = [f"  {name} share" for name in names]
    score = ["score value of customer", "  weights judges", *(f"  {name}" for name in names)]
    lines = ["entity customer", "  customer_id text key", *facts, "weights judges", *panel, *score]
    return check([("policy.seg", "\n".join([*lines, ""]))], {})


def weights(model: Model | None) -> dict[str, Fraction]:
    """The leaves of the score, and what each weighs."""
    assert model is not None
    score = next(found for found in model.definitions if isinstance(found, Score))
    return {leaf.value.name: Fraction(leaf.weight, 10**score.weight_scale) for leaf in score.leaves}  # type: ignore[attr-defined]


def in_pairs(names: list[str], judges: list[list[str]]) -> list[str]:
    heading = " | ".join(f"{left} : {right}" for left, right in combinations(names, 2))
    rows = [f"  | {judge} | {' | '.join(row)} |" for judge, row in zip(JUDGES, judges, strict=False)]
    return [f"  | judge | {heading} |", *rows]


def as_matrices(names: list[str], judges: list[list[str]]) -> list[str]:
    lines = []
    for judge, row in zip(JUDGES, judges, strict=False):
        said = dict(zip(combinations(names, 2), row, strict=True))
        lines.append(f"  | {judge} | {' | '.join(names)} |")
        for left in names:
            cells = [said.get((left, right)) or opposite(said.get((right, left), "1")) for right in names]
            lines.append(f"  | {left} | {' | '.join(cells)} |")
    return lines


def opposite(comparison: str) -> str:
    return comparison.removeprefix("1/") if comparison.startswith("1/") else f"1/{comparison}"


@st.composite
def panels(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    size = draw(st.integers(2, 4))
    pairs = size * (size - 1) // 2
    row = st.lists(COMPARISON, min_size=pairs, max_size=pairs)
    return [f"index_{place}" for place in range(size)], draw(st.lists(row, min_size=1, max_size=3))


@settings(max_examples=40)
@given(panels())
def test_whole_matrices_weigh_as_pairs_do(panel: tuple[list[str], list[list[str]]]) -> None:
    names, judges = panel
    allowed = ["  consistency 100%"]
    pairs, matrices = (policy([*allowed, *form(names, judges)], names) for form in (in_pairs, as_matrices))
    assert matrices.codes == pairs.codes
    if pairs.model is not None:
        assert weights(matrices.model) == weights(pairs.model)


@settings(max_examples=40)
@given(panels(), st.sampled_from(["5%", "10%", "20%"]))
def test_what_is_screened_out_might_never_have_been_asked_about(
    panel: tuple[list[str], list[list[str]]], limit: str
) -> None:
    names, judges = panel
    allowed = "  consistency 100%"
    screened = policy([allowed, f"  screen below {limit}", *in_pairs(names, judges)], names)
    whole = policy([allowed, *in_pairs(names, judges)], names)
    if screened.model is None:
        assert screened.codes <= {"inconsistent-panel", "index-screened"}
        return
    least = Fraction(limit.rstrip("%")) / 100
    strong = [name for name, weight in weights(whole.model).items() if weight >= least]
    found = weights(screened.model)
    assert list(found) == strong
    assert sum(found.values()) == 1
    of_strong = [
        [cell for pair, cell in zip(combinations(names, 2), row, strict=True) if set(pair) <= set(strong)]
        for row in judges
    ]
    alone = policy([allowed, *in_pairs(strong, of_strong)], strong)
    if alone.model is not None:
        assert found == weights(alone.model)


@pytest.fixture(scope="module")
def examples() -> list[Any]:
    if not EXAMPLES.is_file():
        pytest.skip("shared/data is not beside this checkout")
    found: list[Any] = json.loads(EXAMPLES.read_text(encoding="utf-8"))["examples"]
    return found


def published(example: Any, lines: list[str]) -> Checked:
    names = [name.lower().replace(" ", "_").replace("-", "_") for name in example["elements"]]
    rows = [f"  | {name} | {' | '.join(row)} |" for name, row in zip(names, example["matrix"], strict=True)]
    return policy([*lines, f"  | judge | {' | '.join(names)} |", *rows], names)


def test_published_matrices_come_out_as_they_are_printed(examples: list[Any]) -> None:
    for example in examples:
        found = published(example, ["  consistency 20%", "  random_index donegan_dodd"])
        by_place = dict(zip(example["elements"], weights(found.model).values(), strict=True))
        for element, weight in example["published"].get("weights", {}).items():
            assert abs(by_place[element] - Fraction(str(weight))) <= Fraction("0.001")
        assert found.codes <= {"inconsistent-panel"}
        assert bool(found.codes) == (example["id"] == "car_style")  # 0.107, the only one above 0.10


def test_the_inconsistent_one_is_refused(examples: list[Any]) -> None:
    car_style = next(example for example in examples if example["id"] == "car_style")
    refused = published(car_style, ["  random_index donegan_dodd"])
    assert [finding.key for finding in refused.errors] == ["inconsistent-panel"]
