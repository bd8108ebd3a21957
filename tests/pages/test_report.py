"""`lifeseg report`: its numbers are those of a run, whoever evaluates it; the page is one file that leads nowhere else."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lifeseg.cli.application import application
from lifeseg.interpreter.results import Results
from lifeseg.pages.document import hashed
from lifeseg.pages.report.to_html import SCRIPT, to_html
from lifeseg.pipeline.opened import opened
from lifeseg.pipeline.report.content import Report
from lifeseg.pipeline.report.from_run import Asked, report_of
from lifeseg.pipeline.setting import settle

ROOT = Path(__file__).resolve().parents[2]
FEW = Asked("en", "customer_value", 60, 4)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "work"
    for name in ("rules/orgcust", "examples/orgcust"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "lifeseg.toml", folder)
    return folder


@pytest.fixture(scope="module", params=["interpreter", "duckdb"])
def found(request: pytest.FixtureRequest, workspace: Path) -> tuple[Report, Results]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(workspace)
        return report_of(settle(None, engine=request.param), FEW), opened(settle(None)).results


def test_sizes_and_what_they_come_to(found: tuple[Report, Results]) -> None:
    report, results = found
    assert {"stage", "conversion_type", "value_level", "strategy", "potential"} <= {
        one.name for one in report.sizes
    }
    for one in report.sizes:
        column = results.column(
            "customer",
            f"{one.name}_band" if one.name in ("potential", "relationship_stability") else one.name,
        )
        cells = [case for cell in column for case in (cell if isinstance(cell, tuple) else (cell,))]
        counts = Counter(case for case in cells if case is not None)
        assert {size.name: size.count for size in one.sizes if size.count} == dict(counts), one.name


def test_each_record_is_in_one_bin(found: tuple[Report, Results]) -> None:
    report, results = found
    assert [one.name for one in report.distributions] == [
        "potential",
        "relationship_stability",
        "customer_value",
    ]
    for one in report.distributions:
        kind = next(each for each in results.model.of("customer") if each.name == one.name).type
        values = [
            Decimal(int(str(value))).scaleb(-kind.scale) for value in results.column("customer", one.name)
        ]
        edges = [Decimal(edge) for edge in one.edges]
        inside = [sum(low <= value < high for value in values) for low, high in pairwise(edges)]
        assert list(one.counts) == inside
        assert sum(one.counts) == len(values)


def test_thresholds_stand_where_they_are(found: tuple[Report, Results]) -> None:
    report, _ = found
    stability = next(one for one in report.distributions if one.name == "relationship_stability")
    (mark,) = stability.marks
    low, high = float(stability.edges[0]), float(stability.edges[-1])
    assert (mark.title, mark.amount) == ("Stable relationship", "0.48")
    assert abs(low + mark.place * (high - low) - 0.48) < 1e-9


def test_the_list_has_those_worth_most_of_each_case(found: tuple[Report, Results]) -> None:
    report, results = found
    keys = {row[0] for row in report.listed.rows}
    for case in ("warning", "detainment", "stabilization"):
        places = [
            place
            for place, value in enumerate(results.column("customer", "conversion_type"))
            if value == case
        ]
        best = max(places, key=lambda place: results.value("customer", place, "customer_value"))
        assert results.value("customer", best, "customer_id") in keys, case
    assert len(report.listed.rows) <= FEW.most
    assert len(report.listed.explained) == FEW.explained
    amounts = [Decimal(row[-1].replace(",", "")) for row in report.listed.rows]
    assert amounts == sorted(amounts, reverse=True)


class Page(HTMLParser):
    """What a page loads, runs and leads to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.targets: list[str] = []
        self.tags: Counter[str] = Counter()
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.tags[tag] += 1
        self.names |= {known["id"] or ""} if "id" in known else set()
        self.loaded += [str(known[name]) for name in ("src", "srcset", "action", "data") if name in known]
        if tag == "a" and known.get("href"):
            self.targets.append(str(known["href"]))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_is_one_file_that_leads_nowhere_else(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.chdir(workspace)
    done = CliRunner().invoke(
        application,
        ["report", "--value", "customer_value", "--lang", language, "--explained", "3", "--out", "page.html"],
    )
    assert (done.exit_code, done.stdout) == (0, ""), done.output
    text = (workspace / "page.html").read_text(encoding="utf-8")
    page = Page(text)
    assert not page.loaded
    assert page.tags["script"] == 1
    assert f"script-src 'sha256-{hashed(SCRIPT.read_text(encoding='utf-8'))}'" in text.replace("&#x27;", "'")
    assert {target[1:] for target in page.targets} <= page.names
    assert all(target.startswith("#") for target in page.targets)
    assert page.tags["h1"] == 1
    assert page.tags["caption"] == page.tags["table"], "each table says what it is about"
    assert len(text) < 1_000_000


def test_what_a_policy_says_is_text_on_the_page(tmp_path: Path) -> None:
    """Titles, cases and keys may hold whatever they like."""
    policy = """policy page "<script>alert(1)</script>"
  version 1.0.0

entity customer "C"
  customer_id text key
  bill "B" count 0..9

score worth "</svg><b>Worth" of customer
  0.1 bill
  bands
    high "'><img src=x>" from 0.4
    low "& low" below

segment class "<i>Class" of customer
  big "<b>Big</b>" when bill > 4
  small "Small" otherwise
"""
    (tmp_path / "page.seg").write_text(policy, encoding="utf-8")
    keys = ('"<img src=x onerror=alert(1)>"', "'); DROP TABLE told; --", "客户")
    rows = "".join(f"{key},{bill}\n" for key, bill in zip(keys, (9, 1, 5), strict=True))
    (tmp_path / "customer.csv").write_text("customer_id,bill\n" + rows, encoding="utf-8")
    setting = settle(tmp_path / "page.seg", data=tmp_path, as_of="2024-01-31", engine="duckdb")
    report = report_of(setting, Asked(explained=3))
    text = to_html(report)
    page = Page(text)
    assert page.tags["script"] == 1
    assert not page.tags["img"]
    assert not page.tags["i"]
    assert {row[0] for row in report.listed.rows} == {
        "<img src=x onerror=alert(1)>",
        "'); DROP TABLE told; --",
        "客户",
    }
    assert set(report.listed.explained) == {row[0] for row in report.listed.rows}


def test_who_has_moved_is_told_of_the_recorded_run(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C1 and C3 are in contract in May; in June C1's contract ends within two months, and its programme does not run."""
    for name in ("rules", "examples"):
        shutil.copytree(workspace / name, tmp_path / name)
    shutil.copy(workspace / "lifeseg.toml", tmp_path)
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke
    for day in ("2013-05-31", "2013-06-30"):
        done = run(application, ["run", "--as-of", day])
        assert done.exit_code == 0, done.output
    report = report_of(settle(None), Asked(explained=0))
    assert report.run is not None
    moved = {sizes.name: moves for sizes, moves in report.moves}["stage"]
    assert moved.day == date(2013, 5, 31)
    said = run(application, ["transitions", "stage", "--from", "2013-06-01", "--format", "json"]).stdout
    told = {
        tuple(one) for one in re.findall(r'"before": "(\w+)",\s*"after": "(\w+)",\s*"count": (\d+)', said)
    }
    assert told <= {(str(a), str(b), str(n)) for (a, b), n in moved.counts.items()}
    assert moved.counts
    assert "Who has moved since 2013-05-31" in to_html(report)


def test_a_kpi_is_told_for_each_value_of_a_fact(tmp_path: Path) -> None:
    policy = """policy shares "Shares"
  version 1.0.0

entity customer "C"
  customer_id text key
  colour "Colour" one of red, green
  bill "B" count 0..9

segment size "Size" of customer
  big "Big" when bill > 4
  small "Small" otherwise

kpis "Targets"
  by_colour "Bills" by colour = mean(bill over all customer)
"""
    (tmp_path / "shares.seg").write_text(policy, encoding="utf-8")
    (tmp_path / "customer.csv").write_text(
        "customer_id,colour,bill\nA,red,9\nB,red,1\nC,green,2\n", encoding="utf-8"
    )
    for engine in ("interpreter", "duckdb"):
        setting = settle(tmp_path / "shares.seg", data=tmp_path, as_of="2024-01-31", engine=engine)
        tiles = [(one.title, one.amount) for one in report_of(setting, Asked()).tiles]
        assert tiles == [("Bills: red", "5"), ("Bills: green", "2")]
