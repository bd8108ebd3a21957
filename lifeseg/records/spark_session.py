"""The address of a Spark cluster comes in, or none for this machine; a session goes out, or why there is none.

A session that is running already is not changed: ours stands beside it, with its own settings and temporary views. One
that is started here is stopped in the end, and nothing of it stays.
"""

from __future__ import annotations

import logging
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifeseg.diagnostics.diagnostic import Diagnostic, problem
from lifeseg.frozen import dataclass
from lifeseg.records.engine_failure import UnusableEngineError
from lifeseg.records.spark_java import java_home

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LOOPBACK = "127.0.0.1"
PATIENCE = 20
"""Seconds that a Java machine may take to end."""

EXACT: Mapping[str, str] = {
    "spark.sql.ansi.enabled": "true",  # overflow is an error, never a wrong number
    "spark.sql.ansi.enforceReservedKeywords": "true",  # otherwise `FROM x WHERE (y)` calls x WHERE
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "true",
    "spark.sql.analyzer.maxIterations": "10000",  # one for each layer of formulas; at its usual hundred Spark gives up
    "spark.sql.variable.substitute": "false",  # ${…} in a text is text
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.ansi.doubleQuotedIdentifiers": "false",
    "spark.sql.decimalOperations.allowPrecisionLoss": "true",
    "spark.sql.storeAssignmentPolicy": "ANSI",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",  # region=01 is a text
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
}
QUIET = """
rootLogger.level = error
rootLogger.appenderRef.x.ref = x
appender.x.type = Console
appender.x.name = x
appender.x.target = SYSTEM_ERR
appender.x.layout.type = PatternLayout
appender.x.layout.pattern = %p %c: %m%n
"""


@dataclass(frozen=True, slots=True)
class Session:
    """A session with settings of its own, and a folder for what it needs while it lasts."""

    spark: SparkSession
    folder: Path
    master: str

    @property
    def local(self) -> bool:
        """Whether everything runs on this machine and sees its files."""
        return self.master.startswith("local")


@contextmanager
def session(master: str | None = None, options: Mapping[str, str] | None = None) -> Iterator[Session]:
    """A session beside one that is running, otherwise on the cluster or, where none is named, on this machine."""
    try:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise UnusableEngineError(problem("engine-missing", None, engine="spark")) from error
    logging.getLogger("SQLQueryContextLogger").setLevel(
        logging.CRITICAL
    )  # would repeat what is said as a finding
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lifeseg-spark-")))
        running = SparkSession.getActiveSession() if master is None else None
        if running is None:
            running = started(stack, master or "local[*]", folder, options or {})
        spark = running.newSession()
        stack.callback(forget, spark)
        for name, value in EXACT.items():
            spark.conf.set(name, value)
        try:
            yield Session(spark, folder, spark.sparkContext.master)
        except (PySparkException, Py4JError) as error:
            raise UnusableEngineError(failure(error)) from error


def forget(spark: SparkSession) -> None:
    """Gives free what was kept in this session; nothing of it is visible elsewhere."""
    from pyspark.errors import PySparkException

    for view in spark.sql("SHOW VIEWS").collect():
        if view["isTemporary"]:
            with suppress(PySparkException):  # of files that are gone
                spark.table(quoted(view["viewName"])).unpersist()
            spark.sql(f"DROP VIEW {quoted(view['viewName'])}")  # dropTempView would want the name unquoted


# ---- Starting ------------------------------------------------------------------------------------


def started(stack: ExitStack, master: str, folder: Path, options: Mapping[str, str]) -> SparkSession:
    """A session of our own, on a Java machine of its own that ends with it."""
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    settings = {**settings_of(master, folder), **options}
    configuration = (
        SparkConf(loadDefaults=False).setMaster(master).setAppName("lifeseg").setAll([*settings.items()])
    )
    said = folder / "java.log"
    try:
        with java_environment(master), said.open("w", encoding="utf-8") as log:
            gateway = launch_gateway(configuration, {"stderr": log})
            stack.callback(ended, gateway)
            context = SparkContext(gateway=gateway, conf=configuration)
    except UnusableEngineError:
        raise
    except Exception as error:  # whatever kept it from starting
        raise UnusableEngineError(unreachable(master, error, said)) from error
    stack.callback(context.stop)
    return SparkSession(context)


def settings_of(master: str, folder: Path) -> dict[str, str]:
    """What a session is started with; on this machine nothing listens to others and nothing is left behind."""
    logging = folder / "log4j2.properties"
    logging.write_text(QUIET, encoding="utf-8")
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={logging.as_uri()}",
    }
    if master.startswith("local"):
        settings |= {
            "spark.driver.host": LOOPBACK,
            "spark.driver.bindAddress": LOOPBACK,
            "spark.driver.memory": f"{memory_in_megabytes() // 2}m",
            "spark.sql.shuffle.partitions": str(os.cpu_count() or 2),
            "spark.sql.warehouse.dir": (folder / "warehouse").as_uri(),
            "spark.local.dir": str(folder),
        }
    return settings


def memory_in_megabytes() -> int:
    try:
        return max(2048, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20)
    except (AttributeError, ValueError, OSError):
        return 4096


@contextmanager
def java_environment(master: str) -> Iterator[None]:
    """The environment in which Spark finds its Java; it is as before afterwards."""
    home = java_home()
    if isinstance(home, Diagnostic):
        raise UnusableEngineError(home)
    wanted = {"JAVA_HOME": str(home)} | ({"SPARK_LOCAL_IP": LOOPBACK} if master.startswith("local") else {})
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def ended(gateway: Any) -> None:
    """Ends the Java machine; the next session starts another."""
    from pyspark import SparkContext

    gateway.shutdown()
    if gateway.proc is not None:
        gateway.proc.stdin.close()
        try:
            gateway.proc.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            gateway.proc.kill()
    SparkContext._gateway = None
    SparkContext._jvm = None


# ---- Findings ------------------------------------------------------------------------------------


def unreachable(master: str, error: Exception, log: Path) -> Diagnostic:
    """Why there is no session, in the words of whatever failed last."""
    said = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
    causes = re.findall(
        r"^(?:Caused by: |Error: |Exception in thread \S+ )(.*)", f"{said}\n{error}", re.MULTILINE
    )
    reason = causes[-1] if causes else str(error).strip().splitlines()[0]
    return problem("engine-unreachable", None, engine="Spark", address=master, reason=plain(reason))


def failure(error: Exception) -> Diagnostic:
    """What ended a run, in Spark's words."""
    said = str(error)
    causes = re.findall(r"^\s*Caused by: (.*)", said, re.MULTILINE)
    reason = plain(causes[-1] if causes else next((line for line in said.splitlines() if line.strip()), "?"))
    key = "engine-failed.disk-full" if "No space left on device" in said else "engine-failed"
    return problem(key, None, engine="Spark", reason=reason)


def plain(reason: str) -> str:
    """A reason without the name of its class and without what hints at settings of Spark."""
    reason = re.sub(r"^(?:[\w$]+\.)+[\w$]+: ", "", reason.strip())
    reason = re.sub(r"^(\[[A-Z_.0-9]+\]) ", "", reason)
    return reason[:1].lower() + reason[1:]


def quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
