"""An example of a page comes in; what checking and evaluating it gives goes out, as the page shows it."""

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from lifeseg.diagnostics.catalogue import severity
from lifeseg.diagnostics.diagnostic import Diagnostic
from lifeseg.diagnostics.to_console import render
from lifeseg.model.model import Model
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
        from lifeseg.model.from_trees import from_trees

        model, problems = from_trees(files, lambda name, version: packs.get(name))
        findings += problems
    return Checked(model, tuple(findings), {file.name: file.text for file in files})


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


def results(example: Example, model: Model, folder: Path) -> dict[Block, str]:
    """Each result block as it should read: the columns its heading names, a line a record."""
    from lifeseg.interpreter.evaluate import evaluate
    from lifeseg.records.from_files import load

    for block in example.of("csv"):
        (folder / f"{block.word}.csv").write_text(block.text, encoding="utf-8")
    sources = {block.word: folder / f"{block.word}.csv" for block in example.of("csv")}
    loaded = load(model, sources)
    assert not loaded.findings, render(loaded.findings, {})
    found = evaluate(model, loaded.population, as_of(example))
    outputs = {}
    for block in example.of("result"):
        heading = [cell.strip() for cell in block.text.split("\n", 1)[0].strip("| ").split("|")]
        columns = [found.column(block.word, name) for name in heading]
        rows = [[cell(value) for value in row] for row in zip(*columns, strict=True)]
        outputs[block] = aligned([heading, *rows])
    return outputs


def cell(value: object) -> str:
    """A value as the results write it; missing is an empty cell."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case tuple():
            return ", ".join(value)
        case Decimal():
            return f"{value.normalize():f}"
        case _:
            return str(value)


def aligned(rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "".join(
        "| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |\n"
        for row in rows
    )
