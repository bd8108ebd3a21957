"""lifeseg lint: what a careful reader asks, about the text and about what records make of it; settings; mending."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.commands.conftest import Lifeseg

FILE = Path("rules/shop/shop.seg")
DATA = Path("data/customer.csv")

SMELLS = """\
policy shop "Shop"
  version 1.0.0

params "What management sets"
  settled "Settled from" = 0.50

entity customer "Customer"
  customer_id "Number" text key
  spent "Spent" share
  saved "Saved" share
  visits "Visits" count 0..100
  branch "Branch" count 0..9

indexes measures "Measures" of customer
  spending "Spending" = spent
  saving "Saving" = saved
  visiting "Visits" = visits / 100
  place "Branch" = branch / 9

score worth "Worth" of customer
  0.45 spending
  0.45 saving
  0.05 visiting
  0.05 place
  bands
    high "High" from settled
    low "Low" below

flags marks "Marks" of customer
  loud "Spends much" when spent + visits / 100 >= 0.80

segment class "Class" of customer first match
  rare "Hardly anybody" when visits >= 99
  usual "The others" otherwise
"""

NUMBER_OF_THEM = 200


def customers(count: int = NUMBER_OF_THEM) -> str:
    """Saving is spending; all are of branch 3; spending is 0.2 or just below 0.8, where one visit decides."""
    lines = ["customer_id,spent,saved,visits,branch"]
    for number in range(count):
        spent = "0.2" if number % 2 else f"0.79{number % 10}"
        lines.append(f"c{number},{spent},{spent},{99 if number == 5 else number % 7},3")
    return "\n".join(lines) + "\n"


@pytest.fixture
def smells(shop: Path) -> Path:
    """A workspace of which there is much to ask."""
    FILE.write_text(SMELLS, encoding="utf-8")
    DATA.write_text(customers(), encoding="utf-8")
    Path("lifeseg.toml").write_text(
        'policy = "rules/shop"\nas_of = 2024-01-31\n\n[data]\ncustomer = "data/customer.csv"\n',
        encoding="utf-8",
    )
    return shop


def settings(text: str) -> None:
    with Path("lifeseg.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n{text}\n")


def document(lifeseg: Lifeseg, *words: str) -> list[dict[str, object]]:
    finished = lifeseg("lint", "--format", "json", *words)
    assert finished.code in (0, 1), finished.err
    found: list[dict[str, object]] = json.loads(finished.out)["findings"]
    return found


def codes(lifeseg: Lifeseg, *words: str) -> list[object]:
    return [one["code"] for one in document(lifeseg, *words)]


# ---- What records make of it ---------------------------------------------------------------------


@pytest.mark.usefixtures("smells")
@pytest.mark.parametrize("engine", ["interpreter", "duckdb"])
def test_what_is_asked_about_records(lifeseg: Lifeseg, engine: str) -> None:
    said = {str(one["code"]): str(one["message"]) for one in document(lifeseg, "--engine", engine)}
    assert said == {
        "index-constant": "`place` is 0.333333 for all 200 of whom it is known",
        "indexes-correlated": "`spending` and `saving` in `worth` go together: their correlation is 1.000",
        "weight-without-effect": (
            "`visiting` moves nobody to another band of `worth`: not one of 200, whether it is lowest or highest"
        ),
        "threshold-crowded": "26 of 200 records of customer, 13 %, lie within ±1 % of `0.80`",
        "case-small": "less than 1 % of 200 are in some cases of `class`: `rare` 1",
    }


@pytest.mark.usefixtures("smells")
def test_both_engines_say_the_same_to_the_letter(lifeseg: Lifeseg) -> None:
    one, other = (lifeseg("lint", "--engine", engine) for engine in ("interpreter", "duckdb"))
    assert one == other
    assert one.code == 1


@pytest.mark.usefixtures("smells")
@pytest.mark.parametrize("engine", ["interpreter", "duckdb"])
def test_names_of_the_policy_are_its_own(lifeseg: Lifeseg, engine: str) -> None:
    """What is compared gets a column of its own in the results, and no name of the policy is in its way."""
    before = document(lifeseg, "--engine", engine)
    FILE.write_text(SMELLS.replace("visiting", "lint_0").replace("spent", "lint_1"), encoding="utf-8")
    DATA.write_text(customers().replace("spent", "lint_1"), encoding="utf-8")
    assert [one["code"] for one in document(lifeseg, "--engine", engine)] == [one["code"] for one in before]


@pytest.mark.usefixtures("smells")
def test_nothing_is_recorded(lifeseg: Lifeseg, shop: Path) -> None:
    before = sorted(shop.rglob("*"))
    lifeseg("lint")
    assert sorted(shop.rglob("*")) == before


@pytest.mark.usefixtures("smells")
def test_of_few_records_nothing_is_said(lifeseg: Lifeseg) -> None:
    DATA.write_text(customers(20), encoding="utf-8")
    finished = lifeseg("lint")
    assert finished.code == 0
    assert finished.err == "customer: 20 records, too few for some rules about records\n"
    assert finished.out == "nothing to ask in shop 1.0.0\n"


@pytest.mark.usefixtures("smells")
def test_how_many_are_few_is_ones_own_choice(lifeseg: Lifeseg) -> None:
    DATA.write_text(customers(20), encoding="utf-8")
    settings("[lint.index-constant]\nrecords = 20")
    assert codes(lifeseg) == ["index-constant"]


@pytest.mark.usefixtures("smells")
def test_without_records_the_text_is_looked_at_and_it_is_said_why(lifeseg: Lifeseg) -> None:
    DATA.unlink()
    finished = lifeseg("lint")
    assert finished.code == 0
    assert finished.err.startswith("records were not looked at: ")
    assert "data/customer.csv" in finished.err


@pytest.mark.usefixtures("smells")
def test_records_that_do_not_fit(lifeseg: Lifeseg) -> None:
    DATA.write_text("customer_id,spent\na,much\n", encoding="utf-8")
    finished = lifeseg("lint")
    assert finished.code == 0
    assert "records were not looked at: " in finished.err


@pytest.mark.usefixtures("smells")
def test_an_engine_that_does_not_look_at_records(lifeseg: Lifeseg) -> None:
    finished = lifeseg("lint", "--engine", "spark")
    assert finished.code == 0
    assert "records were not looked at: records are looked at by `duckdb` or `interpreter`" in finished.err


@pytest.mark.usefixtures("smells")
def test_the_text_alone_if_one_wants_so(lifeseg: Lifeseg) -> None:
    DATA.unlink()
    finished = lifeseg("lint", "--no-data")
    assert (finished.code, finished.err) == (0, "")


def test_a_policy_without_a_workspace(
    lifeseg: Lifeseg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("shop.seg").write_text(SMELLS, encoding="utf-8")
    finished = lifeseg("lint", "shop.seg")
    assert finished.code == 0
    assert "records were not looked at: " in finished.err


@pytest.mark.usefixtures("smells")
def test_records_of_another_folder(lifeseg: Lifeseg, tmp_path: Path) -> None:
    (tmp_path / "customer.csv").write_text(customers(20), encoding="utf-8")
    assert "20 records" in lifeseg("lint", "--data", tmp_path).err


# ---- Settings ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("smells")
def test_rules_are_switched_off_and_made_severe(lifeseg: Lifeseg) -> None:
    settings(
        '[lint]\nindex-constant = "off"\nthreshold-crowded = "note"\ncase-small = "error"\n'
        'indexes-correlated = "off"\nweight-without-effect = "off"'
    )
    assert [(one["code"], one["severity"]) for one in document(lifeseg)] == [
        ("threshold-crowded", "note"),
        ("case-small", "error"),
    ]


@pytest.mark.usefixtures("smells")
def test_notes_do_not_fail(lifeseg: Lifeseg) -> None:
    rules = (
        "index-constant",
        "indexes-correlated",
        "weight-without-effect",
        "threshold-crowded",
        "case-small",
    )
    settings("[lint]\n" + "\n".join(f'{rule} = "note"' for rule in rules))
    finished = lifeseg("lint")
    assert finished.code == 0
    assert finished.out.endswith("5 notes in shop 1.0.0\n")


@pytest.mark.usefixtures("smells")
def test_limits_and_exceptions(lifeseg: Lifeseg) -> None:
    settings(
        "[lint.threshold-crowded]\nwithin = 0.0001\n\n[lint.case-small]\nshare = 0.004\n\n"
        '[lint.weight-without-effect]\nexcept = ["worth"]\n\n[lint.indexes-correlated]\nexcept = ["worth"]'
    )
    assert codes(lifeseg) == ["index-constant"]


@pytest.mark.usefixtures("smells")
@pytest.mark.parametrize(
    ("section", "told", "label"),
    [
        ("[lint]\ncase-smal = 'off'", "there is no setting `case-smal`", "did you mean `case-small`?"),
        ("[lint]\ncase-small = 'loud'", '`case-small` wants "error", "warning", "note" or "off"', ""),
        ("[lint.case-small]\nshare = 2", "`share` wants a share from 0 to 1, such as 0.1", ""),
        ("[lint.case-small]\nshares = 0.2", "there is no setting `shares`", "did you mean `share`?"),
        ("[lint.guard-long]\nmost = 'ten'", "`most` wants a whole number from 1", ""),
        ("[lnt]\nguard-long = 'off'", "there is no setting `lnt`", "did you mean `lint`?"),
    ],
)
def test_settings_that_are_wrong(lifeseg: Lifeseg, section: str, told: str, label: str) -> None:
    settings(section)
    finished = lifeseg("lint")
    assert finished.code == 2
    assert told in finished.err
    assert label in finished.err


def test_lint_that_is_no_table(lifeseg: Lifeseg, shop: Path) -> None:
    file = shop / "lifeseg.toml"
    file.write_text('lint = "off"\n' + file.read_text(encoding="utf-8"), encoding="utf-8")
    finished = lifeseg("lint")
    assert finished.code == 2
    assert "`lint` wants a table" in finished.err


# ---- Findings ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("smells")
def test_a_policy_with_errors_is_not_linted(lifeseg: Lifeseg) -> None:
    FILE.write_text(SMELLS.replace("from settled", "from setled"), encoding="utf-8")
    finished = lifeseg("lint")
    assert finished.code == 1
    assert "error[unknown-name]" in finished.err
    assert finished.out == ""


@pytest.mark.usefixtures("smells")
def test_as_build_servers_read_it(lifeseg: Lifeseg) -> None:
    github = lifeseg("lint", "--format", "github").out.splitlines()
    assert all(line.startswith("::warning file=rules/shop/shop.seg,line=") for line in github)
    sarif = json.loads(lifeseg("lint", "--format", "sarif").out)
    assert [one["ruleId"] for one in sarif["runs"][0]["results"]] == codes(lifeseg)
    assert ElementTree.fromstring(lifeseg("lint", "--format", "junit").out).get("tests") == "5"


@pytest.mark.usefixtures("smells")
def test_in_chinese(lifeseg: Lifeseg) -> None:
    assert "已知的 200 条记录中 `place` 都是 0.333333" in lifeseg("lint", "--lang", "zh").out


# ---- Mending -------------------------------------------------------------------------------------

TO_MEND = """
flags more "More" of customer
  well   "Well off" when worth >= 0.50  # as of old
  near_by "Near by" when branch_name is north or branch_name is west
