"""What is empty, or the same for all, is told after a run: cases, groups and statistics of nobody, on every engine alike."""

from pathlib import Path

import pytest

from tests.commands.conftest import Lifeseg

POLICY = """\
policy empty "Empty"
  version 1.0.0

entity customer "Customer"
  customer_id "Number" text key
  orders "Orders" count 0..100
  bill "Monthly bill" money CNY 0..1000
  rating "Rating" rating 1..5

segment size "Size" of customer
  large "Large" when bill >= 500 CNY
  small "Small" when bill < 500 CNY

lifecycle stage "Stage" of customer
  state open "Open"
  state closed "Closed"
  start open when orders > 0
  start closed when orders = 0
  move open to closed when orders = 0

indexes places "Places" of customer
  order_group "Orders, in five groups" = quantile_group(orders, 5 over all customer)
    decimals 0
  middle_of_large "Median of large bills" = quantile(bill, 50% over all customer where bill >= 500 CNY)
    if missing 0
  rating_place "Rating against the others" = z_score(rating over all customer)
    range -10..10
    if missing 0
  bill_place "Bill between least and greatest" = min_max(bill over all customer)
    range 0..1
    if missing 0.5

flags shown of customer
  any "Any" when order_group > 2 and middle_of_large > 1 CNY and rating_place + bill_place > 0.5

kpis
  mean_bill "Mean bill" by size = mean(bill over all customer)
"""
HEADING = "customer_id,orders,bill,rating"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "empty.seg").write_text(POLICY, encoding="utf-8")
    settings = 'policy = "empty.seg"\nas_of = 2024-01-01\n[data]\ncustomer = "customer.csv"\n'
    (tmp_path / "lifeseg.toml").write_text(settings, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def customers(folder: Path, *rows: str) -> None:
    (folder / "customer.csv").write_text("\n".join([HEADING, *rows, ""]), encoding="utf-8")


@pytest.mark.parametrize("engine", ["interpreter", "duckdb"])
def test_what_is_empty_is_told(lifeseg: Lifeseg, folder: Path, engine: str) -> None:
    """Nobody is large; five of seven have one order; all give the same rating."""
    orders = (0, 1, 1, 1, 1, 1, 9)
    customers(folder, *(f"C{place},{count},{place},3" for place, count in enumerate(orders)))
    done = lifeseg("run", "--engine", engine)
    assert done.code == 0
    told = " ".join(done.err.split())
    assert "note[case-empty]: nobody is in `size.large`" in told
    assert (
        "note[group-empty]: nobody is in these groups of `quantile_group(orders, 5 over all customer)`: 2, 3"
        in told
    )
    nobody = "warning[population-empty]: there is nobody for `quantile(bill, 0.5 over all customer where bill >= 500 CNY)`"
    assert nobody in told
    same = "warning[population-same]: `deviation(rating over all customer)` tells nobody apart: it is the same for all"
    assert same in told
    assert told.count("population-same") == 1  # bills differ
    assert told.count("population-empty") == 1  # the mean of a KPI shows by itself that nobody is counted
    assert "stage" not in told  # nobody is closed: customers pass through the states of a lifecycle
    assert lifeseg("run", "--strict", "--engine", engine).code == 1


def test_the_least_and_the_greatest_are_one(lifeseg: Lifeseg, folder: Path) -> None:
    customers(folder, "C1,1,700,1", "C2,2,700,2", "C3,3,700,3")
    told = " ".join(lifeseg("run").err.split())
    assert "`max(bill over all customer)` tells nobody apart" in told
    assert "nobody is in `size.small`" in told


def test_a_population_in_which_everybody_differs_is_quiet(lifeseg: Lifeseg, folder: Path) -> None:
    customers(folder, *(f"C{place},{place},{place * 100},{place % 5 + 1}" for place in range(1, 11)))
    assert lifeseg("run", "--strict").err == ""


def test_one_customer_is_no_population_to_complain_of(lifeseg: Lifeseg, folder: Path) -> None:
    customers(folder, "C1,1,700,1")
    told = lifeseg("run").err
    assert "population-same" not in told


@pytest.mark.parametrize("engine", ["interpreter", "duckdb"])
def test_where_ties_join_the_lower_group_nobody_may_be_above(
    lifeseg: Lifeseg, folder: Path, engine: str
) -> None:
    """Three customers with one order each are there, and all in the first group."""
    policy = (folder / "empty.seg").read_text(encoding="utf-8")
    (folder / "empty.seg").write_text(
        policy.replace("(orders, 5 over", "(orders, 5, ties lower over"), encoding="utf-8"
    )
    customers(folder, "C1,1,700,1", "C2,1,800,2", "C3,1,900,3")
    told = " ".join(lifeseg("run", "--engine", engine).err.split())
    named = "`quantile_group(orders, 5, ties lower over all customer)`: 2, 3, 4, 5"
    assert f"note[group-empty]: nobody is in these groups of {named}" in told
    assert "population-empty" not in told
