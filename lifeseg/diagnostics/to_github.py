"""Findings come in; workflow commands that GitHub shows beside the changed lines of a pull request go out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lifeseg.diagnostics.catalogue import shown, words
from lifeseg.diagnostics.diagnostic import Diagnostic, Span

COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def render(findings: Sequence[Diagnostic], sources: Mapping[str, str], language: str = "en") -> str:
    """One line a finding, `::error file=…,line=…::message`; the sources are not needed."""
    return "".join(f"{command(finding, language)}\n" for finding in findings)


def command(finding: Diagnostic, language: str) -> str:
    worded = words(finding, language)
    properties = {**where(finding.span), "title": f"lifeseg {worded.code}"}
    listed = ",".join(f"{name}={escaped_property(value)}" for name, value in properties.items())
    said = [": ".join(filter(None, (worded.message, worded.label)))]
    said += [f"{span.file}:{span.line}: {text}" for span, text in worded.labels]
    said += [worded.help] if worded.help else []
    return f"::{COMMANDS[worded.severity]} {listed}::" + escaped("\n".join(said))


def where(span: Span | None) -> dict[str, str]:
    """The place as properties; GitHub takes an end column only within one line, and counts it inclusively."""
    if span is None:
        return {}
    place = {
        "file": shown(span.file),
        "line": str(span.line),
        "endLine": str(span.end_line),
        "col": str(span.column),
    }
    if span.end_line == span.line:
        place["endColumn"] = str(max(span.column, span.end_column - 1))
    return place


def escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escaped_property(text: str) -> str:
    return escaped(text).replace(":", "%3A").replace(",", "%2C")
