"""Synthetic records: what the loader accepts without a word, the same for a seed, and like real ones."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeseg.interpreter.evaluate import evaluate
from lifeseg.interpreter.results import Results
from lifeseg.model.from_trees import from_trees
from lifeseg.model.model import Model
from lifeseg.records.from_files import load
from lifeseg.records.generation.design import Design, Profile, Pull
from lifeseg.records.generation.from_model import from_model
from lifeseg.records.generation.to_files import to_files
from lifeseg.records.source import Source
from lifeseg.syntax.from_text import from_text

ROOT = Path(__file__).resolve().parents[2]
PACKS = sorted(path for path in (ROOT / "rules").iterdir() if path.is_dir())
DAY = date(2024, 6, 30)

EVERYTHING = """\
policy everything "Everything a fact may be"
  version 1.0.0

params
  heavy "Heavy use" = 500

entity firm "Firm"
  firm_id text key
  city text optional
  remark text optional personal
  staff count 1..500000
  branches count
  balance money CNY
  fee money EUR -500..500
  temperature number 0..40 step 0.1
  depth number m -11000..9000 step 0.5 optional
  tiny number 0..0.001 step 0.000001
  odd_steps number 15..105 step 7.5
  churn share optional
  grade rating 1..10
  mood rating -2..2 optional
  active yes/no
  vip yes/no optional
  founded date
  closed date optional
  notice days 0..90
  tenure months 0..600
  term years 1..30
  half_term years 0..5 step 0.5 optional
  delay days optional
  kind one of "2G", "3G, old", "it's", "高"
  only one of single optional
  lines_used count 0..4
  best_lines count 0..10
  最大 "Largest" count 0..9

entity line "Line" of firm
  number count 1..5 key
  kind one of voice, data
  speed number Mbps 0..10000
  opened date
  closed date optional

entity call "Call" of line dated at
  at date
  seconds count 0..100000
  cost money CNY 0..1000 optional

entity bill "Bill" of firm dated month
  month date key
  amount money CNY 0..1000000

entity slot "Slot" of firm
  day one of mon, tue, wed key
  late yes/no key
  used yes/no

entity visit "Visit" of firm
  on date key
  score rating 1..5

entity order "Order" of firm
  order_id text key
  position count 1..1000000 key
  value money CNY 0..100000

indexes measures of firm
  total_speed = sum(speed over line)
    range 0..100000
    if missing 0
  last_bill = latest(amount over bill)
    if missing 0
  months_open = months_between(today, founded)
    range 0..2000

segment size_class of firm first match
  huge when staff >= 100000
  large when staff >= 5000
    and active
  old when months_open >= 240 months
    and kind is "高"
  city_named when city is one of "Northport", "Southwick"
    if missing no
  rest otherwise

segment line_state of line
  closed when closed is not missing
    and closed <= today
  fast when (closed is missing or closed > today)
    and speed >= 1000
  slow otherwise

table offer of firm first match
  gives rescue
  gives ask
  gives sorry
  gives nothing
  | grade | mood    | churn  || offer   |
  | >= 9  | -       | > 0.95 || rescue  |
  | -     | missing | -      || ask     |
  | 1..2  | -2      | -      || sorry   |
  | -     | -       | -      || nothing |

flags signs of firm
  talks when count(line where kind is voice) > 2
  calls_much when some line: count(call where seconds > heavy) >= 2
  paid when count(bill in month 1 ago) = 1
  deep when depth < -10000
    if missing no

