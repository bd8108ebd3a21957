"""`lifeseg learn`: what is learnt is policy text that passes with the policy, says how good it is, and is repeated
to the byte.
"""

import re
from pathlib import Path

import pytest

from tests.commands.conftest import Lifeseg

POLICY = """\
policy talk "Talk"
  version 1.0.0

entity household "Household"
  household_id text key
  spend "Monthly spend" money CNY 0..2000
  nights "Share of calls at night" share
  tenure "Months with us" months 0..120
  visits "Visits" count 0..100 optional
  brand "Brand" one of earth, "2G only", blue
  fixed "Always one" count 0..9
  per_month "Rate" number "GB/month" 0..100
  left "Left" yes/no

flags size of household
  large "Large" when spend >= 150 CNY
"""
SETTINGS = 'policy = "talk.seg"\nas_of = 2013-06-30\n\n[data]\nhousehold = "household.csv"\n'


def rows() -> list[str]:
    """Three kinds of household about (50, 0.2), (110, 0.7) and (190, 0.3), a ring of neighbours around each.

    Those with a short tenure leave, and every tenth of the others.
    """
    found = []
    for place in range(180):
        spend, nights = ((50, 20), (110, 70), (190, 30))[place % 3]
        spend, nights = spend + place % 11 - 5, nights + place % 7 - 3
        tenure = place * 7 % 61
        left = tenure < 12 or place % 10 == 0
        brand = ("earth", "2G only", "blue")[place % 3 if place % 4 else 0]
        visits = "" if place % 9 == 0 else place % 13
        said = "yes" if left else "no"
        found.append(f"H{place:03},{spend},0.{nights:02},{tenure},{visits},{brand},1,{place % 50},{said}")
    return found


HEADING = "household_id,spend,nights,tenure,visits,brand,fixed,per_month,left"


