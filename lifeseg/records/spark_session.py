"""The address of a Spark cluster comes in, or none for this machine; a session goes out, or why there is none.

A session that is running already is not changed: ours stands beside it, with its own settings and temporary views. One
that is started here is stopped in the end, and nothing of it stays.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lifeseg.diagnostics.diagnostic import Diagnostic, problem
from lifeseg.records.engine_failure import UnusableEngineError
from lifeseg.records.spark_java import java_home

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LOOPBACK = "127.0.0.1"
EXACT: Mapping[str, str] = {
    "spark.sql.ansi.enabled": "true",  # overflow is an error, never a wrong number
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "true",
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
QUIET = "rootLogger.level = error\nrootLogger.appenderRef.x.ref = x\nappender.x.type = Console\nappender.x.name = x\n" \
    "appender.x.target = SYSTEM_ERR\nappender.x.layout.type = PatternLayout\nappender.x.layout.pattern = %p %c: %m%n\n"  # fmt: skip


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
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise UnusableEngineError(problem("engine-missing", None, engine="spark")) from error
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lifeseg-spark-")))
        active = SparkSession.getActiveSession() if master is None else None
        spark = active.newSession() if active is not None else started(stack, master or "local[*]", folder, options or {})
        for name, value in EXACT.items():
            spark.conf.set(name, value)
        stack.callback(forget, spark)
        try:
            yield Session(spark, folder, spark.sparkContext.master)
        except PySparkException as error:
            raise UnusableEngineError(failure(error)) from error


def started(stack: ExitStack, master: str, folder: Path, options: Mapping[str, str]) -> SparkSession:
    """A session of our own on a Java machine of its own."""
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    environment = stack.enter_context(java_environment())
    settings = {**settings_of(master, folder), **options}
    configuration = SparkConf(loadDefaults=False).setMaster(master).setAppName("lifeseg").setAll([*settings.items()])
    log = stack.enter_context((folder / "java.log").open("w+", encoding="utf-8", errors="replace"))
    try:
        gateway = launch_gateway(configuration, {"stderr": log})
        stack.callback(gateway.shutdown)
        context = SparkContext(gateway=gateway, conf=configuration)
    except Exception as error:
        raise UnusableEngineError(unreachable(master, error, folder / "java.log")) from error
    finally:
        environment.close()
    stack.callback(stopped, context, gateway)
    return SparkSession(context)
