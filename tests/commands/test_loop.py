"""What came of the tasks: measures counted by hand, targets, KPIs beside those before; champion, challenger and control."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from lifeseg.cli.documents import Loop
from tests.commands import loop
from tests.commands.conftest import Lifeseg
from tests.commands.loop import data, run, tasks, written

HEADING = "task,outcome,day,cost,revenue\n"
CALLED = tuple(f"K{number},2013-07-31,100,no" for number in range(1, 5))


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return loop.made(tmp_path)


def came(lifeseg: Lifeseg, *rows: str) -> None:
    Path("came.csv").write_text(HEADING + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    finished = lifeseg("outcomes", "came.csv")
    assert finished.code == 0, finished.err


def month(lifeseg: Lifeseg, folder: Path, name: str, *rows: str) -> None:
    data(folder, name, *rows)
    run(lifeseg, name)
    tasks(lifeseg, name)


def told(lifeseg: Lifeseg, *words: str) -> Loop:
    finished = lifeseg("loop", "--format", "json", *words)
    assert finished.code == 0, finished.err
    return Loop.model_validate_json(finished.out)


def test_measures_are_those_counted_by_hand(shop: Path, lifeseg: Lifeseg) -> None:
    """Of four calls three are done, one too late; two customers took it up; one of four has renewed."""
    month(lifeseg, shop, "2013-06", *CALLED)
    came(
        lifeseg, "1,responded,2013-07-10,10,100", "2,responded,2013-07-11,10,50.50",
        "3,no_response,2013-07-01,5,", "4,cancelled,2013-07-01,,",
    )  # fmt: skip
    month(lifeseg, shop, "2013-07", "K1,2015-07-31,100,no", *CALLED[1:3])
    [call] = told(lifeseg, "--as-of", "2013-07-31").tasks
    assert (call.handed_out, call.done, call.overdue, call.judged) == (4, 3, 0, 4)
    assert call.measures == {
        "triggered": "1.000000", "response": "0.666667", "on_time": "0.666667", "goal": "0.250000",
        "accuracy": "0.750000", "churn": "0.250000", "growth": "-0.250000",
        "cost": "25.00", "revenue": "150.50", "return": "6.020000",
    }  # fmt: skip
    assert (call.worth_before, call.worth_after) == ("1200.000000", "900.000000")


def test_what_was_expected_came_true_or_did_not(shop: Path, lifeseg: Lifeseg) -> None:
    """Of K1 and K9, who have a key account manager, a renewal was expected; K1 and K3 have renewed."""
    month(lifeseg, shop, "2013-06", *(f"K{number},2013-07-31,{fee},no" for number, fee in FEES.items()))
    month(lifeseg, shop, "2013-07", "K1,2015-07-31,600,no", "K2,2013-07-31,100,no", "K3,2015-07-31,100,no")
    found = told(lifeseg, "--as-of", "2013-07-31", "--by", "tier")
    calls = {one.case: (one.judged, one.measures["accuracy"]) for one in found.tasks if one.task == "call"}
    assert calls == {"account_manager": (2, "0.500000"), "shop": (2, "0.500000")}
    [churn] = [one for one in found.targets if (one.measure, one.case) == ("churn", "shop")]
    assert (churn.value, churn.met) == ("0.000000", True)


FEES = {1: 600, 2: 100, 3: 100, 9: 700}


def test_who_is_lost_is_gone_or_at_an_end_or_lost_by_a_line(shop: Path, lifeseg: Lifeseg) -> None:
    """K1 is at the end of a lifecycle, K2 wants no calls, K3 is gone; K4 is still there and worth more."""
    end = """
lifecycle stage "Stage" of customer
  state here "Here"
  state over "Over" terminal
  start here otherwise
  move here to over when fee = 0 CNY
