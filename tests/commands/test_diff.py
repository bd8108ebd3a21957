"""lifeseg diff: two versions of a policy, in folders and in a real git repository, and whom the change between them moves."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest

from tests.commands.conftest import Lifeseg

POLICY = "rules/shop/shop.seg"
IDENTITY = ["-c", "user.name=analyst", "-c", "user.email=analyst@example.org"]


def git(*words: str) -> str:
    done = subprocess.run(["git", *IDENTITY, *words], capture_output=True, check=True, encoding="utf-8")
    return done.stdout


@pytest.fixture
def kept(shop: Path) -> Path:
    """The workspace under git, with one commit."""
    git("init", "-q", "-b", "main")
    git("add", "--all")
    git("commit", "-qm", "The policy in force")
    return shop


def edit(before: str, after: str, path: str = POLICY) -> None:
    text = Path(path).read_text(encoding="utf-8")
    assert text.count(before) == 1, before
    Path(path).write_text(text.replace(before, after), encoding="utf-8")


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def told(lifeseg: Lifeseg, *words: str, code: int = 0) -> str:
    finished = lifeseg("diff", *words)
    assert finished.code == code, finished.err + finished.out
    return finished.out if code != 2 else finished.err


def document(lifeseg: Lifeseg, *words: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(told(lifeseg, *words, "--format", "json"))
    return found


# ---- What changed --------------------------------------------------------------------------------


@pytest.mark.usefixtures("kept")
def test_nothing(lifeseg: Lifeseg) -> None:
    assert told(lifeseg) == "HEAD → rules/shop: no rule differs\n"


@pytest.mark.usefixtures("kept")
def test_since_the_last_commit(lifeseg: Lifeseg) -> None:
    """Ann has 0.90, Bob 0.25 and Cem 0.60025: with the threshold at 0.95 nobody is loyal any more."""
    edit('loyal_from "Loyal from" = 0.60', 'loyal_from "Loyal from" = 0.95')
    out = told(lifeseg)
    assert "1 part differs in meaning" in out
    assert "parameter loyal_from: 0.60 → 0.95" in out
    assert "2 of 3 customers move (66.7 %)" in out
    assert "loyalty_band   loyal → loose     2   ann · cem" in out
    assert "parameter loyal_from   2 customers" in out


@pytest.mark.usefixtures("kept")
def test_revisions_and_branches(lifeseg: Lifeseg) -> None:
    git("checkout", "-qb", "stricter")
    edit("= 0.60", "= 0.95")
    git("commit", "-qam", "Stricter")
    edit("= 0.95", "= 0.99")  # not saved in any commit
    assert "0.60 → 0.95" in told(lifeseg, "main..stricter")
    assert "0.60 → 0.95" in told(lifeseg, "main", "stricter")
    assert "0.60 → 0.99" in told(lifeseg, "main")
    assert "0.95 → 0.99" in told(lifeseg)
    assert "0.99 → 0.60" in told(lifeseg, "rules/shop", "HEAD~1")


def test_the_work_tree_is_not_touched(kept: Path, lifeseg: Lifeseg) -> None:
    edit("= 0.60", "= 0.95")
    git("status")  # which writes down what it has seen
    before = tree(kept)
    told(lifeseg, "HEAD")
    assert tree(kept) == before


def test_two_folders(shop: Path, lifeseg: Lifeseg) -> None:
    (shop / "new").mkdir()
    text = (
        (shop / POLICY)
        .read_text(encoding="utf-8")
        .replace("0.50 satisfaction_level", "0.60 satisfaction_level")
    )
    (shop / "new/shop.seg").write_text(text.replace("0.50 spent_level", "0.40 spent_level"), encoding="utf-8")
    found = document(lifeseg, "rules/shop", "new")
    (rule,) = found["rules"]  # type: ignore[misc]
    assert (rule["kind"], rule["name"], rule["file"]) == ("score", "loyalty", "new/shop.seg")
    (moves, _) = found["moves"]  # type: ignore[misc]
    assert moves["moved"] == 0
    assert moves["amounts"] == {"loyalty": 3}


# ---- By which change -----------------------------------------------------------------------------


@pytest.mark.usefixtures("kept")
def test_each_mover_has_its_change(lifeseg: Lifeseg) -> None:
    """Cem, who is at 0.60025, leaves by the threshold; who has spent enough to be happy is another rule."""
    edit("= 0.60", "= 0.61")
    edit('happy "Happy" when satisfaction >= 4', 'happy "Happy" when satisfaction >= 2')
    (moves, *_) = document(lifeseg)["moves"]  # type: ignore[misc]
    causes = {mover["key"][0]: mover["causes"] for mover in moves["movers"]}
    assert causes == {"bob": ["flag happy"], "cem": ["parameter loyal_from"]}


@pytest.mark.usefixtures("kept")
def test_changes_that_only_together_move_anybody(lifeseg: Lifeseg) -> None:
    """Bob's satisfaction of 2 and 100 CNY: only a weight of 1 for satisfaction with a threshold of 0.40 makes him loyal."""
    edit("0.50 satisfaction_level", "0.90 satisfaction_level")
    edit("0.50 spent_level", "0.10 spent_level")
    edit("= 0.60", "= 0.37")
    (moves, *_) = document(lifeseg)["moves"]  # type: ignore[misc]
    bob = next(mover for mover in moves["movers"] if mover["key"] == ["bob"])
    assert bob["together"]
    assert "several changes together" in told(lifeseg)


