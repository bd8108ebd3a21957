"""Names that would stand for two things, that lead in circles, or that are near what is written."""

import pytest

from tests.model.checking import found, keys, model_of


@pytest.mark.parametrize("name", ["age", "customer", "usage", "today", "level_band"])
def test_a_definition_takes_no_name_that_is_taken(name: str) -> None:
    score = "score level of customer\n  1 part\n  bands\n    high from 0.5\n    low below\n"
    said = keys(f"{score}flags f of customer\n  {name} when part > 0.5\n")
    assert {key.partition(".")[0] for key in said} == {"duplicate-name"}


@pytest.mark.parametrize("name", ["age", "customer", "today", "grown"])
def test_nor_does_a_parameter(name: str) -> None:
    text = f"params\n  {name} = 3\nflags f of customer\n  grown when age > 18\n"
    assert {key.partition(".")[0] for key in keys(text)} == {"duplicate-name"}


def test_the_same_name_may_stand_in_two_entities() -> None:
    text = "flags f of customer\n  high when age > 18\nflags f of usage\n  high when level > 3\n"
    model, said = found(text)
    assert said == []
    assert model is not None
    places = [(one.entity, one.name) for one in model.definitions if one.name == "high"]
    assert places == [("customer", "high"), ("usage", "high")]


def test_a_panel_may_be_called_like_its_score() -> None:
    panel = "weights level\n  method marks\n  | judge | part | rest |\n  | Li    | 3    | 1    |\n"
    rest = "indexes i of customer\n  rest = age / 120\n"
    score = "score level of customer\n  weights level\n  part\n  rest\n"
    assert keys(panel + rest + score) == []


def test_a_state_may_be_called_like_a_definition() -> None:
    lifecycle = """flags f of customer
  active when stage is active
lifecycle stage of customer
  state active
  state gone
  start active otherwise
  move active to gone when age > 100
  stay active 1 month
"""
    assert keys(lifecycle) == []


@pytest.mark.parametrize(
    "text",
    [
        "score a of customer\n  1 b\nindexes i of customer\n  b = a / 2\n",
        "flags f of customer\n  a when b > 1\nindexes i of customer\n  b\n    1 when a\n    0 otherwise\n",
        "table a of customer\n  | c || a |\n  | x || y |\nsegment c of customer\n  x when a is y\n",
        "indexes i of customer\n  a = max(b over usage)\n    if missing 0\n"
        "indexes j of usage\n  b = level * customer.a\n",
        "indexes i of customer\n  a = age / mean(a over all customer)\n    range 0..1\n    if missing 0\n",
        "indexes i of customer\n  a = age / sum(b over all usage)\n    range 0..1\n    if missing 0\n"
        "indexes j of usage\n  b = customer.a * level\n",
        "rank a of customer by b\n  x top 10%\n  y rest\n"
        "indexes i of customer\n  b\n    1 when a is x\n    0 otherwise\n",
        "indexes i of customer\n  a = mean_quantization(b over all customer)\n    range 0..9\n    if missing 0\n"
        "  b = a\n",
        "segment a of customer where b\n  x when age > 3\n  y otherwise\nflags f of customer\n  b when a is x\n",
    ],
)
def test_circles_are_found(text: str) -> None:
    assert "cycle" in keys(text)


def test_a_circle_through_the_previous_run_is_none() -> None:
    text = """lifecycle stage of customer
  state new
  state old
  start new otherwise
  move new to old when kind was worn
segment kind of customer where stage is old
  worn when age > 50
  fresh otherwise
"""
    assert keys(text) == []


def test_entities_do_not_belong_to_each_other() -> None:
    text = "entity a of b\n  x count\nentity b of a\n  y count\nflags f of a\n  z when b.y > c.x\n"
    assert "parent-cycle" in keys(text)


def test_entities_lie_at_most_twenty_deep() -> None:
    chain = "".join(f"entity level_{n + 1} of level_{n}\n  x count\n" for n in range(30))
    assert "too-deep" in keys("entity level_0\n  key_0 text key\n" + chain)


def test_functions_that_multiply_their_arguments_are_nested_four_deep() -> None:
    nested = "flags f of customer\n  a when {}age{} > 3\n"
    assert keys(nested.format("absolute(" * 4, ")" * 4)) == []
    assert keys(nested.format("absolute(" * 30, ")" * 30)) == ["too-deep"]


def test_findings_come_to_an_end() -> None:
    text = "flags f of customer\n" + "".join(f"  flag_{n} when agee > {n}\n" for n in range(3_000))
    assert len(keys(text)) == 1_000


def test_statistics_are_called_alike_however_they_are_written() -> None:
    text = """indexes i of customer
  a = age / mean(known   bonus / 1 CNY over all customer where part>0.5)
    range 0..1
    if missing 0
  b = min_max(age over all customer)
    range 0..1
    if missing 0
  c = percentile_rank(age over all customer)
"""
    assert sorted(one.key for one in model_of(text).statistics) == [
        "max(age over all customer)",
        "mean(known bonus / 1 CNY over all customer where part > 0.5)",
        "min(age over all customer)",
        "quantile_group(age, 100 over all customer)",
    ]
