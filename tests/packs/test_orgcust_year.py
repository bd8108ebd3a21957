"""The year of the organizational customers: its facts can be invented again, and every path between the stages is walked.

What the commands print of it stands in docs/year.md, which is a test of its own.
"""

import csv
import io
import re
import subprocess
import sys
from pathlib import Path

from lifeseg.model.model import Lifecycle
from lifeseg.pipeline.stages import check
from tests.docs.recorded import ROOT
from tests.packs.example import session_of

MANUAL = ROOT / "docs" / "year.md"
ROW = re.compile(r"^\| (\w+) \| (\w+) \| (.+) \|$", re.MULTILINE)
YEAR = ROOT / "examples" / "orgcust_year"


def test_the_months_are_what_the_script_invents(tmp_path: Path) -> None:
    session = session_of("orgcust_year", tmp_path)
    assert session.place is not None
    for file in session.place.rglob("*.csv"):
        file.unlink()
    subprocess.run([sys.executable, "invent.py"], cwd=session.place, check=True)
    made = {file.relative_to(session.place): file.read_bytes() for file in session.place.rglob("*.csv")}
    assert made == {file.relative_to(YEAR): file.read_bytes() for file in YEAR.rglob("*.csv")}
    assert len(made) == 26


def test_each_path_between_the_stages_is_walked(tmp_path: Path) -> None:
    session = session_of("orgcust_year", tmp_path)
    session.run("lifeseg run")
    assert session.status == 0
    counted = list(csv.DictReader(io.StringIO(session.run("lifeseg transitions stage --format csv"))))
    stage = next(
        one for one in check(ROOT / "rules/orgcust").good().definitions if isinstance(one, Lifecycle)
    )
    rows = {row[next(iter(row))]: row for row in counted}
    walked = {(move.source, move.target): int(rows[move.source][move.target]) for move in stage.moves}
    assert len(walked) == 10
    assert min(walked.values()) >= 1, walked
    told = {
        (row[1], row[2]): set(re.findall(r"C\d+", row[3])) for row in ROW.finditer(MANUAL.read_text("utf-8"))
    }
    assert told.keys() - {("from", "to")} == walked.keys()
    for source, target in walked:
        way = f"lifeseg transitions stage --from {source} --to {target} --top 1000 --format csv"
        assert told[source, target] <= {line.partition(",")[0] for line in session.run(way).splitlines()}
