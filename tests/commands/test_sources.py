"""Where records come from: each kind of source gives what plain files give, on both engines, or says what is wrong."""

import json
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest

from lifeseg.pipeline.stages import check
from lifeseg.records import to_database
from lifeseg.records.source import Limits, Source
from tests.commands.conftest import Finished, Lifeseg

ENGINES = ("interpreter", "duckdb")
POLICY = """\
policy kiosk "Kiosk"
  version 1.0.0

entity buyer "Buyer"
  code text key
  region one of north, south, "far east"
  spent money CNY 0..1000
  joined date optional
  age count 0..150 optional

entity purchase "Purchase" of buyer
  number count 0..1000 key
  amount money CNY 0..1000

indexes amounts "Amounts" of buyer
  mean_amount "Mean amount" = mean(amount over purchase)
    if missing 0 CNY

segment class "Class" of buyer first match
  big "Big" when spent > mean(spent over all buyer)
  old "Old" when joined < 2020-01-01
    if missing no
  far "Far" when region is "far east"
  other "Other" otherwise
"""
BUYERS = '''\
code,region,spent,joined,age
001,north,10.50,2019-05-01,30
2,far east,900,,
x'y,south,0,2021-12-31,41
"ü,""z""",north,500,2018-01-01,
'''
PURCHASES = "code,number,amount\n001,1,5\n001,2,7.25\n2,1,1000\nx'y,3,0.01\n"


@pytest.fixture
def kiosk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with plain files; it is the current folder."""
    monkeypatch.chdir(tmp_path)
    Path("kiosk.seg").write_text(POLICY, encoding="utf-8")
    Path("buyer.csv").write_text(BUYERS, encoding="utf-8")
    Path("purchase.csv").write_text(PURCHASES, encoding="utf-8")
    return tmp_path


@pytest.fixture(params=["read carefully", "read where it lies"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB reads small CSV files carefully, large ones where they lie; here both are the same few rows."""
    if request.param == "read where it lies":
        monkeypatch.setattr(to_database, "SMALL_CSV", 0)


def run(lifeseg: Lifeseg, engine: str, buyer: str, purchase: str = '"purchase.csv"', *words: str) -> Finished:
    settings = f'policy = "kiosk.seg"\nas_of = 2024-01-31\n[data]\nbuyer = {buyer}\npurchase = {purchase}\n'
    Path("lifeseg.toml").write_text(settings, encoding="utf-8")
    return lifeseg("run", "--engine", engine, "--out", f"out-{engine}", *words)


def result_hash(engine: str) -> object:
    return json.loads(Path(f"out-{engine}", "run.json").read_text(encoding="utf-8"))["result_hash"]


def hashes(lifeseg: Lifeseg, buyer: str, purchase: str = '"purchase.csv"') -> set[object]:
    """What the two engines give."""
    for engine in ENGINES:
        finished = run(lifeseg, engine, buyer, purchase)
        assert finished.code == 0, finished.err
    return {result_hash(engine) for engine in ENGINES}


def said(lifeseg: Lifeseg, buyer: str, purchase: str = '"purchase.csv"') -> str:
    """What both engines say alike, in one line, of a source that cannot be read."""
    found = [run(lifeseg, engine, buyer, purchase) for engine in ENGINES]
    assert [finished.code for finished in found] == [1, 1]
    assert found[0].err == found[1].err
    assert not any(Path(f"out-{engine}").exists() for engine in ENGINES)
    return " ".join(found[0].err.split())


def copied(query: str, path: str, options: str = "FORMAT parquet") -> None:
    Path(path.replace("''", "'")).parent.mkdir(parents=True, exist_ok=True)
    source = "read_csv('buyer.csv', all_varchar = true, quote = '\"')"
    duckdb.sql(f"COPY ({query.replace('BUYERS', source)}) TO '{path}' ({options})")


# ---- The same rows, kept in other ways -----------------------------------------------------------