@pytest.fixture
def talk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with three kinds of household; it is the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "talk.seg").write_text(POLICY, encoding="utf-8")
    (tmp_path / "lifeseg.toml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "household.csv").write_text("\n".join([HEADING, *rows()]) + "\n", encoding="utf-8")
    return tmp_path


def one_line(text: str) -> str:
    return " ".join(text.split())


def adopted(talk: Path, text: str) -> None:
    """The learnt text becomes part of the policy."""
    (talk / "talk.seg").write_text(POLICY + "\n" + text, encoding="utf-8")


CLUSTERS = (
    "learn", "clusters", "--columns", "spend,nights", "--names", "thrifty,owls,spenders", "--name", "kind",
)  # fmt: skip


class TestClusters:
    def test_finds_the_kinds_and_names_them_from_the_lowest_up(self, talk: Path, lifeseg: Lifeseg) -> None:
        learnt = lifeseg(*CLUSTERS)
        assert learnt.code == 0, learnt.err
        adopted(talk, learnt.out)
        assert lifeseg("check", "--strict").code == 1, "the policy's own facts are not all used"
        listed = lifeseg("list", "--columns", "kind", "--format", "csv").out.splitlines()[1:]
        kinds = ("thrifty", "owls", "spenders")
        assert [line.split(",")[1] for line in listed] == [kinds[place % 3] for place in range(180)]

    def test_is_the_same_to_the_byte_whatever_the_order_of_rows(self, talk: Path, lifeseg: Lifeseg) -> None:
        asked = (*CLUSTERS, "--hold-out", "30%", "--profile", "brand,visits", "--out", "kind.seg")
        assert lifeseg(*asked).code == 0
        before = (talk / "kind.seg").read_bytes()
        (talk / "household.csv").write_text("\n".join([HEADING, *reversed(rows())]) + "\n", encoding="utf-8")
        assert lifeseg(*asked).code == 0
        data = re.compile(rb"Data \w+")
        assert data.sub(b"", (talk / "kind.seg").read_bytes()) == data.sub(b"", before)

    def test_is_laid_out_and_evaluated_alike_by_the_engines(self, talk: Path, lifeseg: Lifeseg) -> None:
        adopted(talk, lifeseg(*CLUSTERS, "--hold-out", "0.25").out)
        assert lifeseg("fmt", "--check").code == 0
        hashes = set()
        for engine in ("interpreter", "duckdb"):
            assert lifeseg("run", "--engine", engine, "--out", engine).code == 0
            hashes.add(re.search(r'"result_hash": "(\w+)"', (talk / engine / "run.json").read_text())[1])
        assert len(hashes) == 1

    def test_says_how_good_it_is_and_what_the_classes_are_like(self, talk: Path, lifeseg: Lifeseg) -> None:
        said = lifeseg(*CLUSTERS, "--hold-out", "30%", "--profile", "brand").out
        assert "180 records of household, 54 of them held out" in said
        assert "Of those held out (54): 9" in said
        assert "put them alike to 1.00" in said
        assert re.search(r"#   thrifty\s+60\s.*\s(49|50)\b", said), "the mean of the thrifty is about 50 CNY"
        assert re.search(r"#   owls\s+25\.0%\s+75\.0%\s+0\.0%", said), (
            "a quarter of the owls has the brand earth"
        )

    def test_months_and_missing_values(self, talk: Path, lifeseg: Lifeseg) -> None:
        said = lifeseg("learn", "clusters", "--columns", "tenure,visits", "--classes", "2").out
        assert "(tenure / 1 month - " in said
        assert "if missing 0  # 20 have none and count as the mean" in said

    def test_only_those_in_a_flag(self, talk: Path, lifeseg: Lifeseg) -> None:
        said = lifeseg(
            "learn", "clusters", "--columns", "spend,tenure", "--classes", "2", "--where", "large"
        ).out
        assert "60 records of household in large" in said

    def test_a_text_that_clashes_with_the_policy_is_not_written(self, talk: Path, lifeseg: Lifeseg) -> None:
        refused = lifeseg(*CLUSTERS[:-1], "large", "--out", "large.seg")
        assert refused.code == 1
        assert "error[" in refused.err
        assert not (talk / "large.seg").exists()


CARD = (
    "learn", "scorecard", "--target", "left", "--columns", "tenure,spend,brand,visits,large", "--period", "brand",
)  # fmt: skip


class TestScorecard:
    def test_points_sum_to_a_hundred_and_who_is_new_loses_most(self, talk: Path, lifeseg: Lifeseg) -> None:
        learnt = lifeseg(*CARD)
        assert learnt.code == 0, learnt.err
        weights = re.findall(r"^  (0\.\d\d) left_score_(\w+)$", learnt.out, re.MULTILINE)
        assert sum(round(100 * float(weight)) for weight, _ in weights) == 100
        assert max(weights)[1] == "tenure"
        assert re.search(r"    0 when tenure < \d+ months  # (9\d|100)\.\d% of", learnt.out)
        assert re.search(r"#   tenure +\d\d\.\d +", learnt.out), "the reason of the likely"

    def test_figures_are_those_of_the_text(self, talk: Path, lifeseg: Lifeseg) -> None:
        """The probabilities that the adopted text gives everybody have the AUC that its remarks say."""
        said = lifeseg(*CARD, "--hold-out", "0%").out
        adopted(talk, said)
        table = lifeseg(
            "list", "--columns", "left,left_score_probability", "--format", "csv"
        ).out.splitlines()
        pairs = [(float(line.split(",")[2]), line.split(",")[1] == "yes") for line in table[1:]]
        yes = [value for value, held in pairs if held]
        no = [value for value, held in pairs if not held]
        wins = sum((a > b) + (a == b) / 2 for a in yes for b in no)
        assert f" {wins / len(yes) / len(no):.3f} " in next(
            x for x in said.splitlines() if "learnt from  " in x
        )
        mean = sum(value for value, _ in pairs) / len(pairs)
        assert f"{mean:.1%}" in said
        assert re.search(r"^#   earth +\d+ ", said, re.MULTILINE), "figures by period"

    def test_an_explanation_says_where_points_were_lost(self, talk: Path, lifeseg: Lifeseg) -> None:
        adopted(talk, lifeseg(*CARD).out)
        explained = lifeseg("explain", "H009", "--detail", "3").out
        assert "left_score_likely" in explained
        assert re.search(r"points +lost +term", explained)
        assert re.search(r"left_score_tenure +tenure \d+ month", explained)

    def test_passes_with_the_policy_on_both_engines(self, talk: Path, lifeseg: Lifeseg) -> None:
        adopted(talk, lifeseg(*CARD).out)
        assert lifeseg("fmt", "--check").code == 0
        hashes = set()
        for engine in ("interpreter", "duckdb"):
            assert lifeseg("run", "--engine", engine, "--out", engine).code == 0
            hashes.add(re.search(r'"result_hash": "(\w+)"', (talk / engine / "run.json").read_text())[1])
        assert len(hashes) == 1

    def test_a_column_made_from_the_target_is_suspected(self, talk: Path, lifeseg: Lifeseg) -> None:
        """`large` is made from `spend`; `left` is not made from `tenure` alone."""
        made, found = (
            lifeseg("learn", "scorecard", "--target", target, "--columns", columns).out
            for target, columns in (("large", "spend"), ("left", "tenure"))
        )
        assert "It foretells almost everybody: see whether a column is made from what is foretold." in made
        assert "It foretells almost everybody" not in found

    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            ("--target left --columns left", "`left` is what is to be foretold"),
            ("--target left --columns tenure --where large --hold-out 80%", "scorecards need at least 20"),
            ("--target spend --columns tenure", "`spend` is a number, and a yes/no, a flag"),
            (
                "--target large --columns tenure --where large",
                "`large` holds of everybody among the 42 records",
            ),
            ("--target left --columns fixed", "none of the columns tells anything about `left`"),
            ("--target brand --columns tenure", "`brand` has several cases"),
        ],
    )
    def test_what_cannot_be_learnt_is_said(self, talk: Path, lifeseg: Lifeseg, asked: str, said: str) -> None:
        refused = lifeseg("learn", "scorecard", *asked.split())
        assert refused.code == 2
        assert said in one_line(refused.err)


