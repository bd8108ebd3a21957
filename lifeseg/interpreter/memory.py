"""A function that explains a row comes in; one that remembers what it said of the same few values goes out.

Ratings, choices and conditions take few values, so most of what a trace says of a record has been said before of
another one. Traces share such parts; nobody changes them.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import TypeVar

from lifeseg.interpreter.from_expression import from_expression
from lifeseg.interpreter.link import Link
from lifeseg.interpreter.results import Row
from lifeseg.model import expression as e
from lifeseg.model.model import Index
from lifeseg.model.walk import nodes

Said = TypeVar("Said")

MOST_KEPT = 512


def remembered(link: Link, explain: Callable[[Row], Said], part: object) -> Callable[[Row], Said]:
    """The same, where what is said depends on values of the record's own that are few enough to be remembered.

    Whether they are is asked when a second record is explained: most often there is only one.
    """
    answer: Callable[[Row], Said] | None = None
    used = False

    def asked_again(row: Row) -> Said:
        nonlocal answer, used
        if answer is None:
            if not used:
                used = True
                return explain(row)
            answer = remembering(link, explain, part)
        return answer(row)

    return asked_again


def remembering(link: Link, explain: Callable[[Row], Said], part: object) -> Callable[[Row], Said]:
    """The function that keeps what it says; the same one where there is too much to be kept."""
    asked = few_valued(link, part)
    if asked is None:
        return explain
    kept: dict[object, Said] = {}
    reads = [from_expression(link, leaf) for leaf in asked]
    read = reads[0] if len(reads) == 1 else lambda row: tuple([value(row) for value in reads])

    def answer(row: Row) -> Said:
        key = read(row)
        if key not in kept:
            kept[key] = explain(row)
        return kept[key]

    return answer


def few_valued(link: Link, part: object) -> list[e.Expression] | None:
    """The fields that everything in a part depends on; None if they are too many, or it looks at other records."""
    found: dict[e.Expression, None] = {}
    combinations = 1
    for node in nodes(part):
        if isinstance(node, e.Aggregate | e.Quantified | e.Was):
            return None
        if isinstance(node, e.Field | e.Band) and node not in found:
            found[node] = None
            combinations *= how_many(link, node)
            if combinations > MOST_KEPT:
                return None
    return list(found) or None


def how_many(link: Link, node: e.Field | e.Band) -> int:
    """How many values a field may have, missing included; more than can be kept where it is not known."""
    kind = node.type
    if kind.kind == "truth":
        return 3
    if kind.kind == "choice":
        return len(kind.options) + 1
    if kind.kind != "number" or isinstance(node, e.Band):
        return MOST_KEPT + 1
    declared = int((kind.high - kind.low) * 10**kind.scale) + 2
    return min(declared, values_of_index(link, node))


def values_of_index(link: Link, node: e.Field) -> int:
    """How many values an index may have: no more than what its formula reads."""
    place = (node.entity, node.name)
    if place not in link.sizes:
        link.sizes[place] = MOST_KEPT + 1
        definition = link.definitions.get(place)
        if isinstance(definition, Index) and (read := few_valued(link, definition.formula)) is not None:
            counts = [how_many(link, field) for field in read if isinstance(field, e.Field | e.Band)]
            link.sizes[place] = prod(counts) + 1
    return link.sizes[place]