assume "best" of firm when best_lines <= lines_used
assume "counted" of firm when lines_used = count(line)
assume "active means not closed" of firm when not active or closed is missing or closed > today
assume "open before close" of line when opened <= closed
assume "opened after founding" of line when opened >= firm.founded
assume "vip" of firm when vip or grade <= 9
assume "kind" of firm when not active or kind is not "2G"
assume "scaled" of firm when odd_steps >= temperature
assume "voice" of line when kind is data or speed < 5000
"""


def model_of(*texts: str) -> Model:
    parsed = [from_text(text, f"policy-{number}.seg") for number, text in enumerate(texts)]
    assert not [finding for _, found in parsed for finding in found]
    model, found = from_trees([file for file, _ in parsed])
    assert model is not None, [(finding.key, finding.arguments) for finding in found]
    return model


def pack(folder: Path) -> Model:
    return model_of(*(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.seg"))))


MODELS: Mapping[str, Model] = {
    "everything": model_of(EVERYTHING),
    **{folder.name: pack(folder) for folder in PACKS},
}
every_model = pytest.mark.parametrize("name", MODELS)


def evaluated(model: Model, folder: Path, file_format: str = "parquet", day: date = DAY) -> Results:
    """The records of a folder, loaded without any finding, and evaluated."""
    sources = {entity: Source(folder / f"{entity}.{file_format}") for entity in model.entities}
    loaded = load(model.entities, sources)
    assert loaded.diagnostics == ()
    assert loaded.population is not None
    return evaluate(model, loaded.population, day)


def generated(model: Model, folder: Path, count: int = 500, seed: int = 1) -> Results:
    to_files(from_model(model, DAY, seed), count, folder, "parquet")
    return evaluated(model, folder)


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def queried(query: str, folder: Path) -> list[tuple[Any, ...]]:
    return duckdb.sql(query.replace("@", f"'{folder}/")).fetchall()


# ---- What the policy asks for ---------------------------------------------------------------------


@every_model
def test_records_are_valid_and_the_policy_decides_about_each(name: str, tmp_path: Path) -> None:
    results = generated(MODELS[name], tmp_path)
    assert not results.findings
    assert all(results.rows.values())


@every_model
@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_records_are_valid_too(name: str, count: int, tmp_path: Path) -> None:
    assert not generated(MODELS[name], tmp_path, count).findings


@settings(max_examples=12)
@given(seed=st.integers(-(2**70), 2**70), count=st.integers(1, 60))
def test_any_seed_gives_valid_records(
    seed: int, count: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    results = generated(MODELS["everything"], tmp_path_factory.mktemp("seeds"), count, seed)
    assert {finding.kind for finding in results.findings} <= {"assume"}
    assert len(results.findings) <= 1


@settings(max_examples=12)
@given(day=st.dates(date(1, 1, 1), date(9999, 11, 30)))
def test_any_day_gives_valid_records(day: date, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder, model = tmp_path_factory.mktemp("days"), MODELS["everything"]
    to_files(from_model(model, day, 1), 5, folder, "parquet")
    sources = {entity: Source(folder / f"{entity}.parquet") for entity in model.entities}
    assert load(model.entities, sources).diagnostics == ()


def test_csv_and_parquet_hold_the_same(tmp_path: Path) -> None:
    model, found = MODELS["everything"], []
    for file_format in ("csv", "parquet"):
        folder = tmp_path / file_format
        folder.mkdir()
        to_files(from_model(model, DAY, 1), 200, folder, file_format)  # type: ignore[arg-type]
        results = evaluated(model, folder, file_format)
        slots = {entity: range(2, 2 + len(model.entities[entity].facts)) for entity in model.entities}
        found.append(
            {e: [[row[slot] for slot in slots[e]] for row in rows] for e, rows in results.rows.items()}
        )
    assert found[0] == found[1]


def test_children_stand_by_their_parents_in_order(tmp_path: Path) -> None:
    generated(MODELS["everything"], tmp_path, 300)
    for child, parent in (("line", "firm_id"), ("call", "firm_id"), ("order", "firm_id")):
        numbers = [int(key[1:]) for (key,) in queried(f"SELECT {parent} FROM @{child}.parquet'", tmp_path)]
        assert numbers == sorted(numbers)
    assert queried("SELECT firm_id FROM @firm.parquet'", tmp_path)[:3] == [("F1",), ("F2",), ("F3",)]


# ---- The same for a seed --------------------------------------------------------------------------


@every_model
def test_threads_do_not_matter(name: str, tmp_path: Path) -> None:
    found = []
    for place, threads in enumerate((1, 8, 8)):
        folder = tmp_path / str(place)
        folder.mkdir()
        to_files(from_model(MODELS[name], DAY, 7), 3_000, folder, "parquet", threads)
        found.append(hashes(folder))
    assert found[0] == found[1] == found[2]


def test_another_seed_gives_other_records(tmp_path: Path) -> None:
    found = []
    for seed in (1, 2):
        folder = tmp_path / str(seed)
        folder.mkdir()
        to_files(from_model(MODELS["everything"], DAY, seed), 100, folder, "parquet")
        found.append(hashes(folder))
    assert not {*found[0].values()} & {*found[1].values()}


def test_more_records_begin_with_the_fewer(tmp_path: Path) -> None:
    written = []
    for count in (100, 1_000):
        to_files(from_model(MODELS["everything"], DAY, 1), count, tmp_path, "csv")
        written.append(
            {entity: (tmp_path / f"{entity}.csv").read_text() for entity in MODELS["everything"].entities}
        )
    for entity, text in written[0].items():
        assert written[1][entity].startswith(text)


def test_values_stay_the_same_from_version_to_version(tmp_path: Path) -> None:
    """If they must change, VERSION in pipeline/generating.py rises with them."""
    to_files(from_model(MODELS["everything"], DAY, 1), 50, tmp_path, "csv")
    text = "".join((tmp_path / f"{entity}.csv").read_text() for entity in MODELS["everything"].entities)
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "b06019c647ba04d4"


# ---- Like real ones -------------------------------------------------------------------------------

BELIEVABLE = """\
policy believable
  version 1.0.0

