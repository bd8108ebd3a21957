"""The pack complaints: every subject and stance has its conversation, and classes pass the seed's four tests or do not."""

from functools import cache
from itertools import product

import pytest

import lifeseg
from tests.docs.recorded import ROOT

PACK = "complaints"
FOLDER = ROOT / "examples" / PACK
AS_OF = "2013-06-30"


@cache
def results() -> lifeseg.Results:
    data = {name: FOLDER / f"{name}s.csv" for name in ("customer", "complaint", "candidate")}
    return lifeseg.load(ROOT / "rules" / PACK).run(data, as_of=AS_OF)


def complaint(number: int, kind: str, addressed_to: str) -> dict[str, object]:
    facts = {"complaint_no": number, "kind": kind, "addressed_to": addressed_to}
    return facts | {"filed_on": "2013-06-28", "cause": None, "solved_on": None}


def test_each_of_the_four_kinds_has_a_conversation_for_each_stance() -> None:
    policy = lifeseg.load(ROOT / "rules" / PACK)
    said = {}
    kinds, addressees = ("service", "network", "tariff", "variety"), ("staff", "superior", "authority")
    for kind, addressed_to, number in product(kinds, addressees, (1, 2)):
        complaints = [complaint(no, kind, addressed_to) for no in range(1, number + 1)]
        facts = {"customer_id": "X", "customer_group": "public", "rural": False, "complaint": complaints}
        first = policy.evaluate(facts, AS_OF, baseline=results().baseline)["complaint"][0]
        said[kind, first["stance"]] = first["conversation"]
    assert len(said) == 12
    assert None not in said.values()


@pytest.mark.parametrize(
    ("name", "tests", "acceptance"),
    [
        ("quiet", ["understood"], "refused"),
        ("taken_further", ["relevant", "understood", "distinct"], "too_small"),
        ("waiting", ["relevant", "understood", "large_enough", "distinct"], "accepted"),
        ("answered", ["relevant", "understood", "large_enough", "distinct"], "accepted"),
    ],
)
def test_the_four_tests_of_a_class(name: str, tests: list[str], acceptance: str) -> None:
    place = results().index("candidate", name)
    assert place is not None
    record = results().record("candidate", place)
    assert (record["passed"], record["acceptance"]) == (tests, acceptance)


def test_the_sizes_of_the_classes_add_up_to_all_customers() -> None:
    assert sum(results().column("candidate", "size")) == 18


def test_nothing_is_found() -> None:
    assert results().findings == ()
