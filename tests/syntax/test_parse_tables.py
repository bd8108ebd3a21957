"""The tables made from the grammar: the same from the cache as made anew, and a bad cache harms nobody."""

import subprocess
import sys
from pathlib import Path

import pytest

from lifeseg.bundled import grammar_text
from lifeseg.syntax.from_parse import NodeBuilder
from lifeseg.syntax.parse_tables import Tables, cache_path, computed_tables, read_tables, tables_of
from lifeseg.syntax.parser import Parser
from lifeseg.syntax.tokens import Reader, Scanner

CORPUS = Path(__file__).with_name("corpus.seg")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "lifeseg"


def reads_the_corpus(tables: Tables) -> bool:
    reader = Reader(Scanner(tables["patterns"], tables["literals"]))
    reader.read(CORPUS.read_text(encoding="utf-8"))
    parser = Parser(tables, NodeBuilder("corpus.seg").maker)
    return not any(parser.parse(piece, "corpus.seg", 20)[1] for piece in reader.pieces)


def test_tables_are_the_same_from_the_cache(cache: Path) -> None:
    made = tables_of(grammar_text())
    assert [path.suffix for path in cache.iterdir()] == [".json"]
    assert tables_of(grammar_text()) == made
    assert reads_the_corpus(made)


def test_tables_without_cache() -> None:
    assert reads_the_corpus(computed_tables(grammar_text()))


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"rules": []}', "[" * 100_000])
def test_a_broken_cache_is_made_anew(cache: Path, content: str) -> None:
    tables_of(grammar_text())
    (path,) = cache.iterdir()
    path.write_text(content, encoding="utf-8")
    made = tables_of(grammar_text())
    assert reads_the_corpus(made)
    assert read_tables(path) == made


def test_a_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert tables_of(grammar_text())["rules"]


def test_nobodys_home(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(path: Path) -> Path:
        raise RuntimeError("no home")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    monkeypatch.setattr(Path, "expanduser", nobody)
    assert cache_path("grammar") is None


def test_another_grammar_has_another_cache() -> None:
    assert cache_path("one") != cache_path("other")


def test_reading_a_policy_does_not_import_lark() -> None:
    """The library makes the tables and is not needed afterwards: a start is the quicker for it."""
    tables_of(grammar_text())
    code = (
        "import sys; from pathlib import Path; from lifeseg.syntax.from_text import from_text;"
        f"assert not from_text(Path({str(CORPUS)!r}).read_text(encoding='utf-8'), 'x')[1];"
        "assert 'lark' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
