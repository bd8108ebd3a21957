"""A random source comes in; expressions that should pass the checker go out, as trees for `naive` and as text."""

import random
from collections.abc import Callable
from functools import partial
from typing import Any

from tests.interpreter.naive import Tree

FACTS = """
policy drawn
  version 1.0.0

params
  whole = 3
  fine = 0.125
  dated = 2
    since 2013-06-30 = 0.75

entity customer
  customer_id text key
  age count 0..9
  rate number -2..2 step 0.01 optional
  part share
  joined date optional
  vip yes/no
  keen yes/no optional
  region one of north, south, east optional

entity usage of customer dated used_on
  product text key
  used_on date
  level rating 1..5
  extra number 0..3 step 0.5 optional
  open yes/no optional
"""
PARAMETERS = ("whole", "fine", "dated")
NUMBERS = {"customer": ("age", "part", "rate"), "usage": ("level", "extra")}
OPTIONAL = {"rate", "joined", "keen", "region", "extra", "open"}
LITERALS = ("0", "1", "2", "0.5", "0.25", "3.75", "0.001")
SIGNS = ("=", "<", "<=", ">", ">=")
SUMMARIES = ("count", "share", "sum", "min", "max", "mean", "deviation")

Ways = list[Callable[[], Tree]]


class Drawn:
    """Draws trees."""

    def __init__(self, source: random.Random) -> None:
        self.source = source

    def either(self) -> bool:
        return self.source.random() < 0.5

    # ---- Amounts -----------------------------------------------------------------------------

    def leaf(self, entity: str, known: bool = False) -> Tree:
        names = [name for name in NUMBERS[entity] if not known or name not in OPTIONAL]
        ways: Ways = [
            lambda: ("fact", self.source.choice(names)),
            lambda: ("fact", self.source.choice(names)),
            lambda: ("number", self.source.choice(LITERALS)),
            lambda: ("parameter", self.source.choice(PARAMETERS)),
        ]
        if entity == "usage":
            ways.append(lambda: ("parent", self.source.choice(("age", "part"))))
        return self.source.choice(ways)()

    def amount(self, entity: str, depth: int) -> Tree:
        if depth <= 0:
            return self.leaf(entity)
        inner = partial(self.amount, entity, depth - 1)
        ways: Ways = [
            lambda: self.leaf(entity),
            lambda: (self.source.choice(("plus", "minus")), inner(), inner()),
            lambda: ("times", inner(), self.leaf(entity)),
            lambda: ("by", inner(), self.leaf(entity)),
            lambda: ("negative", inner()),
            lambda: (self.source.choice(("least", "greatest")), inner(), inner()),
            lambda: ("round_to", inner(), self.source.choice((0, 1, 3))),
            lambda: ("power", self.leaf(entity), self.source.choice((0, 1, 2, 5))),
            lambda: ("square_root", inner()),
        ]
        if entity == "customer":
            ways += [lambda: self.many("aggregate", depth - 1), lambda: self.many("statistic", depth - 1)]
            ways.append(lambda: ("group", self.leaf("customer", known=True), self.source.choice((2, 3, 5))))
        return self.source.choice(ways)()

    def many(self, kind: str, depth: int) -> Tree:
        """A summary of child records, or of everybody."""
        entity = "usage" if kind == "aggregate" else "customer"
        where = self.source.choice((None, None, self.admission(entity, depth)))
        months = (self.source.choice((None, None, (0, 0), (1, 1), (1, 3))),) if kind == "aggregate" else ()
        name = self.source.choice(SUMMARIES)
        if name == "count":
            return (kind, name, None, False, where, *months)
        if name == "share":
            return (kind, name, self.admission(entity, depth), False, None, *months)
        return (kind, name, self.amount(entity, min(depth, 1)), True, where, *months)

    def steps(self, depth: int) -> Tree:
        """An index by steps."""
        found = [(self.amount("customer", 1), self.condition("customer", depth)) for _ in range(2)]
        return ("choose", found, self.amount("customer", 1))

    # ---- Conditions --------------------------------------------------------------------------

    def condition(self, entity: str, depth: int) -> Tree:
        if depth <= 0:
            return self.question(entity)
        inner = partial(self.condition, entity, depth - 1)
        ways: Ways = [
            lambda: self.question(entity),
            lambda: ("contrary", inner()),
            lambda: ("all_of", inner(), inner()),
            lambda: ("any_of", inner(), inner(), inner()),
            lambda: (
                "compare",
                self.source.choice(SIGNS),
                self.amount(entity, depth - 1),
                self.leaf(entity),
            ),
        ]
        if entity == "customer":
            ways.append(self.quantified)
        return self.source.choice(ways)()

    def quantified(self) -> Tree:
        where = self.source.choice((None, self.admission("usage", 1)))
        return ("quantified", self.source.choice(("some", "every", "no")), where, self.question("usage"))

    def question(self, entity: str) -> Tree:
        """About the record itself; may be unknown."""
        name = self.source.choice(NUMBERS[entity])
        compared = ("compare", self.source.choice(SIGNS), ("fact", name), self.leaf(entity))
        if entity == "usage":
            asked: Tree = ("is_missing", ("fact", "extra"), self.either())
            return self.source.choice((compared, ("fact", "open"), asked))
        words = tuple(self.source.sample(("north", "south", "east"), self.source.choice((1, 2))))
        day = ("day", self.source.choice((-400, -30, 0)))
        ways: Ways = [
            lambda: compared,
            lambda: ("fact", self.source.choice(("vip", "keen"))),
            lambda: ("is_one_of", "region", self.either(), words),
            lambda: ("is_missing", ("fact", self.source.choice(("rate", "joined"))), self.either()),
            lambda: ("compare", self.source.choice(SIGNS), ("fact", "joined"), day),
        ]
        return self.source.choice(ways)()

    def admission(self, entity: str, depth: int) -> Tree:
        """Never unknown: what is optional is asked for first."""
        sign, sure_leaf = self.source.choice(SIGNS), self.leaf(entity, known=True)
        sure: Tree = ("compare", sign, self.leaf(entity, known=True), sure_leaf)
        name = "extra" if entity == "usage" else "rate"
        there, asked = ("is_missing", ("fact", name), True), ("compare", sign, ("fact", name), sure_leaf)
        if depth <= 0:
            return sure
        return self.source.choice(
            (sure, ("all_of", there, asked), ("all_of", asked, there), ("contrary", sure))
        )


