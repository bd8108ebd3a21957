"""Plans of generated policies, of which each step keeps only what it or a later one reads."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lifeseg.pipeline.stages import check
from lifeseg.plan import tree as p
from lifeseg.plan.from_expression import Gap
from lifeseg.plan.from_model import from_model
from lifeseg.plan.pruning import inlined, is_key, is_read_once, pruned, read_by, read_in, summarised
from tests.agreement.pairs import Pair, Tally, checked, pairs
from tests.engines.orgcust import AS_OF, ROOT

MOST_PAIRS = 40


READ_ABOVE_TWICE = """
policy above
entity team
  id text key
  size count 0..100
  rank rating -2..2
entity member of team
  day date
indexes of team
  bit = rank * 2
offers for_members of member
  choose 3 by worth
  coat always
    worth 0.114153 - team.bit
indexes of member
  place
    quantile_group(team.bit, 4 over all member) when team.for_teams_best is tent
    team.size otherwise
offers more of team
  choose 3 by worth
  exclude tent
  flag always
    worth bit
    at most 1
offers for_teams of team
  choose 1 by worth
  budget 10
  tent when not bit < 1
    worth rank / 9.8
    cost 1
    at most 5
"""
"""Members read the same of their team before and after a statistic, and what is between is saved for nobody else."""


def plans() -> Iterator[p.Plan]:
    model, findings = checked(READ_ABOVE_TWICE)
    assert model is not None, findings
    yield from_model(model, AS_OF)
    pair: Pair
    for pair in pairs(MOST_PAIRS, Tally(), first=2000):
        names = [found.name for found in pair.model.definitions]
        for only in (None, names[:1], names[-1:]):
            try:
                yield from_model(pair.model, pair.as_of, only)
            except Gap:
                continue


@pytest.fixture(scope="module")
def made() -> list[p.Plan]:
    return list(plans())


def columns_of(relation: p.Relation, saved: dict[str, set[str]], facts: dict[str, set[str]]) -> set[str]:
    """The columns of a relation; on the way, that whatever is read in it is there."""
    match relation:
        case p.Scan():
            return facts[relation.entity]
        case p.Saved():
            return saved[relation.name]
        case p.Extend():
            there = columns_of(relation.source, saved, facts)
            assert read_in(formula for _, formula in relation.columns) <= there
            made = {name for name, _ in relation.columns}
            assert made.isdisjoint(there), "a column is made twice"
            return there | made
        case p.Summarise():
            there = columns_of(relation.source, saved, facts)
            names = {summary.name for summary in relation.summaries}
            assert summarised(relation, names) | set(relation.keys) <= there
            return names | set(relation.keys)
        case p.Attach():
            there, other = (columns_of(part, saved, facts) for part in (relation.source, relation.other))
            assert {name for name, _ in relation.columns} | set(relation.keys) <= other
            assert set(relation.keys) <= there
            attached = {name for _, name in relation.columns}
            assert attached.isdisjoint(there), "a column is attached twice"
            return there | attached


def test_whatever_is_read_is_there(made: list[p.Plan]) -> None:
    assert len(made) > MOST_PAIRS
    for plan in made:
        saved: dict[str, set[str]] = {}
        keys = {f"_k{place}" for place in range(1, 10)}
        facts = {source.entity: keys | {column for _, column in source.facts} for source in plan.sources}
        for step in plan.steps:
            assert read_by(step) <= columns_of(step.relation, saved, facts)
            if isinstance(step, p.Save):
                saved[step.name] = set(step.columns)


def test_whatever_is_saved_is_read(made: list[p.Plan]) -> None:
    saves = 0
    for plan in made:
        for place, step in enumerate(plan.steps):
            if isinstance(step, p.Save):
                saves += 1
                later = repr(plan.steps[place + 1 :])
                assert all(is_key(name) or repr(name) in later for name in step.columns)
    assert saves


def test_pruning_twice_is_pruning_once(made: list[p.Plan]) -> None:
    for plan in made:
        assert pruned(plan.steps) == plan.steps


def test_nothing_is_saved_for_one_later_saving(made: list[p.Plan]) -> None:
    for plan in made:
        for step in plan.steps:
            assert not (isinstance(step, p.Save) and is_read_once(step, plan.steps))


def test_children_of_whom_only_groups_are_asked_are_not_saved() -> None:
    model = check(ROOT / "rules/orgcust").good()
    saved = {
        only: [step.name for step in from_model(model, AS_OF, only).steps if isinstance(step, p.Save)]
        for only in (None, ("value_level", "stage"))
    }
    assert saved == {None: ["usage_1", "customer_2"], ("value_level", "stage"): ["customer_2"]}


def test_savings_of_savings_are_worked_out_in_the_last() -> None:
    """Each is read by the next alone, so that one is left, which reads the records."""
    number = p.Column("whole", 0, 9, False, "fact")
    first = p.Save("a", p.Extend(p.Scan("team", ("fact",)), (("one", number),)), ("_k1", "one"))
    read = p.Column("whole", 0, 9, False, "one")
    second = p.Save("b", p.Extend(p.Saved("a"), (("two", read),)), ("_k1", "two"))
    read = p.Column("whole", 0, 9, False, "two")
    third = p.Save("c", p.Extend(p.Saved("b"), (("three", read),)), ("_k1", "three"))
    result = p.Result("three", "whole", 0, 0, 9, (), "three")
    left = inlined([first, second, third, *(output(result, p.Saved("c")) for _ in range(2))])
    (save, *_) = left
    assert [type(step) for step in left] == [p.Save, p.Output, p.Output]
    columns = columns_of(save.relation, {}, {"team": {"_k1", "fact"}})
    assert columns == {"_k1", "fact", "one", "two", "three"}


def output(result: p.Result, relation: p.Relation) -> p.Output:
    return p.Output("team", "team", relation, ("id",), (result,), (), ())
