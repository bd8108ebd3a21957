"""Where a PostgreSQL database is comes in; one transaction of a session goes out, or why there is none.

What is done in the session is done as a whole: it is committed at the end and rolled back when anything fails. Passwords
come from the environment or a password file, never from a file of settings, and appear in no finding.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, LiteralString
from urllib.parse import parse_qsl, unquote, urlsplit

from lifeseg.diagnostics.diagnostic import Diagnostic, problem
from lifeseg.frozen import dataclass
from lifeseg.model.personal import MASK
from lifeseg.records.engine_failure import UnusableEngineError
from lifeseg.records.findings import finding

if TYPE_CHECKING:
    import psycopg

ADDRESS_VARIABLE = "LIFESEG_POSTGRES_URL"
PATIENCE = 10
"""Seconds to wait for an answer of the server."""

SECRETS = frozenset({"password", "sslpassword"})
SETTINGS = (
    ("TimeZone", "UTC"),
    ("DateStyle", "ISO, YMD"),
    ("extra_float_digits", "1"),  # a binary fraction as the shortest decimal that means it
    ("standard_conforming_strings", "on"),
    ("jit", "off"),  # long formulas take longer to compile than to compute
    ("search_path", "pg_catalog, pg_temp"),  # nothing of the database stands in for what we name
)
NO_SUCH_DATABASE, READ_ONLY, DISK_FULL, NO_RIGHT = "3D000", "25006", "53100", "42501"


@dataclass(frozen=True, slots=True)
class Session:
    """A transaction, the schemas in which a table without one is looked for, and the database as it may be named."""

    connection: psycopg.Connection[Any]
    schemas: tuple[str, ...]
    address: str


def address_of(setting: str | None, environment: Mapping[str, str] = os.environ) -> str | Diagnostic:
    """The address from the environment, otherwise from the settings, where it may hold no password."""
    if address := environment.get(ADDRESS_VARIABLE):
        return address
    if not setting:
        return problem("engine-address", None, variable=ADDRESS_VARIABLE)
    if secrets_in(setting):
        return problem("engine-address.password", None, variable=ADDRESS_VARIABLE)
    return setting


def secrets_in(address: str) -> list[str]:
    """The passwords in an address, as they are written and as they are meant."""
    found = re.findall(r"(?i)\b(?:ssl)?password\s*=\s*('(?:[^'\\]|\\.)*'|[^\s&]+)", address)
    if "://" in address:
        user = address.partition("://")[2].partition("?")[0].rpartition("@")[0]
        if ":" in user:
            found.append(user.partition(":")[2])
        found += [value for name, value in parse_qsl(address.partition("?")[2]) if name.lower() in SECRETS]
    bare = [text.strip("'") for text in found]
    pieces = [
        piece for text in found for piece in re.split(r"[@:/?#]", text) if len(piece) > 2
    ]  # signs not escaped
    return sorted(
        {secret for text in (*found, *bare, *pieces) for secret in (text, unquote(text)) if secret}, key=len
    )


def masked(text: str, address: str, environment: Mapping[str, str] = os.environ) -> str:
    """A text without the passwords of the address and of the environment."""
    secrets = [*secrets_in(address), *(environment.get(name, "") for name in ("PGPASSWORD",))]
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def shown(address: str) -> str:
    """Server and database of an address, nothing else of it."""
    if "://" not in address:
        parts = dict(re.findall(r"\b(host|port|dbname)\s*=\s*(\S+)", address))
        host, port, name = parts.get("host", ""), parts.get("port", ""), parts.get("dbname", "")
    else:
        try:
            split = urlsplit(address)
            host, port, name = split.hostname or "", str(split.port or ""), split.path.lstrip("/")
        except ValueError:
            return "?"
        host = host or dict(parse_qsl(split.query)).get("host", "")
    server = f"{host}:{port}" if port else host
    return f"{server or 'localhost'}/{name}" if name else server or "localhost"


@contextmanager
def session(address: str) -> Iterator[Session]:
    """A session in one transaction whose snapshot of the data does not change; kept if all goes well."""
    try:
        import psycopg
    except ImportError as error:
        raise UnusableEngineError(problem("engine-missing", None, engine="postgres")) from error
    connection = connected(address)
    try:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with connection:
            encoding, schemas = found(
                connection, "SELECT current_setting('server_encoding'), current_schemas(false)"
            )
            if encoding != "UTF8":
                where = shown(address)
                raise UnusableEngineError(
                    problem("engine-address.encoding", None, address=where, encoding=encoding)
                )
            for name, value in SETTINGS:
                connection.execute("SELECT pg_catalog.set_config(%s, %s, true)", (name, value))
            yield Session(connection, tuple(map(str, schemas)), shown(address))
            connection.execute("DISCARD TEMP")  # a pool may hand the connection on
    except psycopg.Error as error:
        raise UnusableEngineError(failure(error, address)) from without_secrets(error, address)
    finally:
        connection.close()


def found(connection: psycopg.Connection[Any], query: LiteralString) -> tuple[Any, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None
    return tuple(row)


def connected(address: str) -> psycopg.Connection[Any]:
    import psycopg

    try:
        return psycopg.connect(
            address,
            connect_timeout=PATIENCE,
            prepare_threshold=None,
            client_encoding="utf8",
            application_name="lifeseg",
        )
    except psycopg.ProgrammingError as error:
        raise UnusableEngineError(problem("engine-address.unreadable", None)) from without_secrets(
            error, address
        )
    except (psycopg.Error, UnicodeError, ValueError) as error:
        raise UnusableEngineError(refusal(error, address)) from without_secrets(error, address)


def refusal(error: Exception, address: str) -> Diagnostic:
    """Why there is no connection."""
    said = masked(str(error), address)
    words = {"engine": "PostgreSQL", "address": shown(address), "reason": last_reason(said)}
    key = "engine-unreachable"
    if re.search(r"password|authentication|no pg_hba\.conf entry|role \".*\" does not exist", said):
        key = "engine-unreachable.credentials"
    if re.search(r"database \".*\" does not exist", said):
        key = "engine-unreachable.database"
    return finding(key, None, words)


def last_reason(said: str) -> str:
    """The server's words without its own heading."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    line = next(
        (line for line in reversed(lines) if "FATAL" in line or "failed" in line), lines[-1] if lines else "?"
    )
    line = re.sub(r"^.*(?:FATAL|failed):\s*", "", line)
    return line[:1].lower() + line[1:]


def failure(error: psycopg.Error, address: str) -> Diagnostic:
    """What ended a run, in the server's words."""
    keys = {
        DISK_FULL: "engine-failed.disk-full",
        READ_ONLY: "engine-failed.read-only",
        NO_RIGHT: "engine-failed.right",
    }
    said = masked(error.diag.message_primary or last_reason(str(error)), address)
    return problem(keys.get(error.sqlstate or "", "engine-failed"), None, engine="PostgreSQL", reason=said)


def without_secrets(error: Exception, address: str) -> Exception | None:
    """The error as a cause that may be logged; none if it names a password."""
    return error if masked(str(error), address) == str(error) else None
