"""Numbers of a policy that can be set: weights that a panel gives become numbers, and nothing else becomes another."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from lifeseg.model.expression import Field
from lifeseg.model.from_trees import from_trees
from lifeseg.model.model import Model, Score
from lifeseg.review.adjusting import adjustables, adjusted, spelled
from lifeseg.syntax.definitions import File
from lifeseg.syntax.from_text import from_text

POLICY = """\
policy shop "Shop"
  version 1.0.0

entity customer "Customer"
  customer_id "Number" text key
  recency "Recency" share
  frequency "Frequency" share
  amount "Amount" share
  trust "Trust" share

weights judges "Judges"
  method marks
{screen}  | judge | recency | frequency | amount | trust |
  | Li    | {marks} |

score worth "Worth" of customer
  weights judges
  buying "Buying"
    recency
    frequency
    amount
  trust
  bands
    high "High" from 0.5
    low "Low" below
"""
MARKS = st.lists(st.integers(1, 9), min_size=4, max_size=4)
DAY = date(2024, 1, 31)


def written(marks: list[int], screen: str = "") -> File:
    text = POLICY.format(
        marks=" | ".join(map(str, marks)), screen=f"  screen below {screen}\n" if screen else ""
    )
    file, found = from_text(text, "shop.seg")
    assert not found, found
    return file


def checked(*files: File) -> Model:
    model, found = from_trees(files, lambda name, version: None)
    assert model is not None, found
    return model


def weights(model: Model) -> dict[str, Fraction]:
    """Of the leaves of the score, which come to 1."""
    [score] = [one for one in model.definitions if isinstance(one, Score)]
    names = [leaf.value.name for leaf in score.leaves if isinstance(leaf.value, Field)]
    found = {
        name: Fraction(leaf.weight, 10**score.weight_scale)
        for name, leaf in zip(names, score.leaves, strict=True)
    }
    assert sum(found.values()) == 1
    return found


@given(MARKS)
def test_spelled_out_the_weights_are_those_of_the_panel(marks: list[int]) -> None:
    file = written(marks)
    model = checked(file)
    assert weights(checked(*spelled([file], model.panels))) == weights(model)


@given(MARKS, st.integers(0, 3), st.integers(1, 999))
def test_a_weight_of_a_panel_is_set_and_the_others_keep_their_proportions(
    marks: list[int], place: int, thousandths: int
) -> None:
    file = written(marks)
    files = spelled([file], checked(file).panels)
    before = weights(checked(*files))
    name = list(before)[place]
    one = adjustables(files, DAY)[f"worth.{name}"]
    assert (one.kind, Fraction(one.value), len(one.beside)) == ("weight", before[name], 4)
    value = Decimal(thousandths).scaleb(-3)
    after = weights(checked(*adjusted(files, one, value)))
    assert after[name] == Fraction(value)
    rest = 1 - before[name]
    for other in before.keys() - {name}:
        exact = before[other] / rest * (1 - after[name])
        assert abs(after[other] - exact) <= Fraction(1, 10**4)


def test_an_index_too_weak_to_be_weighed_is_left_out() -> None:
    file = written([5, 4, 1, 6], "10%")
    model = checked(file)
    files = spelled([file], model.panels)
    assert set(weights(checked(*files))) == {"recency", "frequency", "trust"}
    assert "worth.amount" not in adjustables(files, DAY)


def test_a_panel_that_gives_an_index_nothing_stays() -> None:
    file = written([9, 9, 9, 0])
    model = checked(file)
    assert weights(model)["trust"] == 0
    assert spelled([file], model.panels) == (file,)
