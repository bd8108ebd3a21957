"""The interpreter and every engine say the same of the packs and of the examples in the language's pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.compare import difference, report
from tests.agreement.corpus import EXAMPLES, PAGES, ROOT, of_example, of_page
from tests.agreement.engines import ENGINES
from tests.agreement.pairs import Pair


def disagreement(pair: Pair, engine: str) -> str | None:
    found = difference(pair, ENGINES[engine]())
    return None if found is None else report(pair, engine, found)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_pack(folder: Path, engine: str) -> None:
    assert disagreement(of_example(folder), engine) is None


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_page(page: Path, engine: str, tmp_path: Path) -> None:
    found = [disagreement(pair, engine) for pair in of_page(page, tmp_path)]
    assert [text for text in found if text] == []
