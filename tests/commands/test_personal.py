"""What is personal appears nowhere unless it is asked for: the facts of these customers are words and numbers that occur
nowhere else.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from lifeseg.cli.application import application

POLICY = """policy personal
  version 1.0.0

entity customer "Customer"
  customer_id text key personal
  name "Name" text personal
  income "Income" money CNY 0..1000000 personal
  born "Born" date personal
  satisfaction "Satisfaction" rating 1..5

entity line "Line" of customer
  number text key personal
  minutes count 0..100

indexes levels of customer
  earnings "Earnings" = income
  contentment "Contentment" = satisfaction / 5

score loyalty "Loyalty" of customer
  1 contentment
  bands
    loyal "Loyal" from 0.5
    loose "Loose" below

segment care "Care" of customer first match
  rich "Rich" when income > 900000 CNY
  call "Call" when loyalty is loose
  wait "Wait" otherwise

segment odd "Odd" of customer
  busy "Busy" when some line: minutes > 50
  calm "Calm" when satisfaction > 3

rank wealth "Wealth" of customer by income
  first "First" top 50%
  others "Others" rest
"""
PERSONAL = (
    "SECRETKEY", "Wanderley", "777123", "777124", "777,12", "1961-02-03", "1961-02-04", "SECRETLINE",
)  # fmt: skip
CUSTOMERS = """customer_id,name,income,born,satisfaction
SECRETKEY1,Wanderley One,777123,1961-02-03,2
SECRETKEY2,Wanderley Two,777124,1961-02-04,5
"""
LINES = "customer_id,number,minutes\nSECRETKEY1,SECRETLINE1,60\nSECRETKEY2,SECRETLINE2,70\n"
ID = "SECRETKEY1"
SHOWN = ["--columns", "name,income,born,earnings,loyalty"]
WALK = [
    *(["explain", ID, "--format", form, "--detail", "4"] for form in ("console", "json", "markdown", "html")),
    ["explain", ID, "--why-not", "wait"],
    ["explain", ID, "--lang", "zh"],
    *(["list", *SHOWN, "--format", form] for form in ("console", "json", "csv", "markdown")),
    ["list"],
    ["list", "line", "--columns", "customer.name,minutes"],
    ["list", "--cross", "name,care"],
    ["list", "--sort", "income"],
    *(
        ["whatif", ID, "--set", "income=777124", "--set", "satisfaction=5", "--format", form]
        for form in ("console", "json", "markdown")
    ),
    ["whatif", ID, "--set", "line.SECRETLINE1.minutes=5", "--format", "json"],
    ["nearest", ID, "--to", "wait"],
    ["nearest", ID, "--to", "wait", "--format", "json"],
    ["run"],
    ["report"],
    ["sensitivity"],
    ["flags"],
    ["check"],
    ["lint"],
    ["test"],
    ["docs"],
    ["sql"],
]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "personal.seg").write_text(POLICY, encoding="utf-8")
    (tmp_path / "customer.csv").write_text(CUSTOMERS, encoding="utf-8")
    (tmp_path / "line.csv").write_text(LINES, encoding="utf-8")
    settings = """policy = "personal.seg"
as_of = 2024-01-31
[data]
customer = "customer.csv"
line = "line.csv"
"""
    (tmp_path / "lifeseg.toml").write_text(settings, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(words: list[str]) -> str:
    """All that a command says."""
    done = CliRunner().invoke(application, words)
    assert done.exit_code in (0, 1), done.output
    return done.output


def secrets(text: str) -> list[str]:
    return [secret for secret in PERSONAL if secret in text]


@pytest.mark.parametrize("words", WALK, ids=" ".join)
def test_nothing_personal_is_said(workspace: Path, words: list[str]) -> None:
    found = said(words)
    assert found.strip()
    assert "error[" not in found.replace("error[result-several-cases]", ""), (
        "the policy and the data are right"
    )
    assert secrets(found) == []


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["explain", ID, "--detail", "4"], "Wanderley One"),
        (["list", "--columns", "name,income"], "Wanderley Two"),
        (["whatif", ID, "--set", "income=777124", "--set", "satisfaction=5", "--format", "json"], "777124"),
        (["report"], "SECRETKEY2"),
    ],
    ids=["explain", "list", "whatif", "report"],
)
def test_it_is_shown_to_who_asks(workspace: Path, words: list[str], shown: str) -> None:
    assert shown in said([*words, "--show-personal"])


@pytest.mark.parametrize(
    "words", [["run"], ["run", "--on-bad-row", "set-aside"], ["report"]], ids=["run", "set aside", "report"]
)
def test_wrong_data_are_told_without_what_is_personal(workspace: Path, words: list[str]) -> None:
    """Whatever is wrong with a personal value, with its key, or with a row beneath it."""
    wrong = "SECRETKEY2,Wanderley,777123 RMB,1961-02-30,9\n"
    (workspace / "customer.csv").write_text(CUSTOMERS + wrong, encoding="utf-8")
    below = "SECRETKEY9,SECRETLINE9,1\nSECRETKEY1,SECRETLINE1,1\n"
    (workspace / "line.csv").write_text(LINES + below, encoding="utf-8")
    found = said(words)
    assert "line" in found
    assert secrets(found) == []


@pytest.mark.parametrize("form", ["console", "json", "markdown", "html", "sarif"])
def test_a_change_is_discussed_without_names(workspace: Path, form: str) -> None:
    (workspace / "new.seg").write_text(POLICY.replace("from 0.5", "from 0.3"), encoding="utf-8")
    found = said(["diff", "personal.seg", "new.seg", "--format", form])
    assert "loyalty" in found
    assert secrets(found) == []
