"""Conditions and formulas as written come in; out they go in the titles of a language, each name with its place in the book.

What has no title keeps its name. What a text mentions is remembered: so a book knows where everything is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from decimal import Decimal
from string import Formatter
from typing import assert_never

from lifeseg.explain.catalogue import Catalogue
from lifeseg.frozen import dataclass
from lifeseg.pipeline.book import tree as b
from lifeseg.pipeline.book.names import Names, Thing
from lifeseg.syntax import tree as t

_EAST = "[\u3400-\u9fff\uac00-\ud7af]"
_BORDER = re.compile(rf"(?:{_EAST}[A-Za-z0-9+<>=≤≥-])|(?:[A-Za-z0-9%<>=≤≥]{_EAST})")
SIGNS = {"<=": "≤", ">=": "≥", "=": "=", "<": "<", ">": ">", "*": "×", "-": "−", "+": "+"}


@dataclass(frozen=True, slots=True)
class Speaker:
    """Speaks of what stands at an entity; `mentioned` gathers the anchors of what it names."""

    names: Names
    words: Catalogue
    entity: str = ""
    mentioned: dict[str, None] = field(default_factory=dict, compare=False)
    values: Mapping[str, t.Expression] = field(
        default_factory=dict, compare=False
    )  # of parameters, where they have one

    def at(self, entity: str) -> Speaker:
        """The same about another entity, gathering in the same place."""
        return Speaker(self.names, self.words, entity, self.mentioned, self.values)

    # ---- Names and values -------------------------------------------------------------------------

    def name(self, tree: t.Name) -> b.Piece:
        if tree.parts == ("today",):
            return b.Piece(self.words.say("book.today"), kind="name")
        return self.named(self.names.of(self.entity, tree.parts), ".".join(tree.parts))

    def with_value(self, tree: t.Name) -> b.Words:
        """A name; after that of a parameter its value."""
        piece, thing = self.name(tree), self.names.of(self.entity, tree.parts)
        value = self.values.get(thing.name) if thing is not None and not thing.entity else None
        if value is None:
            return (piece,)
        return (piece, b.Piece(" ("), *self.value(value), b.Piece(")"))

    def named(self, thing: Thing | None, otherwise: str) -> b.Piece:
        if thing is None:
            return b.Piece(otherwise, kind="name")
        if thing.anchor:
            self.mentioned[thing.anchor] = None
        return b.Piece(self.words.title(thing.titles, thing.name), thing.anchor, "name")

    def entity_title(self, tree: t.Name) -> b.Piece:
        name = ".".join(tree.parts)
        return self.named(self.names.entity(name), name)

    def number(self, tree: t.Number) -> str:
        if tree.unit is None:
            return tree.text
        if tree.unit == "%":
            return f"{tree.text}%"
        unit = tree.unit if self.words.knows(f"unit.{tree.unit}") else "other"
        if tree.unit in ("days", "months", "years") and tree.value == Decimal(1):
            unit = tree.unit[:-1]
        return self.words.say(f"unit.{unit}", count=tree.text, unit=tree.unit)

    def value(self, tree: t.Expression) -> b.Words:
        """A constant, or whatever else may stand for an amount, on one line."""
        match tree:
            case t.Number():
                return (b.Piece(self.number(tree), kind="value"),)
            case t.Text(value=text):
                return (b.Piece(text, kind="value"),)
            case t.Day(value=day):
                return (b.Piece(day.isoformat(), kind="value"),)
            case t.Truth(value=truth):
                return (b.Piece(self.words.say("verdict.yes" if truth else "verdict.no"), kind="value"),)
            case _:
                return self.amount(tree)

    def case(self, thing: Thing | None, case: str) -> b.Piece:
        titles = thing.cases.get(case) if thing is not None else None
        if thing is None or titles is None:
            return b.Piece(case, kind="value")
        target = thing.case_anchor(case) if thing.shown else thing.anchor
        return b.Piece(self.words.title(titles, case), target, "value")

    # ---- Conditions -------------------------------------------------------------------------------

    def lines(self, condition: t.Expression) -> tuple[b.Words, ...]:
        """A condition, each part that must hold on a line of its own."""
        if isinstance(condition, t.And | t.Or):
            word = "tree.and" if isinstance(condition, t.And) else "tree.or"
            first, *others = parts_of(condition)
            return (
                self.clause(first, isinstance(first, t.And | t.Or)),
                *(
                    self.say(word, condition=self.clause(one, isinstance(one, t.And | t.Or)))
                    for one in others
                ),
            )
        return (self.clause(condition),)

    def clause(self, tree: t.Expression, within: bool = False) -> b.Words:
        """A condition on one line; in brackets where it stands within another and is made of several."""
        match tree:
            case t.And(items=items) | t.Or(items=items):
                word = "and" if isinstance(tree, t.And) else "or"
                whole = self.joined([self.clause(item, True) for item in items], f"phrase.{word}")
                return self.bracketed(whole) if within else whole
            case t.Not(value=value):
                return self.say("phrase.not", condition=self.clause(value, True))
            case t.Quantified(quantifier=quantifier, child=child, where=where, body=body):
                inner = self.at(".".join(child.parts))
                entity: b.Words = (self.entity_title(child),)
                if where is not None:
                    entity = self.say("statistic.where", entity=entity, condition=inner.clause(where))
                whole = self.say(f"phrase.{quantifier}", entity=entity, condition=inner.clause(body))
                return self.bracketed(whole) if within else whole
            case t.Compare(operator=operator, left=left, right=right):
                return spaced(
                    (*self.value(left), b.Piece(f" {SIGNS[operator]} "), *self.value(right)), self.words
                )
            case t.Is():
                return self.choice(tree)
            case t.IsMissing(subject=subject, negated=negated):
                return self.say(f"phrase.is_{'known' if negated else 'missing'}", subject=self.value(subject))
            case _:
                return self.value(tree)

    def choice(self, tree: t.Is) -> b.Words:
        thing = self.names.of(self.entity, tree.subject.parts) if isinstance(tree.subject, t.Name) else None
        values = [
            self.case(thing, value.value if isinstance(value, t.Text) else ".".join(value.parts))
            for value in tree.values
        ]
        listed = self.joined([(value,) for value in values], "list.or", "list.comma")
        key = ("book.was" if tree.was else "phrase.is") + ("_not" if tree.negated else "")
        return self.say(key, subject=self.value(tree.subject), value=listed)

    # ---- Amounts, on one line and as formulas -------------------------------------------------------

    def amount(self, tree: t.Expression) -> b.Words:
        """An amount on one line."""
        match tree:
            case t.Name():
                return self.with_value(tree)
            case t.Arithmetic(operator=operator, left=left, right=right):
                tight = operator in "*/"
                return (
                    *self.operand(left, tight),
                    b.Piece(f" {SIGNS.get(operator, operator)} "),
                    *self.operand(right, tight or operator == "-"),
                )
            case t.Negate(value=value):
                return (b.Piece("−"), *self.operand(value, True))
            case t.Known(value=value):
                return self.say("book.known", value=self.amount(value))
            case t.Everyone(entity=entity):
                return (self.entity_title(entity),)
            case t.Call():
                return self.call(tree)
            case t.Number() | t.Text() | t.Day() | t.Truth():
                return self.value(tree)
            case _:
                return self.clause(tree)

    def operand(self, tree: t.Expression, tight: bool) -> b.Words:
        loose = isinstance(tree, t.Arithmetic) and (tree.operator in "+-" or tree.operator == "/")
        return self.bracketed(self.amount(tree)) if tight and loose else self.amount(tree)

    def call(self, tree: t.Call) -> b.Words:
        inner, among = self.among(tree)
        arguments = [inner.amount(one) for one in tree.arguments if not isinstance(one, t.Everyone)]
        listed = comma(arguments)
        name = b.Piece(self.function(tree.function), kind="name")
        if not among:
            return (name, b.Piece("("), *listed, b.Piece(")"))
        if not arguments:
            return (name, b.Piece("("), *among, b.Piece(")"))
        return (name, b.Piece("("), *listed, b.Piece("; "), *among, b.Piece(")"))

    def function(self, name: str) -> str:
        return self.words.say(f"function.{name}") if self.words.knows(f"function.{name}") else name

    def among(self, tree: t.Call) -> tuple[Speaker, b.Words]:
        """Who speaks of the amounts of an aggregate, and whose amounts these are."""
        everyone = next((one for one in tree.arguments if isinstance(one, t.Everyone)), None)
        over = tree.over if tree.over is not None else everyone
        if over is None and tree.function in ("count", "share") and tree.arguments:
            first = tree.arguments[0]  # `count(usage where …)`: the child itself
            over = first if isinstance(first, t.Name) and self.names.entity(".".join(first.parts)) else None
        if over is None:
            return self, ()
        entity = over.entity if isinstance(over, t.Everyone) else over
        inner = self.at(".".join(entity.parts))
        said: b.Words = (self.entity_title(entity),)
        if isinstance(over, t.Everyone):
            said = self.say("book.all", entity=said)
        if (period := tree.period) is not None:
            last = f"..{period.last}" if period.last != period.first else ""
            times = (b.Piece(f"{period.first}{last}", kind="value"),)
            said = self.say("book.in_" + period.unit.removesuffix("s") + "s", entity=said, times=times)
        if tree.where is not None:
            said = self.say("statistic.where", entity=said, condition=inner.clause(tree.where))
        if tree.manner is not None:
            choice = ".".join(tree.manner.choice.parts)
            manner = (b.Piece(self.words.say(f"manner.{tree.manner.word}_{choice}")),)
            said = self.say("statistic.taken", statistic=said, manner=manner)
        return inner, said

    def formula(self, tree: t.Expression) -> b.Formula:
        """An amount as it is typeset."""
        match tree:
            case t.Number():
                unit = None if tree.unit is None else tree.unit
                return b.Number(tree.text if unit is None else self.number(tree))
            case t.Name():
                return b.Name(self.name(tree))
            case t.Arithmetic(operator="/", left=left, right=right):
                return b.Over(self.formula(left), self.formula(right))
            case t.Arithmetic(operator="*", left=left, right=right):
                return b.Chain((*self.factors(left), "×", *self.factors(right, last=True)))
            case t.Arithmetic(operator=operator, left=left, right=right):
                tail = self.formula(right)
                loose = isinstance(right, t.Arithmetic) and right.operator in "+-"
                return b.Chain((*self.terms(left), SIGNS[operator], b.Bracketed(tail) if loose else tail))
            case t.Negate(value=value):
                loose = isinstance(value, t.Arithmetic) and value.operator != "/"
                inner = self.formula(value)
                return b.Chain(("−", b.Bracketed(inner) if loose else inner))
            case t.Known(value=value):
                return self.formula(value)
            case t.Call():
                return self.applied(tree)
            case (
                t.Text() | t.Day() | t.Truth() | t.Everyone() | t.Compare() | t.Is() | t.IsMissing() | t.Not() | t.And()
                | t.Or() | t.Quantified()
            ):  # fmt: skip
                return b.Said(self.clause(tree))
            case _:
                assert_never(tree)

    def terms(self, tree: t.Expression) -> tuple[b.Formula | str, ...]:
        made = self.formula(tree)
        return made.parts if isinstance(made, b.Chain) and made.parts[0] != "−" else (made,)

    def factors(self, tree: t.Expression, last: bool = False) -> tuple[b.Formula | str, ...]:
        made = self.formula(tree)
        if not isinstance(made, b.Chain):
            return (made,)
        product = all(part == "×" for part in made.parts if isinstance(part, str))
        return made.parts if product and not last else (b.Bracketed(made),)

    def applied(self, tree: t.Call) -> b.Formula:
        inner, among = self.among(tree)
        aggregate = [one for one in tree.arguments if not isinstance(one, t.Everyone)]
        if among and tree.function in ("count", "share") and tree.over is None:
            aggregate = [one for one in aggregate if not isinstance(one, t.Name)]
        arguments = tuple(inner.formula(one) for one in aggregate)
        if tree.function == "power" and len(arguments) == 2:
            base = arguments[0]
            simple = isinstance(base, b.Name | b.Number)
            return b.Raised(base if simple else b.Bracketed(base), arguments[1])
        if tree.function == "square_root" and len(arguments) == 1:
            return b.Root(arguments[0])
        if tree.function == "exp" and len(arguments) == 1:
            return b.Raised(b.Name(b.Piece("e")), arguments[0])
        return b.Applied(self.function(tree.function), arguments, among)

    # ---- Words ------------------------------------------------------------------------------------

    def say(self, key: str, /, **values: b.Words) -> b.Words:
        """A message whose placeholders are filled with words that lead somewhere."""
        pieces: list[b.Piece] = []
        for text, name, _, _ in Formatter().parse(self.words.messages[key]):
            if text:
                pieces.append(b.Piece(text))
            if name is not None:
                pieces += values[name]
        return spaced(tuple(pieces), self.words)

    def joined(self, items: Sequence[b.Words], key: str, comma_key: str = "") -> b.Words:
        """Items as a sentence lists them."""
        found = items[0]
        for place, item in enumerate(items[1:], 1):
            if comma_key and place < len(items) - 1:
                found = (*found, b.Piece(self.words.messages[comma_key]), *item)
            elif comma_key:
                found = self.say(key, first=found, last=item)
            else:
                found = self.say(key, first=found, last=item)
        return found

    def bracketed(self, words: b.Words) -> b.Words:
        return (b.Piece("("), *words, b.Piece(")"))


def parts_of(condition: t.And | t.Or) -> tuple[t.Expression, ...]:
    """What must hold together, or any of which must, as one list."""
    alike = type(condition)
    return tuple(
        part for item in condition.items for part in (parts_of(item) if isinstance(item, alike) else (item,))
    )


def comma(items: Iterable[b.Words]) -> b.Words:
    found: list[b.Piece] = []
    for item in items:
        found += [b.Piece(", "), *item] if found else item
    return tuple(found)


def spaced(pieces: b.Words, words: Catalogue) -> b.Words:
    """With a blank between East Asian and other letters, where the language has one."""
    if words.messages["style.space_between_scripts"] != "yes":
        return pieces
    found: list[b.Piece] = []
    for piece in pieces:
        if found and found[-1].text and piece.text and _BORDER.fullmatch(found[-1].text[-1] + piece.text[0]):
            found.append(b.Piece(" "))
        found.append(piece)
    return tuple(found)


def plain(words: b.Words) -> str:
    """The words without their targets."""
    return "".join(piece.text for piece in words)
