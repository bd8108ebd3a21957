"""An example of a page comes in; what checking and evaluating it gives goes out, as the page shows it."""

import re
import tomllib
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from rich.cells import cell_len

from lifeseg.diagnostics.catalogue import severity
from lifeseg.diagnostics.diagnostic import Diagnostic
from lifeseg.diagnostics.to_console import render
from lifeseg.explain.from_trace import explain
from lifeseg.explain.to_console import to_console
from lifeseg.interpreter.check_tests import run_tests
from lifeseg.interpreter.results import Results, Row
from lifeseg.interpreter.tracer import trace
from lifeseg.interpreter.values import short_text
from lifeseg.model.from_trees import from_trees
from lifeseg.model.model import Entity, Model
from lifeseg.model.types import TEXT, Type
from lifeseg.model.with_past import Recalled, recalled, since, with_past
from lifeseg.records.from_files import load
from lifeseg.records.memory import keys_of
from lifeseg.records.population import Population, Rows
from lifeseg.records.source import Source
from lifeseg.syntax.definitions import File, Header
from lifeseg.syntax.from_text import from_text
from tests.language.page import Block, Example
from tests.language.prelude import before

HEADER = "policy page\n  version 1.0.0\n"
AS_OF = date(2013, 6, 30)


@dataclass(frozen=True)
class Checked:
    """A policy of a page with what was found; `sources` are its files' texts by name."""

    model: Model | None
    findings: tuple[Diagnostic, ...]
    sources: dict[str, str]

    @property
    def codes(self) -> set[str]:
        return {finding.code for finding in self.findings}

    @property
    def errors(self) -> list[Diagnostic]:
        return [finding for finding in self.findings if severity(finding) == "error"]

    def about(self, *files: str) -> "Checked":
        """Without what is merely remarked about other files."""
        kept = [f for f in self.findings if severity(f) == "error" or f.span is None or f.span.file in files]
        return Checked(self.model, tuple(kept), self.sources)

    def shown(self, language: str = "en") -> str:
        return render(self.findings, self.sources, language)


def check(texts: list[tuple[str, str]], packs: dict[str, list[File]], bare: bool = False) -> Checked:
    """The files of a policy, by name and text, through syntax and model."""
    parsed = [from_text(text, name) for name, text in texts]
    files = [file for file, _ in parsed]
    findings = [finding for _, found in parsed for finding in found]
    if not bare and not any(isinstance(node, Header) for file in files for node in file.definitions):
        files.insert(0, from_text(HEADER, "header.seg")[0])
    model: Model | None = None
    if not findings:
        model, problems = from_trees(files, lambda name, version: packs.get(name))
        findings += problems
    used = [file for pack in packs.values() for file in pack]
    return Checked(model, tuple(findings), {file.name: file.text for file in [*used, *files]})


def written(block: Block) -> str:
    """The policy text of a block, with what stands for long or unseen text put in place."""
    if "expand" not in block.words:
        return block.text
    text = re.sub(r"«(.+?)\*(\d+)»", lambda match: match[1] * int(match[2]), block.text)
    return re.sub(r"«U\+([0-9A-F]{4})»", lambda match: chr(int(match[1], 16)), text)


def check_example(example: Example, prelude: bool = False) -> Checked:
    """The policy of an example; what is remarked about text that it shares with others is not its own."""
    texts: list[tuple[str, str]] = []
    packs: dict[str, list[File]] = {}
    counts = {"shared": 0, "policy": 0}
    for block in example.of("seg"):
        if "of" in block.words:
            name = block.words[block.words.index("of") + 1]
            packs.setdefault(name, []).append(from_text(written(block), f"{name}.seg")[0])
            continue
        name = "shared" if "everywhere" in block.words else "policy"
        counts[name] += 1
        texts.append((f"{name}{'' if counts[name] == 1 else f'-{counts[name]}'}.seg", written(block)))
    bare = any("bare" in block.words for block in example.of("seg"))
    own = [name for name, _ in texts if name.startswith("policy")]
    if prelude and not bare:
        used = [file.text for files in packs.values() for file in files]
        known = before([*(text for _, text in texts), *used])
        texts = [*(pair for pair in known if pair[0] != "prelude/header.seg"), *texts]
    return check(texts, packs, bare).about(*own)


