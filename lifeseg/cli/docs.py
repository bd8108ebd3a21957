"""lifeseg docs: a policy comes in; the policy as a book goes out, to be read, printed and linked to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lifeseg.cli.options import AsOf, Policy
from lifeseg.cli.output import say, show

if TYPE_CHECKING:
    from lifeseg.pipeline.book.tree import Book

Out = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Where to write it; in a folder, under the policy's name."),
]
Format = Annotated[
    Literal["html", "markdown", "pdf"],
    typer.Option("--format", help="How to write it; pdf takes a Chromium on the machine."),
]
Language = Annotated[
    Literal["en", "zh", "both"],
    typer.Option("--lang", help="The language it speaks; both: English, with the titles in Chinese beside."),
]
Prove = Annotated[bool, typer.Option("--prove", help="Prove the policy too, and say what came of it.")]

LANGUAGES = {"en": ("en",), "zh": ("zh",), "both": ("en", "zh")}
SUFFIXES = {"html": ".html", "markdown": ".md", "pdf": ".pdf"}


def docs(
    policy: Policy = None, out: Out = None, format_: Format = "html", lang: Language = "en", prove: Prove = False,
    as_of: AsOf = None,
) -> None:  # fmt: skip
    """Make a book of the policy: to read, to print, to lead into.

    Every definition stands in it with its formula, source, uses, tests and history, at #NAME for links from other pages. The
    page needs no other file and no network. Exits 1 if the policy has errors.
    """
    from lifeseg.pipeline.book.from_policy import Wish, book_of
    from lifeseg.pipeline.setting import settle

    setting = settle(policy, as_of=as_of)
    book = book_of(setting, Wish(LANGUAGES[lang], prove))
    if out is None and format_ != "pdf":
        show(text_of(book, format_))
        return
    target = named(out if out is not None else Path(), book, SUFFIXES[format_])
    write(target, book, format_)
    say(f"{target} written\n")


def text_of(book: Book, format_: Literal["html", "markdown", "pdf"]) -> str:
    if format_ == "markdown":
        from lifeseg.pages.book.to_markdown import to_markdown

        return to_markdown(book)
    from lifeseg.pages.book.to_html import to_html

    return to_html(book)


def write(target: Path, book: Book, format_: Literal["html", "markdown", "pdf"]) -> None:
    """The whole book or nothing."""
    from lifeseg.pipeline.in_place import put_in_place

    text = text_of(book, format_)
    if format_ == "pdf":
        from lifeseg.pages.printing import to_pdf

        content = to_pdf(text)
    else:
        content = text.encode()
    put_in_place({target: content})


def named(out: Path, book: Book, suffix: str) -> Path:
    """The file itself, or one named after the policy in a folder."""
    return out / f"{book.name}{suffix}" if out.is_dir() else out