# ---- As text -------------------------------------------------------------------------------------

BETWEEN = {"plus": "+", "minus": "-", "times": "*", "by": "/"}


def text_of(tree: Tree) -> str:
    """The tree in the words of the language, with brackets around every operation inside another."""
    kind, *parts = tree
    match kind:
        case "number" | "fact" | "parameter":
            return str(parts[0])
        case "parent":
            return f"customer.{parts[0]}"
        case "plus" | "minus" | "times" | "by":
            return f"({text_of(parts[0])} {BETWEEN[kind]} {text_of(parts[1])})"
        case "negative":
            return f"(-{text_of(parts[0])})"
        case "least" | "greatest":
            return f"{kind}({text_of(parts[0])}, {text_of(parts[1])})"
        case "round_to":
            return f"round({text_of(parts[0])}, {parts[1]})"
        case "power":
            return f"power({text_of(parts[0])}, {parts[1]})"
        case "square_root":
            return f"square_root({text_of(parts[0])})"
        case "aggregate" | "statistic":
            return many_text(kind, *parts)
        case "group":
            return f"quantile_group({text_of(parts[0])}, {parts[1]} over all customer)"
        case _:
            return f"({condition_text(tree)})"


def many_text(
    kind: str, name: str, tree: Tree | None, known: bool, where: Tree | None, months: Any = None
) -> str:
    about = "usage" if kind == "aggregate" else "all customer"
    if name == "share":
        where = tree
    elif tree is not None:
        about = f"{'known ' if known else ''}{text_of(tree)} over {about}"
    if months is not None:
        first, last = months
        about += f" in month {first} ago" if first == last else f" in months {first}..{last} ago"
    return f"{name}({about}{where_text(where)})"


def where_text(where: Tree | None) -> str:
    return f" where {condition_text(where)}" if where is not None else ""


def condition_text(tree: Tree) -> str:
    kind, *parts = tree
    match kind:
        case "compare":
            return f"{text_of(parts[1])} {parts[0]} {text_of(parts[2])}"
        case "day":
            return f"today - {-parts[0]} days"
        case "is_one_of":
            word = "is not" if parts[1] else "is"
            return f"{parts[0]} {word} {'one of ' if len(parts[2]) > 1 else ''}{', '.join(parts[2])}"
        case "is_missing":
            return f"{text_of(parts[0])} is {'not ' if parts[1] else ''}missing"
        case "contrary":
            return f"not {bracketed(parts[0])}"
        case "all_of" | "any_of":
            return (" and " if kind == "all_of" else " or ").join(map(bracketed, parts))
        case "quantified":
            return f"{parts[0]} usage{where_text(parts[1])}: {condition_text(parts[2])}"
        case _:
            return text_of(tree)


def bracketed(tree: Tree) -> str:
    return text_of(tree) if tree[0] == "fact" else f"({condition_text(tree)})"


def index_lines(name: str, tree: Tree) -> list[str]:
    """An index as a formula or by steps."""
    if tree[0] != "choose":
        return [f"  {name} = {text_of(tree)}"]
    steps = [f"    {text_of(value)} when {condition_text(condition)}" for value, condition in tree[1]]
    return [f"  {name}", *steps, f"    {text_of(tree[2])} otherwise"]
