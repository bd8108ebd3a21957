"""Findings come in; a SARIF 2.1.0 log goes out, as code-scanning services read it, with a rule a code."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from lifeseg.diagnostics.catalogue import Worded, help_page, shown, words
from lifeseg.diagnostics.diagnostic import Diagnostic, Span

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

Json = dict[str, Any]


def render(findings: Sequence[Diagnostic], sources: Mapping[str, str], language: str = "en") -> str:
    """The log; the sources are not needed."""
    said = [words(finding, language) for finding in findings]
    codes = sorted({worded.code for worded in said})
    results = [
        result(finding, worded, codes.index(worded.code))
        for finding, worded in zip(findings, said, strict=True)
    ]
    return log([rule(code) for code in codes], results)


def log(rules: Sequence[Json], results: Sequence[Json]) -> str:
    """A log of one run; results point to rules by their place."""
    from lifeseg import (
        __version__,
    )  # here, because the package imports everything that stands above this room

    run = {
        "tool": {"driver": {"name": "lifeseg", "version": __version__, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return (
        json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)
        + "\n"
    )


def rule(code: str) -> Json:
    """A code with its help page; the page's first paragraph after the heading is the description."""
    page = help_page(code) or f"# {code}"
    paragraphs = [part.strip() for part in page.split("\n\n") if part.strip() and not part.startswith("#")]
    summary = " ".join(paragraphs[0].split()) if paragraphs else code
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in code.split("-")),
        "shortDescription": {"text": code.replace("-", " ")},
        "fullDescription": {"text": summary},
        "help": {"text": page, "markdown": page},
    }


def result(finding: Diagnostic, worded: Worded, index: int) -> Json:
    said = [": ".join(filter(None, (worded.message, worded.label))), worded.help or ""]
    found: Json = {
        "ruleId": worded.code,
        "ruleIndex": index,
        "level": worded.severity,
        "message": {"text": "\n".join(filter(None, said))},
    }
    if finding.span is not None:
        found["locations"] = [{"physicalLocation": physical(finding.span)}]
    if worded.labels:
        found["relatedLocations"] = [
            {"id": number, "physicalLocation": physical(span), "message": {"text": text}}
            for number, (span, text) in enumerate(worded.labels, 1)
        ]
    if finding.fix is not None:
        found["fixes"] = [{"artifactChanges": [change(finding.fix.span, finding.fix.replacement)]}]
    return found


def change(span: Span, text: str) -> Json:
    return {
        "artifactLocation": {"uri": uri(span.file)},
        "replacements": [{"deletedRegion": region(span), "insertedContent": {"text": text}}],
    }


def physical(span: Span) -> Json:
    return {"artifactLocation": {"uri": uri(span.file)}, "region": region(span)}


def region(span: Span) -> Json:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def uri(file: str) -> str:
    """A relative path as it is, an absolute one as file:///…"""
    path = quote(shown(file).replace("\\", "/"), safe="/:")
    return f"file://{path}" if path.startswith("/") else path
