"""The tokens of a definition come in; its node, or the tokens that do not fit, go out. Knows no node.

A plain LALR loop over the tables of the grammar. An entry with a mistake is left out and the next one is read
as if it had not been there, so that several mistakes come out of one pass.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.frozen import dataclass
from lifeseg.syntax.parse_tables import Rule, Tables
from lifeseg.syntax.tokens import END, LAYOUT, Piece, Token

Place = tuple[int, int]
Make = Callable[[list[Any], Span], Any]


@dataclass(frozen=True, slots=True)
class Mistake:
    """The token at `index` of an entry does not fit; `expected` are the terminals that would."""

    piece: Piece
    entry: Sequence[Token]
    index: int
    expected: frozenset[str]
    ground: tuple[int, ...]  # the states before the entry


class Reduction:
    """A rule of the tables with the function that makes its node."""

    __slots__ = ("keep", "make", "origin", "passes", "size")

    def __init__(self, rule: Rule, maker: Callable[[str], Make]) -> None:
        self.origin, self.size, self.keep = rule["origin"], rule["size"], rule["keep"]
        self.passes = rule["method"] == "="  # the only value stays as it is
        self.make = maker(rule["method"]) if rule["method"] and not self.passes else None


class Parser:
    def __init__(self, tables: Tables, maker: Callable[[str], Make]) -> None:
        self.actions, self.gotos = tables["actions"], tables["gotos"]
        self.start, self.end = tables["start"], tables["end"]
        self.literals = tables["literals"]
        self.reductions = [Reduction(rule, maker) for rule in tables["rules"]]

    def parse(self, piece: Piece, file: str, most: int) -> tuple[Any, list[Mistake]]:
        """The node of a piece without mistakes, or the mistakes, at most so many."""
        run = Run(self, file)
        mistakes: list[Mistake] = []
        for number, entry in enumerate(piece.entries):
            ground = tuple(run.states)
            if (wrong := run.read(entry)) is None:
                continue
            # When every entry is left out, the end does not fit either: that is no mistake of its own.
            if not mistakes or entry is not piece.entries[-1]:
                mistakes.append(Mistake(piece, entry, *wrong, ground))
            if not number or len(mistakes) >= most:
                break
        return (None if mistakes else run.values[-1]), mistakes

    def reads(self, ground: Sequence[int], tokens: Sequence[Token]) -> bool:
        """True if the tokens fit from there on."""
        states = list(ground)
        return all(self.goes_on(states, self.terminal(states, token)) for token in tokens)

    def expected_after(self, ground: Sequence[int], tokens: Sequence[Token]) -> frozenset[str]:
        """The terminals that really fit next; the tables also list some that fit elsewhere in that state."""
        states = list(ground)
        for token in tokens:
            self.goes_on(states, self.terminal(states, token))
        return frozenset(kind for kind in self.actions[states[-1]] if self.goes_on(states.copy(), kind))

    def terminal(self, states: list[int], token: Token) -> str:
        """What a token is here: a word of the language where that may stand, otherwise what it looks like."""
        literal, kind = token.literal, token.kind
        if literal is None or literal == kind:
            return kind
        row = self.actions[states[-1]]
        if literal not in row:
            return kind
        # `=` is a sign of its own in `limit = 5` and a comparison elsewhere; some states cannot tell yet.
        other = kind != "NAME" and kind in row and not self.goes_on(list(states), literal)
        return kind if other else literal

    def goes_on(self, states: list[int], kind: str) -> bool:
        """Moves the states over a terminal without making nodes; False if it does not fit."""
        while (action := self.actions[states[-1]].get(kind)) is not None:
            if action >= 0:
                states.append(action)
                return True
            reduction = self.reductions[-1 - action]
            del states[-reduction.size :]
            states.append(self.gotos[states[-1]][reduction.origin])
            if kind == END and states[-1] == self.end:
                return True
        return False


class Run:
    """One pass over a piece: the stack of states, and for each but the first its value, start and end."""

    __slots__ = ("ends", "file", "last", "parser", "starts", "states", "values")

    def __init__(self, parser: Parser, file: str) -> None:
        self.parser, self.file = parser, file
        self.states = [parser.start]
        self.values: list[Any] = []
        self.starts: list[Place] = []
        self.ends: list[Place] = []
        self.last: Place = (1, 1)  # where the last token with text ended

    def read(self, entry: Sequence[Token]) -> tuple[int, frozenset[str]] | None:
        """Reads an entry; if a token does not fit, says which, and the entry is as if it were not there."""
        before, ground = self.states.copy(), 0
        for index, token in enumerate(entry):
            if not self.feed(token):
                if index:
                    self.cut(ground)
                return index, self.parser.expected_after(before, entry[:index])
            if not index:
                ground = len(self.states) - 1
        return None

    def cut(self, height: int) -> None:
        del (
            self.states[height:],
            self.values[height - 1 :],
            self.starts[height - 1 :],
            self.ends[height - 1 :],
        )

    def feed(self, token: Token) -> bool:
        """Completes the rules that end before the token, lays it on the stack; False if it does not fit."""
        parser, states = self.parser, self.states
        actions, kind = parser.actions, parser.terminal(states, token)
        while (action := actions[states[-1]].get(kind)) is not None:
            if action >= 0:
                self.lay(token, kind, action)
                return True
            rule = parser.reductions[-1 - action]
            if (
                rule.size == 1 and rule.passes
            ):  # half of all rules: a level of precedence without its operator
                states[-1] = parser.gotos[states[-2]][rule.origin]
            else:
                self.reduce(rule)
            if kind == END and states[-1] == parser.end:
                return True
        return False

    def lay(self, token: Token, kind: str, state: int) -> None:
        if kind in LAYOUT:
            start = self.last
        else:
            token.terminal = kind
            start = (token.line, token.column)
            self.last = (token.line, token.column + len(token.text))
        self.states.append(state)
        self.values.append(token)
        self.starts.append(start)
        self.ends.append(self.last)

    def reduce(self, rule: Reduction) -> None:
        states, values, starts, ends, size = self.states, self.values, self.starts, self.ends, rule.size
        children = values[-size:]
        if rule.keep is not None:
            children = kept(children, rule.keep)
        value = children[0] if rule.passes else children
        if rule.make is not None:
            (line, column), (end_line, end_column) = starts[-size], ends[-1]
            value = rule.make(children, Span(self.file, line, column, end_line, end_column))
        del states[-size:]
        states.append(self.parser.gotos[states[-1]][rule.origin])
        values[-size:] = [value]
        if size > 1:
            del starts[1 - size :]
            ends[-size:] = [ends[-1]]


def kept(values: Sequence[Any], keep: Sequence[tuple[int, bool]]) -> list[Any]:
    """The values a rule keeps. The first list grows in place: nobody else has it, and blocks are long."""
    children: list[Any] = []
    for place, melts in keep:
        if not melts:
            children.append(values[place])
        elif children:
            children += values[place]
        else:
            children = values[place]
    return children
