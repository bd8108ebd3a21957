"""What the entries of a book share: the policy in every form, the words, and what has been found to use what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Literal

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.explain.catalogue import Catalogue
from lifeseg.frozen import dataclass
from lifeseg.model.model import AnyDefinition, Model
from lifeseg.model.symbols import Symbols
from lifeseg.pipeline.book import tree as b
from lifeseg.pipeline.book.names import Names, Thing
from lifeseg.pipeline.book.speaking import Speaker
from lifeseg.syntax import tree as t

How = Literal["used", "tests", "claims"]
Uses = dict[str, dict[How, dict[str, b.Piece]]]

FOR_PEOPLE = ("source", "owner", "refresh", "use_for", "category", "note")
ELSEWHERE = ("language", "version")
MOST_USES = 12


@dataclass(frozen=True, slots=True)
class Change:
    """What a commit made of a parameter; `before` is None where it came with it."""

    day: str
    commit: str
    before: str | None
    after: str
    subject: str
    approved: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a test came out; one that names records which are not here was not run."""

    expectations: int
    failures: tuple[str, ...]
    ran: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the policy's text: how its tests and proofs came out, and what its parameters were before."""

    tests: Mapping[Span, Outcome] | None = None
    proofs: Mapping[tuple[str, str], tuple[b.Words, ...]] | None = None  # by entity and subject
    proofs_summary: b.Words = ()
    history: Mapping[str, tuple[Change, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Maker:
    """`used` is what was `gathered` when the book was made for the first time: then nothing was known of who uses what."""

    symbols: Symbols
    model: Model
    names: Names
    catalogues: tuple[Catalogue, ...]
    known: Known
    definitions: Mapping[tuple[str, str], AnyDefinition]
    used: Uses = field(default_factory=dict)
    gathered: Uses = field(default_factory=dict)

    @property
    def words(self) -> Catalogue:
        return self.catalogues[0]

    def again(self) -> Maker:
        return replace(self, used=self.gathered, gathered={})

    # ---- Titles ------------------------------------------------------------------------------------

    def titles(self, titles: Mapping[str, str], name: str) -> b.Titles:
        """A title in each language; in the others nothing where there is none."""
        first, *others = self.catalogues
        return (first.title(titles, name), *(titles.get(other.language, "") for other in others))

    def message(self, key: str, **values: str) -> b.Titles:
        return tuple(words.say(f"book.{key}", **values) for words in self.catalogues)

    def say(self, key: str, **values: str) -> str:
        return self.words.say(f"book.{key}", **values)

    def head(self, *keys: str) -> tuple[b.Words, ...]:
        return tuple((b.Piece(self.say(key)),) if key else () for key in keys)

    def titled(self, titles: Mapping[str, str], name: str, target: str = "") -> b.Cell:
        """A cell that names something: its title, the title in the other language, its name."""
        first, *others = self.titles(titles, name)
        return b.Cell(((b.Piece(first, target),),), also=" · ".join(filter(None, others)), name=name)

    # ---- Speaking ----------------------------------------------------------------------------------

    def speaker(self, entity: str) -> Speaker:
        values = {name: node.value for name, node in self.symbols.parameters.items() if not node.since}
        return Speaker(self.names, self.words, entity, values=values)

    def gather(self, speaker: Speaker, user: b.Piece, how: How = "used") -> None:
        """Remembers that what was mentioned is used by somebody."""
        for target in speaker.mentioned:
            if target != user.target:
                self.gathered.setdefault(target, {}).setdefault(how, {})[user.target] = user

    def uses(self, thing: Thing, how: How, most: int = MOST_USES) -> b.Words:
        """Who uses something, the first of them."""
        found = list(self.used.get(thing.anchor, {}).get(how, {}).values())
        pieces: list[b.Piece] = []
        for piece in found[:most]:
            pieces += [b.Piece(self.words.messages["list.comma"]), piece] if pieces else [piece]
        if len(found) > most:
            pieces.append(b.Piece(" " + self.say("more", count=str(len(found) - most)), "chapter-index"))
        return tuple(pieces)

    def used_facts(self, thing: Thing) -> Iterable[tuple[str, b.Words]]:
        for how, label in (("used", "used_in"), ("tests", "tested_by"), ("claims", "claimed_by")):
            if said := self.uses(thing, how):  # type: ignore[arg-type]
                yield self.say(label), said

    # ---- What definitions say of themselves ----------------------------------------------------------

    def information(self, lines: Sequence[t.Information], speaker: Speaker) -> list[tuple[str, b.Words]]:
        """Sources and the like first, then what has a meaning."""
        found: list[tuple[str, b.Words]] = []
        for word in FOR_PEOPLE:
            found += [(self.say(word), self.told(line, speaker)) for line in lines if line.word == word]
        for line in lines:
            key = line.word.replace(" ", "_")
            if line.word not in (*FOR_PEOPLE, *ELSEWHERE):
                found.append((self.say(key), self.told(line, speaker)))
        return found

    def told(self, line: t.Information, speaker: Speaker) -> b.Words:
        match line.value:
            case None:
                return (b.Piece(self.words.say("verdict.yes")),)
            case t.Range(low=low, high=high):
                return self.between(speaker.value(low), speaker.value(high))
            case t.Names(names=names):
                return (b.Piece(", ".join(".".join(name.parts) for name in names), kind="code"),)
            case t.Text(value=text):
                return (b.Piece(text),)
            case t.Name(parts=parts):
                return (b.Piece(".".join(parts), kind="value"),)
            case value:
                return speaker.value(value)

    def between(self, low: b.Words, high: b.Words) -> b.Words:
        return (*low, b.Piece(" – "), *high)

    def written(self, span: Span) -> str:
        """The policy's own lines, without what indents them all."""
        text = self.model.sources.get(span.file)
        if text is None:
            return ""
        lines = text.split("\n")[span.line - 1 : max(span.line, span.end_line)]
        while lines and not lines[-1].strip():
            lines.pop()
        indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
        return "\n".join(line[indent:].rstrip() for line in lines)


def place_of(span: Span) -> str:
    return f"{span.file}:{span.line}"


def lined(words: b.Words) -> b.Cell:
    return b.Cell((words,))


def text_cell(text: str) -> b.Cell:
    return b.Cell(((b.Piece(text),),)) if text else b.Cell()