"""


@pytest.fixture
def mendable(smells: Path) -> Path:
    text = SMELLS.replace("  branch ", '  branch_name "Name" one of north, west, south\n  branch ') + TO_MEND
    FILE.write_text(text, encoding="utf-8")
    return smells


@pytest.mark.usefixtures("mendable")
def test_what_is_mere_form_is_mended(lifeseg: Lifeseg) -> None:
    assert codes(lifeseg, "--no-data") == ["number-repeated", "one-of-spelled-out"]
    finished = lifeseg("lint", "--no-data", "--fix")
    assert (finished.code, finished.err) == (0, "2 findings mended\n")
    text = FILE.read_text(encoding="utf-8")
    assert '  well "Well off" when worth >= settled  # as of old\n' in text  # laid out as `fmt` does
    assert '  near_by "Near by" when branch_name is one of north, west\n' in text
    assert lifeseg("fmt", "--check").code == 0
    assert lifeseg("lint", "--no-data", "--fix").err == ""


@pytest.mark.usefixtures("mendable")
def test_mending_changes_no_meaning(lifeseg: Lifeseg, tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    (old / "shop.seg").write_text(FILE.read_text(encoding="utf-8"), encoding="utf-8")
    lifeseg("lint", "--no-data", "--fix")
    finished = lifeseg("diff", old, "rules/shop", "--prove", "--text-only", "--fail-if", "not equivalent")
    assert finished.code == 0, finished.out


@pytest.mark.usefixtures("mendable")
def test_what_a_workspace_is_silent_about_is_not_mended(lifeseg: Lifeseg) -> None:
    settings('[lint]\none-of-spelled-out = "off"')
    assert lifeseg("lint", "--no-data", "--fix").err == "1 finding mended\n"
    assert "branch_name is north or branch_name is west" in FILE.read_text(encoding="utf-8")


def test_all_files_are_written_or_none(lifeseg: Lifeseg, mendable: Path) -> None:
    """The second file cannot be written: its name is as long as names can be, and there is no room for a copy beside it."""
    first = FILE.read_text(encoding="utf-8").replace(TO_MEND, "") + TO_MEND.replace("0.50", "settled")
    FILE.write_text(first, encoding="utf-8")
    other = FILE.parent / f"{'z' * 250}.seg"
    other.write_text('flags last "Last" of customer\n  rich "Rich" when worth >= 0.50\n', encoding="utf-8")
    before = {path: path.read_bytes() for path in FILE.parent.iterdir()}
    finished = lifeseg("lint", "--no-data", "--fix")
    assert finished.code == 2
    assert "error[cannot-write]" in finished.err
    assert {path: path.read_bytes() for path in FILE.parent.iterdir()} == before