MANY = "".join(f"c{number:04},4,400\n" for number in range(1003))


def test_more_than_are_listed(lifeseg: Lifeseg, shop: Path) -> None:
    """The only change moves all; of several changes each is tried on the first thousand."""
    Path("data/customer.csv").write_text(
        f"customer_id,satisfaction,spent\nann,5,800\n{MANY}", encoding="utf-8"
    )
    Path("data/order.csv").write_text("customer_id,amount\n", encoding="utf-8")
    shutil.copytree("rules/shop", "new")
    edit("= 0.60", "= 0.61", "new/shop.seg")
    assert "parameter loyal_from   1,003 customers\n" in told(lifeseg, "rules/shop", "new")
    edit("satisfaction >= 4", "satisfaction >= 5", "new/shop.seg")
    out = told(lifeseg, "rules/shop", "new")
    assert "parameter loyal_from   1,000 customers of the first 1,000\n" in out
    assert "flag happy   1,000 customers of the first 1,000\n" in out


# ---- Flag by flag --------------------------------------------------------------------------------


@pytest.mark.usefixtures("kept")
def test_flags_are_told_one_by_one(lifeseg: Lifeseg) -> None:
    """Bob's 5 CNY and Ann's two orders are no longer many enough to buy; Bob's satisfaction of 2 makes happy."""
    edit("count(order) > 0", "count(order) > 1")
    edit("satisfaction >= 4", "satisfaction >= 2")
    out = told(lifeseg)
    assert "gains happy   1   bob" in out
    assert "loses buys    1   bob" in out
    assert "| signs: happy | no | yes | 1 | bob |" in told(lifeseg, "--format", "markdown")
    (moves, _) = document(lifeseg)["moves"]  # type: ignore[misc]
    assert [(way["flag"], way["from"], way["to"], way["count"]) for way in moves["went"]] == [
        ("buys", "yes", "no", 1),
        ("happy", "no", "yes", 1),
    ]
    assert moves["sizes"] == {"signs": {"buys": [2, 1], "happy": [2, 3]}}


@pytest.mark.parametrize(("test", "fails"), [("happy gained > 0", True), ("signs.happy lost > 0", False)])
@pytest.mark.usefixtures("kept")
def test_gates_about_flags(test: str, fails: bool, lifeseg: Lifeseg) -> None:
    edit("satisfaction >= 4", "satisfaction >= 2")
    assert told(lifeseg, "--fail-if", test, code=int(fails)).rstrip().endswith("FAILED") == fails


# ---- What has only its name in common ------------------------------------------------------------


