"""Statistics of a population: exact, independent of order, and ties always together."""

import csv
import json
import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeseg.functions import statistics
from lifeseg.functions.exact import divide_half_away

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"

VALUES = st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=40)
TIED_VALUES = st.lists(st.integers(0, 6), max_size=40)
SHARE = st.integers(0, 100).map(lambda percent: (percent, 2))
SHARES = st.lists(st.integers(0, 100), max_size=5).map(
    lambda found: [(percent, 2) for percent in sorted(found)]
)


def belong(values: Sequence[int], cut: int | None) -> int:
    """How many values are at or above a cut."""
    return 0 if cut is None else sum(value >= cut for value in values)


class TestSimple:
    def test_hand_calculation(self) -> None:
        values = [200, 450, 100, 250]  # 2.00, 4.50, 1.00, 2.50
        assert statistics.total(values) == 1000
        assert statistics.minimum(values) == 100
        assert statistics.maximum(values) == 450
        assert statistics.mean(values, 2) == 2_500_000_000_000

    def test_a_mean_that_is_no_finite_decimal(self) -> None:
        assert statistics.mean([1, 0, 0], 0) == 333_333_333_333
        assert statistics.mean([-1, -1, 0], 0) == -666_666_666_667

    def test_share(self) -> None:
        assert statistics.share(1869, 7043) == 265_369_870_794  # 0.265369870793 696
        assert statistics.share(0, 7) == 0
        assert statistics.share(7, 7) == 10**12
        assert statistics.share(0, 0) is None

    def test_no_values_have_no_statistics(self) -> None:
        assert statistics.total([]) is None
        assert statistics.minimum([]) is None
        assert statistics.maximum([]) is None
        assert statistics.mean([], 2) is None
        assert statistics.deviation([], 2) is None
        assert statistics.quantile([], (5, 1), 2) is None


