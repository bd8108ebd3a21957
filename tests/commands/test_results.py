"""The results that `run --out` writes: their shape, their hash, and that they are whole or not there at
all.
"""

import csv
import json
import os
import random
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from lifeseg.cli.documents import Run
from lifeseg.model.types import TEXT, number
from lifeseg.records import to_results
from lifeseg.records.to_results import Column, Table
from tests.commands.conftest import Lifeseg


def described(folder: Path) -> dict[str, object]:
    return dict(json.loads((folder / "run.json").read_text(encoding="utf-8")))


def test_parquet_has_keys_then_definitions_with_exact_types(lifeseg: Lifeseg, orgcust: Path) -> None:
    assert lifeseg("run", "--out", "out").code == 0
    assert {path.name for path in Path("out").iterdir()} == {"customer.parquet", "usage.parquet", "run.json"}
    types = {row[0]: row[1] for row in duckdb.sql("DESCRIBE SELECT * FROM 'out/customer.parquet'").fetchall()}
    assert next(iter(types)) == "customer_id"
    expected = {
        "relationship_stability": "DECIMAL(18,10)",
        "relationship_stability_band": "VARCHAR",
        "potential_band": "VARCHAR",
        "satisfaction_level": "DECIMAL(18,6)",
        "stage": "VARCHAR",
        "value_level": "VARCHAR",
        "intensity": "VARCHAR",
        "strategy": "VARCHAR[]",
    }
    assert {name: types[name] for name in expected} == expected
    assert "product_promotion" not in types, "a flag stands in the list of its block"
    wanted = "SELECT stage, conversion_type, contract_type, strategy"
    rows = duckdb.sql(f"{wanted} FROM 'out/customer.parquet' WHERE customer_id = 'C19'").fetchall()
    assert rows == [("conversion", "warning", None, ["product_promotion", "relationship_ascension"])]
    keys = duckdb.sql("DESCRIBE SELECT * FROM 'out/usage.parquet'").fetchall()[:2]
    assert [row[0] for row in keys] == ["customer_id", "product"]


def test_what_kpis_came_to(lifeseg: Lifeseg, shop: Path) -> None:
    """Amounts in full, whatever the screen shows; of a KPI by cases each case and the difference."""
    with Path("rules/shop/shop.seg").open("a", encoding="utf-8") as policy:
        policy.write(
            '\nkpis "Targets"\n'
            "  mean_spent = mean(spent over all customer)\n"
            "  happy_share by class = share(all customer where happy)\n"
            "    target difference <= 20%\n"
        )
    lifeseg("run", "--out", "out")
    run = Run.model_validate(described(Path("out")))
    assert [kpi.model_dump(exclude_unset=True) for kpi in run.kpis] == [
        {"name": "mean_spent", "unit": "CNY", "value": "433.5"},
        {
            "name": "happy_share",
            "by": "class",
            "cases": {"regular": "1", "guest": "0.5"},
            "difference": "0.5",
            "target": "difference <= 0.2",
            "met": False,
        },
    ]


def test_csv_says_the_same(lifeseg: Lifeseg, orgcust: Path) -> None:
    lifeseg("run", "--out", "parquet")
    lifeseg("run", "--out", "csv", "--format", "csv")
    exact = duckdb.sql(
        "SELECT customer_id, customer_value, strategy FROM 'parquet/customer.parquet'"
    ).fetchall()
    with Path("csv/customer.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    texts = [
        (row["customer_id"], Decimal(row["customer_value"]), json.loads(row["strategy"])) for row in rows
    ]
    assert texts == exact
    assert described(Path("csv"))["result_hash"] == described(Path("parquet"))["result_hash"]


def test_child_without_key_is_numbered_within_its_parent(lifeseg: Lifeseg, shop: Path) -> None:
    lifeseg("run", "--out", "out", "--format", "csv")
    assert (
        Path("out/order.csv").read_text() == 'customer_id,row,size\nann,1,[]\nbob,1,[]\nann,2,"[""large""]"\n'
    )


def test_description(lifeseg: Lifeseg, shop: Path) -> None:
    lifeseg("run", "--out", "out", "--format", "csv")
    run = Run.model_validate(described(Path("out")))
    assert (run.policy.name, run.policy.version, str(run.as_of), run.engine) == (
        "shop", "1.2.0", "2024-01-31", "interpreter",
    )  # fmt: skip
    assert run.rows == {"customer": 3, "order": 3}
    assert run.files == ["customer.csv", "order.csv"]
    assert set(run.timings) == {"check", "load", "evaluate"}


def test_hash_is_independent_of_the_order_of_rows(lifeseg: Lifeseg, orgcust: Path) -> None:
    lifeseg("run", "--out", "first")
    for name in ("customers.csv", "usage.csv"):
        heading, *rows = Path(name).read_text(encoding="utf-8").splitlines()
        random.Random(1).shuffle(rows)
        Path(name).write_text("\n".join([heading, *rows]) + "\n", encoding="utf-8")
    lifeseg("run", "--out", "second")
    first, second = described(Path("first")), described(Path("second"))
    assert first["data_fingerprint"] != second["data_fingerprint"]
    assert first["result_hash"] == second["result_hash"]