@pytest.mark.parametrize("engine", ["interpreter", "duckdb"])
@pytest.mark.usefixtures("kept")
def test_a_block_of_flags_that_is_a_segment_now(engine: str, lifeseg: Lifeseg) -> None:
    edit(
        'flags signs "Signs" of customer\n  buys "Buys" when count(order) > 0\n',
        "segment signs of customer\n  buys otherwise\n",
    )
    edit('  happy "Happy" when', "  happy when")
    edit(
        "  buys otherwise\n  happy when satisfaction >= 4\n",
        "  happy when satisfaction >= 4\n  buys otherwise\n",
    )
    out = told(lifeseg, "--engine", engine)
    assert "segment signs of customer added" in out
    assert "block of flags signs of customer removed" in out
    assert "0 of 3 customers move\n" in out


@pytest.mark.parametrize("engine", ["interpreter", "duckdb"])
@pytest.mark.usefixtures("kept")
def test_a_segment_that_is_an_index_now(engine: str, lifeseg: Lifeseg) -> None:
    segment = (
        Path(POLICY).read_text(encoding="utf-8").partition("segment class")[2].partition("\nflags signs")[0]
    )
    edit(f"segment class{segment}", "indexes more of customer\n  class = spent / 100 CNY\n")
    edit("|| regular |", "|| 8 |")
    words = ("--engine", engine, "--value", "loyalty")
    assert "index class of customer added" in told(lifeseg, *words)
    assert "the policy defines no `class`" in " ".join(told(lifeseg, "--value", "class", code=2).split())


# ---- Where it changed ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("0.60\n", "0.61\n", 5),
        ('    loyal "Loyal" from loyal_from', '    loyal "Loyal" from 0.61', 23),
        ("    and some order: amount >= 10 CNY\n", "    and some order: amount >= 11 CNY\n", 28),
        ("    and some order: amount >= 10 CNY\n", "", 28),
        ('  happy "Happy" when satisfaction >= 4\n', "", 34),
        ('test "Ann', 'segment odd of customer\n  one when spent > 5 CNY\n  two otherwise\n\ntest "Ann', 39),
    ],
)
@pytest.mark.usefixtures("kept")
def test_the_line_that_differs_is_named(before: str, after: str, line: int, lifeseg: Lifeseg) -> None:
    edit(before, after)
    assert f"file={POLICY},line={line}," in told(lifeseg, "--text-only", "--format", "github")


# ---- Who nearly moves ----------------------------------------------------------------------------


def near(lifeseg: Lifeseg, *words: str) -> list[dict[str, object]]:
    (moves, *_) = document(lifeseg, *words)["moves"]  # type: ignore[misc]
    found: list[dict[str, object]] = moves["nearest"]
    return found


@pytest.mark.parametrize("engine", ["interpreter", "duckdb"])
@pytest.mark.usefixtures("kept")
def test_nearest_to_a_band(engine: str, lifeseg: Lifeseg) -> None:
    """Cem moves; of the others Ann is over the new threshold, and Bob below it."""
    edit("= 0.60", "= 0.61")
    assert near(lifeseg, "--engine", engine) == [
        {
            "decision": "loyalty_band",
            "case": "loyal",
            "flag": None,
            "column": "loyalty",
            "before": "0.60",
            "after": "0.61",
            "short": [{"key": ["bob"], "amount": "0.25", "distance": "0.36"}],
            "reached": [{"key": ["ann"], "amount": "0.9", "distance": "0.29"}],
        }
    ]
    assert "  loyalty 0.60 → 0.61 (loyal)   bob -0.36   ann +0.29\n" in told(lifeseg)
    assert "| loyalty 0.60 → 0.61 (loyal) | bob -0.36 | ann +0.29 |" in told(lifeseg, "--format", "markdown")
    assert near(lifeseg, "--nearest", "0") == []


