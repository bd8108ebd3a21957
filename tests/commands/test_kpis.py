"""Targets on the command line: a missed one is a warning, and with `--strict` the run fails, on every engine alike."""

import json
from pathlib import Path

import pytest

from tests.commands.conftest import Lifeseg

POLICY = """\
policy fair "Fair"
  version 1.0.0

entity customer "Customer"
  customer_id "Number" text key
  region "Region" one of north, south
  bill "Monthly bill" money CNY 0..1000

segment use "Use" of customer
  heavy "Heavy" when bill >= 500 CNY
  light "Light" when bill < 500 CNY

flags care of customer
  offered "Is made an offer" when bill >= 100 CNY

kpis "Acceptance and fairness"
  size "Part of all" by use = share(all customer)
    target >= {size}
  offers "Part that is made an offer" by region = share(all customer where offered)
    target difference <= {difference}
"""
CUSTOMERS = "customer_id,region,bill\nA,north,600\nB,north,200\nC,south,300\nD,south,50\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "customer.csv").write_text(CUSTOMERS, encoding="utf-8")
    settings = 'policy = "fair.seg"\nas_of = 2024-01-01\n[data]\ncustomer = "customer.csv"\n'
    (tmp_path / "lifeseg.toml").write_text(settings, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def policy(folder: Path, size: str, difference: str) -> None:
    text = POLICY.format(size=size, difference=difference)
    (folder / "fair.seg").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("engine", ["interpreter", "duckdb"])
def test_targets_that_are_met_let_a_strict_run_pass(lifeseg: Lifeseg, folder: Path, engine: str) -> None:
    policy(folder, size="25%", difference="50%")
    done = lifeseg("run", "--strict", "--engine", engine)
    assert (done.code, done.out.count(": met")) == (0, 2)


@pytest.mark.parametrize("engine", ["interpreter", "duckdb"])
def test_groups_treated_too_differently_fail_a_strict_run(
    lifeseg: Lifeseg, folder: Path, engine: str
) -> None:
    policy(folder, size="25%", difference="40%")
    done = lifeseg("run", "--engine", engine)
    assert done.code == 0
    assert "warning[kpi-missed]: `offers` misses its target difference <= 0.4: 0.5" in done.err
    assert lifeseg("run", "--strict", "--engine", engine).code == 1


@pytest.mark.parametrize("engine", ["interpreter", "duckdb"])
def test_a_segment_that_is_too_small_fails_a_strict_run(lifeseg: Lifeseg, folder: Path, engine: str) -> None:
    policy(folder, size="30%", difference="50%")
    done = lifeseg("run", "--strict", "--engine", engine)
    assert done.code == 1
    assert "`size` misses its target >= 0.3: heavy 0.25, light 0.75" in done.err


def test_a_segment_with_nobody_in_it_is_too_small(lifeseg: Lifeseg, folder: Path) -> None:
    policy(folder, size="1%", difference="100%")
    (folder / "customer.csv").write_text(CUSTOMERS.replace("600", "400"), encoding="utf-8")
    done = lifeseg("run", "--strict")
    assert done.code == 1
    assert "`size` misses its target >= 0.01: heavy 0, light 1" in done.err


def test_results_are_kept_though_a_target_is_missed(lifeseg: Lifeseg, folder: Path) -> None:
    """The customers are as they are: what fails is the build, not the run."""
    policy(folder, size="30%", difference="50%")
    assert lifeseg("run", "--strict", "--out", "results", "--format", "csv").code == 1
    assert json.loads((folder / "results" / "run.json").read_text(encoding="utf-8"))["result_hash"]
