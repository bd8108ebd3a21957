"""Faults injected into policies of packs: each is found, and what is proved goes together with what happens to customers.

Here a few of them; `make faults` injects a hundred.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from lifeseg.pipeline.difference import Difference
from tests.review.faults import (
    KINDS,
    ROOT,
    Report,
    changed,
    difference,
    faults,
    in_text,
    looked_for,
    not_as_told,
    seen_but_proved,
    table,
)

FEW = 10

POLICY = """\
policy shop
params
  loyal_from "Loyal from" = 0.60
score loyalty of customer
  0.70 satisfaction  # 0.20 before
  0.30 spending
segment class of customer
  regular "Regular and old" when loyalty >= 0.60 and every order: amount >= 10
  guest when loyalty is loose
    and happy
  nobody otherwise
"""
"""A text to make faults in, which are looked at and not evaluated."""


@pytest.fixture(scope="module")
def reports() -> list[Report]:
    return [looked_for(fault) for fault in faults(1, FEW)]


def test_each_is_found(reports: list[Report]) -> None:
    assert len({report.fault.kind for report in reports}) == len(KINDS)
    for report in reports:
        assert "diff: rules" in report.found, str(report.fault)
        by_meaning = {"check", "test", "prove", "diff --prove"} & report.found
        assert by_meaning or report.harmless, str(report.fault)


def test_nothing_happens_that_was_proved_not_to(reports: list[Report]) -> None:
    assert [wrong for report in reports for wrong in report.wrong] == []


def test_who_moves_is_among_those_who_can(reports: list[Report]) -> None:
    moving = [report for report in reports if "diff: customers" in report.found]
    assert moving
    assert all("diff --prove" in report.found for report in moving)


def test_they_are_counted_by_kind_and_finder(reports: list[Report]) -> None:
    *_, last = table(reports).splitlines()
    assert last.startswith(f"| all | {FEW} |")


# ---- The faults, and the watch over proofs ---------------------------------------------------------


def made(kind: str) -> Iterator[tuple[str, str]]:
    """Line by line what was and what a fault of that kind makes of it."""
    before = POLICY.splitlines()
    for fault in in_text("shop", "shop.seg", POLICY):
        if fault.kind == kind:
            after = fault.text.splitlines()
            gone = [line.strip() for line in before if line not in after]
            new = [line.strip() for line in after if line not in before]
            yield " / ".join(gone), " / ".join(new)


REGULAR = 'regular "Regular and old" when loyalty >= 0.60 and every order: amount >= 10'


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (
            "limit moved",
            [
                ('loyal_from "Loyal from" = 0.60', 'loyal_from "Loyal from" = 0.66'),
                (REGULAR, REGULAR.replace("0.60", "0.66")),
                (REGULAR, REGULAR.replace(">= 10", ">= 11")),
            ],
        ),
        (
            "limit taken in or left out",
            [(REGULAR, REGULAR.replace(">= 0", "> 0")), (REGULAR, REGULAR.replace(">= 10", "> 10"))],
        ),
        ("clause left out", [(REGULAR, REGULAR.partition(" and every")[0]), ("and happy", "")]),
        ("`or` for `and`", [(REGULAR, REGULAR.replace("and every", "or every")), ("and happy", "or happy")]),
        (
            "`is not` for `is`",
            [("guest when loyalty is loose", "guest when loyalty is not loose")],
        ),
        ("`some` for `every`", [(REGULAR, REGULAR.replace("every", "some"))]),
        (
            "weights exchanged",
            [
                (
                    "0.70 satisfaction  # 0.20 before / 0.30 spending",
                    "0.30 satisfaction  # 0.20 before / 0.70 spending",
                )
            ],
        ),
        (
            "cases exchanged",
            [
                (
                    f"{REGULAR} / guest when loyalty is loose",
                    f"{REGULAR.replace(chr(32).join(['regular', chr(34) + 'Regular and old' + chr(34)]), 'guest')}"
                    ' / regular "Regular and old" when loyalty is loose',
                )
            ],
        ),
        ("case left out", [(REGULAR, ""), ("guest when loyalty is loose / and happy", "")]),
    ],
)
def test_a_fault_is_one_change_of_the_text(kind: str, expected: list[tuple[str, str]]) -> None:
    assert [*made(kind)] == expected


def test_the_same_seed_makes_the_same_faults() -> None:
    assert faults(3, FEW) == faults(3, FEW) != faults(4, FEW)


@pytest.fixture(scope="module")
def moved() -> Difference:
    """A fault that moves customers, with the proofs of what can happen."""
    text = (ROOT / "rules/big_customer/big_customer.seg").read_text(encoding="utf-8")
    for fault in in_text("big_customer", "big_customer.seg", text):
        if fault.kind == "limit moved":
            with changed(fault) as setting:
                found = difference(fault, setting)
            if found.moves and found.moves[0].moved:
                return found
    raise AssertionError("no limit of big_customer moves anybody")


def test_a_proof_against_what_happens_would_be_noticed(moved: Difference) -> None:
    assert not [*seen_but_proved(moved)]
    lying = tuple(replace(one, verdict="proved", changes=()) for one in moved.proofs)
    assert [*seen_but_proved(replace(moved, proofs=lying))]


def test_a_witness_that_is_something_else_would_be_noticed(moved: Difference) -> None:
    assert not [*not_as_told(moved)]
    lying = tuple(
        replace(one, changes=tuple(replace(way, after="nobody") for way in one.changes))
        for one in moved.proofs
    )
    assert [*not_as_told(replace(moved, proofs=lying))]
