"""The files of a policy and its model come in; the sheets of a workbook go out, each cell with its place in the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.frozen import dataclass
from lifeseg.model.model import Model, Score
from lifeseg.model.types import unit_text
from lifeseg.syntax import definitions as d
from lifeseg.syntax.entries import Source, entry_of
from lifeseg.syntax.expression_text import SUM, range_to_text, text
from lifeseg.syntax.row_text import cell_text
from lifeseg.syntax.tree import Information, Range, Text
from lifeseg.workbook.sheet import Column, Kind, Line, Sheet
from lifeseg.workbook.values import unit_of

Tabled = d.Table | d.Clusters | d.Panel | d.Chain

WEIGHTS = (Column("name", "", "key"), Column("title", "", "shown"), Column("weight", "", "edited"))
BANDS = (
    Column("name", "", "key"), Column("title", "", "shown"),
    Column("from", "", "edited"), Column("leaving below", "", "edited"),
)  # fmt: skip
PARAMETERS = (
    Column("name", "", "key"), Column("title", "", "shown"), Column("value", "", "edited"),
    Column("unit", "", "shown"), Column("range", "", "shown"), Column("note", "", "shown"),
)  # fmt: skip
HEADINGS: dict[Kind, str] = {
    "weights": "Weights of scores", "bands": "Bands of scores", "parameters": "Parameters"
}  # fmt: skip

_TITLE = r'\s*(?:"[^"\n]*"\s*)?'


@dataclass(frozen=True, slots=True)
class Page:
    """A file with its lines, and the remarks by the line that they are about."""

    file: d.File
    lines: Sequence[str]
    remarks: dict[int, str]
    ends: dict[int, int]  # the column at which a remark begins behind a line

    def after(self, place: Span, pattern: str, stop: str = "") -> Span:
        """The stretch of a line behind a place and a pattern, up to another one, a remark, or the end."""
        line = self.lines[place.end_line - 1]
        last = self.ends.get(place.end_line, len(line) + 1) - 1
        found = re.compile(pattern).match(line, place.end_column - 1)
        start = found.end() if found is not None else place.end_column - 1
        end = re.compile(stop).search(line, start, last) if stop else None
        stretch = line[start : end.start() if end is not None else last]
        return Span(place.file, place.end_line, start + 1, place.end_line, start + 1 + len(stretch.rstrip()))


def page_of(file: d.File) -> Page:
    """Remarks on lines of their own are about the next line that is none."""
    lines = file.text.split("\n")
    alone = {comment.span.line: comment.text for comment in file.comments if comment.alone}
    behind = {comment.span.line: comment for comment in file.comments if not comment.alone}
    remarks: dict[int, str] = {}
    waiting: list[str] = []
    for number, line in enumerate(lines, 1):
        if number in alone:
            waiting.append(alone[number])
        elif line.strip():
            said = [*waiting, *([behind[number].text] if number in behind else [])]
            if said:
                remarks[number] = "\n".join(one.removeprefix("#").strip() for one in said)
            waiting = []
    return Page(file, lines, remarks, {number: one.span.column for number, one in behind.items()})


def sheets(
    files: Sequence[d.File], model: Model | None, names: Collection[str] | None = None
) -> tuple[Sheet, ...]:
    """A sheet for each table, in the order of the text; then one for all weights, for bands and for parameters.

    `names`: only the tables, scores and parameters that are called so.
    """
    titles = titles_of(model) if model is not None else {}
    tables: list[Sheet] = []
    lines: dict[Kind, list[Line]] = {"weights": [], "bands": [], "parameters": []}
    for file in files:
        page = page_of(file)
        for node in file.definitions:
            inner = node.definition if isinstance(node, d.Change) else node
            if isinstance(inner, Tabled) and inner.rows and wanted(inner.name, names):
                tables.append(table(inner, page, titles, node.span))
            elif isinstance(inner, d.Score) and wanted(inner.name, names):
                lines["weights"] += weights(inner, page, titles)
                lines["bands"] += bands(inner, page)
            elif isinstance(inner, d.Block) and inner.kind == "params":
                for item in inner.items:
                    if isinstance(item, d.Parameter) and wanted(item.name, names):
                        lines["parameters"] += parameter(item, page)
    columns: dict[Kind, tuple[Column, ...]] = {
        "weights": WEIGHTS, "bands": BANDS, "parameters": PARAMETERS
    }  # fmt: skip
    fixed = [
        Sheet(kind, kind, HEADINGS[kind], columns[kind], tuple(numbered(found)))
        for kind, found in lines.items()
        if found
    ]
    return (*tables, *fixed)


def wanted(name: str, names: Collection[str] | None) -> bool:
    return names is None or name in names


def known_names(files: Sequence[d.File]) -> list[str]:
    """What can be asked for by name."""
    found: list[str] = []
    for file in files:
        for node in file.definitions:
            inner = node.definition if isinstance(node, d.Change) else node
            if (isinstance(inner, Tabled) and inner.rows) or isinstance(inner, d.Score):
                found.append(inner.name)
            elif isinstance(inner, d.Block) and inner.kind == "params":
                found += [item.name for item in inner.items if isinstance(item, d.Parameter)]
    return found


def numbered(lines: Sequence[Line]) -> Iterator[Line]:
    """Lines whose keys tell them apart: a second one of a key is called `key (2)`."""
    seen: dict[str, int] = {}
    for line in lines:
        seen[line.key] = count = seen.get(line.key, 0) + 1
        if count == 1:
            yield line
        else:
            key = f"{line.key} ({count})"
            yield replace(line, key=key, texts=(key, *line.texts[1:]))


# ---- Tables -----------------------------------------------------------------------------------------


def table(node: Tabled, page: Page, titles: dict[str, str], within: Span) -> Sheet:
    """A decision table, the centres of clusters, what judges say, or rates; each row is called by its number."""
    head, *body = node.rows
    name = cell_text
    columns = [
        Column("row", "", "key"),
        *(Column(name(cell), titles.get(name(cell), ""), "edited") for cell in head.conditions),
        *(Column(name(cell), titles.get(name(cell), ""), "result") for cell in head.results),
    ]
    lines = []
    for number, row in enumerate(body, 1):
        cells = (*row.conditions, *row.results)
        texts = (str(number), *map(cell_text, cells))
        spans = (row.span, *(cell.span for cell in cells))
        lines.append(Line(str(number), texts, spans, page.remarks.get(row.span.line), within))
    heading = entry_of(node, Source(page.lines, [])).text
    of = ".".join(node.entity.parts) if isinstance(node, d.Table | d.Clusters) else None
    return Sheet("rows", node.name, heading, tuple(columns), tuple(lines), of)


# ---- Scores -----------------------------------------------------------------------------------------


def weights(score: d.Score, page: Page, titles: dict[str, str]) -> Iterator[Line]:
    """The weights written in a score, group by group."""

    def beneath(term: d.Term, path: str) -> Iterator[Line]:
        key = f"{path}.{term.name}"
        if term.weight is not None:
            title = term.title or titles.get(term.name, "")
            span = term.weight.span
            texts = (key, title, text(term.weight, SUM))
            yield Line(key, texts, (None, None, span), page.remarks.get(span.line), score.span)
        for child in term.terms:
            yield from beneath(child, key)

    for term in score.terms:
        yield from beneath(term, score.name)


def bands(score: d.Score, page: Page) -> Iterator[Line]:
    """From where on the bands of a score hold; the lowest has no threshold."""
    for band in score.bands:
        start = page.after(band.name_span, _TITLE + r"from\s*", r"\s*,\s*leaving\b")
        left = band.leaving
        memory = page.after(left.band.span, r"\s*below\s*") if left is not None else None
        texts = (
            f"{score.name}.{band.name}",
            band.title or "",
            text(band.threshold, SUM) if band.threshold is not None else "",
            text(left.threshold, SUM) if left is not None else "",
        )
        spans = (None, None, start if band.threshold is not None else None, memory)
        yield Line(texts[0], texts, spans, page.remarks.get(band.span.line), score.span)


# ---- Parameters -------------------------------------------------------------------------------------


def parameter(node: d.Parameter, page: Page) -> Iterator[Line]:
    """The value of a parameter, and a line for each day from which it is another one."""

    def line(key: str, value: Any, span: Span) -> Line:
        said = text(value, SUM)
        bounds, note = (information(node.information, word) for word in ("range", "note"))
        texts = (key, node.title or "", said, unit_of(said), bounds, note)
        return Line(key, texts, (None, None, span, None, None, None), page.remarks.get(span.line), node.span)

    yield line(node.name, node.value, page.after(node.name_span, _TITLE + r"=\s*"))
    for since in node.since:
        span = page.after(since.day.span, r"\s*=\s*")
        yield line(f"{node.name} since {since.day.value}", since.value, span)


def information(lines: Sequence[Information], word: str) -> str:
    found: Callable[[Any], str] = lambda value: (  # noqa: E731
        range_to_text(value) if isinstance(value, Range) else value.value if isinstance(value, Text) else ""
    )
    return next((found(line.value) for line in lines if line.word == word), "")


# ---- What people call things ------------------------------------------------------------------------


def titles_of(model: Model) -> dict[str, str]:
    """Titles by name, with the unit of facts behind them; in the policy's own language."""
    found: dict[str, str] = {}
    for entity in model.entities.values():
        for fact in entity.facts:
            unit = unit_text(fact.type.unit) if fact.type.unit else ""
            found.setdefault(fact.name, ", ".join(filter(None, (fact.titles.get("en"), unit))))
    for definition in model.definitions:
        found.setdefault(definition.name, definition.titles.get("en", ""))
        if isinstance(definition, Score):
            for band in definition.bands:
                found.setdefault(band.name, band.titles.get("en", ""))
    return found
