"""Parquet files and workbooks: the same values as from CSV, and what only they can get wrong."""

import datetime
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from lifeseg.records.from_files import Loaded, Source, load
from tests.records.customers import (
    CUSTOMER,
    USAGE,
    customers,
    first,
    in_words,
    keys,
    only,
    said,
    values,
    where,
)

COLUMNS = (
    "customer_id", "satisfaction", "income", "wallet_share", "hours", "partnership", "since", "arrears",
    "programme", "phone",
)  # fmt: skip
CSV = """\
customer_id,satisfaction,income,wallet_share,hours,partnership,since,arrears,programme,phone
C1,4,1234.5,0.3,8.25,yes,2013-06-30,3,2G,139
C2,5,0.1,1,-0.5,no,,0,none,
C3,1,1000000,0.000001,,,2012-02-29,12,,x
"""
ROWS: Sequence[Sequence[Any]] = (
    ("C1", 4, 1234.5, 0.3, 8.25, True, datetime.date(2013, 6, 30), 3, "2G", "139"),
    ("C2", 5, 0.1, 1.0, -0.5, False, None, 0, "none", None),
    ("C3", 1, 1e6, 1e-6, None, None, datetime.date(2012, 2, 29), 12, None, "x"),
)
TYPES: Mapping[str, str] = {
    "customer_id": "VARCHAR", "satisfaction": "TINYINT", "income": "DOUBLE", "wallet_share": "DOUBLE",
    "hours": "DECIMAL(9,3)", "partnership": "BOOLEAN", "since": "DATE", "arrears": "BIGINT",
    "programme": "VARCHAR", "phone": "VARCHAR",
}  # fmt: skip


def parquet(path: Path, rows: Sequence[Sequence[Any]], types: Mapping[str, str] = TYPES) -> Path:
    with duckdb.connect() as connection:
        columns = ", ".join(f'"{name}" {type_}' for name, type_ in types.items())
        connection.execute(f"CREATE TABLE t ({columns})")
        if rows:
            connection.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(types))})", rows)
        quoted = str(path).replace("'", "''")
        connection.execute(f"COPY t TO '{quoted}' (FORMAT parquet)")
    return path


def workbook(path: Path, rows: Sequence[Sequence[Any]], heading: Sequence[str] = COLUMNS) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (heading, *rows):
        sheet.append(list(row))
    book.save(path)
    return path


def loaded_from(path: Path, sheet: str | None = None) -> Loaded:
    return load({"customer": CUSTOMER}, {"customer": Source(path, sheet=sheet)})


def test_the_same_values_from_every_format(tmp_path: Path) -> None:
    from_csv = customers(tmp_path, CSV)
    from_parquet = loaded_from(parquet(tmp_path / "customer.parquet", ROWS))
    from_xlsx = loaded_from(workbook(tmp_path / "customer.xlsx", ROWS))
    assert keys(from_csv) == keys(from_parquet) == keys(from_xlsx) == []
    assert values(from_csv) == values(from_parquet) == values(from_xlsx)
    assert values(from_csv)[0] == (
        "C1", 4, 123450, 300000, 825, True, datetime.date(2013, 6, 30), 3, "2G", "139",
    )  # fmt: skip
    for loaded in (from_csv, from_parquet, from_xlsx):
        assert loaded.population is not None
        assert loaded.population.rows["customer"].lines == [2, 3, 4]


def test_the_same_findings_from_every_format(tmp_path: Path) -> None:
    row = ["C1", 9, 0.001, 30.0, 8.3, None, datetime.date(2013, 6, 30), 2.5, "2g", None]
    text = ",".join(COLUMNS) + "\nC1,9,0.001,30.0,8.3,,2013-06-30,2.5,2g,\n"
    double = {**TYPES, "hours": "DOUBLE", "arrears": "DOUBLE"}
    found = [
        customers(tmp_path, text),
        loaded_from(parquet(tmp_path / "customer.parquet", [row], double)),
        loaded_from(workbook(tmp_path / "customer.xlsx", [row])),
    ]
    csv_keys, *other_keys = (keys(loaded) for loaded in found)
    assert csv_keys == ["data-range", "data-step", "data-range", "data-step", "data-step", "data-choice"]
    assert all(keys_found == csv_keys for keys_found in other_keys)
    assert {where(finding)[1] for loaded in found for finding in loaded.diagnostics} == {2}


