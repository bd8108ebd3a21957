"""`lifeseg sample`: keys by chance, evenly, or in proportion; whole families; always the same for a seed."""

import csv
import io
from collections import Counter
from pathlib import Path

import pytest

from tests.commands.conftest import Lifeseg


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("method", ["random", "systematic"])
def test_draws_so_many_whatever_the_order_of_rows(orgcust: Path, lifeseg: Lifeseg, method: str) -> None:
    asked = ("sample", "--size", "30", "--method", method, "--seed", "7")
    before = lifeseg(*asked)
    assert before.code == 0, before.err
    assert len({row["customer_id"] for row in rows(before.out)}) == 30
    assert {row["stands_for"] for row in rows(before.out)} == {"5"}
    heading, *records = (orgcust / "customers.csv").read_text(encoding="utf-8").splitlines()
    (orgcust / "customers.csv").write_text("\n".join([heading, *reversed(records)]) + "\n", encoding="utf-8")
    assert lifeseg(*asked).out == before.out
    assert lifeseg(*asked[:-1], "8").out != before.out


def test_strata_in_proportion(orgcust: Path, lifeseg: Lifeseg) -> None:
    found = rows(lifeseg("sample", "--size", "20%", "--method", "stratified", "--by", "stage").out)
    assert Counter(row["stage"] for row in found) == {"contract": 19, "conversion": 9, "identification": 2}
    everybody = sum(float(row["stands_for"]) for row in found)
    assert round(everybody) == 150, "what they stand for is everybody"


def test_whole_families_can_be_run(orgcust: Path, lifeseg: Lifeseg) -> None:
    drawn = lifeseg("sample", "--size", "12", "--out", "keys.csv", "--records", "part")
    assert drawn.code == 0, drawn.err
    assert "12 of 150 customers · random · seed 1" in drawn.err
    keys = {row["customer_id"] for row in rows((orgcust / "keys.csv").read_text(encoding="utf-8"))}
    kept = rows((orgcust / "part" / "customer.csv").read_text(encoding="utf-8"))
    assert {row["customer_id"] for row in kept} == keys
    usage = rows((orgcust / "usage.csv").read_text(encoding="utf-8"))
    below = rows((orgcust / "part" / "usage.csv").read_text(encoding="utf-8"))
    assert len(below) == sum(row["customer_id"] in keys for row in usage)
    assert lifeseg("run", "--data", "part").code == 0


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("--size 0", "`0` is no value of `--size`"),
        ("--size 151", "a number from 1 to 150"),
        ("--size half", "`half` is no value of `--size`"),
        ("--size nan%", "`nan%` is no value of `--size`"),
        ("--size 5 --by stage", "one needs the other"),
        ("--size 5 --method stratified", "one needs the other"),
        ("--size 5 --method stratified --by stge", "did you mean `stage`?"),
        ("--size 5 --of house", "the policy has no entity `house`"),
        ("--size 5 --of usage --records part", "whole families begin at the top"),
    ],
)
def test_what_cannot_be_drawn_is_said(orgcust: Path, lifeseg: Lifeseg, asked: str, said: str) -> None:
    refused = lifeseg("sample", *asked.split())
    assert refused.code == 2
    assert said in " ".join(refused.err.split())
    assert not (orgcust / "part").exists()
