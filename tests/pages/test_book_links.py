"""Explanations lead into the policy's book: whatever an address names is there."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest
from typer.testing import CliRunner

from lifeseg.cli.application import application
from lifeseg.explain.explanation import Explanation, Line
from lifeseg.explain.to_console import to_console
from lifeseg.explain.to_markdown import to_markdown
from lifeseg.pages.explanation import page
from lifeseg.pipeline.explaining import explained
from lifeseg.pipeline.opened import opened
from lifeseg.pipeline.setting import settle
from tests.pages.book import ROOT, pack, to_html

EXAMPLES = sorted(path.parent.name for path in (ROOT / "examples").glob("*/lifeseg.toml"))
BOOK = "the%20book.html"
FEW = 3


@cache
def explanations(example: str) -> tuple[str, tuple[Explanation, ...]]:
    """Of the first records of every entity, with all they can tell; and the name of the policy."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT / "examples" / example)
        found = opened(settle(None))
        told = [
            replace(explained(found, entity, index, detail=4)[0], book=BOOK)
            for entity in found.model.entities
            for index in range(min(FEW, len(found.results.keys(entity))))
        ]
    return found.model.name, tuple(told)


@cache
def anchors(policy: str) -> frozenset[str]:
    return frozenset(unescape(one) for one in re.findall(r'\bid="([^"]+)"', to_html(pack(policy))))


def led_to(text: str) -> list[str]:
    return [unquote(unescape(one)) for one in re.findall(rf"{BOOK}#([^\">\x1b]+)", text)]


def decided(lines: tuple[Line, ...]) -> Iterator[str]:
    for line in lines:
        yield from [line.anchor] if line.anchor else []
        yield from line.table.anchors if line.table is not None else ()
        yield from decided(line.lines)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_link_leads_somewhere(example: str) -> None:
    policy, told = explanations(example)
    for one in told:
        found = set(led_to(page(one, 4)))
        assert found == set(led_to(to_markdown(one))) == {each for each in decided(one.lines) if each}
        assert found
        assert found <= anchors(policy)


def test_decisions_scores_indexes_and_facts_lead_there() -> None:
    _, told = explanations("orgcust")
    assert {
        "customer.stage", "customer.relationship_stability", "customer.staff_scale", "customer.satisfaction",
        "usage.contract_end",
    } <= set(led_to(page(told[0], 4)))  # fmt: skip


def test_a_terminal_is_told_where_to_go_and_nobody_else() -> None:
    _, told = explanations("orgcust")
    coloured = to_console(told[0], colour=True)
    assert "customer.stage" in led_to(coloured)
    plain = to_console(told[0])
    assert "\x1b" not in plain
    assert led_to(plain) == []
    assert re.sub(r"\x1b(\]8;;[^\x1b]*\x1b\\|\[[0-9;]*m)", "", coloured) == plain


def test_without_a_book_there_is_no_link() -> None:
    _, told = explanations("orgcust")
    alone = replace(told[0], book=None)
    for text in (page(alone, 4), to_markdown(alone), to_console(alone, colour=True)):
        assert "customer.stage" not in text


def test_the_command_leads_to_where_the_workspace_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lifeseg.toml").write_text(
        'policy = "small.seg"\nas_of = 2024-01-31\nbook = "the book.html"\n[data]\nitem = "item.csv"\n'
    )
    policy = "policy small\n  version 1.0.0\n\nentity item\n  code text key\n"
    flags = "\nflags signs of item\n  known when code is not missing\n"
    (tmp_path / "small.seg").write_text(policy + flags)
    (tmp_path / "item.csv").write_text("code\nA\n")
    monkeypatch.chdir(tmp_path)

    def said(form: str) -> str:
        return CliRunner().invoke(application, ["explain", "A", "--format", form, "--detail", "4"]).stdout

    assert json.loads(said("json"))["book"] == BOOK
    assert set(led_to(said("html"))) == set(led_to(said("markdown"))) == {"item.signs", "item.code"}
    assert "book.html" not in said("console"), "where nobody can follow it"


def test_what_would_be_leads_there_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "rules" / "orgcust", tmp_path / "rules" / "orgcust")
    shutil.copytree(ROOT / "examples" / "orgcust", tmp_path / "examples" / "orgcust")
    settings = tmp_path / "examples" / "orgcust" / "lifeseg.toml"
    settings.write_text(f'book = "the book.html"\n{settings.read_text(encoding="utf-8")}', encoding="utf-8")
    monkeypatch.chdir(settings.parent)
    words = ["whatif", "C19", "--set", "usage.data.satisfaction=5", "--format", "markdown"]
    found = set(led_to(CliRunner().invoke(application, words).stdout))
    assert "customer.conversion_type" in found
    assert found <= anchors("orgcust")