def test_hash_tells_different_results_apart(lifeseg: Lifeseg, shop: Path) -> None:
    lifeseg("run", "--out", "first")
    data = shop / "data/customer.csv"
    data.write_text(data.read_text().replace("400.5", "400.51"))
    lifeseg("run", "--out", "second")
    assert described(Path("first"))["result_hash"] != described(Path("second"))["result_hash"]


def test_only_writes_only_what_is_named(lifeseg: Lifeseg, shop: Path) -> None:
    lifeseg("run", "--only", "class", "--out", "out", "--format", "csv")
    assert Path("out/customer.csv").read_text().splitlines()[0] == "customer_id,class"


def test_own_files_are_replaced_as_a_whole_and_others_left(lifeseg: Lifeseg, shop: Path) -> None:
    lifeseg("run", "--out", "out", "--format", "csv")
    Path("out/notes.txt").write_text("mine")
    Path("out/other.csv").write_text("mine")
    lifeseg("run", "--out", "out")
    names = {path.name for path in Path("out").iterdir()}
    assert names == {"customer.parquet", "order.parquet", "run.json", "notes.txt", "other.csv"}


TABLES = [
    Table("a", (Column("k", TEXT, key=True),), [("1",)]),
    Table("b", (Column("k", TEXT, key=True),), [("2",)]),
]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("moves", range(6))
def test_what_fails_half_way_leaves_the_folder_as_it_was(
    moves: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    to_results.write(folder, TABLES, {"first": 1}, "csv")
    before = contents(folder)
    count = 0
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        nonlocal count
        count += 1
        if count == moves + 1:
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OSError, match="No space"):
        to_results.write(folder, TABLES[:1], {"second": 2}, "csv") if moves < 4 else to_results.write(
            folder, TABLES, {"second": 2}, "csv"
        )
    monkeypatch.undo()
    assert contents(folder) == before


def test_a_new_folder_is_gone_again_if_writing_fails(tmp_path: Path) -> None:
    class Failing(list[tuple[str]]):
        def __iter__(self):  # type: ignore[no-untyped-def]
            raise OSError(28, "No space left on device")

    bad = Table("a", TABLES[0].columns, Failing())
    with pytest.raises(OSError, match="No space"):
        to_results.write(tmp_path / "new/out", [TABLES[1], bad], {}, "csv")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_cleared_up(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    to_results.write(folder, TABLES, {"first": 1}, "csv")
    before = contents(folder)
    left = folder / f"{to_results.WRITING}{2**22 + 1}"
    (left / "before").mkdir(parents=True)
    (folder / "run.json").rename(left / "before/run.json")
    (folder / "a.csv").rename(left / "before/a.csv")
    (folder / "a.csv").write_text("half")
    to_results.clear_up(folder)
    assert contents(folder) == before


def test_what_another_process_is_writing_is_left(tmp_path: Path) -> None:
    other = tmp_path / f"{to_results.WRITING}{os.getppid()}"
    other.mkdir()
    to_results.clear_up(tmp_path)
    assert other.is_dir()


def test_a_target_that_is_no_folder(lifeseg: Lifeseg, shop: Path) -> None:
    Path("out").write_text("a file")
    finished = lifeseg("run", "--out", "out")
    assert finished.code == 2
    assert "error[cannot-write]: `out` cannot be written: not a folder" in finished.err
    assert not (shop / "store.duckdb").exists()


def test_awkward_texts_survive_parquet(tmp_path: Path) -> None:
    texts = ["", "a,b", 'say "no"', "two\nlines", "名", "NULL", "'); DROP TABLE x; --", "\\N", " blank "]
    columns = (Column("it's", TEXT, key=True), Column('"n"', number(2, -1, 1)))
    rows = [(text, None if place % 2 else "-0.5") for place, text in enumerate(texts)]
    to_results.write(tmp_path / "out", [Table("a", columns, rows)], {}, "parquet")
    found = duckdb.sql(f"SELECT * FROM '{tmp_path}/out/a.parquet'").fetchall()
    assert found == [(text, None if number is None else Decimal(number)) for text, number in rows]


def test_set_aside_rows_are_written_and_counted(lifeseg: Lifeseg, shop: Path) -> None:
    data = shop / "data/customer.csv"
    good = data.read_text()
    data.write_text(good + "dan,7,10\n")
    finished = lifeseg("run", "--on-bad-row", "set-aside", "--out", "out")
    assert finished.code == 0
    assert "1 row set aside in out/customer.set-aside.csv" in finished.out
    assert "dan,7,10" in Path("out/customer.set-aside.csv").read_text(encoding="utf-8-sig")
    assert lifeseg("explain", "ann").code == 0, "the run has been recorded: its rows are explained"
    data.write_text(good)
    lifeseg("run", "--out", "out")
    assert not Path("out/customer.set-aside.csv").exists()