SMALL = {"customer_id": "VARCHAR", "satisfaction": "DOUBLE"}


class TestParquet:
    @pytest.mark.parametrize("name", ["it's.parquet", "a[1]*?.parquet", "year=2013.parquet", "客户.PARQUET"])
    def test_names_of_files(self, tmp_path: Path, name: str) -> None:
        parquet(tmp_path / "other.parquet", [("C7", 4.0)], SMALL).rename(tmp_path / "a1x.parquet")
        path = parquet(tmp_path / "customer.parquet", [("C1", 4.0)], SMALL).rename(tmp_path / name)
        assert [row[:2] for row in values(loaded_from(path))] == [("C1", 4)]

    def test_names_of_folders(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        folder = tmp_path / "data [1] *'s"
        folder.mkdir()
        parquet(tmp_path / "customer.parquet", [("C1", 4.0)], SMALL).rename(folder / "customer.parquet")
        assert len(values(loaded_from(folder / "customer.parquet"))) == 1
        monkeypatch.chdir(folder)
        assert len(values(loaded_from(Path("customer.parquet")))) == 1

    def test_binary_fractions(self, tmp_path: Path) -> None:
        types = {**SMALL, "income": "DOUBLE", "wallet_share": "FLOAT"}
        loaded = loaded_from(parquet(tmp_path / "a.parquet", [("C1", 4.0, 0.1 + 0.2, 0.1)], types))
        assert (first(loaded)["income"], first(loaded)["wallet_share"]) == (30, 100000)

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
    def test_what_is_no_number(self, tmp_path: Path, value: float) -> None:
        found = only(loaded_from(parquet(tmp_path / "a.parquet", [("C1", value)], SMALL)))
        assert found.key == "data-type.not-finite"

    def test_moments(self, tmp_path: Path) -> None:
        types = {**SMALL, "since": "TIMESTAMP"}
        midnight, noon = datetime.datetime(2013, 6, 30), datetime.datetime(2013, 6, 30, 12)  # noqa: DTZ001
        loaded = loaded_from(parquet(tmp_path / "a.parquet", [("C1", 4.0, midnight)], types))
        assert first(loaded)["since"] == datetime.date(2013, 6, 30)
        found = only(loaded_from(parquet(tmp_path / "a.parquet", [("C1", 4.0, noon)], types)))
        assert found.key == "data-type.time-of-day"

    @pytest.mark.parametrize(
        ("type_", "value"),
        [
            ("INTEGER[]", [1, 2]),
            ("STRUCT(a INTEGER)", {"a": 1}),
            ("BLOB", b"x"),
            ("TIMESTAMPTZ", "2013-06-30"),
        ],
    )
    def test_columns_that_no_fact_is(self, tmp_path: Path, type_: str, value: object) -> None:
        types = {**SMALL, "income": type_}
        found = only(loaded_from(parquet(tmp_path / "a.parquet", [("C1", 4.0, value)], types)))
        assert (found.key, found.arguments["column"]) == ("data-type.column", "income")
        types = {**SMALL, "remarks": type_}
        loaded = loaded_from(parquet(tmp_path / "a.parquet", [("C1", 4.0, value)], types))
        assert only(loaded).key == "data-unknown-column"
        assert len(values(loaded)) == 1

    def test_a_column_without_any_value_may_have_any_type(self, tmp_path: Path) -> None:
        path = tmp_path / "a.parquet"
        with duckdb.connect() as connection:
            query = "SELECT 'C1' AS customer_id, 4 AS satisfaction, NULL AS income"
            connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
        assert first(loaded_from(path))["income"] is None

    def test_no_rows(self, tmp_path: Path) -> None:
        assert "data-empty.rows" in keys(loaded_from(parquet(tmp_path / "a.parquet", [], SMALL)))

    @pytest.mark.parametrize("damage", [b"", b"PAR1", b"PAR1" + bytes(1000) + b"PAR1", b"customer_id\nC1\n"])
    def test_damaged(self, tmp_path: Path, damage: bytes) -> None:
        path = tmp_path / "a.parquet"
        path.write_bytes(damage)
        assert keys(loaded_from(path)) == ["data-file.damaged"]

    def test_truncated(self, tmp_path: Path) -> None:
        path = parquet(tmp_path / "a.parquet", [("C1", 4.0)], SMALL)
        path.write_bytes(path.read_bytes()[:-20])
        assert keys(loaded_from(path)) == ["data-file.damaged"]

    def test_many_rows(self, tmp_path: Path) -> None:
        path = tmp_path / "a.parquet"
        with duckdb.connect() as connection:
            query = "SELECT 'C' || i AS customer_id, 4 AS satisfaction FROM range(25000) t(i)"
            connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
        seen: list[tuple[str, int, int]] = []
        loaded = load(
            {"customer": CUSTOMER}, {"customer": Source(path)}, progress=lambda *step: seen.append(step)
        )
        assert [row[0] for row in values(loaded)] == [f"C{number}" for number in range(25_000)]
        assert seen[-1] == ("customer", 25_000, 25_000)


class TestWorkbook:
    def test_cells_are_read_by_value(self, tmp_path: Path) -> None:
        path = tmp_path / "a.xlsx"
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.append(["customer_id", "satisfaction", "wallet_share", "since", "income", "phone"])
        sheet.append([1001, 4, 0.3, datetime.datetime(2013, 6, 30), 0.1 + 0.2, 13912345678])  # noqa: DTZ001
        sheet["C2"].number_format = "0%"
        sheet["E2"].number_format = "#,##0.00"
        book.save(path)
        read = first(loaded_from(path))
        assert read["customer_id"] == "1001"
        assert read["wallet_share"] == 300_000
        assert read["since"] == datetime.date(2013, 6, 30)
        assert read["income"] == 30
        assert read["phone"] == "13912345678"

    @pytest.mark.parametrize(
        ("value", "key"),
        [
            (datetime.datetime(2013, 6, 30, 12), "data-type.time-of-day"),  # noqa: DTZ001
            (datetime.time(12), "data-type.date"),
            (41455, "data-type.day-number"),
            ("#N/A", "data-type.sheet-error"),
        ],
    )
    def test_what_is_no_date(self, tmp_path: Path, value: object, key: str) -> None:
        path = workbook(tmp_path / "a.xlsx", [("C1", 4, value)], ("customer_id", "satisfaction", "since"))
        assert only(loaded_from(path)).key == key

    def test_formulas(self, tmp_path: Path) -> None:
        """What a spreadsheet last worked out counts; what none has worked out is no missing value."""
        path = workbook(tmp_path / "a.xlsx", [("C1", 4, "=1+1")], ("customer_id", "satisfaction", "income"))
        assert only(loaded_from(path)).key == "data-type.sheet-error"
        worked_out(path, "<v>2</v>")
        assert first(loaded_from(path))["income"] == 200

    def test_a_formula_that_gives_an_empty_text(self, tmp_path: Path) -> None:
        path = workbook(tmp_path / "a.xlsx", [("C1", 4, "=1+1")], ("customer_id", "satisfaction", "income"))
        worked_out(path, "<v></v>", ' t="str"')
        assert first(loaded_from(path))["income"] is None

    def test_sheets(self, tmp_path: Path) -> None:
        book = openpyxl.Workbook()
        for name, customer in (("June", "C6"), ("May", "C5")):
            sheet = book.create_sheet(name)
            sheet.append(["customer_id", "satisfaction"])
            sheet.append([customer, 4])
        del book["Sheet"]
        path = tmp_path / "a.xlsx"
        book.save(path)
        assert first(loaded_from(path, "May"))["customer_id"] == "C5"
        assert "did you mean `June`?" in said(loaded_from(path, "june"))
        found = only(loaded_from(path))
        assert found.key == "data-sheet.several"
        assert "June, May" in in_words(found)
        book["June"].title = "customer"
        book.save(path)
        assert first(loaded_from(path))["customer_id"] == "C6"

    def test_empty_rows(self, tmp_path: Path) -> None:
        rows = [(None, None), ("C1", 4), (None, None), ("C2", 9), (None, None), ("", "")]
        path = workbook(tmp_path / "a.xlsx", [("customer_id", "satisfaction"), *rows], ())
        loaded = loaded_from(path)
        assert where(next(found for found in loaded.diagnostics if found.key == "data-range"))[1] == 6
        assert "rows without any text, which are passed over: 2" in said(loaded)

    def test_a_wrong_size_written_into_the_file_does_not_matter(self, tmp_path: Path) -> None:
        path = workbook(tmp_path / "a.xlsx", [("C1", 4)], ("customer_id", "satisfaction"))
        rewritten(path, '<dimension ref="A1:B2"', '<dimension ref="A1:A1"')
        assert [row[:2] for row in values(loaded_from(path))] == [("C1", 4)]

    def test_too_many_cells(self, tmp_path: Path) -> None:
        path = workbook(tmp_path / "a.xlsx", [("C1", 4, 5)], ("customer_id", "satisfaction"))
        assert only(loaded_from(path)).key == "data-row-length"

    def test_empty(self, tmp_path: Path) -> None:
        openpyxl.Workbook().save(tmp_path / "a.xlsx")
        assert keys(loaded_from(tmp_path / "a.xlsx")) == ["data-empty"]

    @pytest.mark.parametrize("damage", [b"", b"PK\x03\x04", b"customer_id\nC1\n"])
    def test_damaged(self, tmp_path: Path, damage: bytes) -> None:
        path = tmp_path / "a.xlsx"
        path.write_bytes(damage)
        assert keys(loaded_from(path)) == ["data-file.damaged"]

    def test_another_archive(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
            archive.writestr("a.txt", "a")
        assert keys(loaded_from(tmp_path / "a.xlsx")) == ["data-file.damaged"]

    @pytest.mark.parametrize(
        ("part", "broken"),
        [
            ("<sheetData>", "<sheetData><row"),
            ('t="inlineStr"><is><t>C1</t></is>', 't="s"><v>99999</v>'),
            ('t="n"><v>4</v>', 't="n"><v>four</v>'),
        ],
    )
    def test_broken_sheet(self, tmp_path: Path, part: str, broken: str) -> None:
        path = workbook(tmp_path / "a.xlsx", [("C1", 4)], ("customer_id", "satisfaction"))
        rewritten(path, part, broken)
        assert only(loaded_from(path)).key == "data-file.damaged"

    def test_without_the_extra(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = workbook(tmp_path / "a.xlsx", [("C1", 4)], ("customer_id", "satisfaction"))
        monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
        assert "pip install 'lifeseg[xlsx]'" in in_words(only(loaded_from(path)))


def worked_out(path: Path, value: str, attribute: str = "") -> None:
    """Give the formula in C2 a value, as a spreadsheet would."""
    rewritten(path, '<c r="C2"><f>1+1</f><v></v>', f'<c r="C2"{attribute}><f>1+1</f>{value}')


def rewritten(path: Path, old: str, new: str) -> None:
    """Change the text of the sheet within a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    before = parts[sheet].decode().replace("<v />", "<v></v>").replace("<v/>", "<v></v>")
    assert old in before, before
    parts[sheet] = before.replace(old, new).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)


def test_children_from_another_format_than_their_parents(tmp_path: Path) -> None:
    customer = parquet(tmp_path / "customer.parquet", [("C1", 4.0), ("C2", 5.0)], SMALL)
    usage = workbook(tmp_path / "u.xlsx", [("C2", "data", 4)], ("customer_id", "product", "level"))
    loaded = load(
        {"customer": CUSTOMER, "usage": USAGE}, {"customer": Source(customer), "usage": Source(usage)}
    )
    assert loaded.population is not None
    assert loaded.population.rows["usage"].parents == [1]
