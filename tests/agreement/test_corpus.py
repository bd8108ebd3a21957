"""The interpreter and every engine say the same of the packs and of the examples in the language's pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.agreement.compare import difference, report
from tests.agreement.corpus import EXAMPLES, PAGES, ROOT, of_example, of_page
from tests.agreement.engines import ENGINES, Engine
from tests.agreement.pairs import Pair

EVERYWHERE = (*ENGINES, pytest.param("postgres", marks=pytest.mark.xdist_group("postgres")))
"""Spark computes one example, in tests/engines: it takes seconds for what the others do at once."""


def disagreement(pair: Pair, engine: str, start: Callable[[], Engine]) -> str | None:
    found = difference(pair, start())
    return None if found is None else report(pair, engine, found)


@pytest.mark.parametrize("engine", EVERYWHERE)
@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_pack(folder: Path, engine: str, start: Callable[[], Engine]) -> None:
    assert disagreement(of_example(folder), engine, start) is None


@pytest.mark.parametrize("engine", EVERYWHERE)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_page(page: Path, engine: str, start: Callable[[], Engine], tmp_path: Path) -> None:
    found = [disagreement(pair, engine, start) for pair in of_page(page, tmp_path)]
    assert [text for text in found if text] == []
