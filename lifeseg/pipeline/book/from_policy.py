"""The path of a policy comes in; its book goes out, with what its tests, its proofs and its history say.

Results of tests and proofs are those of this moment: what a book says passed has passed.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import localcontext
from pathlib import Path

from lifeseg.explain.catalogue import catalogue
from lifeseg.frozen import dataclass
from lifeseg.model.from_trees import EXACT
from lifeseg.model.symbols import Symbols, read_files
from lifeseg.pipeline.book import tree as b
from lifeseg.pipeline.book.chapters import chapters
from lifeseg.pipeline.book.known import history_of, proofs_of, tests_of
from lifeseg.pipeline.book.maker import Known, Maker
from lifeseg.pipeline.book.names import names_of
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.stages import Checked, check
from lifeseg.workspace import Library, read_policy


@dataclass(frozen=True, slots=True)
class Wish:
    """What a book is to say, and in which languages."""

    languages: tuple[str, ...] = ("en",)
    prove: bool = False
    tests: bool = True
    history: bool = True


def book_of(setting: Setting, wish: Wish) -> b.Book:
    """The book of a policy; a policy with errors is refused, and the errors are said."""
    checked = check(setting.policy, setting.policies)
    model = checked.good()
    symbols = symbols_of(setting.policy, setting.policies)
    words = tuple(catalogue(language) for language in wish.languages)
    known = known_of(setting, checked, wish)
    definitions = {(one.entity, one.name): one for one in model.definitions}
    maker = Maker(symbols, model, names_of(symbols, model), words, known, definitions)
    if wish.prove:
        proofs, summary = proofs_of(setting, maker)
        known = Known(known.tests, proofs, summary, known.history)
        maker = Maker(symbols, model, maker.names, words, known, definitions)
    chapters(maker)  # who uses what is known only when all has been said once
    return bound(maker.again())


def bound(maker: Maker) -> b.Book:
    model, header = maker.model, maker.symbols.header
    assert header is not None
    return b.Book(
        tuple(words.language for words in maker.catalogues),
        maker.titles(model.titles, model.name),
        model.name,
        model.version,
        model.content_hash,
        tuple(maker.information(header.information, maker.speaker(""))),
        chapters(maker),
        maker.say("contents"),
        maker.say("as_written"),
    )


def symbols_of(path: Path, policies: Sequence[Path]) -> Symbols:
    """Everything that is declared, also in the policies that are used, with what this one changes of them."""
    library, symbols = Library(path, policies), Symbols()
    with localcontext(prec=EXACT):
        read_files(symbols, read_policy(path).files, library.find)
    return symbols


def known_of(setting: Setting, checked: Checked, wish: Wish) -> Known:
    tests = tests_of(setting, checked) if wish.tests else None
    history = history_of(setting) if wish.history else None
    return Known(tests, None, (), history)
