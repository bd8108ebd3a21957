"""Ten published rules on the public data they were published with: customers, orders and revenue of each segment."""

import csv
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

import lifeseg
from lifeseg.diagnostics.catalogue import words
from tests.docs.recorded import ROOT
from tests.packs.example import kpis, session_of

SHARED = ROOT.parent / "shared" / "data"
ORDERS = SHARED / "rfm_data_orders.csv"
RULES = ROOT / "rules/rfm_published"
AS_OF = "2006-12-31"

PUBLISHED = {
    "champions": (158, 1234, 120178),
    "loyal": (278, 1708, 166712),
    "potential_loyalist": (229, 801, 65873),
    "lost": (111, 244, 20955),
    "at_risk": (86, 438, 44178),
    "about_to_sleep": (50, 127, 10914),
    "others": (48, 210, 22061),
    "need_attention": (35, 144, 13287),
}
DEAD = {"new_customers", "promising", "cannot_lose"}

MOVED_UP = """policy moved_up "The unreachable rules first"
  version 1.0.0
  use rfm_published 1.0.0

change segment class "Segment" of customer first match
  new_customers "New customer" when recency_score >= 4 and frequency_score = 1 and monetary_score = 1
  promising "Promising" when recency_score = 3 and frequency_score = 1 and monetary_score = 1
  cannot_lose "Not to be lost" when recency_score = 1 and frequency_score >= 4 and monetary_score >= 4
  champions "Champion" when recency_score >= 4 and frequency_score >= 4 and monetary_score >= 4
  loyal "Loyal customer" when recency_score >= 2 and frequency_score >= 3 and monetary_score >= 3
  potential_loyalist "Potential loyalist" when recency_score >= 3 and frequency_score <= 3 and monetary_score <= 3
  need_attention "Need attention" when recency_score >= 2 and frequency_score >= 2 and monetary_score >= 2
  about_to_sleep "About to sleep" when recency_score >= 2
  at_risk "At risk" when frequency_score >= 2 and monetary_score >= 2
  lost "Lost" when frequency_score <= 2 and monetary_score <= 2
  others "Others" otherwise
"""


published_data = pytest.mark.skipif(not ORDERS.exists(), reason="shared/data is not beside this checkout")


def customers_into(folder: Path) -> Path:
    """The orders name the customers; a file of them, for the data has none."""
    with ORDERS.open(encoding="utf-8") as file:
        names = sorted({row["customer_id"] for row in csv.DictReader(file)})
    with (folder / "customer.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["customer_id"], *([name] for name in names)])
    return folder / "customer.csv"


def records(policy: Path, folder: Path) -> list[dict[str, Any]]:
    results = lifeseg.load(policy).run(
        {"customer": str(customers_into(folder)), "order": str(ORDERS)}, as_of=AS_OF
    )
    return [results.record("customer", index) for index in range(995)]


@pytest.fixture(scope="module")
def customers(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return records(RULES, tmp_path_factory.mktemp("data"))


@published_data
def test_the_table_here_is_the_published_one() -> None:
    found = json.loads((SHARED / "rule_checks.json").read_text(encoding="utf-8"))["rfm_segments"]["published"]
    assert sorted(map(tuple, found.values())) == sorted(PUBLISHED.values())


@published_data
def test_customers_orders_and_revenue(customers: list[dict[str, Any]]) -> None:
    found: dict[str, list[Any]] = defaultdict(list)
    for customer in customers:
        found[customer["class"]].append((customer["orders"], customer["amount"]))
    sums = {
        name: (len(held), *(sum(each) for each in zip(*held, strict=True))) for name, held in found.items()
    }
    assert sums == PUBLISHED
    assert sum(revenue for _, _, revenue in sums.values()) == 464158


def test_the_check_finds_the_three_rules_that_are_never_reached() -> None:
    policy = lifeseg.load(RULES)
    assert [finding.code for finding in policy.findings] == ["case-shadowed"] * 3
    shadowed = {words(finding).message.split("`")[1] for finding in policy.findings}
    assert shadowed == DEAD
    assert not shadowed & PUBLISHED.keys()


@published_data
def test_moved_up_they_are_reached(tmp_path: Path) -> None:
    """38 customers meet the rule of the new ones and 17 that of those not to be lost, as recomputed from the data."""
    (tmp_path / "rfm_published").symlink_to(RULES)
    (tmp_path / "moved_up.seg").write_text(MOVED_UP, encoding="utf-8")
    classes = [customer["class"] for customer in records(tmp_path / "moved_up.seg", tmp_path)]
    assert classes.count("new_customers") == 38
    assert classes.count("cannot_lose") == 17


@published_data
@pytest.mark.parametrize("engine", ["interpreter", "duckdb"])
def test_a_run_shows_the_published_table(engine: str, tmp_path: Path) -> None:
    session = session_of("rfm_published", tmp_path)
    (tmp_path / "data").mkdir()
    customers_into(tmp_path / "data")
    (tmp_path / "data" / "order.csv").symlink_to(ORDERS)
    options = f"--engine {engine} --data {tmp_path}/data --as-of {AS_OF}"
    shown = kpis(session, options)
    for name, (_, orders, revenue) in PUBLISHED.items():
        assert shown["orders_placed", name] == str(orders)
        assert shown["revenue_brought", name] == str(revenue)
    assert {shown["orders_placed", name] for name in DEAD} == {"–"}
    words = session.run(f"lifeseg run {options} 2>/dev/null").split()
    for name, (number, _, _) in PUBLISHED.items():
        assert words[words.index(name) + 1] == str(number)