@pytest.mark.usefixtures("kept")
def test_nearest_where_the_score_is_another_one(lifeseg: Lifeseg) -> None:
    """The threshold is where it was; with the new weights Ann has 0.98, Bob 0.38 and Cem 0.760."""
    edit("0.50 satisfaction_level", "0.90 satisfaction_level")
    edit("0.50 spent_level", "0.10 spent_level")
    (one,) = near(lifeseg)
    assert (one["before"], one["after"]) == ("0.60", "0.60")
    assert [each["key"] for each in one["reached"]] == [["cem"], ["ann"]]  # type: ignore[attr-defined]
    (first,) = near(lifeseg, "--nearest", "1")
    assert [each["key"] for each in first["reached"]] == [["cem"]]  # type: ignore[attr-defined]


@pytest.mark.usefixtures("kept")
def test_nearest_to_what_a_condition_compares_with(lifeseg: Lifeseg) -> None:
    """Ann is right at 0.8, which is not more than 0.8. Who gains another flag of the block did not move by this one."""
    edit('happy "Happy" when satisfaction >= 4', 'happy "Happy" when spent_level > 0.5')
    git("commit", "-qam", "Happy by what they spend")
    edit("spent_level > 0.5", "spent_level > 0.8")
    edit("count(order) > 0", "count(order) = 0")
    (one,) = near(lifeseg)
    assert (one["flag"], one["column"], one["before"], one["after"]) == ("happy", "spent_level", "0.5", "0.8")
    assert [each["key"] for each in one["short"]] == [["cem"], ["bob"]]  # type: ignore[attr-defined]
    assert one["reached"] == []


@pytest.mark.usefixtures("kept")
def test_nearest_to_the_cut_of_a_rank(lifeseg: Lifeseg) -> None:
    """The best of two thirds are good: Cem, at the cut, is now among them, and Bob is not."""
    rank = "rank level of customer by loyalty\n  good top 40%\n  rest rest\n\n"
    edit('test "Ann', f'{rank}test "Ann')
    git("add", "--all")
    git("commit", "-qm", "Levels")
    edit("top 40%", "top 70%")
    (one,) = near(lifeseg)
    assert (one["decision"], one["case"], one["before"], one["after"]) == ("level", "good", "0.9", "0.60025")
    assert [each["key"] for each in one["short"]] == [["bob"]]  # type: ignore[attr-defined]


@pytest.mark.usefixtures("kept")
def test_nearest_among_children(lifeseg: Lifeseg) -> None:
    """An order of 300 CNY is twice as much as is now called much, one of 10 CNY falls short."""
    edit("flags size", "indexes parts of order\n  part = amount / 1000 CNY\n\nflags size")
    edit("amount >= 100 CNY", "part >= 0.1")
    git("commit", "-qam", "Large by its part")
    edit("part >= 0.1", "part >= 0.2")
    assert "  part 0.1 → 0.2 (large)   ann/1 -0.19 · bob/1 -0.195   ann/2 +0.1\n" in told(lifeseg)
    assert "| part 0.1 → 0.2 (large) | ann/1 -0.19 · bob/1 -0.195 |" in told(lifeseg, "--format", "markdown")


@pytest.mark.parametrize("engine", ["interpreter", "duckdb"])
def test_nearest_are_those_that_the_results_say(engine: str, lifeseg: Lifeseg, orgcust: Path) -> None:
    """Of 150 customers, a threshold and the weights of another score: found anew in the results of two runs."""
    old, new = orgcust.parents[1] / "rules/orgcust", orgcust / "new"
    shutil.copytree(old, new)
    shutil.copy("customers.csv", "customer.csv")
    edit('stable relationship" = 0.48', 'stable relationship" = 0.50', "new/orgcust.seg")
    edit(
        "    0.50 information_level\n    0.50 comm",
        "    0.60 information_level\n    0.40 comm",
        "new/orgcust.seg",
    )
    results = [results_of(lifeseg, policy, orgcust / name) for policy, name in ((old, "a"), (new, "b"))]
    found = near(lifeseg, str(old), str(new), "--engine", engine, "--nearest", "7")
    assert {(one["column"], one["case"]) for one in found} == {
        ("potential", "key"),
        ("potential", "important"),
        ("potential", "general"),
        ("relationship_stability", "stable"),
    }
    for one in found:
        limit, column, decision = Decimal(str(one["after"])), str(one["column"]), str(one["decision"])
        stay = [
            (Decimal(after[column]), key)
            for key, after in results[1].items()
            if results[0][key][decision] == after[decision]
        ]
        reached = sorted(each for each in stay if each[0] >= limit)[:7]
        short = sorted((each for each in stay if each[0] < limit), key=lambda each: (-each[0], each[1]))[:7]
        for side, right in ((one["reached"], reached), (one["short"], short)):
            assert [each["key"][0] for each in side] == [key for _, key in right]  # type: ignore[attr-defined]
            assert [Decimal(each["distance"]) for each in side] == [  # type: ignore[attr-defined]
                abs(amount - limit) for amount, _ in right
            ]


