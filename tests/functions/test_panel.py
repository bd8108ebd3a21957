"""Weights from an expert panel: published matrices, exact sums, and what is refused."""

import json
import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeseg.functions import panel
from lifeseg.functions.panel import (
    RANDOM_INDEX,
    Average,
    Method,
    PanelWeights,
    fraction_from_text,
    largest_remainder,
    weights_from_marks,
    weights_from_pairs,
)

EXAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "ahp_examples.json"
NAMES = (
    "saaty_drinks",
    "leader_experience",
    "leader_education",
    "leader_charisma",
    "leader_age",
    "leader_criteria",
    "car_style",
)
AVERAGES: tuple[Average, ...] = ("arithmetic", "geometric")
METHODS: tuple[Method, ...] = ("eigenvector", "columns", "rows")

COMPARISON = st.sampled_from([Fraction(n) for n in range(1, 10)] + [Fraction(1, n) for n in range(2, 10)])


def fractions(*cells: str) -> list[Fraction]:
    return [fraction_from_text(cell) for cell in cells]


def upper(matrix: Sequence[Sequence[str]]) -> list[Fraction]:
    return [fraction_from_text(matrix[row][column]) for row, column in combinations(range(len(matrix)), 2)]


@st.composite
def panels(draw: st.DrawFn) -> tuple[int, list[list[Fraction]]]:
    """A number of indexes, and the comparisons of one to four judges."""
    size = draw(st.integers(2, 5))
    pairs = size * (size - 1) // 2
    row = st.lists(COMPARISON, min_size=pairs, max_size=pairs)
    return size, draw(st.lists(row, min_size=1, max_size=4))