@pytest.mark.usefixtures("kiosk", "either_way")
class TestSame:
    def test_a_folder_of_csv_files_with_columns_in_any_order(self, lifeseg: Lifeseg) -> None:
        plain = hashes(lifeseg, '"buyer.csv"')
        copied("SELECT * FROM BUYERS LIMIT 2", "buyers/a.csv", "FORMAT csv, HEADER")
        copied(
            "SELECT age, spent, joined, region, code FROM BUYERS OFFSET 2",
            "buyers/more/b.csv",
            "FORMAT csv, HEADER",
        )
        Path("buyers/_SUCCESS").touch()
        Path("buyers/_temporary").mkdir()
        Path("buyers/_temporary/a.csv").write_text("half a")
        assert hashes(lifeseg, '"buyers"') == plain

    def test_a_folder_of_parquet_files_of_which_some_have_a_column(self, lifeseg: Lifeseg) -> None:
        plain = hashes(lifeseg, '"buyer.csv"')
        query = "SELECT * REPLACE (CAST(spent AS DECIMAL(9, 2)) AS spent) FROM BUYERS WHERE age IS NOT NULL"
        copied(query, "buyers/1.parquet")
        copied("SELECT * EXCLUDE (age) FROM BUYERS WHERE age IS NULL", "buyers/2.parquet")
        assert hashes(lifeseg, '"buyers"') == plain

    @pytest.mark.parametrize("file_format", ["parquet", "csv"])
    def test_folders_that_are_a_column(self, file_format: str, lifeseg: Lifeseg) -> None:
        plain = hashes(lifeseg, '"buyer.csv"')
        copied(
            "SELECT * FROM BUYERS", "env=test/buyers", f"FORMAT {file_format}, PARTITION_BY (region, joined)"
        )
        assert sorted(path.name for path in Path("env=test/buyers").iterdir()) == [
            "region=far%20east", "region=north", "region=south",
        ]  # fmt: skip
        assert hashes(lifeseg, '"env=test/buyers"') == plain
        assert hashes(lifeseg, f'"env=test/buyers/region*/**/*.{file_format}"') == plain
        shutil.move("env=test/buyers", "buyers")
        assert hashes(lifeseg, '"buyers"') == plain

    def test_folders_whose_names_look_like_numbers(self, lifeseg: Lifeseg) -> None:
        plain = hashes(lifeseg, '"buyer.csv"')
        for spent, folder in ((10.5, "code=001"), (900, "code=2"), (0, "code=x''y"), (500, "code=ü,%22z%22")):
            copied(
                f"SELECT * EXCLUDE (code) FROM BUYERS WHERE CAST(spent AS DOUBLE) = {spent}",
                f"buyers/{folder}/0.parquet",
            )
        assert hashes(lifeseg, '"buyers"') == plain

    def test_a_pattern(self, lifeseg: Lifeseg) -> None:
        plain = hashes(lifeseg, '"buyer.csv"')
        copied("SELECT * FROM BUYERS LIMIT 1", "days/buyer-1.csv", "FORMAT csv, HEADER")
        copied("SELECT * FROM BUYERS OFFSET 1", "days/buyer-2.csv", "FORMAT csv, HEADER")
        Path("days/other.csv").write_text("no,such,columns\n")
        assert hashes(lifeseg, '"days/buyer-[0-9].csv"') == plain

    def test_a_table_and_a_view_of_a_database(self, lifeseg: Lifeseg) -> None:
        plain = hashes(lifeseg, '"buyer.csv"')
        with duckdb.connect("it's.db") as database:
            database.execute(
                "CREATE TABLE buyers AS FROM read_csv('buyer.csv', all_varchar = true, quote = '\"')"
            )
            database.execute('CREATE SCHEMA "a;b"; CREATE TABLE "a;b"."p\'""" AS FROM \'purchase.csv\'')
            database.execute('CREATE VIEW dear AS SELECT * FROM "a;b"."p\'"""')
        assert hashes(lifeseg, '{ path = "it\'s.db", table = "buyers" }') == plain
        assert hashes(lifeseg, '"buyer.csv"', "{ path = \"it's.db\", table = '''a;b.p'\"''' }") == plain
        both = ('{ path = "it\'s.db", table = "main.buyers" }', '{ path = "it\'s.db", table = "dear" }')
        assert hashes(lifeseg, *both) == plain

    def test_other_names_and_constants(self, lifeseg: Lifeseg) -> None:
        Path("buyer.csv").write_text("code,region,spent,joined\na,north,7,2020-02-02\nb,north,9,2020-02-02\n")
        Path("purchase.csv").write_text("code,number,amount\n")
        plain = hashes(lifeseg, '"buyer.csv"')
        Path("crm.csv").write_text("CUST;NO,code,worth\na,x,7\nb,y,9\n")
        mapped = '{ path = "crm.csv", columns = { code = "CUST;NO", spent = "worth" }'
        mapped += ', constants = { region = "north", joined = 2020-02-02 } }'
        assert hashes(lifeseg, mapped) == plain
        copied(
            "SELECT * EXCLUDE (code) FROM 'crm.csv'",
            "parts/0.parquet",
            'FORMAT parquet, PARTITION_BY ("CUST;NO")',
        )
        assert hashes(lifeseg, mapped.replace("crm.csv", "parts")) == plain


