"""What counts as a change of a policy, and what it is called."""

from __future__ import annotations

import pytest

from lifeseg.model.from_trees import from_trees
from lifeseg.review.alone import with_change
from lifeseg.review.rules import RuleChange, Version, rule_changes
from lifeseg.syntax.from_text import from_text
from lifeseg.syntax.to_text import to_text

POLICY = """\
policy shop "Shop"
  version 1.0.0

params
  big "A large bill" = 300 CNY
  old = 60

entity customer "Customer"
  customer_id text key
  bill money CNY 0..1000
  age count 0..120

score worth "Worth" of customer
  0.60 bill_scale
  0.40 age_scale
  bands
    good from 0.5
    poor below

indexes of customer
  bill_scale = bill / 1000 CNY
  age_scale = age / 120

segment class of customer first match
  large "Large" when bill >= big
  senior when age >= old
  other otherwise
"""


def version(*texts: str) -> Version:
    files = []
    for number, text in enumerate(texts):
        file, found = from_text(text, f"part{number}.seg")
        assert not found, found
        files.append(file)
    model, _ = from_trees(files)
    return Version(tuple(files), model)


def changes(new: str, old: str = POLICY) -> tuple[RuleChange, ...]:
    return rule_changes(version(old), version(new))


def only(new: str) -> RuleChange:
    (found,) = changes(new)
    return found


def test_the_same_text_has_no_change() -> None:
    assert changes(POLICY) == ()


def test_another_layout_is_no_change() -> None:
    crowded = POLICY.replace("  0.60 bill_scale", "  0.60   bill_scale  # most of it").replace(
        "\n\n", "\n\n\n"
    )
    assert crowded != POLICY
    assert changes(crowded) == ()


def test_another_place_is_no_change() -> None:
    """Definitions in another order, and in another file."""
    head, segment = POLICY.split("segment class", 1)
    start, params, rest = head.split("\n\n", 2)
    moved = version(f"segment class{segment}\n{params}\n", f"{start}\n\n{rest}")
    assert rule_changes(version(POLICY), moved) == ()


def test_a_laid_out_policy_is_the_same() -> None:
    assert changes(to_text(version(POLICY).files[0])) == ()


def test_a_parameter() -> None:
    found = only(POLICY.replace("300 CNY", "350 CNY"))
    assert (found.how, found.unit.kind, found.unit.name, found.means) == ("changed", "parameter", "big", True)
    assert [(line.before, line.after) for line in found.lines] == [
        ('big "A large bill" = 300 CNY', 'big "A large bill" = 350 CNY')
    ]


@pytest.mark.parametrize(
    ("before", "after", "kind", "name"),
    [
        ('"A large bill"', '"A very large bill"', "parameter", "big"),
        ('"Large" when', '"Big" when', "segment", "class"),
        ("version 1.0.0", "version 1.1.0", "policy", "shop"),
        ("0.60 bill_scale", "0.6 bill_scale", "score", "worth"),
    ],
)
def test_words_alone_mean_nothing_else(before: str, after: str, kind: str, name: str) -> None:
    found = only(POLICY.replace(before, after))
    assert (found.unit.kind, found.unit.name, found.means) == (kind, name, False)


def test_weights_mean_something_else() -> None:
    found = only(POLICY.replace("0.60 bill", "0.70 bill").replace("0.40 age", "0.30 age"))
    assert (found.unit.key, found.means) == (("score", "worth", "customer"), True)
    assert [(line.before, line.after) for line in found.lines] == [
        ("0.60 bill_scale", "0.70 bill_scale"),
        ("0.40 age_scale", "0.30 age_scale"),
    ]


def test_cases_in_another_order() -> None:
    large, senior = '  large "Large" when bill >= big\n', "  senior when age >= old\n"
    found = only(POLICY.replace(large + senior, senior + large))
    assert found.reordered
    assert found.means  # of a first match the order counts


def test_added_and_removed() -> None:
    new = POLICY.replace("  age_scale = age / 120\n", "  age_scale = age / 120\n  old_scale = age / 100\n")
    found = only(new)
    assert (found.how, found.unit.key) == ("added", ("index", "old_scale", "customer"))
    (gone,) = changes(POLICY, new)
    assert (gone.how, gone.unit.key, gone.means) == ("removed", ("index", "old_scale", "customer"), True)


def test_a_fact_is_a_part() -> None:
    found = only(POLICY.replace("age count 0..120", "age count 0..130"))
    assert found.unit.key == ("fact", "age", "customer")
    assert found.means


def test_each_change_alone_makes_the_old_policy_with_just_that() -> None:
    """One by one, and then all: the last is the new policy."""
    text = POLICY
    for before, after in (
        ("300 CNY", "350 CNY"),
        ("age >= old", "age > old"),
        ("0.60", "0.65"),
        ("0.40", "0.35"),
        ("  age_scale = age / 120\n", "  age_scale = age / 120\n  old_scale = age / 100\n"),
    ):
        text = text.replace(before, after)
    new = version(text)
    old = version(POLICY)
    found = rule_changes(old, new)
    assert len(found) == 4
    for change in found:
        files = with_change(old, new, change)
        model, _ = from_trees(files)
        alone = rule_changes(old, Version(files, model))
        assert [one.unit.key for one in alone] == [change.unit.key]
        old_again = rule_changes(Version(files, model), new)
        assert {one.unit.key for one in old_again} == {one.unit.key for one in found} - {change.unit.key}
