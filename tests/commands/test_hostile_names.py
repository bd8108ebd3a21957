"""Names and values that mean something to databases: they mean nothing else to lifeseg, on any engine."""

import csv
import json
import shutil
from pathlib import Path

import duckdb
import pytest

from lifeseg.records import to_database
from tests.commands.conftest import Lifeseg

POLICY = Path(__file__).parent / "hostile" / "hostile.seg"
ENGINES = ("interpreter", "duckdb")
LONG = "ключ_очень_длинный_который_продолжается_и_продолжается_до_конца"
HEADING = ["_k1", "order", "Order", "group", "_records_select", "l", LONG, f"{LONG}2"]
GROUPS = ["it's", "a;b --", "{}", "back\\slash", "$1 :x ? %s", "名；前", "🙂", "NULL", "*/ /*", ""]
KEYS = [
    "a", "A", "it's", "'; DROP TABLE \"_records_select\"; --", '"q"', "{}", "{0}", "$1", "?", "%s", "\\", "\\n", "\\'",
    "line\nbreak", "carriage\r\nreturn", "\u202ertl", "\u200fmark", "🙂", "👩‍👩‍👧", "é", "ключ",
    "كلمة", "名；前", "NULL", "null", "*/ /*", "-- x",
    "1; SELECT 1", "a,b", "a\tb", "x" * 300, "line\u2028separator", "ß", "SS", "ﬁ",
]  # fmt: skip


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copy(POLICY, "hostile.seg")
    Path("data").mkdir()
    written("select", HEADING, [
        [key, number * 7, "" if number % 2 else number, GROUPS[number % len(GROUPS)], ("yes", "no")[number % 2],
         number / 4, number % 10, number * 3 % 10]
        for number, key in enumerate(KEYS)
    ])  # fmt: skip
    children = [[key, row, number * 10 + row] for number, key in enumerate(KEYS) for row in range(number % 3)]
    written("Order_item", ["_k1", "_k2", "value"], children)
    return tmp_path


def written(entity: str, heading: list[str], rows: list[list[object]]) -> None:
    with Path("data", f"{entity}.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([heading, *rows])


def run(lifeseg: Lifeseg, engine: str, out: str, data: str = "data", file_format: str = "csv") -> str:
    words = ("--as-of", "2024-01-31", "--engine", engine, "--out", out, "--format", file_format)
    finished = lifeseg("run", "hostile.seg", "--data", data, *words)
    assert finished.code == 0, finished.err
    return str(json.loads(Path(out, "run.json").read_text(encoding="utf-8"))["result_hash"])


def table(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        heading, *rows = csv.reader(file)
    return [heading, *sorted(rows)]


@pytest.mark.usefixtures("hostile")
def test_engines_agree_to_the_letter(lifeseg: Lifeseg, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = run(lifeseg, "interpreter", "one")
    assert run(lifeseg, "duckdb", "other") == plain
    assert table(Path("one/select.csv")) == table(Path("other/select.csv"))
    assert sorted(row[0] for row in table(Path("one/select.csv"))[1:]) == sorted(KEYS)
    monkeypatch.setattr(to_database, "SMALL_CSV", 0)
    assert run(lifeseg, "duckdb", "third") == plain


@pytest.mark.usefixtures("hostile")
def test_parquet_files_have_names_that_every_reader_tells_apart(lifeseg: Lifeseg) -> None:
    found = {run(lifeseg, engine, engine, file_format="parquet") for engine in ENGINES}
    assert len(found) == 1
    tables = [duckdb.sql(f"FROM '{engine}/select.parquet' ORDER BY _k1") for engine in ENGINES]
    assert tables[0].columns == tables[1].columns
    assert tables[0].fetchall() == tables[1].fetchall()
    assert tables[0].columns[1:3] == ["where", "Where_1"]


@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize("engine", ENGINES)
def test_results_are_in_files_called_like_their_entity(engine: str, lifeseg: Lifeseg) -> None:
    """Though no table of a database is called `_results`."""
    Path("small.seg").write_text(
        "policy small\n  version 1.0.0\n\nentity _results\n  id text key\n  x count 0..9\n\n"
        "segment size of _results\n  big when x > 5\n  small when x <= 5\n",
        encoding="utf-8",
    )
    written("_results", ["id", "x"], [["A", 3]])
    words = ("--data", "data", "--as-of", "2024-01-31", "--engine", engine, "--out", "out")
    assert lifeseg("run", "small.seg", *words).code == 0
    assert duckdb.sql("FROM 'out/_results.parquet'").fetchall() == [("A", "small")]


@pytest.mark.usefixtures("hostile")
def test_a_fact_named_like_a_key_column_where_files_are_read_as_they_lie(lifeseg: Lifeseg) -> None:
    text = Path("hostile.seg").read_text(encoding="utf-8")
    text = text.replace("  Order count 0..1000000 optional\n", "").replace(" + Order / 3", "")
    Path("hostile.seg").write_text(text, encoding="utf-8")
    for entity in ("select", "Order_item"):
        source = f"read_csv('data/{entity}.csv', all_varchar = true, header = true, quote = '\"', strict_mode = true)"
        Path("tables").mkdir(exist_ok=True)
        without = "* EXCLUDE (Order_1)" if entity == "select" else "*"
        duckdb.sql(f"COPY (SELECT {without} FROM {source}) TO 'tables/{entity}.parquet'")
    assert len({run(lifeseg, engine, engine, "tables") for engine in ENGINES}) == 1


@pytest.mark.usefixtures("hostile")
def test_columns_that_differ_only_in_case_are_told_apart_in_parquet_too(lifeseg: Lifeseg) -> None:
    Path("tables").mkdir()
    shutil.copy("data/Order_item.csv", "tables")
    source = (
        "read_csv('data/select.csv', all_varchar = true, header = true, quote = '\"', strict_mode = true)"
    )
    duckdb.sql(f"COPY (SELECT * RENAME (Order_1 AS \"0rder\") FROM {source}) TO 'tables/select.parquet'")
    path = Path("tables/select.parquet")  # DuckDB does not write such names, others do
    path.write_bytes(path.read_bytes().replace(b"0rder", b"Order"))
    expected = run(lifeseg, "interpreter", "plain")
    assert [run(lifeseg, engine, engine, "tables") for engine in ENGINES] == [expected, expected]


@pytest.mark.usefixtures("hostile")
def test_a_character_that_no_text_has_is_refused(lifeseg: Lifeseg) -> None:
    path = Path("data/select.csv")
    path.write_bytes(path.read_bytes().replace(b"1; SELECT 1", b"1; SELECT \0"))
    for engine in ENGINES:
        finished = lifeseg(
            "run", "hostile.seg", "--data", "data", "--as-of", "2024-01-31", "--engine", engine
        )
        assert finished.code == 1
        assert "data-encoding" in finished.err
