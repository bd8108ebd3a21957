"""The help pages of `lifeseg help CODE`: the first example is wrong as the page says, the last one is right.

The examples are short because prelude/ stands before them.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from lifeseg.diagnostics.diagnostic import Diagnostic
from lifeseg.review.lint_rules import RULES, chosen
from lifeseg.review.lint_text import Read, lint_text
from lifeseg.syntax.from_text import from_text
from tests.language.page import Block, blocks
from tests.language.prelude import before, pack
from tests.language.run import Checked, check, written

PAGES = Path(__file__).parents[2] / "lifeseg" / "diagnostics" / "pages"


# What a bad example shows besides, and which one stands without the prelude.
ALSO = {"step-needed": {"off-step"}}
ALONE = "no-header"


def checked(block: Block, alone: bool = False) -> Checked:
    """What is found in an example, warnings about the prelude left out."""
    text = written(block)
    texts = [*([] if alone else before([text])), ("example.seg", text)]
    packs = {name: pack(name) for name in ("national", "circular")}
    packs["province"] = [from_text(text, "province.seg")[0]]
    found = check(texts, packs, bare=True).about("example.seg")
    return replace(found, findings=(*found.findings, *asked(found)))


def asked(found: Checked) -> list[Diagnostic]:
    """What lint asks about an example, whatever is switched off by default."""
    if found.model is None:
        return []
    read = Read(found.model, frozenset({"example.seg"}))
    return [one.finding for _, one in lint_text(read, chosen(dict.fromkeys(RULES, "warning")))]


def policy_texts(page: Path) -> list[Block]:
    return [block for block in blocks(page.read_text(encoding="utf-8")) if block.kind == "seg"]


PAGES_WITH_EXAMPLES = [page for page in sorted(PAGES.glob("*.md")) if policy_texts(page)]


@pytest.mark.parametrize("page", PAGES_WITH_EXAMPLES, ids=lambda page: page.stem)
class TestHelpPage:
    def test_bad_example_is_found(self, page: Path) -> None:
        first, *_ = policy_texts(page)
        found = checked(first, page.stem == ALONE)
        assert page.stem in found.codes, found.shown()
        assert {f.code for f in found.errors} <= {page.stem, *ALSO.get(page.stem, ())}, found.shown()

    def test_good_example_is_right(self, page: Path) -> None:
        *_, last = policy_texts(page)
        found = checked(last)
        assert page.stem not in found.codes, found.shown()
        assert not found.errors, found.shown()
        assert {f.code for f in found.findings} - set(RULES) <= {"unused-definition", "unused-fact"}, (
            found.shown()
        )
