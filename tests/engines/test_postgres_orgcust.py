"""orgcust in PostgreSQL equals the interpreter: every column, every statistic, from files, tables and typed records."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from lifeseg.engines.postgres import run
from lifeseg.engines.running import Evaluated
from lifeseg.records.engine_failure import UnusableEngineError
from lifeseg.records.postgres_files import population_tables
from lifeseg.records.postgres_results import Place, write_results
from lifeseg.records.postgres_session import Session, session
from lifeseg.records.postgres_tables import typed_views
from lifeseg.records.source import TableName
from tests.engines.orgcust import (
    AS_OF,
    SOURCES,
    Case,
    differences,
    expected_hash,
    hash_of,
    hashing,
    orgcust,
    result_tables,
)

COLUMN_TYPES = {
    "number": "numeric(30, 8)",
    "text": "varchar(80)",
    "choice": "text",
    "truth": "boolean",
    "date": "timestamp",
}


@pytest.fixture
def opened(postgres: str) -> Iterator[Session]:
    with session(postgres) as found:
        yield found


def all_differences(case: Case, connection: psycopg.Connection[Any], evaluated: Evaluated) -> list[str]:
    problems: list[str] = []
    for entity, table in evaluated.results.items():
        cursor = connection.execute(f'SELECT * FROM pg_temp."{table}"'.encode())
        names = [column.name for column in cursor.description or ()]
        assert {found.name for found in case.model.of(entity)} < set(names)
        problems += differences(case, entity, names, cursor.fetchall())
    return problems


def check(case: Case, opened: Session, views: Any) -> Evaluated:
    evaluated = run(case.plan, opened.connection, views, {})
    assert all_differences(case, opened.connection, evaluated) == []
    assert evaluated.statistics == dict(case.results.baseline.statistics)
    assert evaluated.counts == {name: len(rows) for name, rows in case.results.rows.items()}
    assert not evaluated.wrong
    assert not case.results.findings
    return evaluated


def as_tables(postgres: str, case: Case, schema: str) -> dict[str, TableName]:
    """The example's customers as tables that somebody else has made."""
    with psycopg.connect(postgres) as connection:
        connection.execute(f'CREATE SCHEMA "{schema}"'.encode())
        for name, entity in case.model.entities.items():
            above = case.model.entities[entity.parent].keys if entity.parent else ()
            facts = [*above, *entity.facts]
            columns = ", ".join(f'"{fact.name}" {COLUMN_TYPES[fact.type.kind]}' for fact in facts)
            connection.execute(f'CREATE TABLE "{schema}"."{name}" ({columns})'.encode())
            keys = case.results.keys(name)
            with connection.cursor().copy(f'COPY "{schema}"."{name}" FROM STDIN'.encode()) as copy:
                for key, values in zip(keys, case.population.rows[name].values, strict=True):
                    cells = [
                        None
                        if value is None
                        else value / 10**fact.type.scale
                        if fact.type.kind == "number"
                        else value
                        for fact, value in zip(entity.facts, values, strict=True)
                    ]
                    copy.write_row((*key[: len(above)], *cells))
    return {name: TableName(f'"{schema}".{name}') for name in case.model.entities}


def test_from_files(opened: Session) -> None:
    case = orgcust()
    records = typed_views(opened, case.model.entities, SOURCES, AS_OF)
    assert records.findings == ()
    assert records.counts == {"customer": 150, "usage": 412}
    check(case, opened, records.views)


def test_from_tables(postgres: str) -> None:
    case = orgcust()
    tables = as_tables(postgres, case, "CRM data")
    with session(postgres) as opened:
        records = typed_views(opened, case.model.entities, tables, AS_OF)
        assert records.findings == ()
        check(case, opened, records.views)


def test_from_a_table_and_a_file(postgres: str) -> None:
    case = orgcust()
    tables = as_tables(postgres, case, "crm")
    with session(postgres) as opened:
        records = typed_views(opened, case.model.entities, tables | {"usage": SOURCES["usage"]}, AS_OF)
        assert records.findings == ()
        check(case, opened, records.views)


def test_from_typed_records(opened: Session) -> None:
    case = orgcust()
    check(case, opened, population_tables(opened.connection, case.model.entities, case.population, AS_OF))


def test_with_the_statistics_of_a_baseline(opened: Session) -> None:
    case = orgcust()
    views = population_tables(opened.connection, case.model.entities, case.population, AS_OF)
    evaluated = run(case.plan, opened.connection, views, case.results.baseline.statistics)
    assert all_differences(case, opened.connection, evaluated) == []


def test_the_result_hash_is_everybodys(opened: Session) -> None:
    case = orgcust()
    records = typed_views(opened, case.model.entities, SOURCES, AS_OF)
    evaluated = run(case.plan, opened.connection, records.views, {}, hashing(case, "postgres"))
    assert hash_of(case, evaluated) == expected_hash(case)


# ---- Results as tables ---------------------------------------------------------------------------