# ---- What is wrong with a source -----------------------------------------------------------------


@pytest.mark.usefixtures("kiosk", "either_way")
class TestWrong:
    def test_an_empty_folder_and_a_pattern_that_fits_nothing(self, lifeseg: Lifeseg) -> None:
        Path("nothing").mkdir()
        Path("nothing/readme.txt").touch()
        text = said(lifeseg, '"nothing"', '"days/*.csv"')
        assert "the folder `nothing` holds no file that ends in `.parquet` or `.csv`" in text
        assert "no file fits the pattern `days/*.csv`" in text

    def test_a_folder_of_several_kinds(self, lifeseg: Lifeseg) -> None:
        copied("SELECT * FROM BUYERS", "buyers/a.parquet")
        shutil.copy("buyer.csv", "buyers")
        assert "`buyers` has files of several kinds: .csv and .parquet" in said(lifeseg, '"buyers"')

    def test_one_file_of_a_folder_lacks_a_column(self, lifeseg: Lifeseg) -> None:
        copied("SELECT * FROM BUYERS LIMIT 2", "buyers/a.parquet")
        copied("SELECT * EXCLUDE (spent) FROM BUYERS OFFSET 2", "buyers/b.parquet")
        text = said(lifeseg, '"buyers"')
        assert "there is no column `spent`, a fact of `buyer` buyers/b.parquet:1:1" in text

    def test_a_file_that_changes_its_columns_between_runs(self, lifeseg: Lifeseg) -> None:
        for engine in ENGINES:
            copied("SELECT * FROM BUYERS", "b.parquet")
            assert run(lifeseg, engine, '"b.parquet"').code == 0
            before = result_hash(engine)
            copied("SELECT * REPLACE ('later' AS joined) RENAME (spent AS spend) FROM BUYERS", "b.parquet")
            finished = run(lifeseg, engine, '"b.parquet"')
            assert finished.code == 1
            assert "there is no column `spent`, a fact of `buyer`" in finished.err
            assert "is it the column `spend`?" in finished.err
            assert "`later` in `joined` is not a date" in finished.err
            assert result_hash(engine) == before

    def test_a_bad_row_in_one_of_several_files(self, lifeseg: Lifeseg) -> None:
        copied("SELECT * FROM BUYERS LIMIT 2", "buyers/a.csv", "FORMAT csv, HEADER")
        Path("buyers/b.csv").write_text("code,region,spent\nc,north,5\n001,south,5000\n2,south,1\n")
        text = said(lifeseg, '"buyers"')
        assert "`5000` is outside the range 0..1000 of `spent` buyers/b.csv:3:1" in text
        assert "the key `2` in `code` stands in row 3 of buyers/a.csv already buyers/b.csv:4:1" in text

    def test_bad_rows_of_several_files_are_set_aside_with_their_file(self, lifeseg: Lifeseg) -> None:
        copied("SELECT * FROM BUYERS", "buyers/a.csv", "FORMAT csv, HEADER")
        Path("buyers/b.csv").write_text("code,region,spent\nc,north,5\nd,south,5000\n")
        for engine in ENGINES:
            finished = run(lifeseg, engine, '"buyers"', '"purchase.csv"', "--on-bad-row", "set-aside")
            assert finished.code == 0
            assert Path(f"out-{engine}/buyer.set-aside.csv").read_text(encoding="utf-8-sig") == (
                "code,region,spent,joined,age,set_aside_file,set_aside_line,set_aside_reasons\n"
                "d,south,5000,,,buyers/b.csv,3,`5000` is outside the range 0..1000 of `spent`\n"
            )

    def test_a_row_too_long_by_as_many_cells_as_there_are_constants(self, lifeseg: Lifeseg) -> None:
        Path("crm.csv").write_text("code,spent\na,7,south\n")
        text = said(lifeseg, '{ path = "crm.csv", constants = { region = "north" } }')
        assert "data-row-length" in text

    def test_databases(self, lifeseg: Lifeseg) -> None:
        with duckdb.connect("crm.db") as database:
            database.execute(
                "CREATE TABLE buyers AS FROM 'buyer.csv'; CREATE VIEW outside AS FROM 'buyer.csv'"
            )
        Path("text.db").write_text("not a database at all")
        text = said(lifeseg, '"crm.db"', '{ path = "crm.db", table = "buyrs" }')
        assert "`crm.db` is a database, and nothing says which table of it" in text
        assert 'name one with `table = "…"`: `buyers`, `outside`' in text
        assert "there is no table `buyrs` in `crm.db` help: did you mean `buyers`?" in text
        text = said(lifeseg, '{ path = "text.db", table = "x" }', '{ path = "none.db", table = "x" }')
        assert "`text.db` is not a DuckDB database, or it is damaged" in text
        assert "there is no file `none.db`" in text
        text = said(lifeseg, '{ path = "crm.db", table = "outside" }')
        assert "the table `outside` of `crm.db` cannot be read" in text

    def test_a_database_that_another_program_writes(self, lifeseg: Lifeseg) -> None:
        holding = "import duckdb, sys; c = duckdb.connect('crm.db'); c.execute('CREATE TABLE t AS SELECT 1 AS code');"
        holding += "print('open', flush=True); sys.stdin.read()"
        with subprocess.Popen(
            [sys.executable, "-c", holding], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as other:
            assert other.stdin is not None
            assert other.stdout is not None
            assert other.stdout.readline() == b"open\n"
            text = said(lifeseg, '{ path = "crm.db", table = "t" }')
            other.stdin.close()
        assert "the database `crm.db` is being written by another program" in text


# ---- Large files ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "buyer",
    [
        Source(Path("buyers")),
        Source(Path("buyers/*/*.parquet")),
        Source(Path("crm.db"), table="buyers"),
        Source(Path("buyers"), columns={"spent": "worth"}, constants={"spent": "5"}),
        Source(Path("buyer.csv")),
    ],
    ids=["folder", "pattern", "table", "mapped", "file"],
)
def test_are_read_where_they_lie(buyer: Source, kiosk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(to_database, "SMALL_CSV", 0)
    copied("SELECT * FROM BUYERS", "buyers", "FORMAT parquet, PARTITION_BY (region)")
    with duckdb.connect("crm.db") as database:
        database.execute(
            "CREATE TABLE buyers AS FROM read_csv('buyer.csv', all_varchar = true, quote = '\"')"
        )
    model = check(kiosk / "kiosk.seg").good()
    sources = {"buyer": buyer, "purchase": Source(Path("purchase.csv"))}
    with to_database.database(Limits(), kiosk) as connection:
        to_database.enclose(connection, sources, [kiosk])
        stored = to_database.store(connection, model.entities, sources, date(2024, 1, 31), kiosk)
        assert stored.plain
        assert stored.records is not None
        rows = connection.execute(f"SELECT * FROM {stored.records['buyer']} ORDER BY ALL").fetchall()
        assert [row[0] for row in rows] == ["001", "2", "x'y", 'ü,"z"']
