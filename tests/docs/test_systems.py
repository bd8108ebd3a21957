"""The page that says where every system of the seeds stands names lines and tests that are there."""

import os
import re

from tests.docs.recorded import ROOT

PAGE = ROOT / "docs" / "systems.md"
REFERENCE = re.compile(r"`(\w+)` in `(rules/[\w/]+\.seg):(\d+)`")
KINDS = "score|segment|rank|table|clusters|lifecycle|flags|weights|chain|indexes|params|kpis|offers"


def line_of(name: str, path: str) -> int:
    """The line that defines a name."""
    begins = re.compile(rf"\s*(({KINDS})\s+)?{re.escape(name)}\b")
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if begins.match(line)), 0)


def renewed(text: str) -> str:
    return REFERENCE.sub(lambda found: f"`{found[1]}` in `{found[2]}:{line_of(found[1], found[2])}`", text)


def test_every_line_is_where_the_page_says() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert len(REFERENCE.findall(text)) > 60
    if os.environ.get("LIFESEG_RECORD"):
        PAGE.write_text(renewed(text), encoding="utf-8")
        return
    assert ":0`" not in renewed(text)
    assert renewed(text) == text, "record it: LIFESEG_RECORD=1"


def test_every_test_and_page_is_there() -> None:
    named = set(re.findall(r"`((?:tests|rules)/[\w/]+\.(?:py|md))`", PAGE.read_text(encoding="utf-8")))
    assert len(named) > 10
    assert [path for path in sorted(named) if not (ROOT / path).is_file()] == []


def test_every_pack_is_on_the_page() -> None:
    packs = {path.name for path in (ROOT / "rules").iterdir() if path.is_dir()}
    text = PAGE.read_text(encoding="utf-8")
    assert [pack for pack in sorted(packs) if f"rules/{pack}/" not in text] == []
