"""Findings come in; a versioned JSON document goes out, whose schema is `findings.schema.json` beside this.

Lines and columns count from 1 in characters, end columns are exclusive. `version` rises when a reader of the
document would have to change; fields may be added without that.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from lifeseg.diagnostics.catalogue import SEVERITIES, Worded, severity, words
from lifeseg.diagnostics.diagnostic import Diagnostic, Span

VERSION: Literal[1] = 1


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Place(Part):
    """A stretch of a text file."""

    file: str
    line: int = Field(description="counts from 1")
    column: int = Field(description="counts characters from 1")
    end_line: int
    end_column: int = Field(description="the column after the last character")


class OtherPlace(Part):
    """A second place that belongs to a finding, and what is to be said there."""

    place: Place
    text: str


class Replacement(Part):
    """Text that, put in place of the stretch, mends the finding."""

    place: Place
    text: str


class Finding(Part):
    """One finding about a policy or its data."""

    code: str = Field(description="kebab-case; `lifeseg help CODE` explains it")
    key: str = Field(description="the code and, after a dot, which variant of it")
    severity: Literal["error", "warning", "note"]
    message: str
    place: Place | None = Field(description="null where a finding is about no place in a file")
    label: str | None = Field(description="what is said at the place itself")
    help: str | None
    other_places: tuple[OtherPlace, ...]
    fix: Replacement | None
    arguments: dict[str, str] = Field(description="what the message is about, by name")


class Findings(Part):
    """All findings of one run of `lifeseg check`."""

    version: Literal[1] = VERSION
    errors: int
    warnings: int
    notes: int
    findings: tuple[Finding, ...]


def render(findings: Sequence[Diagnostic], sources: Mapping[str, str], language: str = "en") -> str:
    """The document; the sources are not needed."""
    counts = {f"{name}s": sum(severity(finding) == name for finding in findings) for name in SEVERITIES}
    document = Findings(
        **counts, findings=tuple(as_finding(finding, words(finding, language)) for finding in findings)
    )
    return document.model_dump_json(indent=2) + "\n"


def schema() -> str:
    """The JSON Schema of the document, as the published file holds it."""
    return json.dumps(Findings.model_json_schema(mode="serialization"), indent=2) + "\n"


def as_finding(finding: Diagnostic, said: Worded) -> Finding:
    fix = finding.fix
    return Finding(
        code=said.code,
        key=finding.key,
        severity=said.severity,
        message=said.message,
        place=None if finding.span is None else place(finding.span),
        label=said.label,
        help=said.help,
        other_places=tuple(OtherPlace(place=place(span), text=text) for span, text in said.labels),
        fix=None if fix is None else Replacement(place=place(fix.span), text=fix.replacement),
        arguments=dict(finding.arguments),
    )


def place(span: Span) -> Place:
    return Place(**span._asdict())
