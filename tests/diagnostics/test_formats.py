"""Findings for other programs: JSON with its schema, GitHub, SARIF and JUnit."""

import json
import os
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lifeseg.diagnostics import to_github, to_json, to_junit, to_sarif
from lifeseg.diagnostics.diagnostic import Fix, Label, Span, problem

pytestmark = pytest.mark.usefixtures("small_catalogue")

SCHEMA = Path(to_json.__file__).with_name("findings.schema.json")
HERE = Span("rules/a b.seg", 2, 7, 2, 13)
FINDINGS = [
    problem("missing-not-handled", HERE, Label(Span("b.seg", 1, 1, 1, 5), "fact"), name="income", line=1),
    problem("unknown-name", HERE, name="incom", suggestion="income", line=3, fix=Fix(HERE, "income")),
    problem("weights-sum", Span("b.seg", 3, 1, 4, 2), name="100%, or: so\nx", sum="0.9999"),
    problem("remark", None, text="]]> <&> \x00\x1b"),
]
SOURCES = {"rules/a b.seg": "", "b.seg": "", "empty.seg": ""}


def test_json_holds_everything() -> None:
    document = json.loads(to_json.render(FINDINGS, SOURCES))
    assert {name: document[name] for name in ("version", "errors", "warnings", "notes")} == {
        "version": 1, "errors": 2, "warnings": 1, "notes": 1,
    }  # fmt: skip
    assert document["findings"][1] == {
        "code": "unknown-name",
        "key": "unknown-name",
        "severity": "error",
        "message": "no index, score or fact is called `incom`",
        "place": {"file": "rules/a b.seg", "line": 2, "column": 7, "end_line": 2, "end_column": 13},
        "label": "did you mean `income` (a fact of customer, line 3)?",
        "help": None,
        "other_places": [],
        "fix": {
            "place": {"file": "rules/a b.seg", "line": 2, "column": 7, "end_line": 2, "end_column": 13},
            "text": "income",
        },
        "arguments": {"name": "incom", "suggestion": "income", "line": "3"},
    }
    assert document["findings"][0]["other_places"][0]["text"] == "it is declared here, and may be missing"
    assert document["findings"][3]["place"] is None


def test_the_published_schema_is_that_of_the_document() -> None:
    if os.environ.get("LIFESEG_RECORD"):
        SCHEMA.write_text(to_json.schema(), encoding="utf-8")
    assert SCHEMA.read_text(encoding="utf-8") == to_json.schema()
    to_json.Findings.model_validate_json(to_json.render(FINDINGS, SOURCES))


def test_github() -> None:
    lines = to_github.render(FINDINGS, SOURCES).split("\n")
    assert lines == [
        "::error file=rules/a b.seg,line=2,endLine=2,col=7,endColumn=12,title=lifeseg missing-not-handled::"
        "`income` can be missing here, and nothing says what happens then: optional since line 1%0A"
        "b.seg:1: it is declared here, and may be missing%0A"
        "add a line `if missing 0.5` under it, or make the fact required",
        "::error file=rules/a b.seg,line=2,endLine=2,col=7,endColumn=12,title=lifeseg unknown-name::"
        "no index, score or fact is called `incom`: did you mean `income` (a fact of customer, line 3)?",
        "::warning file=b.seg,line=3,endLine=4,col=1,title=lifeseg weights-sum::"
        "the leaves of `100%25, or: so\ufffdx` sum to 0.9999, not 1",
        "::notice title=lifeseg remark::]]> <&> \ufffd\ufffd",
        "",
    ]


def test_github_escapes_names_of_files() -> None:
    finding = problem("remark", Span("a,b:c%\n.seg", 1, 1, 1, 1), text="x")
    assert to_github.render([finding], {}).startswith("::notice file=a%2Cb%3Ac%25\ufffd.seg,line=1,")


def test_sarif() -> None:
    log = json.loads(to_sarif.render(FINDINGS, SOURCES))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["missing-not-handled", "remark", "unknown-name", "weights-sum"]
    assert all(rule["help"]["text"] and rule["fullDescription"]["text"] for rule in rules)
    assert [result["level"] for result in run["results"]] == ["error", "error", "warning", "note"]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    assert all(result["message"]["text"] for result in run["results"])
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "rules/a%20b.seg"
    assert place["region"] == {"startLine": 2, "startColumn": 7, "endLine": 2, "endColumn": 13}
    assert run["results"][0]["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "b.seg"
    replacement = run["results"][1]["fixes"][0]["artifactChanges"][0]["replacements"][0]
    assert replacement["insertedContent"]["text"] == "income"
    assert "locations" not in run["results"][3]


def test_junit() -> None:
    report = ElementTree.fromstring(to_junit.render(FINDINGS, SOURCES))
    suites = {suite.get("name"): suite for suite in report}
    assert list(suites) == ["rules/a b.seg", "b.seg", "empty.seg", "policy"]
    assert (report.get("tests"), report.get("failures")) == ("5", "2")
    assert [len(suite.findall("testcase")) for suite in report] == [2, 1, 1, 1]
    assert [len(suite.findall("testcase/failure")) for suite in report] == [2, 0, 0, 0]
    assert suites["b.seg"].findtext("testcase/system-out", "").startswith("warning: b.seg:3:1")
    assert suites["policy"].find("testcase").get("name") == "remark"


def test_nothing_found() -> None:
    assert json.loads(to_json.render([], {}))["findings"] == []
    assert json.loads(to_sarif.render([], {}))["runs"][0]["results"] == []
    assert to_github.render([], {}) == ""
    assert ElementTree.fromstring(to_junit.render([], {})).get("tests") == "0"