"""
    policy = written("shop.seg").replace("  worth yearly\n", "  lost opted_out\n  worth yearly\n")
    (shop / "shop.seg").write_text(policy + end, encoding="utf-8")
    month(lifeseg, shop, "2013-06", *CALLED)
    month(
        lifeseg, shop, "2013-07", "K1,2013-07-31,0,no", "K2,2013-07-31,100,yes", "K4,2013-07-31,500,no"
    )  # fmt: skip
    call = told(lifeseg, "--as-of", "2013-07-31").tasks[0]
    assert (call.measures["churn"], call.measures["growth"]) == ("0.750000", "0.500000")


def test_who_is_gone_is_not_known_where_nobody_need_be_anything(shop: Path, lifeseg: Lifeseg) -> None:
    """Nobody has a case of a segment, so that who has none need not be gone."""
    policy = (
        written("shop.seg")
        .replace("owner tier", 'owner "shop"')
        .replace("tier is account_manager", "fee >= 500 CNY")
    )
    head, _, rest = policy.partition("segment tier")
    (shop / "shop.seg").write_text(head + rest[rest.index("tasks care") :], encoding="utf-8")
    month(lifeseg, shop, "2013-06", *CALLED)
    month(lifeseg, shop, "2013-07", "K1,2015-07-31,100,no", *CALLED[1:3])
    [call] = told(lifeseg, "--as-of", "2013-07-31").tasks
    assert (call.measures["goal"], call.measures["churn"], call.measures["growth"]) == (
        "0.250000",
        None,
        "0.000000",
    )


def test_worths_are_kept_of_those_alone_who_have_a_task(shop: Path, lifeseg: Lifeseg) -> None:
    """When it is handed out and when it is judged; not while nothing happens, nor of others."""
    month(lifeseg, shop, "2013-06", *CALLED[:2], "K9,2015-07-31,100,no")
    month(lifeseg, shop, "2013-07", *CALLED[:2], "K9,2015-07-31,100,no")
    month(lifeseg, shop, "2013-08", *CALLED[:2], "K9,2015-07-31,100,no")
    with duckdb.connect(shop / "lifeseg.duckdb", read_only=True) as store:
        found = store.execute("SELECT run, key, worth FROM worths ORDER BY ALL").fetchall()
    assert [(run, key) for run, key, _ in found] == [(1, "K1"), (1, "K2"), (2, "K1"), (2, "K2")]
    assert {worth for *_, worth in found} == {1200}


def test_what_is_not_known_yet_is_nothing(shop: Path, lifeseg: Lifeseg) -> None:
    """On the day of the hand-out nothing is done, due, or to be judged."""
    month(lifeseg, shop, "2013-06", *CALLED)
    document = told(lifeseg)
    assert (document.tasks[0].measures["response"], document.tasks[0].measures["goal"]) == (None, None)
    assert {one.measure for one in document.targets if one.met is None} == {
        "response",
        "on_time",
        "return",
        "churn",
        "growth",
    }
    assert "nothing known yet" in lifeseg("loop").out


def test_what_is_overdue_is_not_in_time(shop: Path, lifeseg: Lifeseg) -> None:
    month(lifeseg, shop, "2013-06", *CALLED)
    came(lifeseg, "1,responded,2013-07-10,10,100")
    [call] = told(lifeseg, "--as-of", "2013-07-10").tasks
    assert (call.overdue, call.measures["on_time"]) == (0, "1.000000")
    [call] = told(lifeseg, "--as-of", "2013-07-11").tasks
    assert (call.overdue, call.measures["on_time"]) == (3, "0.250000")


def test_targets_are_met_or_missed_and_strict_says_so(shop: Path, lifeseg: Lifeseg) -> None:
    month(lifeseg, shop, "2013-06", *CALLED)
    came(lifeseg, "1,responded,2013-07-12,10,100")
    targets = told(lifeseg).targets
    found = {one.measure: (one.target, one.value, one.met) for one in targets if one.met is not None}
    assert found == {
        "response": ("> 10%", "1.000000", True),
        "on_time": (">= 95%", "0.000000", False),
        "return": ("> 2", "10.000000", True),
        "cost": ("<= 100", "10.00", True),
    }
    assert [one.spent for one in targets if one.measure == "cost"] == ["0.100000"]
    assert lifeseg("loop").code == 0
    assert lifeseg("loop", "--strict").code == 1


def test_a_reason_for_which_nothing_was_handed_out_lowers_what_was_triggered(
    shop: Path, lifeseg: Lifeseg
) -> None:
    month(lifeseg, shop, "2013-06", *CALLED)
    data(shop, "2013-07", *CALLED, "K5,2013-08-31,100,no")
    run(lifeseg, "2013-07")
    assert told(lifeseg, "--as-of", "2013-07-31").tasks[0].measures["triggered"] == "0.800000"


def test_by_the_case_on_the_day_of_the_hand_out(shop: Path, lifeseg: Lifeseg) -> None:
    month(lifeseg, shop, "2013-06", *CALLED, "K9,2013-07-31,900,no")
    month(lifeseg, shop, "2013-07", "K9,2013-07-31,10,no")
    found = told(lifeseg, "--as-of", "2013-07-31", "--by", "tier").tasks
    assert [(one.task, one.case, one.handed_out) for one in found] == [
        ("call", "account_manager", 1), ("call", "shop", 4), ("letter", "account_manager", 1),
    ]  # fmt: skip
    assert "error[no-such-name]" in lifeseg("loop", "--by", "teir").err


def test_a_span_of_days(shop: Path, lifeseg: Lifeseg) -> None:
    month(lifeseg, shop, "2013-06", *CALLED)
    month(lifeseg, shop, "2013-07", *CALLED, "K5,2013-08-31,100,no")
    assert told(lifeseg, "--as-of", "2013-07-31", "--since", "2013-07-01").tasks[0].handed_out == 1
    assert told(lifeseg, "--as-of", "2013-07-31", "--until", "2013-07-01").tasks[0].handed_out == 4


def test_kpis_stand_beside_those_of_the_run_before(shop: Path, lifeseg: Lifeseg) -> None:
    month(lifeseg, shop, "2013-06", *CALLED)
    month(lifeseg, shop, "2013-07", "K1,2015-07-31,100,no", *CALLED[1:2])
    runs = told(lifeseg, "--as-of", "2013-07-31").runs
    assert [(one.run, one.kpis[0]["value"], one.kpis[0]["met"]) for one in runs] == [
        (2, "0.5", True), (1, "0", False),
    ]  # fmt: skip
    assert "safe   " in lifeseg("loop", "--as-of", "2013-07-31").out


# ---- Champion, challenger, control ---------------------------------------------------------------

CHALLENGER = """\
policy shop_letters "Shop, letters instead of calls"
  version 1.0.0
