"""Files read in their columns: a value read so is the careful reader's value, and what that refuses is never read so."""

import datetime
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeseg.model.model import Entity, Fact
from lifeseg.model.types import DATE, TEXT, TRUTH, Type, number
from lifeseg.records.from_files import load
from lifeseg.records.source import Source
from lifeseg.records.to_database import views
from lifeseg.records.typed import BLANKS
from tests.records.customers import CUSTOMER, USAGE, entity, fact

DAY = datetime.date(2013, 6, 30)
CODE = fact("code", "text", TEXT, key=True)


def file_of(path: Path, rows: Sequence[Sequence[Any]], types: dict[str, str]) -> Path:
    with duckdb.connect() as connection:
        columns = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
        connection.execute(f"CREATE TABLE t ({columns})")
        connection.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(types))})", rows)
        connection.execute(f"COPY t TO '{path}' (FORMAT parquet)")
    return path


def read(entities: dict[str, Entity], paths: dict[str, Path], last: str) -> list[tuple[Any, ...]] | None:
    """The rows of the last entity, key columns first; None if a careful look is wanted."""
    with duckdb.connect() as connection:
        sources = {name: Source(path) for name, path in paths.items()}
        typed = views(connection, entities, sources, DAY)
        return None if typed is None else connection.execute(f'FROM "{typed[last].view}"').fetchall()


def assert_as_read_with_care(path: Path, value: Fact) -> bool:
    """Whether the file is read in its columns; if so, every value is the careful reader's."""
    entities = {"thing": entity("thing", None, CODE, value)}
    rows = read(entities, {"thing": path}, "thing")
    if rows is None:
        return False
    loaded = load(entities, {"thing": Source(path)})
    assert loaded.population is not None, loaded.diagnostics
    found = {code: each for _, code, each in rows}
    assert found == {values[0]: values[1] for values in loaded.population.rows["thing"].values}
    return True


# ---- Numbers -------------------------------------------------------------------------------------

FACTS = {
    "rating": fact("value", "rating", number(0, 1, 5)),
    "share": fact("value", "share", number(6, 0, 1), optional=True),
    "money": fact("value", "money", number(2, 0, 10**12), optional=True),
    "steps": fact("value", "number", number(3, -100, 100), step=25),
    "large": fact("value", "number", number(0, -(2**62), 2**62)),
}
HELD = ["TINYINT", "INTEGER", "BIGINT", "FLOAT", "DOUBLE", "DECIMAL(9, 2)", "DECIMAL(18, 6)", "VARCHAR"]


@st.composite
def near_numbers(draw: st.DrawFn) -> float:
    """Numbers on a step, just off one, about the bounds, and of any size."""
    value = draw(st.sampled_from(sorted(FACTS)).map(FACTS.get))
    assert value is not None
    unit = Fraction(10) ** value.type.scale
    least, most = int(value.type.low * unit), int(value.type.high * unit)
    around = draw(st.one_of(st.integers(least - 2, most + 2), st.integers(-(10**15), 10**15)))
    off = draw(
        st.sampled_from(
            [Fraction(0), Fraction(1, 2), Fraction(1, 10), Fraction(1, 10**9), Fraction(1, 10**12)]
        )
    )
    return float((around + off) / unit)


