"""The nearest changes of one fact: each alters what it says, by the shortest way there is in its direction."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest

from lifeseg.explain.explanation import Way
from lifeseg.explain.to_json import to_json
from lifeseg.interpreter.results import Results
from lifeseg.interpreter.trace import FactTrace, RecordTrace
from lifeseg.interpreter.tracer import Tracer, trace
from lifeseg.model.model import Fact
from lifeseg.model.types import Type, number
from lifeseg.pipeline.explaining import nearest_ways
from lifeseg.pipeline.opened import Opened, opened
from lifeseg.pipeline.setting import settle
from lifeseg.pipeline.single_changes import step_of
from lifeseg.pipeline.whatif import changed_results, changes_of, place_of
from tests.explain.conftest import ROOT, Example

PACKS = ("orgcust", "clm", "rfm", "mobile_value", "household", "complaints", "telco_churn", "group_value")
FIRST = 3


def whatif(results: Results, entity: str, index: int, setting: str) -> RecordTrace:
    """The record as `lifeseg whatif --set` evaluates it."""
    changed, taken = changed_results(results, entity, index, changes_of(results.model, entity, [setting]))
    place = place_of(taken[entity], results.rows[entity][index])
    return Tracer(changed).trace(entity, place).record


def outcome(record: RecordTrace, name: str) -> str | None:
    found = next(one for one in record.definitions if one.name == name)
    if found.kind == "flags":
        return ", ".join(found.members)
    return found.band if found.kind == "score" else found.value


def fact_of(way: Way, record: RecordTrace) -> FactTrace:
    for place in way.child:
        record = record.children[place]
    return next(fact for fact in record.facts if fact.name == way.fact)


def one_step_less(way: Way) -> str | None:
    """The setting just before the change; none where the change is a single step."""
    if way.amount is None or way.steps == 1:
        return None
    path, before = way.setting.partition("=")[0], way.before or ""
    if "-" in before[1:]:
        days = int(way.amount) * (way.steps - 1) // way.steps
        return f"{path}={date.fromisoformat(before) + timedelta(days)}"
    less = Decimal(before) + Decimal(way.amount) * (way.steps - 1) / way.steps
    return f"{path}={less.normalize():f}"


@pytest.fixture(scope="module", params=PACKS)
def pack(request: pytest.FixtureRequest) -> Iterator[Opened]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT / "examples" / request.param)
        yield opened(settle(None))


def found_in(results: Results, entity: str, index: int, detail: int = 3) -> tuple[RecordTrace, list[Way]]:
    traced = trace(results, entity, index)
    return traced.record, nearest_ways(results, entity, index, traced, detail, None)


def test_each_change_makes_what_it_says_and_a_step_less_does_not(pack: Opened) -> None:
    results = pack.results
    entity = next(iter(results.model.entities))
    for index in range(FIRST):
        _, ways = found_in(results, entity, index)
        for way in ways:
            after = whatif(results, entity, index, way.setting)
            less = one_step_less(way)
            short = whatif(results, entity, index, less) if less is not None else None
            for one in way.becomes:
                assert outcome(after, one.definition) == one.after != one.before, way
                if short is not None:
                    assert outcome(short, one.definition) == one.before, way


def test_the_cheapest_come_first_then_the_nearest(pack: Opened) -> None:
    entity = next(iter(pack.results.model.entities))
    for index in range(FIRST):
        _, ways = found_in(pack.results, entity, index)
        order = [(way.cost is None, Decimal(way.cost or 0), way.steps) for way in ways]
        assert order == sorted(order)


def test_nothing_is_proposed_that_nobody_can_change(pack: Opened) -> None:
    entity = next(iter(pack.results.model.entities))
    for index in range(FIRST):
        record, ways = found_in(pack.results, entity, index)
        for way in ways:
            fact = fact_of(way, record)
            assert not fact.key
            if fact.kind == "date":
                assert pack.results.as_of < date.fromisoformat(way.after), "no day that has passed"


def ways_for(example: Example, key: str, detail: int = 2, why_not: str | None = None) -> list[Way]:
    index = example.keys.index(key)
    return nearest_ways(example.results, "customer", index, example.trace(key), detail, why_not)


def test_three_months_or_one_point_would_do_for_c19(example: Example) -> None:
    first, second, third = ways_for(example, "C19")[:3]
    assert (first.setting, first.amount, first.steps) == ("usage.data.arrears=2", "-3", 3)
    assert (first.cost, first.unit) == ("3600", "CNY")
    assert (second.setting, second.amount, second.cost) == ("usage.data.satisfaction=3", "1", "4000")
    assert (third.setting, third.amount, third.cost) == ("usage.data.contract_end=2014-08-15", "365", "5000")
    assert [(one.before, one.after) for one in first.becomes] == [("warning", "detainment")]


def test_what_the_policy_has_no_price_for_cannot_be_had(example: Example) -> None:
    assert {way.fact for way in ways_for(example, "C19", detail=3)}.isdisjoint({"difficulty", "staff_size"})


def test_a_way_that_the_policy_does_not_name_has_no_cost(example: Example) -> None:
    worse = [way for way in ways_for(example, "C2") if way.amount is not None and way.amount.startswith("-")]
    assert worse
    assert [way.cost for way in worse] == [None] * len(worse)


def test_a_case_that_is_asked_about_is_what_they_lead_to(example: Example) -> None:
    ways = ways_for(example, "C4", why_not="maintenance")
    assert ways
    assert {one.after for way in ways for one in way.becomes} == {"maintenance"}


def test_two_products_at_risk_are_too_many_for_one_change(example: Example) -> None:
    assert ways_for(example, "C19", why_not="stabilization") == []


def test_the_document_has_them_with_what_whatif_takes(example: Example) -> None:
    explanation = example.explain("C19", ways=ways_for(example, "C19"))
    first = json.loads(to_json(explanation, example.trace("C19")))["changes"][0]
    assert (first["entity"], first["key"], first["setting"]) == ("usage", "data", "usage.data.arrears=2")


@pytest.mark.parametrize(
    ("kind", "of", "bounded", "present", "step"),
    [
        ("rating", number(0, 1, 5), True, 2, 1),
        ("months", number(0, 0, 12), True, 7, 1),
        ("share", number(6, 0, 1), True, 450_000, 10_000),
        ("count", number(0, 1, 1_000_000), True, 340, 10),
        ("money", number(2, 0, 10**9), True, 53_500_00, 1_000_00),
        ("money", number(2, 0, 10**9), True, 0, 100_000_00),
        ("number", number(1, 0, 10), True, 35, 1),
    ],
)
def test_a_step_is_what_people_count_in(kind: str, of: Type, bounded: bool, present: int, step: int) -> None:
    fact = Fact("f", {}, None, {}, kind, of, 1, False, False, bounded)  # type: ignore[arg-type]
    assert step_of(fact, present) == step


def test_a_declared_step_is_taken() -> None:
    fact = Fact("f", {}, None, {}, "number", number(2, 0, 10), 25, False, False, True)  # type: ignore[arg-type]
    assert step_of(fact, 100) == 25
