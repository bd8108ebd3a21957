"""What the pages of packs quote of the seeds is there, as far as a scan that drops letters can be quoted."""

import re
import unicodedata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT.parent / "shared" / "seeds"
PAGES = sorted((ROOT / "rules").glob("*/README.md"))
QUOTED = re.compile(r'"([^"\n]*[\u4e00-\u9fff][^"\n]*)"')
LIST = re.compile(r"\.{3}|[、,;:/\s]")
SIGNS = re.compile(r"[\s*_^.。·•]")

REPAIRED = {"准确识别和精细分客户市场", "K-Means"}
"""Quoted with letters that the scan has lost: 准, and the M of K-Means."""


def plain(text: str) -> str:
    """The letters and signs, however wide they are printed."""
    return SIGNS.sub("", unicodedata.normalize("NFKC", text))


@pytest.fixture(scope="module")
def seeds() -> str:
    if not SEEDS.is_dir():
        pytest.skip("shared/seeds is not beside this checkout")
    return plain("".join(path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.txt"))))


def parts(quoted: str) -> list[str]:
    """A quotation; of one that lists or leaves out, its pieces."""
    return [
        piece for piece in map(plain, LIST.split(unicodedata.normalize("NFKC", quoted))) if len(piece) > 1
    ]


def parts_in(seeds: str, quoted: str) -> set[str]:
    return {part for part in parts(quoted) if part in seeds}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_what_is_quoted_is_in_a_seed(page: Path, seeds: str) -> None:
    quotations = QUOTED.findall(page.read_text(encoding="utf-8"))
    lost = [quoted for quoted in quotations if not set(parts(quoted)) <= REPAIRED | parts_in(seeds, quoted)]
    assert lost == []