def write(postgres: str, place: Place, description: dict[str, Any] | None = None) -> tuple[str, ...]:
    case = orgcust()
    with session(postgres) as opened:
        records = typed_views(opened, case.model.entities, SOURCES, AS_OF)
        evaluated = run(case.plan, opened.connection, records.views, {}, hashing(case, "postgres"))
        return write_results(
            opened, place, result_tables(case, evaluated), description or {"engine": "postgres"}
        )


def test_results_are_tables(postgres: str) -> None:
    assert write(postgres, Place("lifecycle")) == (
        "public.lifecycle_customer", "public.lifecycle_usage", "public.lifecycle_run",
    )  # fmt: skip
    case = orgcust()
    with psycopg.connect(postgres) as connection:
        for entity in case.model.entities:
            cursor = connection.execute(f"SELECT * FROM lifecycle_{entity}".encode())
            assert (
                differences(
                    case, entity, [column.name for column in cursor.description or ()], cursor.fetchall()
                )
                == []
            )
        types = dict(
            connection.execute(
                "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
                " WHERE attrelid = 'lifecycle_customer'::regclass AND attnum > 0"
            ).fetchall()
        )
        assert types["customer_id"] == "text"
        assert types["potential"] == "numeric(18,8)"
        assert types["strategy"] == "text[]"
        said = connection.execute("SELECT col_description('lifecycle_customer'::regclass, 1)").fetchone()
        assert said == ("Customer number",) or said == (None,)
        about = connection.execute("SELECT description->>'engine' FROM lifecycle_run").fetchone()
        assert about == ("postgres",)
        key = connection.execute(
            "SELECT count(*) FROM pg_index WHERE indrelid = 'lifecycle_usage'::regclass AND indisprimary"
        )
        assert key.fetchone() == (1,)


def test_a_second_run_fills_the_same_tables(postgres: str) -> None:
    write(postgres, Place("lifecycle"))
    with psycopg.connect(postgres) as connection:
        connection.execute("CREATE VIEW stages AS SELECT customer_id, stage FROM lifecycle_customer")
        connection.execute("DELETE FROM lifecycle_customer")
    write(postgres, Place("lifecycle"), {"run": 2})
    with psycopg.connect(postgres) as connection:
        assert connection.execute("SELECT count(*) FROM stages").fetchone() == (150,)
        assert connection.execute("SELECT description FROM lifecycle_run").fetchall() == [({"run": 2},)]


def test_a_table_of_another_shape_is_made_anew(postgres: str) -> None:
    write(postgres, Place("lifecycle"))
    with psycopg.connect(postgres) as connection:
        connection.execute("ALTER TABLE lifecycle_customer DROP COLUMN stage")
    write(postgres, Place("lifecycle"))
    with psycopg.connect(postgres) as connection:
        assert connection.execute("SELECT count(stage) FROM lifecycle_customer").fetchone() == (150,)


def test_results_in_a_schema_and_under_a_strange_name(postgres: str) -> None:
    name = 'Kunden "2013"; DROP TABLE x; --'
    with psycopg.connect(postgres) as connection:
        connection.execute('CREATE SCHEMA "Out put"')
    written = write(postgres, Place(name, "Out put"))
    assert written[0] == f"Out put.{name}_customer"
    with psycopg.connect(postgres) as connection:
        query = psycopg.sql.SQL("SELECT count(*) FROM {}").format(
            psycopg.sql.Identifier("Out put", f"{name}_customer")
        )
        assert connection.execute(query).fetchone() == (150,)


def test_somebody_elses_table_is_left_alone(postgres: str) -> None:
    with psycopg.connect(postgres) as connection:
        connection.execute("CREATE TABLE lifecycle_usage AS SELECT 1 AS precious")
    with pytest.raises(UnusableEngineError) as caught:
        write(postgres, Place("lifecycle"))
    assert caught.value.finding.key == "result-table.taken"
    with psycopg.connect(postgres) as connection:
        assert connection.execute("SELECT precious FROM lifecycle_usage").fetchall() == [(1,)]
        found = connection.execute(
            "SELECT to_regclass('lifecycle_customer'), to_regclass('lifecycle_run')"
        ).fetchone()
        assert found == (None, None), "all tables or none"


def test_a_failure_leaves_the_run_before(postgres: str) -> None:
    write(postgres, Place("lifecycle"), {"run": 1})
    case = orgcust()

    def fails_at_the_end() -> None:
        with session(postgres) as opened:
            records = typed_views(opened, case.model.entities, SOURCES, AS_OF)
            evaluated = run(case.plan, opened.connection, records.views, {}, hashing(case, "postgres"))
            write_results(opened, Place("lifecycle"), result_tables(case, evaluated), {"run": 2})
            opened.connection.execute("SELECT 1 / 0")

    with pytest.raises(UnusableEngineError) as caught:
        fails_at_the_end()
    assert caught.value.finding.key == "engine-failed"
    assert caught.value.finding.arguments["reason"] == "division by zero"
    with psycopg.connect(postgres) as connection:
        assert connection.execute("SELECT count(*) FROM lifecycle_customer").fetchone() == (150,)
        found = connection.execute("SELECT description FROM lifecycle_run").fetchone()
        assert found is not None
        assert json.dumps(found[0]) == '{"run": 1}'
