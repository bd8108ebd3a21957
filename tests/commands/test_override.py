"""What is set by hand wins over the rules on every engine, for a time; explanations say so, and what the rules would say."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from tests.commands import loop
from tests.commands.conftest import Lifeseg
from tests.commands.loop import DAYS, JUNE, data, run, tasks

WHY = ("--reason", "is bought by a key account", "--owner", "head of sales")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lifeseg: Lifeseg) -> Path:
    """C3, which pays 100 CNY, is looked after by the shop."""
    monkeypatch.chdir(tmp_path)
    folder = loop.made(tmp_path)
    run(lifeseg, "2013-06")
    return folder


def is_set(lifeseg: Lifeseg, *more: str, to: str = "tier.account_manager") -> str:
    words = ("override", "C3", "--to", to, *WHY, "--until", "2013-07-31", *more)
    finished = lifeseg(*words)
    return finished.out or finished.err


def tiers(lifeseg: Lifeseg, month: str, *more: str) -> dict[str, str]:
    run(lifeseg, month, "--out", "results", "--format", "csv", *more)
    with duckdb.connect() as database:
        rows = database.execute("SELECT customer_id, tier FROM read_csv('results/customer.csv')").fetchall()
    return dict(rows)


@pytest.mark.parametrize("engine", ["interpreter", "duckdb"])
def test_what_is_set_wins_until_its_last_day(engine: str, shop: Path, lifeseg: Lifeseg) -> None:
    assert is_set(lifeseg) == "override 1: C3 is tier.account_manager · from 2013-06-30 until 2013-07-31\n"
    for month in ("2013-07", "2013-08"):
        data(shop, month, *JUNE)
    found = [tiers(lifeseg, month, "--engine", engine) for month in ("2013-06", "2013-07", "2013-08")]
    assert [one["C3"] for one in found] == ["account_manager", "account_manager", "shop"]
    assert [one["C2"] for one in found] == ["shop"] * 3


def test_other_rules_and_tasks_go_by_it(shop: Path, lifeseg: Lifeseg) -> None:
    is_set(lifeseg)
    run(lifeseg, "2013-06")
    assert (4, "C3", "letter") in tasks(lifeseg, "2013-06")


def test_an_explanation_says_who_set_it_and_what_the_rules_say(shop: Path, lifeseg: Lifeseg) -> None:
    before = lifeseg("explain", "C2").out
    is_set(lifeseg)
    finished = lifeseg("explain", "C3")
    sentence = "C3's service tier is account manager, because its service tier by hand is account_manager."
    assert sentence in " ".join(finished.out.split())
    said = " ".join(finished.err.split())
    assert (
        "`tier` of C3 is set by hand to `account_manager` by head of sales until 2013-07-31, because: is bought by a key"
        " account; by the rules it would be `shop`"
    ) in said
    trace = json.loads(lifeseg("explain", "C3", "--format", "json").out)["trace"]
    [tier] = [one for one in trace["record"]["definitions"] if one["name"] == "tier"]
    assert (tier["value"], tier["hand"]) == (
        "account_manager",
        {
            "override": 1, "owner": "head of sales", "reason": "is bought by a key account",
            "valid_from": "2013-06-30", "valid_until": "2013-07-31", "by_rules": "shop",
        },
    )  # fmt: skip
    others = json.loads(lifeseg("explain", "C2", "--format", "json").out)["trace"]["record"]["definitions"]
    assert {one["hand"] is None for one in others} == {True}
    assert lifeseg("explain", "C2").out == before


def test_a_run_says_that_something_is_set(shop: Path, lifeseg: Lifeseg) -> None:
    is_set(lifeseg)
    assert "note[override-some]: overrides in force on 2013-06-30: 1" in run(lifeseg, "2013-06").err


def test_another_one_takes_its_place_and_both_are_kept(shop: Path, lifeseg: Lifeseg) -> None:
    is_set(lifeseg)
    is_set(lifeseg, to="tier.shop")
    assert [line.split()[:3] for line in lifeseg("override", "--list").out.splitlines()[1:]] == [
        ["2", "C3", "tier.shop"]
    ]
    with duckdb.connect(shop / "lifeseg.duckdb", read_only=True) as store:
        assert store.execute("SELECT override, replaced FROM overrides").fetchall() == [(1, 2), (2, None)]


def test_an_earlier_run_is_explained_by_the_overrides_that_were_known_to_it(
    shop: Path, lifeseg: Lifeseg
) -> None:
    """Set, run, and ended as if it had never been: the run still knew it, until the day is run again."""
    is_set(lifeseg)
    run(lifeseg, "2013-06")
    assert "ended before 2013-06-30" in lifeseg("override", "--end", "1").out
    at = ("explain", "C3", "--at", DAYS["2013-06"], "--detail", "0")
    assert "tier is account manager" in lifeseg(*at).out
    run(lifeseg, "2013-06")
    assert "tier is shop" in lifeseg(*at).out
    is_set(lifeseg)
    finished = lifeseg(*at)
    assert "tier is shop" in finished.out
    assert "override" not in finished.err


def test_an_end_lets_the_rules_decide_again(shop: Path, lifeseg: Lifeseg) -> None:
    is_set(lifeseg)
    data(shop, "2013-07", *JUNE)
    assert tiers(lifeseg, "2013-07")["C3"] == "account_manager"
    assert "ended before 2013-07-31" in lifeseg("override", "--end", "1", "--as-of", DAYS["2013-07"]).out
    assert tiers(lifeseg, "2013-07")["C3"] == "shop"
    assert lifeseg("override", "--list", "--as-of", DAYS["2013-07"]).out == "nothing is set by hand\n"
    assert len(lifeseg("override", "--list").out.splitlines()) == 2


def test_a_stage_set_by_hand_is_where_the_next_month_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lifeseg: Lifeseg
) -> None:
    """By the rules nobody starts as a guest of honour; whoever is made one for a month stays it."""
    folder = tmp_path / "life"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "life.seg").write_text(
        "policy life\n  version 1.0.0\n\nentity customer\n  customer_id text key\n  left yes/no\n\n"
        "lifecycle stage of customer\n  state guest\n  state honoured\n  start guest when not left\n"
        "  start honoured when left\n  move guest to honoured when left\n  move honoured to guest when left\n",
        encoding="utf-8",
    )
    (folder / "lifeseg.toml").write_text(
        'policy = "life.seg"\nas_of = 2013-01-31\nresults = "life.duckdb"\n[data]\ncustomer = "c.csv"\n',
        encoding="utf-8",
    )
    (folder / "c.csv").write_text("customer_id,left\nA,no\nB,no\n", encoding="utf-8")
    assert lifeseg("run").code == 0
    words = ("override", "A", "--to", "stage.honoured", *WHY, "--until", "2013-02-01")
    assert lifeseg(*words).code == 0
    for day in ("2013-01-31", "2013-02-28", "2013-03-31"):
        assert lifeseg("run", "--as-of", day, "--engine", "duckdb").code == 0
    history = lifeseg("history", "A", "--format", "json").out
    assert [one["after"] for one in json.loads(history)["changes"]] == ["honoured"]
    assert "B" in lifeseg("list", "guest", "--as-of", "2013-03-31").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("C3", "--to", "tier.account_manager", *WHY), "error[override-words]"),
        (("C3", "--to", "tier.boss", *WHY, "--until", "2013-07-31"), "error[no-such-name]"),
        (("C3", "--to", "teir.shop", *WHY, "--until", "2013-07-31"), "error[no-such-name]"),
        (("C9", "--to", "tier.shop", *WHY, "--until", "2013-07-31"), "error[no-such-name]"),
        (("C3", "--to", "tier.shop", *WHY, "--until", "2013-06-29"), "an override ends on 2013-06-30 or later"),
        (("C3", "--to", "tier.shop", "--reason", " ", "--owner", "x", "--until", "2013-07-31"), "the reason of an override"),
        (("--end", "7"), "no override in force has the number 7"),
    ],
)  # fmt: skip
def test_what_cannot_be_set(words: tuple[str, ...], said: str, shop: Path, lifeseg: Lifeseg) -> None:
    finished = lifeseg("override", *words)
    assert (finished.code, said in finished.err) == (2, True), finished.err


def test_a_case_that_the_policy_no_longer_has_is_passed_over_aloud(shop: Path, lifeseg: Lifeseg) -> None:
    is_set(lifeseg)
    policy = shop / "shop.seg"
    policy.write_text(
        policy.read_text(encoding="utf-8").replace("account_manager", "manager"), encoding="utf-8"
    )
    finished = run(lifeseg, "2013-06")
    assert "warning[override-some]" in finished.err
