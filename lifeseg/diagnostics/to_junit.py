"""Findings and the texts they are about come in; a JUnit report goes out, as build servers read it.

A file of policy text is a suite, a finding a case in it: an error is a failure, a warning passes and says so
in its output, and a text without findings is one case that passes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from lifeseg.diagnostics.catalogue import Worded, shown, words
from lifeseg.diagnostics.diagnostic import Diagnostic


def render(findings: Sequence[Diagnostic], sources: Mapping[str, str], language: str = "en") -> str:
    """The report, as XML; findings without a place stand in a suite called `policy`."""
    by_file: dict[str, list[Diagnostic]] = {file: [] for file in sources}
    for finding in findings:
        by_file.setdefault(finding.span.file if finding.span else "policy", []).append(finding)
    report = Element("testsuites", name="lifeseg check")
    failures = sum(suite(report, file, found, language) for file, found in by_file.items())
    report.set("tests", str(sum(max(len(found), 1) for found in by_file.values())))
    report.set("failures", str(failures))
    ElementTree.indent(report)
    return ElementTree.tostring(report, encoding="unicode", xml_declaration=False) + "\n"


def suite(report: Element, file: str, found: Sequence[Diagnostic], language: str) -> int:
    """Adds the suite of a file, and returns how many failures it holds."""
    here = SubElement(report, "testsuite", name=shown(file), errors="0")
    worded = [(finding, words(finding, language)) for finding in found]
    failures = sum(said.severity == "error" for _, said in worded)
    here.set("tests", str(max(len(found), 1)))
    here.set("failures", str(failures))
    if not found:
        SubElement(here, "testcase", classname=shown(file), name="no findings")
    for finding, said in worded:
        case(here, finding, said)
    return failures


def case(suite: Element, finding: Diagnostic, said: Worded) -> None:
    span = finding.span
    place = f"{shown(span.file)}:{span.line}:{span.column}" if span else ""
    here = SubElement(
        suite, "testcase", classname=suite.get("name", ""), name=f"{said.code} {place}".rstrip()
    )
    if span is not None:
        here.set("file", shown(span.file))
        here.set("line", str(span.line))
    lines = [
        place,
        said.message,
        said.label,
        *(f"{other.file}:{other.line}: {text}" for other, text in said.labels),
    ]
    lines += [said.help and f"help: {said.help}"]
    details = "\n".join(line for line in lines if line)
    if said.severity == "error":
        SubElement(here, "failure", type=said.code, message=said.message).text = details
    else:
        SubElement(here, "system-out").text = f"{said.severity}: {details}"