@settings(max_examples=250, deadline=None)
@given(
    name=st.sampled_from(sorted(FACTS)),
    held=st.sampled_from(HELD),
    value=st.one_of(near_numbers(), st.floats(), st.integers(-9, 9)),
)
def test_numbers_are_read_as_with_care_or_not_at_all(
    name: str, held: str, value: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("numbers") / "thing.parquet"
    try:
        file_of(path, [("C1", repr(value)), ("C2", "1"), ("C3", None)], {"code": "VARCHAR", "value": held})
    except duckdb.Error:
        return  # the column's type cannot hold it
    assert_as_read_with_care(path, FACTS[name])


@pytest.mark.parametrize("held", HELD)
def test_plain_numbers_are_read_in_their_columns(held: str, tmp_path: Path) -> None:
    rows = [("C1", 1), ("C2", 5), ("C3", 3)]
    path = file_of(tmp_path / "thing.parquet", rows, {"code": "VARCHAR", "value": held})
    assert assert_as_read_with_care(path, FACTS["rating"])


@pytest.mark.parametrize("value", [12345678901.25, 1e10 + 0.5, 987654321.123, 0.105])
def test_a_digit_too_many_is_seen_however_large_the_number(value: float, tmp_path: Path) -> None:
    whole = fact("value", "number", number(0 if value > 1 else 2, 0, 10**12))
    path = file_of(tmp_path / "thing.parquet", [("C1", value)], {"code": "VARCHAR", "value": "DOUBLE"})
    assert not assert_as_read_with_care(path, whole)


@pytest.mark.parametrize("value", [0.1 + 0.2, 1234567.89, 99999999999.99])
def test_binary_fractions_are_the_decimals_they_stand_for(value: float, tmp_path: Path) -> None:
    path = file_of(tmp_path / "thing.parquet", [("C1", value)], {"code": "VARCHAR", "value": "DOUBLE"})
    assert assert_as_read_with_care(path, FACTS["money"])


# ---- Texts, dates, yes and no --------------------------------------------------------------------

TEXTS = st.text(st.sampled_from("aZ9#~!é東" + BLANKS), max_size=4)


@settings(max_examples=150, deadline=None)
@given(code=TEXTS, note=st.none() | TEXTS)
def test_texts_are_read_as_with_care_or_not_at_all(
    code: str, note: str | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("texts") / "thing.parquet"
    file_of(path, [(code, note), ("C2", "x")], {"code": "VARCHAR", "value": "VARCHAR"})
    assert_as_read_with_care(path, fact("value", "text", TEXT, optional=True))


def test_blanks_are_what_the_careful_reader_takes_for_them() -> None:
    assert set(BLANKS) == {chr(code) for code in range(0x110000) if chr(code).isspace()}


@pytest.mark.parametrize(
    ("value", "held", "given", "plain"),
    [
        (fact("value", "date", DATE), "DATE", "2013-06-30", True),
        (fact("value", "date", DATE), "DATE", "10000-01-01", False),
        (fact("value", "date", DATE), "DATE", "infinity", False),
        (fact("value", "date", DATE), "VARCHAR", "2013-02-30", False),
        (fact("value", "yes/no", TRUTH), "BOOLEAN", True, True),
        (fact("value", "yes/no", TRUTH), "BOOLEAN", None, False),
        (fact("value", "yes/no", TRUTH), "VARCHAR", "perhaps", False),
        (fact("value", "one of", Type("choice", options=("a", "b"))), "VARCHAR", "b", True),
        (fact("value", "one of", Type("choice", options=("a", "b"))), "VARCHAR", "c", False),
        (fact("value", "text", TEXT), "VARCHAR", "\u3000", False),
        (fact("value", "text", TEXT), "VARCHAR", "東京", True),
    ],
)
def test_what_is_plain(value: Fact, held: str, given: object, plain: bool, tmp_path: Path) -> None:
    path = file_of(tmp_path / "thing.parquet", [("C1", given)], {"code": "VARCHAR", "value": held})
    assert assert_as_read_with_care(path, value) == plain


# ---- Keys ----------------------------------------------------------------------------------------


def family(folder: Path, customers: Sequence[str | None], usages: Sequence[Sequence[Any]]) -> dict[str, Path]:
    heading = {"customer_id": "VARCHAR", "satisfaction": "TINYINT"}
    above = file_of(folder / "customer.parquet", [(one, 3) for one in customers], heading)
    heading = {"customer_id": "VARCHAR", "product": "VARCHAR", "level": "TINYINT"}
    return {
        "customer": above,
        "usage": file_of(folder / "usage.parquet", [(*row, 1) for row in usages], heading),
    }


@pytest.mark.parametrize(
    ("customers", "usages", "plain"),
    [
        (["C1", "C2"], [("C1", "data"), ("C1", "voice"), ("C2", "data")], True),
        (["C1", "C1"], [("C1", "data")], False),
        (["C1", "C2"], [("C1", "data"), ("C1", "data")], False),
        (["C1", "C2"], [("C1", "data"), ("C3", "data")], False),
        (["C1", "C2"], [("C1", "data"), (None, "data")], False),
        (["C1", "C2"], [("C1", "data"), ("C1 ", "voice")], False),
        (["C1", "C2"], [("C1", "data"), ("C1", "other")], False),
        (["C1", None], [("C1", "data")], False),
    ],
)
@pytest.mark.parametrize("few", [True, False])
def test_keys(
    customers: Sequence[str | None],
    usages: Sequence[Sequence[Any]],
    plain: bool,
    few: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not few:
        monkeypatch.setattr("lifeseg.records.typed.FEW", 0)
    paths = family(tmp_path, customers, usages)
    rows = read({"customer": CUSTOMER, "usage": USAGE}, paths, "usage")
    assert (rows is not None) == plain
    assert rows is None or {row[:2] for row in rows} == set(map(tuple, usages))