class TestRules:
    def test_finds_the_rule_behind_a_flag(self, talk: Path, lifeseg: Lifeseg) -> None:
        learnt = lifeseg("learn", "rules", "--target", "large", "--columns", "nights,spend,brand")
        assert learnt.code == 0, learnt.err
        assert "of 126, 0" not in learnt.out
        assert "Of the 54 held out, 0.0% are wrong; with `not_large` for all" in learnt.out
        adopted(talk, learnt.out)
        assert lifeseg("fmt", "--check").code == 0
        table = lifeseg("list", "--columns", "large,large_rules", "--format", "csv").out.splitlines()[1:]
        assert {tuple(line.split(",")[1:]) for line in table} == {("yes", "large"), ("no", "not_large")}

    def test_tells_several_cases_apart_and_says_how_often_it_errs(self, talk: Path, lifeseg: Lifeseg) -> None:
        said = lifeseg(
            "learn", "rules", "--target", "brand", "--columns", "spend,visits", "--least", "10"
        ).out
        rows = re.findall(
            r"^  \|.* \|\| (\S.*?) +\|  # of (\d+), (\S+) wrong; held out (\d+), ", said, re.MULTILINE
        )
        assert sum(int(rows_) for _, rows_, *_ in rows) == 126
        assert sum(int(rows_) for *_, rows_ in rows) == 54
        assert '"2G only"' in {row[0].strip() for row in rows}

    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            ("--target spend --columns tenure", "`spend` is a number, and a yes/no, a flag"),
            ("--target left --columns tenure --least 90", "rules need at least 180"),
            ("--target large --columns tenure --where large", "`large` holds of everybody or nobody"),
            ("--target left --columns fixed", "none of the columns tells anything about `left`"),
            ("--target left --columns spend", "every rule for `left` comes to `not_left`"),
        ],
    )
    def test_what_cannot_be_learnt_is_said(self, talk: Path, lifeseg: Lifeseg, asked: str, said: str) -> None:
        refused = lifeseg("learn", "rules", *asked.split())
        assert refused.code == 2
        assert said in one_line(refused.err)


