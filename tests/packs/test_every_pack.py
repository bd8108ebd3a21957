"""What holds of every pack: clean text, its own tests, engines that agree, titles in Chinese, a page that is true."""

from pathlib import Path

import pytest

from tests.docs.recorded import ROOT
from tests.packs.example import assert_page_is_true, result_hash, session_of, without_chinese

PACKS = sorted(path.name for path in (ROOT / "rules").iterdir() if path.is_dir())
PAGES = [
    pack
    for pack in PACKS
    if "```console" in (ROOT / "examples" / pack / "README.md").read_text(encoding="utf-8")
]

WARNED = {"rfm_published": 3}  # published rules that can never be reached

every_pack = pytest.mark.parametrize("pack", PACKS)


@every_pack
def test_the_text_is_clean_and_its_own_tests_pass(pack: str, tmp_path: Path) -> None:
    session = session_of(pack, tmp_path)
    printed = session.run("lifeseg check && lifeseg fmt --check && lifeseg test")
    assert session.status == 0, printed
    assert printed.count("warning[") == WARNED.get(pack, 0), printed


@every_pack
def test_both_engines_agree_on_the_example(pack: str, tmp_path: Path) -> None:
    session = session_of(pack, tmp_path)
    assert result_hash(session, "interpreter") == result_hash(session, "duckdb")


@pytest.mark.parametrize("pack", PAGES)
def test_the_page_beside_the_data_is_true(pack: str, tmp_path: Path) -> None:
    assert_page_is_true(pack, tmp_path)


@every_pack
def test_everything_titled_has_a_chinese_title(pack: str) -> None:
    assert without_chinese(pack) == []
