"""Every page here and in the manual says what lifeseg does; LIFESEG_RECORD=1 writes what it does."""

import difflib
import os
import re
import tomllib
from pathlib import Path

import pytest

from lifeseg.diagnostics.catalogue import all_codes, entry_tables
from lifeseg.diagnostics.to_console import render
from lifeseg.interpreter.evaluate import evaluate
from lifeseg.interpreter.kpis import measured
from lifeseg.pipeline.kpis import lines
from lifeseg.pipeline.overview import findings, wrong_of
from tests.language.page import Block, Example, examples, pages, rewritten
from tests.language.run import (
    as_of,
    check_example,
    explanation,
    failed_tests,
    records,
    remembering,
    result_table,
)

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RECORD = bool(os.environ.get("LIFESEG_RECORD"))
CATALOGUE = ROOT / "lifeseg" / "diagnostics" / "catalogue"
ABOUT_TEXT = ("syntax", "model")
PAGES = pages(HERE / "good", HERE / "bad", ROOT / "docs")


def page_name(page: Path) -> str:
    return page.relative_to(HERE if page.is_relative_to(HERE) else ROOT).with_suffix("").as_posix()


def outputs(example: Example, folder: Path, prelude: bool) -> dict[Block, str]:
    """What each output block of an example should read; what an example does not show must not be there."""
    place = f"{example.heading} (line {example.line})"
    checked = check_example(example, prelude)
    said = [block for block in example.of("diagnostics") if "run" not in block.words]
    found = {block: checked.shown("zh" if "zh" in block.words else "en") for block in said}
    assert said or not checked.findings, f"{place}:\n{checked.shown()}"
    if checked.model is None:
        return found
    day = as_of(example)
    population = records(example, checked.model, folder) if example.of("csv") else None
    failed = failed_tests(checked.model, population, day)
    assert not failed, "\n".join([place, *failed])
    if population is not None:
        results = evaluate(*remembering(example, checked.model, population), day)
        troubles = render(findings(results.model, wrong_of(results)), checked.sources)
        said = [block for block in example.of("diagnostics") if "run" in block.words]
        found |= dict.fromkeys(said, troubles)
        assert said or not troubles, f"{place}:\n{troubles}"
        found |= {block: result_table(results, block) for block in example.of("result")}
        found |= {block: explanation(results, block) for block in example.of("explain")}
        targets = measured(results.model, day, results.baseline.statistics)
        found |= {block: "\n".join([*lines(targets), ""]) for block in example.of("kpis")}
    return found


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_page(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    expected: dict[Block, str] = {}
    for number, example in enumerate(examples(text)):
        folder = tmp_path / str(number)
        folder.mkdir()
        expected |= outputs(example, folder, page.parent == HERE / "bad")
    if RECORD:
        page.write_text(rewritten(text, expected), encoding="utf-8")
        return
    wrong = []
    for block, output in expected.items():
        if block.text != output:
            place = f"{page_name(page)}.md, line {block.first + 1}"
            lines = difflib.unified_diff(
                block.text.splitlines(), output.splitlines(), "page", "lifeseg", lineterm=""
            )
            wrong.append("\n".join([place, *lines]))
    assert not wrong, "\n\n".join([*wrong, "read it, then record it: make record"])


@pytest.mark.parametrize("page", pages(HERE / "bad"), ids=page_name)
def test_bad_page_shows_its_code(page: Path) -> None:
    shown = [
        block.text
        for example in examples(page.read_text(encoding="utf-8"))
        for block in example.of("diagnostics")
    ]
    assert any(f"[{page.stem}]" in text for text in shown)


def test_good_pages_have_no_errors() -> None:
    for page in pages(HERE / "good"):
        for example in examples(page.read_text(encoding="utf-8")):
            errors = check_example(example).errors
            assert not errors, f"{page_name(page)}: {example.heading}: {errors}"


def shown_codes() -> set[str]:
    """The codes that some page shows in a recorded output."""
    found: set[str] = set()
    for page in pages(HERE / "bad"):
        for example in examples(page.read_text(encoding="utf-8")):
            for block in example.of("diagnostics"):
                found |= set(re.findall(r"^(?:error|warning|note)\[([a-z0-9-]+)\]", block.text, re.MULTILINE))
    return found


def test_every_code_about_policy_text_has_a_bad_example() -> None:
    entries = [
        tomllib.loads((CATALOGUE / f"{name}.en.toml").read_text(encoding="utf-8")) for name in ABOUT_TEXT
    ]
    wanted = {key.partition(".")[0] for found in entries for key, _ in entry_tables(found)}
    assert len(wanted) >= 40
    assert not wanted - shown_codes(), "write tests/language/bad/CODE.md"
    assert not shown_codes() - set(all_codes())
