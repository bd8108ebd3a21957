"""The cells of tables as written come in; the same in words go out, each subject with its place in the book."""

from __future__ import annotations

from typing import assert_never

from lifeseg.pipeline.book import tree as b
from lifeseg.pipeline.book.names import Thing
from lifeseg.pipeline.book.speaking import SIGNS, Speaker, comma
from lifeseg.syntax import cells as c
from lifeseg.syntax import tree as t

ANY = "–"


def cell_words(speaker: Speaker, cell: c.Cell, subject: Thing | None) -> b.Words:
    """What a cell asks of its column, or gives; the cases of the column's subject by their titles."""
    if not cell.items:
        return (b.Piece(ANY),)
    return comma([item_words(speaker, item, subject) for item in cell.items])


def item_words(
    speaker: Speaker,
    item: t.Expression | t.Range | c.CellLimit | c.CellMissing | c.CellWas | c.Fraction | c.Pair,
    subject: Thing | None,
) -> b.Words:
    match item:
        case t.Range(low=low, high=high, open_end=open_end):
            return (*speaker.value(low), b.Piece(" – < " if open_end else " – "), *speaker.value(high))
        case c.CellLimit(operator=operator, value=value):
            return (b.Piece(f"{SIGNS[operator]} "), *speaker.value(value))
        case c.CellMissing():
            return (b.Piece(speaker.words.say("verdict.missing")),)
        case c.CellWas(definition=definition):
            return speaker.say("book.before", subject=column_words(speaker, definition))
        case c.Fraction(numerator=above, denominator=below):
            return (b.Piece(f"{above.text}/{below.text}", kind="value"),)
        case c.Pair(left=left, right=right):
            return (*column_words(speaker, left), b.Piece(" : "), *column_words(speaker, right))
        case t.Name(parts=parts):
            if subject is not None and ".".join(parts) in subject.cases:
                return (speaker.case(subject, ".".join(parts)),)
            if parts in (("yes",), ("no",)):
                return (b.Piece(speaker.words.say(f"verdict.{parts[0]}")),)
            return column_words(speaker, item)
        case t.Text(value=text):
            return (speaker.case(subject, text),) if subject is not None else (b.Piece(text),)
        case (
            t.Number() | t.Day() | t.Truth() | t.Call() | t.Everyone() | t.Known() | t.Negate() | t.Arithmetic()
            | t.Compare() | t.Is() | t.IsMissing() | t.Not() | t.And() | t.Or() | t.Quantified()
        ):  # fmt: skip
            return speaker.value(item)
        case _:
            assert_never(item)


def column_words(speaker: Speaker, name: t.Name) -> b.Words:
    """A name that may be of whatever entity has it: panels and chains belong to none."""
    thing = speaker.names.of(speaker.entity, name.parts)
    if thing is None and len(name.parts) == 1 and not speaker.entity:
        thing = next((one for (_, each), one in speaker.names.things.items() if each == name.parts[0]), None)
    if thing is None:
        return (b.Piece(".".join(name.parts), kind="value"),)
    return (speaker.named(thing, name.parts[-1]),)


def subject_of(speaker: Speaker, cell: c.Cell) -> Thing | None:
    """What a column is about, if it is a name."""
    item = cell.items[0] if len(cell.items) == 1 else None
    name = item.definition if isinstance(item, c.CellWas) else item
    return speaker.names.of(speaker.entity, name.parts) if isinstance(name, t.Name) else None
