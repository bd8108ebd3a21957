"""Transcripts in the manual and README.md are what commands print; LIFESEG_RECORD=1 writes them anew."""

import os
from pathlib import Path

import pytest

from tests.docs.console import SECONDS, has_transcripts, replayed
from tests.docs.recorded import ROOT, page_name, pages

RECORD = bool(os.environ.get("LIFESEG_RECORD"))
PAGES = [page for page in (ROOT / "README.md", *pages()) if page.exists() and has_transcripts(page)]


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_page(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    right = replayed(text, tmp_path)
    if RECORD:
        page.write_text(right, encoding="utf-8")
        return
    assert SECONDS.sub("", text) == SECONDS.sub("", right), "read it, then record it: make record"