entity customer "Customer"
  customer_id text key
  name text
  staff count 1..1000000
  income money CNY 1..1000000000000 optional
  satisfaction rating 1..5
  loyalty_rate share
  programme one of none, running, succeeded, failed
  partner yes/no

entity product "Product" of customer
  kind one of voice, data, internet, rental, ict, mobile key
  fee money CNY 0..100000
  ends date

flags ending of product
  soon when ends <= today + 2 months

score worth of customer
  0.5 satisfied
  0.5 loyalty_rate

indexes measures of customer
  satisfied = satisfaction / 5
"""


@pytest.fixture(scope="module")
def believable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("believable")
    to_files(from_model(model_of(BELIEVABLE), DAY, 1), 20_000, folder, "parquet")
    return folder


def one(query: str, folder: Path) -> Any:
    return queried(query, folder)[0][0]


def test_amounts_swell(believable: Path) -> None:
    shown = "median(income), avg(income), max(income), count(DISTINCT income)"
    row = queried(f"SELECT {shown} FROM @customer.parquet'", believable)[0]
    median, mean, most, different = map(float, row)
    assert 5e5 < median < 2e6
    assert 1.2 < mean / median < 3
    assert most > 10 * median
    assert different > 2_000


def test_large_customers_are_large_all_over(believable: Path) -> None:
    size = "SELECT corr(ln(staff), ln(income)) FROM @customer.parquet'"
    sound = "SELECT corr(satisfaction, loyalty_rate) FROM @customer.parquet'"
    both = "@customer.parquet' JOIN @product.parquet' USING (customer_id)"
    product = f"SELECT corr(ln(staff), ln(fee)) FROM {both}"
    assert 0.25 < one(size, believable) < 0.5
    assert 0.15 < one(sound, believable) < 0.5
    assert 0.25 < one(product, believable) < 0.5


def test_ratings_are_bells(believable: Path) -> None:
    found = queried("SELECT satisfaction FROM @customer.parquet'", believable)
    counts = Counter(rating for (rating,) in found)
    assert counts[3] > counts[2] > counts[1] > 200
    assert counts[3] > counts[5] > 500


def test_shares_lean(believable: Path) -> None:
    assert one("SELECT median(loyalty_rate) - avg(loyalty_rate) FROM @customer.parquet'", believable) > 0.05


def test_optional_facts_are_missing_now_and_then(believable: Path) -> None:
    assert 0.05 < one("SELECT avg((income IS NULL)::INT) FROM @customer.parquet'", believable) < 0.1


def test_choices_differ_in_frequency(believable: Path) -> None:
    for entity, column in (("customer", "programme"), ("product", "kind")):
        query = f"SELECT {column}, count(*) FROM @{entity}.parquet' GROUP BY 1 ORDER BY 2 DESC"
        counts = [count for _, count in queried(query, believable)]
        assert counts[0] > 1.5 * counts[-1]
        assert counts[-1] > 0.05 * sum(counts)


def test_parents_have_none_to_six_children(believable: Path) -> None:
    counts = Counter(
        count
        for (count,) in queried(
            "SELECT count(kind) FROM @customer.parquet' LEFT JOIN @product.parquet' USING (customer_id)"
            " GROUP BY customer_id",
            believable,
        )
    )
    assert set(counts) == set(range(7))
    assert 0.06 < counts[0] / 20_000 < 0.1
    assert counts[2] > counts[4] > counts[6]
    assert 2.7 < sum(count * parents for count, parents in counts.items()) / 20_000 < 3.2


def test_a_third_of_the_dates_is_up_to_what_the_policy_asks(believable: Path) -> None:
    soon = one("SELECT avg((ends <= DATE '2024-08-30')::INT) FROM @product.parquet'", believable)
    assert 0.27 < soon < 0.4


def test_names_are_invented_and_many(believable: Path) -> None:
    names = [name for (name,) in queried("SELECT name FROM @customer.parquet'", believable)]
    assert len(set(names)) > 0.9 * len(names)
    assert all(name.replace(" ", "").isalpha() and name.istitle() for name in names)


# ---- Profiles -------------------------------------------------------------------------------------


def pulled(design: Design, *pulls: Pull) -> Design:
    return replace(design, profiles=(Profile("d", "c", pulls),), evenly=True)


@pytest.mark.parametrize(
    ("pull", "test"),
    [
        (Pull("firm", "staff", low=1000, high=1200), "staff BETWEEN 1000 AND 1200"),
        (Pull("firm", "fee", high=-400), "fee <= -400"),
        (Pull("firm", "churn", low=0.99), "churn >= 0.99"),
        (Pull("firm", "term", low=120, high=130), "term = 10"),
        (Pull("firm", "kind", values=("it's", "高")), "kind IN ('it''s', '高')"),
        (Pull("firm", "vip", values=(False,)), "NOT vip"),
        (Pull("firm", "closed", missing=True), "closed IS NULL"),
        (Pull("firm", "closed", missing=False), "closed IS NOT NULL"),
        (Pull("firm", "founded", low=730_000, high=730_010), "founded BETWEEN '1999-09-03' AND '1999-09-13'"),
    ],
)
def test_a_pulled_fact_is_as_it_is_wanted(pull: Pull, test: str, tmp_path: Path) -> None:
    design = from_model(MODELS["everything"], DAY, 3)
    design = pulled(design, *[exact(pull)])
    to_files(design, 300, tmp_path, "parquet")
    evaluated(MODELS["everything"], tmp_path)
    free = "NOT (active OR kind = '2G')" if pull.fact in ("closed", "kind") else "grade <= 9"
    assert one(f"SELECT count(*) FROM @firm.parquet' WHERE ({test}) IS NOT TRUE AND {free}", tmp_path) == 0
    assert one(f"SELECT count(*) FROM @firm.parquet' WHERE {test}", tmp_path) > 20


def exact(pull: Pull) -> Pull:
    low, high = (None if end is None else Fraction(str(end)) for end in (pull.low, pull.high))
    return replace(pull, low=low, high=high)


def test_one_of_several_children_can_be_meant(tmp_path: Path) -> None:
    design = from_model(MODELS["everything"], DAY, 3)
    pulls = (Pull("order", None, low=2, high=3), Pull("order", "value", low=7, high=7, child=1))
    to_files(pulled(design, *map(exact, pulls)), 300, tmp_path, "parquet")
    counts = queried("SELECT count(*) FROM @order.parquet' GROUP BY firm_id", tmp_path)
    assert set(counts) == {(2,), (3,)}
    second = queried("SELECT value FROM @order.parquet' WHERE ends_with(order_id, '-2')", tmp_path)
    assert len(second) == 300
    assert {float(value) for (value,) in second} == {7.0}
    assert one("SELECT count(*) FROM @order.parquet' WHERE value = 7", tmp_path) < 310


def test_a_shift_moves_a_fact(tmp_path: Path) -> None:
    means = []
    for shift in (-1, 0, 1):
        design = from_model(MODELS["everything"], DAY, 3)
        to_files(pulled(design, Pull("firm", "grade", shift=Fraction(shift))), 1_000, tmp_path, "parquet")
        means.append(one("SELECT avg(grade) FROM @firm.parquet'", tmp_path))
    assert means[1] - means[0] > 1.5
    assert means[2] - means[1] > 1.5
