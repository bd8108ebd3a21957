"""The rates at which states follow each other come in; what each state is worth, and shares after some periods, go out.

Exact fractions throughout: nothing is rounded here. States are counted from 0.

Source: Pfeifer and Carraway 2000, Modeling customer relationships as Markov chains.
"""

from collections.abc import Sequence
from fractions import Fraction

Matrix = Sequence[Sequence[Fraction]]


def state_values(
    rates: Matrix, worths: Sequence[Fraction], discount: Fraction, periods: int | None
) -> list[Fraction]:
    """Return what a customer in each state is expected to bring, from this period (in full) to `periods` later, or for ever.

    Each further period is divided by 1 + discount once more. For ever, the values solve
    value = worth + rates * value / (1 + discount); ValueError if no such values exist.
    """
    keep = 1 / (1 + discount)
    if periods is not None:
        values = list(worths)
        for _ in range(periods):
            values = [worth + keep * expected(row, values) for worth, row in zip(worths, rates, strict=True)]
        return values
    return endless_values(rates, worths, keep)


def endless_values(rates: Matrix, worths: Sequence[Fraction], keep: Fraction) -> list[Fraction]:
    """The values for ever. Without discount, states from which nothing is earned any more are worth 0, and the rest must
    lead there.
    """
    size = len(worths)
    if keep < 1:
        return solved(
            [[Fraction(i == j) - keep * rates[i][j] for j in range(size)] for i in range(size)], worths
        )
    earning = [place for place in range(size) if any(worths[later] for later in reached(rates, place))]
    matrix = [[Fraction(i == j) - rates[i][j] for j in earning] for i in earning]
    found = dict(zip(earning, solved(matrix, [worths[place] for place in earning]), strict=True))
    return [found.get(place, Fraction(0)) for place in range(size)]


def reached(rates: Matrix, start: int) -> set[int]:
    """The states somebody may get to."""
    found, waiting = set(), [start]
    while waiting:
        place = waiting.pop()
        if place not in found:
            found.add(place)
            waiting += [later for later, rate in enumerate(rates[place]) if rate]
    return found


def shares_after(rates: Matrix, start: int, periods: int) -> list[Fraction]:
    """Return the chances to be in each state so many periods after being in the state `start`."""
    shares = [Fraction(place == start) for place in range(len(rates))]
    for _ in range(periods):
        shares = [
            sum((share * row[place] for share, row in zip(shares, rates, strict=True)), Fraction(0))
            for place in range(len(rates))
        ]
    return shares


def expected(row: Sequence[Fraction], values: Sequence[Fraction]) -> Fraction:
    return sum((rate * value for rate, value in zip(row, values, strict=True)), Fraction(0))


def solved(matrix: list[list[Fraction]], right: Sequence[Fraction]) -> list[Fraction]:
    """The solution of a square system by elimination; ValueError if there is none or more than one."""
    size = len(right)
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for place in range(size):
        pivot = next((at for at in range(place, size) if rows[at][place]), None)
        if pivot is None:
            raise ValueError("the sum does not end")
        rows[place], rows[pivot] = rows[pivot], rows[place]
        head = rows[place][place]
        rows[place] = [value / head for value in rows[place]]
        for at in range(size):
            if at != place and (factor := rows[at][place]):
                rows[at] = [
                    value - factor * other for value, other in zip(rows[at], rows[place], strict=True)
                ]
    return [row[-1] for row in rows]