class TestWeights:
    def test_entropy_by_hand(self, talk: Path, lifeseg: Lifeseg) -> None:
        """Levels of the first column 0, 1, 1, of the second 0, 1/3, 1: entropies ln 2 / ln 3 and 0.5119."""
        data = [line.split(",") for line in rows()[:3]]
        for line, spend, tenure in zip(data, (10, 20, 20), (0, 10, 30), strict=True):
            line[1], line[3] = str(spend), str(tenure)
        text = "\n".join([HEADING, *(",".join(line) for line in data)])
        (talk / "household.csv").write_text(text + "\n", encoding="utf-8")
        learnt = lifeseg("learn", "weights", "--columns", "spend,tenure", "--name", "worth")
        assert learnt.code == 0, learnt.err
        assert re.search(r"spend +0\.6309 +0\.3691 +0\.4305\b", learnt.out)
        assert re.search(r"tenure +0\.5119 +0\.4881 +0\.5695\b", learnt.out)
        adopted(talk, learnt.out)
        listed = lifeseg("list", "--columns", "worth", "--format", "csv").out.splitlines()[1:]
        assert [line.split(",")[1] for line in listed] == ["0", "0.6203331435", "1"]

    def test_critic_and_less_is_better(self, talk: Path, lifeseg: Lifeseg) -> None:
        asked = ("learn", "weights", "--columns", "spend,tenure,visits", "--method", "critic")
        said = lifeseg(*asked, "--less-is-better", "tenure").out
        weights = re.findall(r"^  (0\.\d{4}) weighted_", said, re.MULTILINE)
        assert sum(round(10_000 * float(weight)) for weight in weights) == 10_000
        assert "= 1 - tenure / 1 month / 60" in said

    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            ("--columns spend", "at least two columns, and 1 is named"),
            ("--columns spend,brand", "`brand` is a choice, and a number is wanted"),
            ("--columns spend,fixed", "`fixed` is the same for all 180 records"),
            ("--columns spend,tenure --less-is-better visits", "`visits` is no value of `--less-is-better`"),
        ],
    )
    def test_what_cannot_be_learnt_is_said(self, talk: Path, lifeseg: Lifeseg, asked: str, said: str) -> None:
        refused = lifeseg("learn", "weights", *asked.split())
        assert refused.code == 2
        assert said in one_line(refused.err)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("--columns brand", "`brand` is a choice, and a number is wanted here"),
        ("--columns fixed", "`fixed` is the same for all 180 records learnt from"),
        ("--columns per_month", "`per_month` is in GB/month, a unit that cannot be written"),
        ("--columns spent", "did you mean `spend`?"),
        ("--columns spend --where small", "there is no case or flag `small`"),
        ("--columns visits --classes 20", "fall apart into 14 groups at most, fewer than 20 classes"),
        ("--columns spend --classes 3 --names a,b", "`a,b` is no value of `--names`"),
        ("--columns spend --hold-out 120%", "`120%` is no value of `--hold-out`"),
        ("--columns spend --of house", "the policy has no entity `house`"),
        ("--columns spend --name 3x", "`3x` is no value of `a name`"),
    ],
)
def test_what_cannot_be_learnt_is_said(talk: Path, lifeseg: Lifeseg, asked: str, said: str) -> None:
    refused = lifeseg("learn", "clusters", *asked.split())
    assert refused.code == 2
    assert said in one_line(refused.err)
    assert refused.out == ""


def test_too_few_records_are_said(talk: Path, lifeseg: Lifeseg) -> None:
    (talk / "household.csv").write_text("\n".join([HEADING, *rows()[:2]]) + "\n", encoding="utf-8")
    refused = lifeseg(*CLUSTERS)
    assert "there are 2 records of `household` to learn from, and classes need at least 3" in one_line(
        refused.err
    )


def test_without_the_extra_one_sentence_says_what_to_do(
    talk: Path, lifeseg: Lifeseg, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lifeseg.learning.fitting.import_name", "a_package_that_is_not_there")
    refused = lifeseg(*CLUSTERS)
    assert refused.code == 2
    assert "pip install 'lifeseg[learn]'" in refused.err
