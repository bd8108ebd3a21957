"""Where the database is, what a missing one says, and that no password appears anywhere."""

import socket
import traceback

import psycopg
import pytest

from lifeseg.diagnostics.catalogue import words
from lifeseg.diagnostics.diagnostic import Diagnostic
from lifeseg.model.personal import MASK
from lifeseg.records.engine_failure import UnusableEngineError
from lifeseg.records.postgres_session import ADDRESS_VARIABLE, address_of, masked, secrets_in, session, shown

SECRET = "S3cr%40t%2F!"


def finding_of(address: str) -> Diagnostic:
    with pytest.raises(UnusableEngineError) as caught, session(address):
        pass
    everything = "".join(traceback.format_exception(caught.value))
    said = words(caught.value.finding)
    for secret in secrets_in(address):
        assert secret not in everything
        assert secret not in f"{said.message} {said.help}"
    return caught.value.finding


def test_the_environment_goes_before_the_settings() -> None:
    assert (
        address_of("postgresql://a@b/c", {ADDRESS_VARIABLE: "postgresql://x:y@z/w"}) == "postgresql://x:y@z/w"
    )
    assert address_of("postgresql://a@b/c", {}) == "postgresql://a@b/c"


def test_nothing_said() -> None:
    found = address_of(None, {})
    assert isinstance(found, Diagnostic)
    assert found.key == "engine-address"


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://analyst:{SECRET}@db.example/crm",
        f"postgresql://analyst@db.example/crm?password={SECRET}",
        f"host=db.example user=analyst password='{SECRET}'",
        f"postgresql://db.example/crm?sslpassword={SECRET}",
    ],
)
def test_a_password_in_the_settings_is_refused(address: str) -> None:
    found = address_of(address, {})
    assert isinstance(found, Diagnostic)
    assert found.key == "engine-address.password"
    assert SECRET not in repr(found)
    assert SECRET not in masked(f"could not read {address}", address, {})
    assert "S3cr@t/!" not in masked("is S3cr@t/! the word?", address, {})


def test_the_password_of_the_environment_is_hidden() -> None:
    assert masked("wrong: hunter2", "host=x", {"PGPASSWORD": "hunter2"}) == f"wrong: {MASK}"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("postgresql://u:p@db.example:5433/crm?sslmode=require", "db.example:5433/crm"),
        ("postgresql://u@/crm?host=/tmp/socket", "/tmp/socket/crm"),
        ("host=db.example port=1 dbname=crm password=x", "db.example:1/crm"),
        ("postgresql:///", "localhost"),
        ("postgresql://u:p@[bad", "?"),
    ],
)
def test_an_address_is_shown_without_its_user(address: str, expected: str) -> None:
    assert shown(address) == expected


def test_no_server() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        found = finding_of(f"postgresql://analyst:{SECRET}@127.0.0.1:{unused.getsockname()[1]}/crm")
    assert found.key == "engine-unreachable"
    assert "refused" in found.arguments["reason"]


@pytest.mark.parametrize("address", ["nonsense", "postgresql://[half/x", "postgresql://a:b%zz@h/x"])
def test_an_address_that_cannot_be_read(address: str) -> None:
    assert finding_of(address).key == "engine-address.unreadable"


@pytest.mark.parametrize(
    "address", ["postgresql://a:hunter2/1@h:1/x", "postgresql://a:word@hunter2@h.invalid:x/y"]
)
def test_signs_of_a_password_that_were_not_escaped(address: str) -> None:
    assert "hunter2" not in repr(finding_of(address))


def test_a_wrong_password(postgres: str) -> None:
    with psycopg.connect(postgres) as connection:
        connection.execute("CREATE ROLE keeper LOGIN PASSWORD 'right'")
    found = finding_of(postgres.replace("postgres@", f"keeper:{SECRET}@"))
    assert found.key == "engine-unreachable.credentials"
    assert found.arguments["reason"] == 'password authentication failed for user "keeper"'
    with session(postgres.replace("postgres@", "keeper:right@")) as opened:
        assert opened.connection.execute("SELECT current_user").fetchone() == ("keeper",)


def test_a_password_from_the_environment(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with psycopg.connect(postgres) as connection:
        connection.execute("CREATE ROLE keeper LOGIN PASSWORD 'right'")
    monkeypatch.setenv("PGPASSWORD", "right")
    with session(postgres.replace("postgres@", "keeper@")) as opened:
        assert opened.connection.execute("SELECT 1").fetchone() == (1,)


def test_no_such_database(postgres: str) -> None:
    found = finding_of(postgres.replace("/postgres?", "/absent?"))
    assert found.key == "engine-unreachable.database"


def test_no_such_user(postgres: str) -> None:
    assert finding_of(postgres.replace("postgres@", "stranger@")).key == "engine-unreachable.credentials"


def test_what_a_session_is_set_to(postgres: str) -> None:
    with psycopg.connect(postgres) as connection:
        connection.execute("CREATE SCHEMA crm")
        connection.execute(f"ALTER DATABASE {connection.info.dbname} SET search_path = crm, public".encode())
    with session(postgres) as opened:
        assert opened.schemas == ("crm", "public")
        for name, value in (("search_path", "pg_catalog, pg_temp"), ("TimeZone", "UTC"), ("jit", "off"),
                            ("transaction_isolation", "repeatable read")):  # fmt: skip
            assert opened.connection.execute(f"SHOW {name}".encode()).fetchone() == (value,)


def test_a_read_only_server(postgres: str) -> None:
    with psycopg.connect(postgres) as connection:
        connection.execute("ALTER DATABASE postgres SET default_transaction_read_only = on")
    with pytest.raises(UnusableEngineError) as caught, session(postgres) as opened:
        opened.connection.execute("CREATE TABLE public.x (y int)")
    assert caught.value.finding.key == "engine-failed.read-only"


def test_no_right_to_create(postgres: str) -> None:
    with psycopg.connect(postgres) as connection:
        connection.execute("CREATE ROLE reader LOGIN")
    with (
        pytest.raises(UnusableEngineError) as caught,
        session(postgres.replace("postgres@", "reader@")) as opened,
    ):
        opened.connection.execute("CREATE SCHEMA mine")
    assert caught.value.finding.key == "engine-failed.right"


def test_a_session_that_fails_leaves_nothing(postgres: str) -> None:
    def fails() -> None:
        with session(postgres) as opened:
            opened.connection.execute("CREATE TABLE public.partial (x int)")
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    with psycopg.connect(postgres) as connection:
        assert connection.execute("SELECT to_regclass('public.partial')").fetchone() == (None,)


def test_a_database_that_does_not_hold_every_text(postgres_server: str) -> None:
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(
            "CREATE DATABASE old TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C' STRATEGY FILE_COPY"
        )
    found = finding_of(postgres_server.replace("/postgres?", "/old?"))
    assert (found.key, found.arguments["encoding"]) == ("engine-address.encoding", "LATIN1")
