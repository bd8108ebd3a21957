"""The cases of many definitions stand in a few numbers, and come out of them as they went in."""

from __future__ import annotations

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as some

from lifeseg.records.typed import text
from lifeseg.tracking.in_numbers import BITS, bits, case_of, held, number_of

NAMES = some.text(
    some.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=5
)
DEFINITIONS = some.dictionaries(NAMES, some.lists(NAMES, unique=True, max_size=9), min_size=1, max_size=30)


@settings(max_examples=30, deadline=None)
@given(DEFINITIONS, some.data())
def test_cases_come_out_as_they_went_in(definitions: dict[str, list[str]], data: some.DataObject) -> None:
    places = held(definitions)
    chosen = {name: data.draw(some.sampled_from([None, *cases])) for name, cases in definitions.items()}
    numbers: dict[int, list[str]] = {}
    for name, one in places.items():
        value = text(chosen[name]) if chosen[name] is not None else "CAST(NULL AS VARCHAR)"
        numbers.setdefault(one.number, []).append(number_of(one, value))
    packed = ", ".join(f"{' | '.join(own)} AS n{number}" for number, own in numbers.items())
    told = ", ".join(case_of(one, f"n{one.number}") for one in places.values())
    assert duckdb.sql(f"SELECT {told} FROM (SELECT {packed})").fetchall() == [tuple(chosen.values())]


def test_a_number_has_no_more_bits_than_every_database_gives_it() -> None:
    places = held({f"d{number}": ["a", "b", "c"] for number in range(50)})
    assert {one.number for one in places.values()} == {0, 1, 2}
    assert all(one.place + bits(one.cases) <= BITS for one in places.values())


def test_a_case_that_is_not_known_is_like_no_other() -> None:
    one = held({"stage": ["young", "old"]})["stage"]
    cases = ["young", "old", "child", None]
    values = ", ".join(f"({text(case) if case else 'NULL'})" for case in cases)
    query = f"SELECT {number_of(one, 'v')} FROM (VALUES {values}) AS t(v)"
    young, old, child, none = (number for (number,) in duckdb.sql(query).fetchall())
    assert len({young, old, child, none}) == 4
    assert none == 0