def results_of(lifeseg: Lifeseg, policy: Path, out: Path) -> dict[str, dict[str, str]]:
    finished = lifeseg("run", policy, "--data", ".", "--as-of", "2013-06-30", "--out", out, "--format", "csv")
    assert finished.code == 0, finished.err
    with (out / "customer.csv").open(encoding="utf-8") as file:
        return {row["customer_id"]: row for row in csv.DictReader(file)}


# ---- What cannot be compared ---------------------------------------------------------------------


@pytest.mark.usefixtures("kept")
def test_a_version_with_errors(lifeseg: Lifeseg) -> None:
    """Its errors are said, and the rules are compared all the same."""
    edit("spent / 1000 CNY", "spend / 1000 CNY")
    finished = lifeseg("diff")
    assert finished.code == 1
    assert "error[unknown-name]" in finished.err
    assert "index spent_level of customer" in finished.out
    assert "customers move" not in finished.out


@pytest.mark.usefixtures("kept")
def test_records_that_fit_one_version_only(lifeseg: Lifeseg) -> None:
    edit('  spent "Spent" money CNY 0..1000\n', '  spent "Spent" money CNY 0..1000\n  region text\n')
    finished = lifeseg("diff", "--fail-if", "moved > 0")
    assert "region" in finished.err
    assert "fact region of customer added" in finished.out
    assert "gate moved > 0: not counted  FAILED" in finished.out
    assert finished.code == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mian"], "did you mean `main`?"),
        (["main...HEAD"], "write `main..HEAD`"),
        (["-x"], "No such option"),
        (["--", "--output=x"], "nor a revision"),
        (["a", "b", "c"], "two versions are compared, and these are 3"),
        (["main", "--fail-if", "moved"], "is not a test of a change"),
        (["main", "--fail-if", "loyall lost > 0"], "did you mean `loyal`?"),
        (["main", "--value", "loyaltie"], "the policy defines no `loyaltie`"),
        (["main", "--value", "spent"], "did you mean `spent_level`?"),
    ],
)
@pytest.mark.usefixtures("kept")
def test_what_is_refused(words: list[str], said: str, lifeseg: Lifeseg) -> None:
    edit("= 0.60", "= 0.95")
    assert said in " ".join(told(lifeseg, *words, code=2).split())


@pytest.mark.usefixtures("kept")
def test_an_engine_that_cannot(lifeseg: Lifeseg) -> None:
    """The rules are compared, and it is said why nobody was evaluated."""
    edit("= 0.60", "= 0.95")
    finished = lifeseg("diff", "--engine", "spark")
    assert "error[diff-engine]" in finished.err
    assert "0.60 → 0.95" in finished.out


def test_without_git(shop: Path, lifeseg: Lifeseg, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(shop.parent))
    assert "the policy is in no git repository" in " ".join(told(lifeseg, "main", code=2).split())
    monkeypatch.setenv("PATH", str(shop))
    assert "git, which is not installed" in " ".join(told(lifeseg, "main", code=2).split())


@pytest.mark.usefixtures("kept")
def test_a_revision_before_the_policy(lifeseg: Lifeseg) -> None:
    git("mv", "rules/shop", "rules/store")
    Path("lifeseg.toml").write_text(Path("lifeseg.toml").read_text().replace("rules/shop", "rules/store"))
    assert "there is no policy `rules/store` in revision `HEAD`" in told(lifeseg, code=2)


