"""The pictures of the manual are those that its script makes, each is shown somewhere, and each that is shown is there."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
LARGEST = 250_000  # bytes


def test_pictures_are_made_and_shown() -> None:
    script = runpy.run_path(str(DOCS / "screenshots.py"))
    there = {path.stem for path in (DOCS / "images").iterdir()}
    pages = [path.read_text(encoding="utf-8") for path in DOCS.rglob("*.md")]
    shown = {name for page in pages for name in re.findall(r"!\[[^\]]{20,}\]\(images/([\w-]+)\.png\)", page)}
    assert there == set(script["PAGES"]) == shown


def test_pictures_are_small() -> None:
    for path in (DOCS / "images").iterdir():
        content = path.read_bytes()
        assert content.startswith(b"\x89PNG")
        assert len(content) < LARGEST, path.name
