"""`lifeseg test --generate`: what no test has seen gets a test that sees it, or a reason why there is none."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest
from typer.testing import CliRunner

from lifeseg.cli.application import application
from lifeseg.pipeline import testing
from lifeseg.pipeline.errors import ConfigurationError
from lifeseg.pipeline.setting import settle
from lifeseg.prover.propose import Proposal

ROOT = Path(__file__).resolve().parents[2]
POLICY = """policy page
  language 1
  version 1.0.0

entity customer "Customer"
  customer_id text key
  bill "Bill" money CNY 0..1000
  since "Customer since" date optional

entity visit "Visit" of customer
  long "Long" yes/no

segment class "Class" of customer first match
  large "Large" when bill >= 300 CNY
  visitor "Visitor" when some visit: long
  larger "Larger" when bill >= 600 CNY
  other "Other" otherwise

indexes fees of customer
  fee "Fee"
    12.5 CNY when since > today - 3 months
    0 CNY otherwise
    if missing 1 CNY

flags signs "Signs" of customer
  above "Above the mean" when bill > mean(bill over all customer)
  never_so "Never so" when bill > 1000 CNY
"""


def lifeseg(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(application, list(words), prog_name="lifeseg")
    return done.exit_code, done.stdout


def proposed(folder: Path) -> testing.Proposed:
    setting = settle(folder)
    return testing.proposed(testing.run_tests(setting, coverage=True), setting)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    (tmp_path / "page.seg").write_text(POLICY, encoding="utf-8")
    return tmp_path


def test_each_proposal_is_a_test_that_passes_and_sees_what_was_lacking(page: Path) -> None:
    found = proposed(page)
    (page / "proposed.seg").write_text(found.text, encoding="utf-8")
    again = testing.run_tests(settle(page), coverage=True)
    assert not again.failed
    assert again.coverage is not None
    left = {case.name for case in again.coverage.untaken()}
    assert left == {"larger"}
    assert {name(one) for one in found.none} >= left


def name(one: Proposal) -> str:
    return one.lack.case or f"{one.lack.definition.name} {one.lack.verdict}"


def test_why_there_is_none_is_said(page: Path) -> None:
    told = {name(one): "never" if one.never else one.reason for one in proposed(page).none}
    assert told == {
        "larger": "never",
        "above True": "it depends on the population",
        "above False": "it depends on the population",
        "never_so True": "never",
    }


def test_a_proposal_gives_no_more_than_it_needs(page: Path) -> None:
    text = proposed(page).text
    assert """test "class: some visit: long is true"
  given customer
    bill 0
    visit
      | long |
      | yes  |
  expect class is visitor
""" in text  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("pack", ["brand", "lifecycles", "telco_churn"])
def test_with_the_proposals_the_tests_of_a_pack_see_all_that_tests_can_see(pack: str, tmp_path: Path) -> None:
    copytree(ROOT / "rules", tmp_path / "rules")
    folder = tmp_path / "rules" / pack
    before, found = testing.run_tests(settle(folder), coverage=True), proposed(folder)
    assert found.tests
    (folder / "proposed.seg").write_text(found.text, encoding="utf-8")
    after = testing.run_tests(settle(folder), coverage=True)
    assert after.failed == before.failed
    assert after.coverage is not None
    assert len(testing.lacks(after.coverage)) == len(found.none)


def test_the_command_writes_a_file_of_policy_text(page: Path) -> None:
    code, said = lifeseg("test", str(page), "--generate", "--out", str(page / "proposed.seg"))
    assert (code, "tests proposed in" in said) == (0, True)
    text = (page / "proposed.seg").read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert lifeseg("check", str(page))[0] == 0
    assert lifeseg("fmt", str(page / "proposed.seg"), "--check")[0] == 0
    assert "proved of every customer there could be\n#   page.seg:27  never true   never_so" in text


def test_without_the_solver_it_is_said_what_to_install(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(testing, "find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match="proving needs a package that is not installed"):
        proposed(page)