def as_of(example: Example) -> date:
    for block in example.of("toml"):
        day = tomllib.loads(block.text).get("as_of", AS_OF)
        assert isinstance(day, date)
        return day
    return AS_OF


def records(example: Example, model: Model, folder: Path) -> Population:
    """The records of an example, read from files; an entity without a block has none."""
    written_out = {block.word: block.text for block in example.of("csv")}
    sources = {}
    for name, entity in model.entities.items():
        path = folder / f"{name}.csv"
        path.write_text(written_out.get(name) or heading_of(model, entity), encoding="utf-8")
        sources[name] = Source(path)
    loaded = load(model.entities, sources)
    assert loaded.population is not None, render(loaded.diagnostics, {})
    return loaded.population


def remembering(example: Example, model: Model, population: Population) -> tuple[Model, Population]:
    """The model and the records of a run that knows the cases of the run before, where the example names some."""
    if not example.of("was"):
        return model, population
    rows = dict(population.rows)
    for entity, asked in recalled(model.definitions).items():
        known = {key: line for block in example.of("was") if block.word == entity for key, line in was(block)}
        found, keys = rows[entity], keys_of(population, model.entities, entity)
        values = [
            (*own, *(value for one in asked for value in recollection(known.get(key, {}), one)))
            for own, key in zip(found.values, keys, strict=True)
        ]
        rows[entity] = Rows(entity, values, found.parents, found.lines)
    return with_past(model), replace(population, rows=rows)


def was(block: Block) -> list[tuple[str, dict[str, str]]]:
    """The lines of a table by their first column, the key."""
    lines = [[text.strip() for text in line.strip("| ").split("|")] for line in block.text.splitlines()]
    heading = lines[0][1:]
    return [(line[0], dict(zip(heading, line[1:], strict=True))) for line in lines[1:]]


def recollection(line: dict[str, str], asked: Recalled) -> list[str | date | None]:
    """The case of the run before, and the day since when, of one definition."""
    found: list[str | date | None] = [line.get(asked.name) or None]
    if asked.since:
        day = line.get(since(asked.name))
        found.append(date.fromisoformat(day) if day else None)
    return found


def heading_of(model: Model, entity: Entity) -> str:
    columns = [fact.name for fact in entity.facts]
    while entity.parent is not None:
        entity = model.entities[entity.parent]
        columns = [*(fact.name for fact in entity.keys), *columns]
    return ",".join(columns) + "\n"


def result_table(found: Results, block: Block) -> str:
    """A result block as it should read: the columns its heading names, a line a record."""
    heading = [text.strip() for text in block.text.split("\n", 1)[0].strip("| ").split("|")]
    rows = [[cell(found, block.word, row, name) for name in heading] for row in found.rows[block.word]]
    return aligned([heading, *rows])


def cell(found: Results, entity: str, row: Row, name: str) -> str:
    """A value as results write it, without trailing zeros, empty if missing; a key may be the parent's."""
    if name in found.slots[entity]:
        return short_text(row[found.slots[entity][name]], type_of(found.model, entity, name)) or ""
    parent = found.model.entities[entity].parent
    assert parent is not None, f"{entity} has no column {name}"
    return cell(found, parent, row[0], name)


def explanation(found: Results, block: Block) -> str:
    """Why the record that a block names came out as it did."""
    entity, key = block.words[:2]
    keys = [found.key(entity, row) for row in found.rows[entity]]
    told = explain(trace(found, entity, keys.index((key,))), language="zh" if "zh" in block.words else "en")
    return to_console(told)


def type_of(model: Model, entity: str, name: str) -> Type:
    for fact in model.entities[entity].facts:
        if fact.name == name:
            return fact.type
    return next((found.type for found in model.of(entity) if found.name == name), TEXT)


def failed_tests(model: Model, population: Population | None, day: date) -> list[str]:
    """The policy's own tests that fail, each in a line."""
    return [
        f"{outcome.title}: {failure.subject} of {failure.record} is {failure.found}, not {failure.wanted}"
        for outcome in run_tests(model, population, day)
        for failure in outcome.failures
    ]


def aligned(rows: list[list[str]]) -> str:
    """Rows as an aligned table."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    return "".join(
        "| "
        + " | ".join(text + " " * (width - cell_len(text)) for text, width in zip(row, widths, strict=True))
        + " |\n"
        for row in rows
    )