"""
SECTION = '\n[challenger]\npolicy = "letters.seg"\nshare = 0.3\ncontrol = 0.2\nsalt = "2013"\n'
MANY = 400


def arm_of(key: str) -> str:
    """As docs/loop.md says it."""
    number = int(hashlib.md5(f"2013/{key}".encode(), usedforsecurity=False).hexdigest()[:8], 16)
    return "control" if number < 0.2 * 2**32 else "challenger" if number < 0.5 * 2**32 else "champion"


@pytest.fixture
def trial(shop: Path, lifeseg: Lifeseg) -> Path:
    """Four hundred customers, of whom in July those with an even number have renewed, and none of the control."""
    policy = written("shop.seg").partition("\n\n")[2].replace('"phone"', '"letter"')
    (shop / "letters.seg").write_text(f"{CHALLENGER}\n{policy}", encoding="utf-8")
    with (shop / "lifeseg.toml").open("a", encoding="utf-8") as settings:
        settings.write(SECTION)
    keys = [f"K{number}" for number in range(MANY)]
    data(shop, "2013-06", *(f"{key},2013-07-31,100,no" for key in keys))
    ends = {
        key: "2015-07-31" if place % 2 and arm_of(key) != "control" else "2013-08-31"
        for place, key in enumerate(keys)
    }
    data(shop, "2013-07", *(f"{key},{end},100,no" for key, end in ends.items()))
    for name in ("2013-06", "2013-07"):
        run(lifeseg, name)
        run(lifeseg, name, "--challenger")
        tasks(lifeseg, name)
    return shop


def test_a_customer_belongs_to_one_arm_by_a_formula_that_anybody_can_work_out(
    trial: Path, lifeseg: Lifeseg
) -> None:
    with duckdb.connect(trial / "lifeseg.duckdb", read_only=True) as store:
        found = store.execute("SELECT key, arm FROM tasks WHERE name = 'call'").fetchall()
    assert len(found) == MANY
    assert all(arm == arm_of(key) for key, arm in found)


def test_who_is_held_out_is_in_no_file(trial: Path, lifeseg: Lifeseg) -> None:
    keys = {key for _, key, _ in tasks(lifeseg, "2013-06")}
    assert keys == {f"K{number}" for number in range(MANY) if arm_of(f"K{number}") != "control"}
    assert f"{MANY - len(keys)} held out as control" in lifeseg("tasks").out
    lifeseg("tasks", "--out", "box")
    assert len(list(Path("box").iterdir())) == len(keys)


def test_the_challenger_hands_out_its_own_tasks(trial: Path, lifeseg: Lifeseg) -> None:
    with duckdb.connect(trial / "lifeseg.duckdb", read_only=True) as store:
        found = store.execute("SELECT DISTINCT arm, channel FROM tasks ORDER BY arm").fetchall()
    assert found == [("challenger", "letter"), ("champion", "phone"), ("control", "phone")]


def test_how_far_the_arms_are_apart(trial: Path, lifeseg: Lifeseg) -> None:
    document = told(lifeseg, "--as-of", "2013-07-31")
    goals = {arm: rows[0].measures["goal"] for arm, rows in document.arms.items()}
    assert goals["control"] == "0.000000"
    against = {(one.arm, one.other): one for one in document.differences if one.what == "goal"}
    champion = against["champion", "control"]
    assert champion.difference == goals["champion"]
    assert champion.low is not None
    assert champion.high is not None
    assert Decimal("0.3") < Decimal(champion.low) < Decimal(champion.difference) < Decimal(champion.high)
    beside = against["challenger", "champion"]
    assert beside.low is not None
    assert beside.high is not None
    assert Decimal(beside.low) < 0 < Decimal(beside.high)
    assert not champion.few


def test_arms_have_all_measures_with_targets_and_so_has_each_case_of_them(
    trial: Path, lifeseg: Lifeseg
) -> None:
    """Everybody is still there and pays what they paid; the control is handed nothing, so nothing of it is done."""
    document = told(lifeseg, "--as-of", "2013-07-31")
    assert {arm: rows[0].measures["triggered"] for arm, rows in document.arms.items()} == {
        "control": None, "champion": "1.000000", "challenger": "1.000000"
    }  # fmt: skip
    for rows in document.arms.values():
        assert (rows[0].measures["churn"], rows[0].measures["growth"]) == ("0.000000", "0.000000")
    met = {(one.arm, one.measure): one.met for one in document.targets if one.arm is not None}
    assert met["control", "churn"] is True
    assert ("control", "response") not in met
    assert met["champion", "response"] is met["challenger", "response"] is None
    apart = {(one.what, one.arm, one.other) for one in document.differences}
    assert apart == {
        (what, *pair) for what in ("goal", "churn", "worth")
        for pair in (("champion", "control"), ("challenger", "control"), ("challenger", "champion"))
    } | {("accuracy", "challenger", "champion")}  # fmt: skip
    split = told(lifeseg, "--as-of", "2013-07-31", "--by", "tier").differences
    assert {one.case for one in split} == {None, "shop"}


def test_few_customers_are_said(trial: Path, lifeseg: Lifeseg) -> None:
    numbers = [task for task, _, _ in tasks(lifeseg, "2013-06")]
    came(lifeseg, *(f"{number},responded,2013-07-05,{number % 3},{number % 7}" for number in numbers[:20]))
    found = [one for one in told(lifeseg, "--as-of", "2013-07-31").differences if one.what == "profit"]
    assert [one.few for one in found] == [True]
    assert found[0].low is not None
    assert "few" in lifeseg("loop", "--as-of", "2013-07-31").out


def test_a_challenger_needs_a_name_of_its_own(trial: Path, lifeseg: Lifeseg) -> None:
    policy = trial / "letters.seg"
    policy.write_text(policy.read_text(encoding="utf-8").replace("shop_letters", "shop"), encoding="utf-8")
    assert "error[challenger-same]" in lifeseg("tasks").err


def test_a_challenger_that_was_not_run(trial: Path, lifeseg: Lifeseg) -> None:
    policy = trial / "letters.seg"
    policy.write_text(policy.read_text(encoding="utf-8") + "# later\n", encoding="utf-8")
    assert "`shop_letters`" in lifeseg("tasks", "--as-of", "2013-07-31").err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("control = 1.5", "`control` wants a share from 0 to 1"),
        ('control = "0.1"', "`control` wants a share from 0 to 1"),
        ("salt = 3", "`salt` wants a text in quotes"),
        ('share = 0.5\ncontrol = 0.6\npolicy = "x.seg"', "more than all"),
        ("share = 0.5", "`policy`"),
        ("contol = 0.5", "did you mean `control`"),
    ],
)
def test_settings_that_cannot_be(line: str, said: str, shop: Path, lifeseg: Lifeseg) -> None:
    with (shop / "lifeseg.toml").open("a", encoding="utf-8") as settings:
        settings.write(f"\n[challenger]\n{line}\n")
    finished = lifeseg("run")
    assert finished.code == 2
    assert said in " ".join(finished.err.split())


def test_a_run_of_a_challenger_that_there_is_not(shop: Path, lifeseg: Lifeseg) -> None:
    assert "error[bad-argument]" in lifeseg("run", "--challenger").err
