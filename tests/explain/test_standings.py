"""How a score compares with everybody's, counted by hand."""

from fractions import Fraction

import pytest

from lifeseg.explain.to_console import to_console
from lifeseg.pipeline.standings import Distribution, among, scores_of, standings
from tests.explain.conftest import Example


def percentile(values: list[int], own: int) -> int:
    """Of a hundred, how many have less, rounded down."""
    return 100 * sum(value < own for value in values) // len(values)


@pytest.mark.parametrize("entity", ["customer", "usage"])
def test_the_hundredths_tell_everybodys_place(entity: str, example: Example) -> None:
    for score in scores_of(example.results.model, entity):
        values = [value for value in example.results.column(entity, score.name) if isinstance(value, int)]
        found, unit = among(example.results, entity, score), 10**score.type.scale
        assert found.population == len(values)
        assert found.mean == Fraction(sum(values), len(values) * unit)
        for own in values:
            assert found.percentile(Fraction(own, unit)) == percentile(values, own)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 99, 100, 101, 250])
def test_whatever_their_number(size: int) -> None:
    values = [(at * at) % 37 for at in range(size)]
    ordered = sorted(values)
    cuts = tuple(Fraction(ordered[-(-size * part // 100) - 1]) for part in range(1, 100))
    found = Distribution(size, Fraction(0), cuts)
    assert all(found.percentile(Fraction(own)) == percentile(values, own) for own in values)


def test_a_product_stands_among_all_products(example: Example) -> None:
    index = example.keys.index("C19")
    told = {(one.child, one.score): one for one in standings(example.results, "customer", index)}
    data = told[(0,), "product_stability"]
    assert (data.population, data.mean[:6], data.percentile) == (412, "0.6491", 20)


def test_it_is_told_beneath_the_score(example: Example) -> None:
    index = example.keys.index("C19")
    compared = tuple(standings(example.results, "customer", index))
    text = to_console(example.explain("C19", detail=3, standings=compared))
    assert "0.5224, 0.0176 short of stable (from 0.5400)\n" in text
    assert "population 0.6491, percentile 20\n" in text
