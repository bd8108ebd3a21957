"""The help pages of `lifeseg help CODE`: the first example is wrong as the page says, the last one is right.

The examples are short because prelude/ stands before them: each of its files is left out where the example
defines what it defines.
"""

from pathlib import Path

import pytest

from lifeseg.diagnostics.catalogue import severity
from lifeseg.syntax import definitions as d
from lifeseg.syntax.from_text import from_text
from tests.language.page import Block, blocks
from tests.language.run import Checked, check, written

HERE = Path(__file__).parent
PAGES = HERE.parents[1] / "lifeseg" / "diagnostics" / "pages"
PRELUDE = [(name, (HERE / "prelude" / f"{name}.seg").read_text(encoding="utf-8")) for name in (
    "header", "customer", "usage", "payment", "levels", "loyalty")]  # fmt: skip
PACKS = {name: [from_text((HERE / "prelude" / f"{name}.seg").read_text(encoding="utf-8"), f"{name}.seg")[0]]
         for name in ("national", "circular")}  # fmt: skip


def defined(text: str) -> set[str]:
    """The names of a text's definitions; a header's is `policy`."""
    found: set[str] = set()
    for node in from_text(text, "text")[0].definitions:
        match node:
            case d.Header():
                found.add("policy")
            case d.Block():
                found |= {item.name for item in node.items}
            case d.Named():
                found.add(node.name)
    return found


def checked(block: Block) -> Checked:
    """What is found in an example, warnings about the prelude left out."""
    text = written(block)
    own = defined(text)
    if {"customer", "satisfaction_level"} & own:
        own |= {"satisfaction_level", "loyalty"}
    before = [] if "bare" in block.words else [
        (f"prelude/{name}.seg", prelude) for name, prelude in PRELUDE if not defined(prelude) & own
    ]  # fmt: skip
    packs = {**PACKS, "province": [from_text(text, "province.seg")[0]]}
    found = check([*before, ("example.seg", text)], packs, bare=True)
    kept = [
        f for f in found.findings if severity(f) == "error" or f.span is None or f.span.file == "example.seg"
    ]
    return Checked(found.model, tuple(kept), found.sources)


def policy_texts(page: Path) -> list[Block]:
    return [block for block in blocks(page.read_text(encoding="utf-8")) if block.kind == "seg"]


PAGES_WITH_EXAMPLES = [page for page in sorted(PAGES.glob("*.md")) if policy_texts(page)]


@pytest.mark.parametrize("page", PAGES_WITH_EXAMPLES, ids=lambda page: page.stem)
class TestHelpPage:
    def test_bad_example_is_found(self, page: Path) -> None:
        found = checked(policy_texts(page)[0])
        assert page.stem in found.codes, found.shown()
        others = [f for f in found.findings if f.code != page.stem and severity(f) == "error"]
        assert not others, found.shown()

    def test_good_example_is_right(self, page: Path) -> None:
        *_, last = policy_texts(page)
        found = checked(last)
        assert page.stem not in found.codes, found.shown()
        assert not found.errors, found.shown()
        assert {f.code for f in found.findings} <= {"unused-definition", "unused-fact"}, found.shown()
