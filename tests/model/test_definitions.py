"""What a definition may say: bands by day, weights of panels, ranges of parameters, tests of records."""

import pytest

from tests.model.checking import found, keys

SCORE = (
    "score level of customer\n  1 part\n  bands\n    high from upper\n    middle from lower\n    low below\n"
)


def test_bands_fall_on_every_day() -> None:
    cuts = "params\n  upper = 0.8\n    since 2014-01-01 = {}\n  lower = {}\n    since 2014-01-01 = 0.4\n"
    assert keys(cuts.format("0.5", "0.5") + SCORE) == []
    assert keys(cuts.format("0.3", "0.5") + SCORE) == ["bands-order.since"]
    assert keys(cuts.format("0.9", "0.85") + SCORE) == ["bands-order"]


def test_a_threshold_may_be_finer_than_the_score_but_must_fit() -> None:
    assert keys(SCORE.replace("upper", "0.1234567890123456789").replace("lower", "0.1")) == []
    assert keys(SCORE.replace("upper", "0." + "1" * 36).replace("lower", "0.1")) == []
    wide = SCORE.replace("1 part", "1 age").replace("upper", "9." + "1" * 36).replace("lower", "0.1")
    assert "out-of-64-bits.intermediate" in keys(wide)


def test_groups_of_a_panel_score_have_no_weights_of_their_own() -> None:
    panel = "weights w\n  method marks\n  | judge | part | rest |\n  | Li    | 3    | 1    |\n"
    rest = "indexes i of customer\n  rest = age / 120\n"
    score = "score s of customer\n  weights w\n  {}group\n    part\n    rest\n"
    assert keys(panel + rest + score.format("")) == []
    assert keys(panel + rest + score.format("0.6 ")) == ["weights-given-twice"]
    assert keys(panel.replace("| rest |", "| part |")) == ["panel-shape.twice"]


def test_a_parameter_lies_in_its_range() -> None:
    text = "params\n  cut = {}\n    since 2014-01-01 = 3\n    range 0..{}\nflags f of customer\n  a when age > cut\n"
    assert keys(text.format(2, 3)) == []
    assert keys(text.format(2, 2)) == ["out-of-range.parameter"]
    assert keys(text.format(2, "3 days")) == ["empty-range.unit"]


def test_a_parameter_is_no_other_parameter_wherever_it_stands() -> None:
    later = (
        "params\n  more = least + 2\n  least = 2\nflags f of customer\n  a when age > least and age > more\n"
    )
    assert keys(later) == ["not-a-constant"]
    assert keys(later.replace("  least = 2\n", "").replace("params\n", "params\n  least = 2\n")) == [
        "not-a-constant"
    ]
    assert keys("params\n  day = today\nflags f of customer\n  a when joined > day\n    if missing no\n") == [
        "not-a-constant"
    ]


def test_a_date_may_have_a_range() -> None:
    fact = "entity visit\n  visit_id text key\n  day date {}\nflags f of visit\n  a when day > today\n"
    assert keys(fact.format("2000-01-01..2030-12-31")) == []
    assert keys(fact.format("2030-01-01..2000-12-31")) == ["empty-range.day"]
    assert keys(fact.format("0..3")) == ["empty-range.day"]


def test_bare_numbers_of_a_fact_in_years_are_years() -> None:
    text = """entity plant
  plant_id text key
  life years 0..50
table kind of plant
  | life   || kind  |
  | 0..<10 || short |
  | 10..50 || long  |
test "long"
  given plant
    life 10
  expect kind is long
"""
    model, said = found(text)
    assert said == []
    assert model is not None
    assert model.tests[0].checks[0].given.facts == {"life": 120}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("| 1..2 || low |\n  | 3..5 || high |", []),
        ("| <= 2 || low |\n  | >= 3 || high |", []),
        ("| <= 2 || low |\n  | > 3 || high |", ["table-gap"]),
        ("| 1..3 || low |\n  | 3..5 || high |", ["rows-overlap"]),
        ("| 5..3 || low |\n  | 3..5 || high |", ["empty-range"]),
        ("| > 9 || low |\n  | - || high |", ["always-false"]),
    ],
)
def test_tables_know_what_a_rating_may_be(rows: str, expected: list[str]) -> None:
    assert keys(f"table t of usage\n  | level || t |\n  {rows}\n") == expected


def test_a_table_with_very_many_lines_is_left_to_the_prover() -> None:
    lines = "".join(f"  | {n}..<{n + 1} || case_{n % 7} |\n" for n in range(3_000))
    said = keys(f"table t of customer first match\n  | bonus || t |\n{lines}  | - || rest |\n")
    assert set(said) <= {"row-shadowed"}


def test_always_is_not_otherwise() -> None:
    cases = "segment s of customer{}\n  a when age > 5\n  b {}\n"
    assert keys(cases.format("", "otherwise")) == []
    assert keys(cases.format("", "always")) == ["cases-overlap"]
    assert keys(cases.format(" first match", "always")) == []
    assert keys("segment s of customer\n  b always\n") == []


def test_a_case_is_found_to_be_shadowed_once() -> None:
    cases = "".join(f"  c_{n} when age > {100 - n % 50}\n" for n in range(3_000))
    said = keys(f"segment s of customer first match\n{cases}  rest otherwise\n")
    assert said == ["case-shadowed"] * 2_950


def test_a_case_that_answers_for_unknown_is_not_shadowed() -> None:
    cases = """segment s of customer first match
  a when bonus > 3 CNY
    if missing no
  b when bonus > 5 CNY
    if missing {}
  c otherwise
"""
    assert keys(cases.format("yes")) == []
    assert keys(cases.format("no")) == ["case-shadowed"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("given usage C1.voice", []),
        ("given usage C1", ["test-shape.full-key"]),
        ("given call C1", ["test-shape.full-key"]),
        ("given usage C1.voice.other", ["test-shape.full-key"]),
        ("given usage C1.voice with level 3, level 4", ["test-shape.twice"]),
        ("given usage C1.voice with level 9", ["out-of-range.literal"]),
    ],
)
def test_a_record_is_given_by_its_full_key(line: str, expected: list[str]) -> None:
    text = (
        f'flags f of usage\n  a when level > 3\nflags g of call\n  b when minutes > 3\ntest "t"\n  {line}\n'
    )
    asked = "b" if "call" in line else "a"
    assert keys(f"{text}  expect {asked}\n") == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("| C1, C2 | voice || 0.50 | yes | high |", []),
        ("| -      | voice || 0.50 | yes | high |", ["test-shape.key"]),
        ("| C1     | voice || -    | -   | -    |", ["test-empty"]),
        ("| C1     | voice || high | yes | high |", ["type-mismatch"]),
        ("| C1     | voice || 3 days | yes | high |", ["unit-mismatch.fact"]),
        ("| C1     | voice || 0.5  | maybe | high |", ["unknown-case"]),
        ("| C1     | voice || 0.5  | yes | higher |", ["unknown-case"]),
        ("| C1     | voice || 0.5..0.7 | yes, no | high, low |", []),
        ("| C1     | voice || >= 0.5 | -   | high, higher |", ["unknown-case"]),
    ],
)
def test_a_line_of_a_test_says_what_comes_out(row: str, expected: list[str]) -> None:
    text = """indexes i of usage
  x = level / 5
flags f of usage
  a when x > 0.5
score s of usage
  1 x
  bands
    high from 0.5
    low below
test "t" of usage
  | customer_id | product || x | a | s |
"""
    assert keys(f"{text}  {row}\n") == expected