class TestDeviation:
    @pytest.mark.parametrize(
        ("values", "scale", "expected"),
        [
            ([2, 4, 4, 4, 5, 5, 7, 9], 0, 2_000_000_000_000),
            ([20, 40, 40, 40, 50, 50, 70, 90], 1, 2_000_000_000_000),
            ([7], 0, 0),
            ([3, 3, 3], 2, 0),
            ([1, 2], 0, 500_000_000_000),
            ([1, 2, 3], 0, 816_496_580_928),  # root of 2/3 = 0.816496580927 726
            ([-1, 1], 0, 1_000_000_000_000),
            ([0, 1], 12, 1),  # half of the last decimal
            ([0, 1], 13, 0),
        ],
    )
    def test_hand_calculation(self, values: list[int], scale: int, expected: int) -> None:
        assert statistics.deviation(values, scale) == expected

    @settings(max_examples=300)
    @given(VALUES, st.integers(0, 12))
    def test_agrees_with_sixty_digits(self, values: list[int], scale: int) -> None:
        count = len(values)
        with localcontext() as context:
            context.prec = 60
            mean = Fraction(sum(values), count)
            variance = sum(((value - mean) ** 2 for value in values), Fraction(0)) / count
            root = (Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt().scaleb(12 - scale)
            found = statistics.deviation(values, scale)
            assert found is not None
            assert abs(found - root) < Decimal("0.500001")

    @given(VALUES, st.integers(-(10**15), 10**15))
    def test_ignores_where_the_values_lie(self, values: list[int], move: int) -> None:
        moved = [value + move for value in values]
        assert statistics.deviation(moved, 2) == statistics.deviation(values, 2)

    def test_sums_that_no_values_have(self) -> None:
        with pytest.raises(ValueError, match=r"^no 2 values have the sum 4 and the sum of squares 7$"):
            statistics.deviation_from_sums(2, 4, 7, 0)


class TestQuantile:
    @pytest.mark.parametrize(
        ("values", "p", "expected"),
        [
            ([1, 2, 3, 4], (25, 2), 1_750_000_000_000),
            ([1, 2, 3, 4], (5, 1), 2_500_000_000_000),
            ([1, 2, 3, 4, 5], (5, 1), 3_000_000_000_000),
            ([1, 2, 3, 4], (0, 0), 1_000_000_000_000),
            ([1, 2, 3, 4], (1, 0), 4_000_000_000_000),
            ([10, 20], (9, 1), 19_000_000_000_000),
            ([7], (3, 1), 7_000_000_000_000),
            ([-4, -1], (5, 1), -2_500_000_000_000),
            ([4, 1, 3, 2], (250, 3), 1_750_000_000_000),  # unsorted, and p written with three decimals
        ],
    )
    def test_type_7_of_r(self, values: list[int], p: tuple[int, int], expected: int) -> None:
        assert statistics.quantile(values, p, 0) == expected

    def test_is_rounded_half_away_from_zero(self) -> None:
        assert statistics.quantile([0, 1], (5, 1), 12) == 1
        assert statistics.quantile([-1, 0], (5, 1), 12) == -1

    @given(VALUES, st.integers(0, 1000), st.integers(0, 14))
    def test_lies_on_the_straight_line(self, values: list[int], permille: int, scale: int) -> None:
        ordered = sorted(values)
        place = Fraction((len(values) - 1) * permille, 1000)
        below = int(place)
        above = min(below + 1, len(values) - 1)
        exactly = ordered[below] + (place - below) * (ordered[above] - ordered[below])
        scaled = exactly / 10**scale * 10**12
        expected = divide_half_away(scaled.numerator, scaled.denominator)
        assert statistics.quantile(values, (permille, 3), scale) == expected

    @pytest.mark.parametrize(
        ("interpolation", "quarter"),
        [("linear", 175), ("lower", 100), ("higher", 200), ("nearest", 200), ("midpoint", 150)],
    )
    def test_between_two_values(self, interpolation: str, quarter: int) -> None:
        """A quantile that lies on a value, as the median of three, is that value."""
        assert statistics.quantile([100, 200, 200, 500], (25, 2), 12, interpolation) == quarter
        assert statistics.quantile([100, 200, 300], (50, 2), 12, interpolation) == 200

    def test_nearest_at_half_way_is_the_one_above(self) -> None:
        assert statistics.quantile([-2, -1], (5, 1), 12, "nearest") == -1
        assert statistics.quantile([1, 2], (499, 3), 12, "nearest") == 1

    def test_another_interpolation_is_refused(self) -> None:
        with pytest.raises(
            ValueError, match=r"^`nearby` is none of linear, lower, higher, nearest, midpoint$"
        ):
            statistics.quantile([1, 2], (5, 1), 0, "nearby")

    @given(VALUES, SHARE)
    def test_lower_and_higher_are_values_and_enclose_the_others(
        self, values: list[int], share: tuple[int, int]
    ) -> None:
        kinds = ("lower", "linear", "nearest", "midpoint", "higher")
        lower, *between, higher = (statistics.quantile(values, share, 12, kind) or 0 for kind in kinds)
        assert {lower, higher} <= set(values)
        assert all(lower <= found <= higher for found in between)

    @pytest.mark.parametrize("p", [(-1, 1), (11, 1)])
    def test_only_between_0_and_1(self, p: tuple[int, int]) -> None:
        with pytest.raises(
            ValueError, match=r"^a share of the population lies between 0 and 1, but got -?\d\.1$"
        ):
            statistics.quantile([1, 2], p, 0)

    def test_published_bins(self) -> None:
        """The score bins that the R package rfm publishes for its example are quantiles plus 1."""
        if not DATA.is_dir():
            pytest.skip("shared/data is not beside this checkout")
        published = json.loads((DATA / "rule_checks.json").read_text(encoding="utf-8"))["rfm_segments"]
        analysis = date.fromisoformat(published["analysis_date"])
        dates: dict[str, list[date]] = defaultdict(list)
        amounts: dict[str, int] = defaultdict(int)
        with (DATA / published["data"]).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                dates[row["customer_id"]].append(date.fromisoformat(row["order_date"]))
                amounts[row["customer_id"]] += int(row["revenue"])
        measures = {
            "recency_days": [(analysis - max(found)).days for found in dates.values()],
            "transaction_count": [len(found) for found in dates.values()],
            "amount": list(amounts.values()),
        }
        for name, values in measures.items():
            cuts = [statistics.quantile(values, (fifth, 1), 0) for fifth in (2, 4, 6, 8)]
            bins = [Fraction(cut, 10**12) + 1 for cut in cuts if cut is not None]
            assert bins == [Fraction(str(bound)) for bound in published["score_bins"][name]]


class TestTopCuts:
    def test_top_ten_per_cent_then_next_twenty(self) -> None:
        values = list(range(1, 11))
        assert statistics.top_ranks(10, [(1, 1), (3, 1)]) == (1, 3)
        assert statistics.top_cuts(values, [(1, 1), (3, 1)]) == (10, 8)

    def test_ties_join_the_better_class(self) -> None:
        values = [9, 8, 8, 8, 5, 4, 3, 2, 1, 0]
        cuts = statistics.top_cuts(values, [(2, 1), (5, 1)])
        assert cuts == (8, 5)
        assert belong(values, cuts[0]) == 4  # two were asked for

    def test_a_half_customer_is_rounded_up(self) -> None:
        assert statistics.top_ranks(5, [(1, 1), (3, 1), (5, 1)]) == (1, 2, 3)  # 0.5, 1.5, 2.5

    def test_an_empty_class_has_no_cut(self) -> None:
        assert statistics.top_cuts([3, 1, 2, 4], [(1, 1), (2, 1)]) == (None, 4)  # 0.4 and 0.8 of a customer
        assert statistics.top_cuts([], [(5, 1), (1, 0)]) == (None, None)

    def test_ties_join_the_lower_class(self) -> None:
        values = [9, 8, 8, 8, 5, 4, 3, 2, 1, 0]
        cuts = statistics.top_cuts(values, [(2, 1), (5, 1)], "lower")
        assert cuts == (9, 5)
        assert belong(values, cuts[0]) == 1  # two were asked for, and there would be four
        assert statistics.top_cuts([4, 4, 1], [(2, 1)], "lower") == (None,)

    @given(TIED_VALUES, SHARES)
    def test_the_lower_cut_lets_in_as_many_as_fit(
        self, values: list[int], shares: list[tuple[int, int]]
    ) -> None:
        ranks = statistics.top_ranks(len(values), shares)
        cuts = statistics.top_cuts(values, shares, "lower")
        for cut, k in zip(cuts, ranks, strict=True):
            assert cut is None or belong(values, cut) <= k
            left = [value for value in values if cut is None or value < cut]
            assert not left or belong(values, max(left)) > k

    @given(st.lists(st.integers(), max_size=60, unique=True), SHARES)
    def test_without_ties_both_ways_agree(self, values: list[int], shares: list[tuple[int, int]]) -> None:
        assert statistics.top_cuts(values, shares, "lower") == statistics.top_cuts(values, shares)

    def test_everybody(self) -> None:
        assert statistics.top_cuts([3, 1, 2], [(1, 0)]) == (1,)

    @settings(max_examples=300)
    @given(TIED_VALUES, SHARES)
    def test_cut_is_the_kth_largest(self, values: list[int], shares: list[tuple[int, int]]) -> None:
        cuts = statistics.top_cuts(values, shares)
        for cut, (percent, _) in zip(cuts, shares, strict=True):
            k = int(Fraction(len(values) * percent, 100) + Fraction(1, 2))
            if cut is None:
                assert k == 0
            else:
                assert sum(value > cut for value in values) < k <= belong(values, cut)

    @pytest.mark.parametrize("share", [(-1, 0), (101, 2)])
    def test_shares_lie_between_0_and_1(self, share: tuple[int, int]) -> None:
        with pytest.raises(ValueError, match=r"^a share of the population lies between 0 and 1, but got"):
            statistics.top_cuts([1], [share])

    def test_shares_never_fall(self) -> None:
        with pytest.raises(ValueError, match=r"^cumulative shares never fall, but 0\.2 comes after 0\.25$"):
            statistics.top_cuts([1], [(25, 2), (2, 1)])


PAIRS = st.lists(st.tuples(st.integers(-9, 9), st.integers(0, 20)), max_size=30)


class TestAmountCuts:
    def test_the_largest_first_until_they_bring_the_share(self) -> None:
        of = [(value, value) for value in (50, 20, 10, 10, 5, 5)]
        assert statistics.amount_cuts(of, [(50, 2), (70, 2), (71, 2)]) == (50, 20, 10)

    def test_who_are_tied_belong_together(self) -> None:
        assert statistics.amount_cuts([(3, 1), (3, 1), (3, 1), (1, 1)], [(1, 1), (75, 2), (76, 2)]) == (
            3,
            3,
            1,
        )

    def test_of_nothing_there_is_no_share(self) -> None:
        assert statistics.amount_cuts([], [(5, 1)]) == (None,)
        assert statistics.amount_cuts([(1, 0), (2, 0)], [(5, 1)]) == (None,)

    @given(PAIRS, SHARES)
    def test_nobody_could_be_left_out(
        self, pairs: list[tuple[int, int]], shares: list[tuple[int, int]]
    ) -> None:
        everything = sum(amount for _, amount in pairs)
        for cut, (percent, _) in zip(statistics.amount_cuts(pairs, shares), shares, strict=True):
            wanted = Fraction(everything * percent, 100)
            if cut is None:
                assert wanted == 0
            else:
                assert sum(a for v, a in pairs if v > cut) < wanted <= sum(a for v, a in pairs if v >= cut)


class TestSpentCut:
    def test_the_most_valuable_first_while_the_limit_lasts(self) -> None:
        pairs = [(9, 30), (8, 30), (7, 30)]
        assert [statistics.spent_cut(pairs, limit) for limit in (29, 30, 89, 90)] == [None, 9, 8, 7]

    def test_who_are_tied_are_all_in_or_all_out(self) -> None:
        assert statistics.spent_cut([(9, 1), (8, 1), (8, 1)], 2) == 9

    @given(PAIRS, st.integers(0, 100))
    def test_the_limit_is_never_exceeded_and_nobody_more_fits(
        self, pairs: list[tuple[int, int]], limit: int
    ) -> None:
        cut = statistics.spent_cut(pairs, limit)
        if cut is not None:
            assert sum(a for v, a in pairs if v >= cut) <= limit
        if left := [v for v, _ in pairs if cut is None or v < cut]:
            assert sum(a for v, a in pairs if v >= max(left)) > limit


class TestGroupCuts:
    def test_quintiles_of_ten(self) -> None:
        values = list(range(1, 11))
        assert statistics.group_ranks(10, 5) == (8, 6, 4, 2)
        assert statistics.group_cuts(values, 5) == (3, 5, 7, 9)

    def test_ties_join_the_upper_group(self) -> None:
        assert statistics.group_cuts([1, 1, 1, 1, 2], 5) == (1, 1, 1, 2)
        assert statistics.group_cuts([4, 4, 4], 3) == (4, 4)

    def test_ties_join_the_lower_group(self) -> None:
        assert statistics.group_cuts([1, 1, 1, 1, 2], 5, "lower") == (2, 2, 2, 2)
        assert statistics.group_cuts([4, 4, 4], 3, "lower") == (None, None)

    def test_a_group_that_nobody_reaches(self) -> None:
        """One customer of five groups: 0.8, 0.6, 0.4 and 0.2 of a customer, so it lies in group 3."""
        assert statistics.group_cuts([7], 5) == (7, 7, None, None)
        assert statistics.group_cuts([], 3) == (None, None)

    def test_one_group_needs_no_cut(self) -> None:
        assert statistics.group_cuts([1, 2, 3], 1) == ()

    def test_no_group_is_refused(self) -> None:
        with pytest.raises(ValueError, match=r"^a population has at least 1 group, not 0$"):
            statistics.group_cuts([1], 0)

    @given(TIED_VALUES, st.sampled_from([2, 4, 5, 8, 10, 20]))
    def test_agree_with_the_cuts_of_classes(self, values: list[int], groups: int) -> None:
        """The groups from the highest down are classes of equal share."""
        step = 1000 // groups
        shares = [(step * count, 3) for count in range(1, groups)]
        assert statistics.group_cuts(values, groups) == statistics.top_cuts(values, shares)[::-1]

    @given(st.lists(st.integers(), min_size=1, max_size=60, unique=True), st.integers(1, 12))
    def test_without_ties_groups_differ_by_at_most_one(self, values: list[int], groups: int) -> None:
        above = [len(values), *(belong(values, cut) for cut in statistics.group_cuts(values, groups)), 0]
        sizes = [more - fewer for more, fewer in pairwise(above)]
        assert sum(sizes) == len(values)
        assert max(sizes) - min(sizes) <= 1


@given(VALUES, st.randoms(use_true_random=False), SHARE, SHARES, st.integers(1, 6))
def test_no_order_of_the_values_changes_anything(
    values: list[int],
    chance: random.Random,
    share: tuple[int, int],
    shares: list[tuple[int, int]],
    groups: int,
) -> None:
    def everything(of: list[int]) -> list[object]:
        return [
            statistics.total(of),
            statistics.minimum(of),
            statistics.maximum(of),
            statistics.mean(of, 2),
            statistics.deviation(of, 2),
            statistics.quantile(of, share, 2),
            statistics.top_cuts(of, shares),
            statistics.group_cuts(of, groups),
            statistics.group_cuts(of, groups, "lower"),
        ]

    shuffled = values.copy()
    chance.shuffle(shuffled)
    assert everything(shuffled) == everything(values)
