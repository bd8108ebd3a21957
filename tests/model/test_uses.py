"""Policies that use policies: on two ways, through each other, and changing the same thing."""

from lifeseg.model.model import FlagBlock
from tests.model.checking import found, keys

BASE = """policy base
  version 1.0.0

params
  least_age = 18
  other = 3

entity customer
  customer_id text key
  age count 0..120

flags standing "Standing" of customer
  grown when age >= least_age
  old when age > 60
  odd when age > other
"""


def policy(name: str, *used: str, text: str = "") -> str:
    lines = [f"policy {name}", "  version 1.0.0", *(f"  use {one} 1.0.0" for one in used)]
    return "\n".join(lines) + "\n\n" + text


def test_a_policy_that_is_used_on_two_ways_counts_once() -> None:
    packs = {"base": BASE, "left": policy("left", "base"), "right": policy("right", "base")}
    model, said = found("", packs, head=policy("top", "left", "right", "base"))
    assert said == []
    assert model is not None
    assert [one.name for one in model.definitions] == ["grown", "old", "odd", "standing"]


TREATED = """
segment treatment of customer first match
  visit when old
  letter otherwise

test "The old are visited" of customer
  given customer
    customer_id C1
    age 61
  expect treatment is visit

test "All others get a letter" of customer
  | age || treatment |
  | 20  || letter    |
  | 17  || letter    |

test "The grown" of customer
  | age || grown |
  | 20  || yes   |
"""


def test_tests_of_what_a_change_has_taken_away_are_left_out() -> None:
    packs = {"base": BASE + TREATED}
    change = "change segment treatment of customer first match\n  call when old\n  mail otherwise\n"
    model, said = found(change, packs, head=policy("top", "base"))
    assert model is not None
    assert [test.title for test in model.tests] == ["The grown"]
    assert said == ["test-left-out"]


def test_a_policys_own_tests_name_what_is_there() -> None:
    """Whoever writes the change writes tests of it; only those taken over are left out."""
    change = "change segment treatment of customer first match\n  call when old\n  mail otherwise\n"
    own = 'test "Visited" of customer\n  | age || treatment |\n  | 61  || visit     |\n'
    head = policy("top", "base")
    assert keys(f"{change}\n{own}", {"base": BASE + TREATED}, head=head) == ["test-left-out", "unknown-case"]


def test_two_versions_of_a_policy_do_not_go_together() -> None:
    packs = {"base": BASE, "left": policy("left", "base")}
    top = policy("top", "left").replace("use left 1.0.0", "use left 1.0.0\n  use base 2.0.0")
    assert keys("", packs, head=top) == ["version-mismatch.two"]


def test_a_circle_is_said() -> None:
    assert keys("", {"left": policy("left", "top")}, head=policy("top", "left")) == ["use-cycle"]
    wrong_name = {"left": policy("right", "left")}
    assert keys("", wrong_name, head=policy("top", "left")) == []


def test_two_changes_of_policies_that_do_not_know_of_each_other() -> None:
    packs = {
        "base": BASE,
        "left": policy("left", "base", text="change params\n  least_age = 20\n"),
        "right": policy("right", "base", text="change params\n  least_age = 21\n"),
    }
    assert keys("", packs, head=policy("top", "left", "right")) == ["change-needed.both"]
    model, said = found("change params\n  least_age = 22\n", packs, head=policy("top", "left", "right"))
    assert said == []
    assert model is not None
    assert model.parameters["least_age"].value == 22


def test_a_change_of_a_change() -> None:
    packs = {"base": BASE, "left": policy("left", "base", text="change params\n  least_age = 20\n")}
    model, said = found("change params\n  least_age = 21\n", packs, head=policy("top", "left"))
    assert said == []
    assert model is not None
    assert model.parameters["least_age"].value == 21


def test_the_same_thing_is_changed_once() -> None:
    twice = "change params\n  least_age = 20\nchange params\n  least_age = 21\n"
    assert keys(twice, {"base": BASE}, head=policy("top", "base")) == ["duplicate-name"]


def test_a_changed_flag_stays_in_its_list() -> None:
    for heading in ("flags", "flags standing", "flags whatever"):
        text = f"change {heading} of customer\n  old when age > 65\n"
        model, said = found(text, {"base": BASE}, head=policy("top", "base"))
        assert said == []
        assert model is not None
        (block,) = [one for one in model.definitions if isinstance(one, FlagBlock)]
        assert (block.name, block.flags) == ("standing", ("grown", "old", "odd"))
        assert {one.block for one in model.definitions if one.name == "old"} == {"standing"}


def test_a_flag_is_changed_into_a_flag() -> None:
    text = "change indexes of customer\n  old = age / 120\n"
    assert keys(text, {"base": BASE}, head=policy("top", "base")) == ["change-nothing.other"]


def test_a_used_policy_may_have_titled_itself() -> None:
    """Its own name stands for nothing here, and that is no mistake of the one who uses it; one's own titles are held to."""
    titled = BASE + '\ntitles zh\n  base "基础"\n  age "年龄"\n'
    model, said = found("", {"base": titled}, head=policy("top", "base"))
    assert said == []
    assert model is not None
    assert dict(model.titles) == {}
    own = 'titles zh\n  base "基础"\n'
    assert keys(own, {"base": titled}, head=policy("top", "base")) == ["title-unknown"]
