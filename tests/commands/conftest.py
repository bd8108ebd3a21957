"""The command line called in this process, a tiny policy to call it on, and a copy of the example
workspace.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lifeseg.cli.application import application

ROOT = Path(__file__).resolve().parents[2]

POLICY = """\
policy shop "Shop"
  version 1.2.0

params
  loyal_from "Loyal from" = 0.60

entity customer "Customer"
  customer_id text key
  satisfaction "Satisfaction" rating 1..5
  spent "Spent" money CNY 0..1000

entity order "Order" of customer
  amount "Amount" money CNY 0..1000

indexes measures "Measures" of customer
  satisfaction_level "Satisfaction" = satisfaction / 5
  spent_level "Spent" = spent / 1000 CNY

score loyalty "Loyalty" of customer
  0.50 satisfaction_level
  0.50 spent_level
  bands
    loyal "Loyal" from loyal_from
    loose "Loose" below

segment class "Class" of customer
  regular "Regular" when loyalty is loyal
    and some order: amount >= 10 CNY
  guest "Guest" when loyalty is loose
    or no order: amount >= 10 CNY

flags signs "Signs" of customer
  buys "Buys" when count(order) > 0
  happy "Happy" when satisfaction >= 4

flags size "Size" of order
  large "Large" when amount >= 100 CNY

test "Ann is regular" of customer
  | customer_id || class   | loyalty |
  | ann         || regular | 0.90    |
"""
CUSTOMERS = """\
customer_id,satisfaction,spent
ann,5,800
bob,2,100
cem,4,400.5
"""
ORDERS = """\
customer_id,amount
ann,10
bob,5
ann,300
"""
SETTINGS = """\
policy = "rules/shop"
as_of = 2024-01-31
results = "store.duckdb"

[data]
customer = "data/customer.csv"
order = "data/order.csv"
"""


@dataclass(frozen=True)
class Finished:
    """What a command has said, by door, and its exit code."""

    code: int
    out: str
    err: str


Lifeseg = Callable[..., Finished]


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("COLUMNS", "100")
        patch.delenv("LIFESEG_DEBUG", raising=False)
        patch.delenv("LIFESEG_POSTGRES_URL", raising=False)
        yield


@pytest.fixture
def lifeseg() -> Lifeseg:
    """Calls a command in the current folder."""

    def call(*words: str | Path) -> Finished:
        finished = CliRunner().invoke(application, [str(word) for word in words], prog_name="lifeseg")
        return Finished(finished.exit_code, finished.stdout, finished.stderr)

    return call


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workspace of a tiny policy; it is the current folder."""
    folder = tmp_path / "shop"
    for name, text in {
        "rules/shop/shop.seg": POLICY,
        "data/customer.csv": CUSTOMERS,
        "data/order.csv": ORDERS,
        "lifeseg.toml": SETTINGS,
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def orgcust(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the example workspace; it is the current folder."""
    for name in ("rules", "examples"):
        unwanted = shutil.ignore_patterns("*.duckdb*")
        shutil.copytree(ROOT / name / "orgcust", tmp_path / name / "orgcust", ignore=unwanted)
    folder = tmp_path / "examples" / "orgcust"
    monkeypatch.chdir(folder)
    return folder