# ---- What can happen -----------------------------------------------------------------------------


@pytest.mark.usefixtures("kept")
def test_every_way_is_named(lifeseg: Lifeseg) -> None:
    edit("= 0.60", "= 0.95")
    out = told(lifeseg, "--prove", "--fail-if", "not equivalent", code=1)
    assert "loyalty_band can go loyal → loose, and no other way\n" in out


@pytest.mark.usefixtures("kept")
def test_another_way_to_say_the_same_is_proved(lifeseg: Lifeseg) -> None:
    """Ratings are whole numbers: more than 3 is at least 4."""
    edit("satisfaction >= 4", "satisfaction > 3")
    assert "gate not equivalent: 1 part means something else" in told(
        lifeseg, "--fail-if", "not equivalent", code=1
    )
    out = told(lifeseg, "--prove", "--fail-if", "not equivalent", "--fail-if", "moved > 0")
    assert "every decision is proved to be the same" in out
    assert "proved to stay as it is of everybody: happy\n" in out


@pytest.mark.usefixtures("kept")
def test_a_decision_that_is_gone_is_not_the_same(lifeseg: Lifeseg) -> None:
    edit("satisfaction >= 4", "satisfaction > 3")
    edit('flags size "Size" of order\n  large "Large" when amount >= 100 CNY\n', "")
    assert "FAILED" in told(lifeseg, "--prove", "--fail-if", "not equivalent", code=1)


# ---- Gates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("test", "fails"),
    [
        ("moved > 50%", True),
        ("moved > 2", False),
        ("loyal lost > 1", True),
        ("class.guest gained > 2", False),
        ("loose lost > 0", False),
        ("value moved > 1000", True),
        ("value moved > 1300", False),
        ("rules changed > 1", False),
        ("not equivalent", True),
    ],
)
@pytest.mark.usefixtures("kept")
def test_gates(test: str, fails: bool, lifeseg: Lifeseg) -> None:
    edit("= 0.60", "= 0.95")
    out = told(
        lifeseg,
        "--value",
        "loyalty",
        "--fail-if",
        test.replace("1000", "1.4").replace("1300", "1.6"),
        code=int(fails),
    )
    assert out.rstrip().endswith("FAILED") == fails


@pytest.mark.usefixtures("kept")
def test_words_alone_are_equivalent(lifeseg: Lifeseg) -> None:
    edit('"Loyal from"', '"Loyal from here on"')
    out = told(lifeseg, "--fail-if", "not equivalent", "--fail-if", "moved > 0")
    assert "in words only" in out


# ---- For others ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("kept")
def test_what_moves_most_is_annotated_first(lifeseg: Lifeseg) -> None:
    """Bob buys no more, and Ann and Cem are happy no more."""
    edit("count(order) > 0", "count(order) > 1")
    edit("satisfaction >= 4", "satisfaction = 3")
    first, second = told(lifeseg, "--format", "github").splitlines()
    assert "flag happy of customer" in first
    assert first.endswith("; moves 2")
    assert "flag buys of customer" in second
    assert second.endswith("; moves 1")


@pytest.mark.usefixtures("kept")
def test_markdown_and_annotations_cannot_be_broken_out_of(lifeseg: Lifeseg) -> None:
    edit("= 0.60", "= 0.95")
    edit('buys "Buys" when', 'buys "Buys | <b> %0A::error::" when')
    page = told(lifeseg, "--format", "markdown")
    rows = [line for line in page.splitlines() if line.startswith("|")]
    assert "| parameter loyal_from: 0.60 → 0.95 | `shop.seg:5` |" in rows
    assert "| loyalty_band | loyal | loose | 2 | ann · cem |" in rows
    notices = told(lifeseg, "--format", "github").splitlines()
    assert all(line.startswith("::notice file=rules/shop/shop.seg,line=") for line in notices)
    assert len(notices) == 2
