"""Which Java Spark gets, what a missing one says, and a real cluster of several processes on loopback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lifeseg.diagnostics.diagnostic import Diagnostic
from lifeseg.records.spark_java import MODULE, java_home, modules_of, package_home, version_of, without_module
from tests.engines.orgcust import ROOT

CLUSTER = """
import sys
from tests.engines.orgcust import AS_OF, differences, orgcust
from lifeseg.engines.spark import run
from lifeseg.records.spark_rows import population_views
from lifeseg.records.spark_session import session
from tests.servers import SMALL

case = orgcust()
options = {**SMALL, "spark.executor.memory": "512m", "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1"}
with session("local-cluster[2,1,512]", options) as opened:
    views = population_views(opened, case.model.entities, case.population, AS_OF)
    evaluated = run(case.plan, opened.spark, views, {})
    problems = []
    for entity, view in evaluated.results.items():
        frame = opened.spark.table(view)
        problems += differences(case, entity, frame.columns, [tuple(row) for row in frame.collect()])
    executors = opened.spark.sparkContext._jsc.sc().getExecutorMemoryStatus().size() - 1
print(executors, len(problems), evaluated.statistics == dict(case.results.baseline.statistics))
"""


def fake_java(home: Path, version: str) -> Path:
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "java").write_text("#!/bin/sh\n", "utf-8")
    (home / "bin" / "java").chmod(0o755)
    (home / "release").write_text(f'JAVA_VERSION="{version}"\n', "utf-8")
    return home


def test_a_supported_java_of_the_machine_wins(tmp_path: Path) -> None:
    named, found = fake_java(tmp_path / "named", "21.0.2"), fake_java(tmp_path / "found", "17.0.9")
    path = {"PATH": str(found / "bin")}
    assert java_home({"JAVA_HOME": str(named), **path}) == named
    assert java_home(path) == found
    assert java_home({"JAVA_HOME": str(fake_java(tmp_path / "old", "1.8.0_402")), **path}) == found


def test_otherwise_the_java_of_the_package(tmp_path: Path) -> None:
    environment = {
        "JAVA_HOME": str(fake_java(tmp_path / "new", "25.0.1")),
        "PATH": "",
        "XDG_CACHE_HOME": str(tmp_path),
    }
    home = java_home(environment)
    assert isinstance(home, Path)
    assert version_of(home) == 21
    command = [home / "bin" / "java", f"--add-modules={MODULE}", "-Dx=a b", "-version"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "21." in done.stderr
    packaged = package_home()
    assert packaged is not None
    if MODULE not in modules_of(packaged):
        assert home.is_relative_to(tmp_path), "made once"
        assert without_module(packaged, tmp_path / "lifeseg") == home


def test_no_java_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lifeseg.records.spark_java.package_home", lambda: None)
    found = java_home({"PATH": str(tmp_path)})
    assert isinstance(found, Diagnostic)
    assert (found.key, dict(found.arguments)) == ("engine-missing.java", {})
    old = fake_java(tmp_path / "old", "11.0.2")
    found = java_home({"PATH": "", "JAVA_HOME": str(old)})
    assert isinstance(found, Diagnostic)
    assert found.arguments["found"] == f"{old} (11)"


@pytest.mark.slow
@pytest.mark.xdist_group("spark")
def test_a_cluster_of_several_processes() -> None:
    """Two workers with an executor each: the plan and its rows cross processes, and the results are the same."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", CLUSTER],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.split() == ["2", "0", "True"]
