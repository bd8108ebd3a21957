"""Samples: of the size asked for, in proportion, and the same whatever the order."""

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lifeseg.learning.sampling import allotted, at_random, stratified, systematic
from lifeseg.learning.table import held_out

COUNTS = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 50), min_size=1)


@given(COUNTS, st.data())
def test_strata_get_their_share_and_never_more_than_they_have(
    counts: dict[str, int], data: st.DataObject
) -> None:
    total = sum(counts.values())
    size = data.draw(st.integers(1, total))
    found = allotted(counts, size)
    assert sum(found.values()) == size
    assert all(0 <= found[name] <= counts[name] for name in counts)
    if size >= len(counts):
        assert all(found.values()), "nobody goes without"
    for name, number in found.items():
        assert abs(number - size * counts[name] / total) < len(counts) + 1


def test_a_stratum_that_got_its_first_does_not_lose_it() -> None:
    assert allotted({"a": 1, "b": 1, "c": 4}, 3) == {"a": 1, "b": 1, "c": 1}


@given(st.sets(st.text("abc", min_size=1), min_size=2), st.integers(0, 5), st.randoms())
def test_no_order_of_records_changes_a_sample(names: set[str], seed: int, mixer: object) -> None:
    keys = [(name,) for name in sorted(names)]
    mixed = [*keys]
    mixer.shuffle(mixed)
    size = len(keys) // 2

    def drawn(of: list[tuple[str]]) -> set[tuple[str]]:
        return {of[place] for place in at_random(of, range(len(of)), size, seed)}

    assert drawn(keys) == drawn(mixed)
    assert {keys[n] for n in held_out(keys, seed, Fraction(1, 2))} == {
        mixed[n] for n in held_out(mixed, seed, Fraction(1, 2))
    }


@given(st.integers(1, 200), st.integers(0, 9), st.data())
def test_a_systematic_sample_is_even(total: int, seed: int, data: st.DataObject) -> None:
    size = data.draw(st.integers(1, total))
    found = systematic(range(total), size, seed)
    assert len(set(found)) == size
    assert found == sorted(found)
    steps = {after - before for before, after in pairwise(found)}
    assert all(abs(step - total / size) < 1 for step in steps)


def test_a_larger_sample_holds_the_smaller_one() -> None:
    keys = [(f"C{number}",) for number in range(100)]
    small, large = (set(at_random(keys, range(100), size, 3)) for size in (10, 30))
    assert small < large
    assert small != set(at_random(keys, range(100), 10, 4))
    assert len(stratified(keys, ["a" if n < 90 else "b" for n in range(100)], 10, 1)) == 10