@pytest.fixture(scope="module")
def file() -> Any:
    if not EXAMPLES.is_file():
        pytest.skip("shared/data is not beside this checkout")
    return json.loads(EXAMPLES.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def examples(file: Any) -> dict[str, Any]:
    return {example["id"]: example for example in file["examples"]}


def weigh(example: Any, random_index: str = "saaty") -> PanelWeights:
    matrix = example["matrix"]
    return weights_from_pairs([upper(matrix)], len(matrix), random_index=random_index)


class TestPublishedMatrices:
    def test_every_example_of_the_file_is_here(self, examples: dict[str, Any]) -> None:
        assert set(examples) == set(NAMES)

    def test_random_indexes_are_those_of_the_file(self, file: Any) -> None:
        assert set(RANDOM_INDEX) == set(file["random_index"])
        for name, table in file["random_index"].items():
            found = {
                str(size): Fraction(value, 10**4) for size, value in enumerate(RANDOM_INDEX[name], start=3)
            }
            assert {size: found[size] for size in table} == {
                size: Fraction(str(value)) for size, value in table.items()
            }

    @pytest.mark.parametrize("name", NAMES)
    def test_weights(self, examples: dict[str, Any], name: str) -> None:
        example = examples[name]
        found = dict(zip(example["elements"], weigh(example).weights, strict=True))
        for element, weight in example["published"].get("weights", {}).items():
            assert abs(found[element] / 10**6 - weight) <= 0.001
        for element, weight in example["recomputed"]["weights"].items():
            assert abs(found[element] / 10**6 - weight) <= 0.0000011

    @pytest.mark.parametrize("random_index", sorted(RANDOM_INDEX))
    @pytest.mark.parametrize("name", NAMES)
    def test_consistency(self, examples: dict[str, Any], name: str, random_index: str) -> None:
        example = examples[name]
        found = weigh(example, random_index)
        assert found.largest_eigenvalue is not None
        assert found.consistency_index is not None
        assert found.consistency_ratio is not None
        ratio = f"consistency_ratio_{random_index}_ri"
        if ratio in example["published"]:
            assert abs(found.consistency_ratio / 10**6 - example["published"][ratio]) <= 0.0006
        recomputed = example["recomputed"]
        assert abs(found.consistency_ratio / 10**6 - recomputed[ratio]) <= 0.0000011
        assert abs(found.consistency_index / 10**6 - recomputed["consistency_index"]) <= 0.0000011
        assert abs(found.largest_eigenvalue / 10**6 - recomputed["lambda_max"]) <= 0.0000011

    def test_car_style_contradicts_itself_too_much(self, examples: dict[str, Any]) -> None:
        ratio = weigh(examples["car_style"], "donegan_dodd").consistency_ratio
        assert ratio is not None
        assert ratio > 100_000  # 10 %

    def test_leader_synthesis(self, examples: dict[str, Any]) -> None:
        """The weights of the criteria times the weights of the candidates give the published choice."""
        criteria = examples["leader_criteria"]
        whole = dict.fromkeys(criteria["published"]["synthesis_over_children"], 0)
        for criterion, importance in zip(criteria["elements"], weigh(criteria).weights, strict=True):
            candidates = examples[f"leader_{criterion.lower()}"]
            for candidate, weight in zip(candidates["elements"], weigh(candidates).weights, strict=True):
                whole[candidate] += importance * weight
        for candidate, published in criteria["published"]["synthesis_over_children"].items():
            assert abs(whole[candidate] / 10**12 - published) <= 0.001


class TestPairs:
    def test_two_indexes(self) -> None:
        """3 to 1 is three quarters; two indexes cannot contradict each other."""
        found = weights_from_pairs([fractions("3")], 2)
        assert found == PanelWeights((750_000, 250_000), 2_000_000, 0, 0)

    def test_only_the_upper_triangle_is_averaged(self) -> None:
        """The mean of 1 and 3 is 2 (to 1); averaging the reciprocals too would give another matrix."""
        found = weights_from_pairs([fractions("1"), fractions("3")], 2)
        assert found.weights == (666_667, 333_333)

    def test_geometric_average(self) -> None:
        found = weights_from_pairs([fractions("2"), fractions("8")], 2, "geometric")
        assert found.weights == (800_000, 200_000)

    def test_opposite_judges_cancel_only_geometrically(self) -> None:
        opposite = [fractions("4"), fractions("1/4")]
        assert weights_from_pairs(opposite, 2, "geometric").weights == (500_000, 500_000)
        assert weights_from_pairs(opposite, 2, "arithmetic").weights == (680_000, 320_000)  # 2.125 to 1

    def test_column_method_by_hand(self) -> None:
        """1:2 = 2, 1:3 = 4, 2:3 = 4. The columns sum to 7/4, 13/4 and 9.

        First row 4/7, 8/13, 4/9; second 2/7, 4/13, 4/9; third 1/7, 1/13, 1/9; a third of each sum is
        0.543752 54, 0.345950 35 and 0.110297 11, and the millionth missing goes to the first.
        """
        found = weights_from_pairs([fractions("2", "4", "4")], 3, method="columns")
        assert found.weights == (543_753, 345_950, 110_297)

    def test_row_method_by_hand(self) -> None:
        """1:2 = 2, 1:3 = 4, 2:3 = 2: the rows multiply to 8, 1 and 1/8, their cube roots are 2, 1, 1/2."""
        found = weights_from_pairs([fractions("2", "4", "2")], 3, method="rows")
        assert found == PanelWeights((571_429, 285_714, 142_857), 3_000_000, 0, 0)

    def test_a_circle_of_contradictions_leaves_equal_weights(self) -> None:
        """1 beats 2, 2 beats 3, 3 beats 1, nine times each: the eigenvalue is 1 + 9 + 1/9."""
        found = weights_from_pairs([fractions("9", "1/9", "9")], 3)
        assert found.weights == (333_334, 333_333, 333_333)
        assert found.largest_eigenvalue == 10_111_111
        assert found.consistency_index == 3_555_556
        assert found.consistency_ratio == 6_837_607  # 3.5555 / 0.52

    @pytest.mark.parametrize("average", AVERAGES)
    @pytest.mark.parametrize("method", METHODS)
    def test_consistent_judgements_give_the_weights_behind_them(
        self, method: Method, average: Average
    ) -> None:
        behind = [6, 3, 2, 1]
        row = [Fraction(a, b) for a, b in combinations(behind, 2)]
        found = weights_from_pairs([row, row, row], 4, average, method)
        assert found == PanelWeights((500_000, 250_000, 166_667, 83_333), 4_000_000, 0, 0)

    @given(panels(), st.sampled_from(AVERAGES), st.sampled_from(METHODS))
    def test_weights_sum_to_one(
        self, given_panel: tuple[int, list[list[Fraction]]], average: Average, method: Method
    ) -> None:
        size, comparisons = given_panel
        found = weights_from_pairs(comparisons, size, average, method)
        assert len(found.weights) == size
        assert sum(found.weights) == 10**6
        assert min(found.weights) > 0
        assert found.largest_eigenvalue is not None
        assert found.largest_eigenvalue >= size * 10**6

    @settings(max_examples=50)
    @given(panels())
    def test_weights_are_stretched_by_the_eigenvalue(
        self, given_panel: tuple[int, list[list[Fraction]]]
    ) -> None:
        size, comparisons = given_panel
        found = weights_from_pairs(comparisons[:1], size)
        assert found.largest_eigenvalue is not None
        matrix = [[Fraction(1)] * size for _ in range(size)]
        for (row, column), value in zip(combinations(range(size), 2), comparisons[0], strict=True):
            matrix[row][column], matrix[column][row] = value, 1 / value
        for row, weight in enumerate(found.weights):
            stretched = sum(matrix[row][column] * found.weights[column] for column in range(size))
            # each weight is off by less than 1, and a row holds at most 4 * 9 + 1 of them
            assert abs(stretched - Fraction(found.largest_eigenvalue, 10**6) * weight) < 75

    @given(panels(), st.sampled_from(AVERAGES), st.randoms(use_true_random=False))
    def test_the_order_of_the_judges_changes_nothing(
        self, given_panel: tuple[int, list[list[Fraction]]], average: Average, chance: random.Random
    ) -> None:
        size, comparisons = given_panel
        shuffled = comparisons.copy()
        chance.shuffle(shuffled)
        assert weights_from_pairs(shuffled, size, average) == weights_from_pairs(comparisons, size, average)

    @settings(max_examples=50)
    @given(panels(), st.sampled_from(METHODS))
    def test_turning_the_indexes_round_turns_the_weights_round(
        self, given_panel: tuple[int, list[list[Fraction]]], method: Method
    ) -> None:
        """With the geometric average it does not matter which of a pair is named first."""
        size, comparisons = given_panel
        pairs = list(combinations(range(size), 2))
        turned = [
            [1 / row[pairs.index((size - 1 - second, size - 1 - first))] for first, second in pairs]
            for row in comparisons
        ]
        there = weights_from_pairs(comparisons, size, "geometric", method)
        back = weights_from_pairs(turned, size, "geometric", method)
        assert back.consistency_ratio == there.consistency_ratio
        for one, other in zip(there.weights, reversed(back.weights), strict=True):
            assert abs(one - other) <= 1  # a tie in the remainder goes to the earlier index

    @given(COMPARISON, COMPARISON, COMPARISON)
    def test_of_three_indexes_the_eigenvector_is_known(self, a: Fraction, b: Fraction, c: Fraction) -> None:
        """For three indexes it is the geometric means of the rows, however much they contradict."""
        assert weights_from_pairs([[a, b, c]], 3) == weights_from_pairs([[a, b, c]], 3, method="rows")

    @pytest.mark.parametrize(
        ("comparisons", "size", "message"),
        [
            ([], 3, "a panel has at least one judge"),
            ([fractions("1", "2")], 3, "3 indexes are compared in 3 pairs, but judge 1 compares 2"),
            (
                [fractions("1", "2", "3"), fractions("1", "2", "10")],
                3,
                "a comparison lies between 1/9 and 9, but judge 2 gives 10",
            ),
            ([fractions("0")], 2, "a comparison lies between 1/9 and 9, but judge 1 gives 0"),
            ([[]], 1, "with the random index `saaty` a panel compares 2 to 15 indexes, not 1"),
            ([[]], 16, "with the random index `saaty` a panel compares 2 to 15 indexes, not 16"),
        ],
    )
    def test_what_is_refused(self, comparisons: list[list[Fraction]], size: int, message: str) -> None:
        with pytest.raises(ValueError, match=f"^{message}$"):
            weights_from_pairs(comparisons, size)

    def test_unknown_random_index(self) -> None:
        message = "^`sati` is not a random index; choose one of donegan_dodd, saaty, saaty_1980$"
        with pytest.raises(ValueError, match=message):
            weights_from_pairs([fractions("1")], 2, random_index="sati")


class TestMarks:
    def test_arithmetic_average(self) -> None:
        """Means 8, 6 and 2 of 16."""
        found = weights_from_marks([fractions("9", "6", "1"), fractions("7", "6", "3")])
        assert found == PanelWeights((500_000, 375_000, 125_000), None, None, None)

    def test_geometric_average(self) -> None:
        """Roots of 1 * 4 and 9 * 4: 2 and 6 of 8."""
        found = weights_from_marks([fractions("1", "9"), fractions("4", "4")], "geometric")
        assert found.weights == (250_000, 750_000)

    def test_half_marks_and_an_index_without_any(self) -> None:
        assert weights_from_marks([fractions("0.5", "0", "1.5")]).weights == (250_000, 0, 750_000)

    def test_thirds_sum_to_one(self) -> None:
        assert weights_from_marks([fractions("5", "5", "5")]).weights == (333_334, 333_333, 333_333)

    @given(
        st.integers(1, 6).flatmap(
            lambda size: st.lists(
                st.lists(st.integers(1, 100).map(Fraction), min_size=size, max_size=size),
                min_size=1,
                max_size=5,
            )
        ),
        st.sampled_from(AVERAGES),
        st.randoms(use_true_random=False),
    )
    def test_sums_to_one_in_any_order_of_the_judges(
        self, marks: list[list[Fraction]], average: Average, chance: random.Random
    ) -> None:
        found = weights_from_marks(marks, average)
        assert sum(found.weights) == 10**6
        shuffled = marks.copy()
        chance.shuffle(shuffled)
        assert weights_from_marks(shuffled, average) == found

    @pytest.mark.parametrize(
        ("marks", "average", "message"),
        [
            ([], "arithmetic", "a panel has at least one judge and one index"),
            ([[]], "arithmetic", "a panel has at least one judge and one index"),
            (
                [fractions("1", "2"), fractions("1")],
                "arithmetic",
                "every judge marks every index, but judge 1 gives 2 marks and judge 2 gives 1",
            ),
            (
                [[Fraction(-1), Fraction(2)]],
                "arithmetic",
                "for the arithmetic average a mark is 0 or more, but judge 1 gives -1",
            ),
            (
                [fractions("1", "0")],
                "geometric",
                "for the geometric average a mark is above 0, but judge 1 gives 0",
            ),
            (
                [fractions("0", "0")],
                "arithmetic",
                "at least one mark is above 0, or there is nothing to weigh",
            ),
        ],
    )
    def test_what_is_refused(self, marks: list[list[Fraction]], average: Average, message: str) -> None:
        with pytest.raises(ValueError, match=f"^{message}$"):
            weights_from_marks(marks, average)


class TestLargestRemainder:
    def test_what_is_missing_goes_to_those_that_lost_most(self) -> None:
        shares = [Fraction(1, 7), Fraction(2, 7), Fraction(4, 7)]  # 142857.14, 285714.29, 571428.57
        assert largest_remainder(shares) == (142_857, 285_714, 571_429)

    def test_ties_go_to_the_earlier(self) -> None:
        assert largest_remainder([Fraction(1, 6)] * 6) == (
            166_667,
            166_667,
            166_667,
            166_667,
            166_666,
            166_666,
        )

    def test_exact_shares_stay(self) -> None:
        assert largest_remainder([Fraction(3, 5), Fraction(0), Fraction(2, 5)]) == (600_000, 0, 400_000)

    @given(st.lists(st.integers(0, 10**9), min_size=1, max_size=30).filter(any))
    def test_every_share_moves_by_less_than_a_millionth(self, parts: list[int]) -> None:
        shares = [Fraction(part, sum(parts)) for part in parts]
        found = largest_remainder(shares)
        assert sum(found) == 10**6
        assert all(abs(one - share * 10**6) < 1 for one, share in zip(found, shares, strict=True))


class TestCell:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [("3", Fraction(3)), ("1/2", Fraction(1, 2)), ("0.5", Fraction(1, 2)), ("2/6", Fraction(1, 3))],
    )
    def test_is_read_exactly(self, text: str, expected: Fraction) -> None:
        assert fraction_from_text(text) == expected

    @pytest.mark.parametrize(
        "text", ["", "-1", "1/0", "1/-2", "a", "1e3", " 3", "1_0", "1.5/2", ".5", "½", "1" * 19]
    )
    def test_anything_else_is_no_judgement(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"is not a judgement; write one like 3, 1/2 or 0\.5$"):
            fraction_from_text(text)


def test_the_iteration_is_long_enough_for_any_judgement() -> None:
    """A step of the iteration shrinks the distance by tanh of a quarter of ln 9**4, which is 80/82."""
    assert Fraction(80, 82) ** 5100 < Fraction(1, 10**52) / 5
    assert panel._LONGEST_ITERATION > 5100
