"""A number of definitions comes in; the text of a policy with so many goes out: indexes, flags and segments, mixed."""

from __future__ import annotations

from collections.abc import Iterator

FACTS = 50


def large_policy(definitions: int) -> str:
    """Three fifths indexes, three tenths flags, one tenth segments, each over facts and earlier indexes."""
    return (
        "\n".join([*heading(), *indexes(definitions * 6 // 10), *flags(definitions), *segments(definitions)])
        + "\n"
    )


def heading() -> Iterator[str]:
    yield 'policy big "A large policy"'
    yield "  version 1.0.0"
    yield ""
    yield 'entity customer "Customer"'
    yield "  customer_id text key"
    for number in range(FACTS):
        yield f'  fact_{number} "Fact {number}" number points 0..1000'


def indexes(count: int) -> Iterator[str]:
    for number in range(count):
        if number % 20 == 0:
            yield ""
            yield f'indexes block_{number // 20} "Block {number // 20}" of customer'
        first, second = number * 7 % FACTS, number * 3 % FACTS
        if number % 3 == 0:
            yield f'  index_{number} "Index {number}" = fact_{first} / 1000'
        elif number % 3 == 1:
            yield f'  index_{number} "Index {number}" = (fact_{first} + 2 * fact_{second}) / 3000'
        else:
            yield f'  index_{number} "Index {number}"'
            yield f"    1 when fact_{first} >= 500 points and fact_{second} < 900 points"
            yield "    0 otherwise"


def flags(definitions: int) -> Iterator[str]:
    known = definitions * 6 // 10
    for number in range(definitions * 3 // 10):
        if number % 20 == 0:
            yield ""
            yield f'flags list_{number // 20} "List {number // 20}" of customer'
        first, second, fact = number * 2 % known, (number * 2 + 1) % known, number % FACTS
        condition = f"not (fact_{fact} > 700 points or index_{second} < 0.4)"
        yield f'  flag_{number} "Flag {number}" when index_{first} >= 0.5 and {condition}'


def segments(definitions: int) -> Iterator[str]:
    for number in range(definitions // 10):
        fact = f"fact_{number % FACTS}"
        yield ""
        yield f'segment segment_{number} "Segment {number}" of customer'
        yield f'  high "High" when {fact} >= 600 points'
        yield f'  middle "Middle" when {fact} >= 300 points'
        yield f"    and {fact} < 600 points"
        yield '  low "Low" otherwise'
