"""A small policy of every kind of definition that a book may have, and books of the packs."""

from functools import cache
from pathlib import Path

from lifeseg.pages.book.to_html import to_html
from lifeseg.pages.book.to_markdown import to_markdown
from lifeseg.pipeline.book.from_policy import Wish, book_of
from lifeseg.pipeline.book.tree import Book
from lifeseg.pipeline.setting import settle

ROOT = Path(__file__).resolve().parents[2]
PACKS = sorted(folder.name for folder in (ROOT / "rules").iterdir() if folder.is_dir())


@cache
def pack(name: str, languages: tuple[str, ...] = ("en", "zh")) -> Book:
    """The book of a pack; without its history, which is that of this repository."""
    return book_of(settle(ROOT / "rules" / name), Wish(languages, history=False))


def written(folder: Path, text: str) -> Path:
    """A policy of one file."""
    file = folder / "small.seg"
    file.write_text(text, encoding="utf-8")
    return file


def of_text(folder: Path, text: str, languages: tuple[str, ...] = ("en",)) -> Book:
    return book_of(settle(written(folder, text)), Wish(languages))


__all__ = ("PACKS", "ROOT", "Book", "of_text", "pack", "to_html", "to_markdown", "written")
