"""The judgements of an expert panel come in, weights that sum to exactly 1 go out.

A panel either marks every index (`weights_from_marks`) or compares the indexes in pairs
on the 1-9 scale (`weights_from_pairs`). Both happen once, at check time: judgements are
exact fractions, roots and the eigenvector have 64 digits, and only the finished weights
are rounded, to six decimals by largest remainder. The order of the judges changes
nothing. The module knows nothing of policy text; judges and indexes are counted from 1 in
messages.

Source: Saaty's analytic hierarchy process. Random indexes: `saaty` is Saaty 2005, Theory
and Applications of the Analytic Network Process, p. 31; `saaty_1980` is the older
textbook table; `donegan_dodd` is Donegan and Dodd 1991, A note on Saaty's random indexes.
The table changes the ratio by several per cent, so a policy declares it.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from itertools import combinations
from math import prod
from types import MappingProxyType
from typing import Final, Literal, assert_never

from lifeseg.frozen import dataclass
from lifeseg.functions.exact import divide_half_away

Average = Literal["arithmetic", "geometric"]
"""How the judgements of several judges become one."""

Method = Literal["eigenvector", "columns", "rows"]
"""How a matrix becomes weights: its principal eigenvector; the mean of its columns, each
made to sum to 1; or the geometric means of its rows."""

WEIGHT_DECIMALS: Final = 6
"""Decimals of weights, of the eigenvalue, and of consistency index and ratio."""

RANDOM_INDEX_DECIMALS: Final = 4

SMALLEST_TABULATED: Final = 3
"""The first entry of a random index is for 3 indexes; two are always consistent."""

_SAATY = (5200, 8900, 11100, 12500, 13500, 14000, 14500, 14900, 15200, 15400, 15600, 15800, 15900)
_SAATY_1980 = (5800, 9000, 11200, 12400, 13200, 14100, 14500, 14900)
_DONEGAN_DODD = (4914, 8286, 10591, 11797, 12519, 13171, 13733, 14055, 14213, 14497, 14643, 14822, 14969)

RANDOM_INDEX: Final[Mapping[str, tuple[int, ...]]] = MappingProxyType(
    {"saaty": _SAATY, "saaty_1980": _SAATY_1980, "donegan_dodd": _DONEGAN_DODD}
)
"""The consistency index of random judgements for 3, 4, 5 .. indexes, at 4 decimals."""

_SCALE_END: Final = 9
_CELL: Final = re.compile(r"[0-9]{1,18}(/[0-9]{1,18}|\.[0-9]{1,18})?")

_DIGITS: Final = Context(prec=64)
_SETTLED: Final = Decimal("1e-52")
_LONGEST_ITERATION: Final = 6_000
"""Judgements of 1/9..9 bring the iteration closer by a factor of at most 0.976 a step
(Birkhoff: tanh of a quarter of ln 9**4), so 52 digits take fewer than 5,100 steps."""

_KEPT_DECIMALS: Final = 40
"""Inexact results are rounded to 40 decimals first, so that equal weights are equal."""


@dataclass(frozen=True, slots=True)
class PanelWeights:
    """What a panel decided; all numbers are whole, at six decimals.

    `weights` stand in the order of the indexes and sum to exactly 1,000,000. The other
    three say how far the judgements of a pairwise panel contradict each other: the
    largest eigenvalue (the number of indexes when they do not), the consistency index
    and the consistency ratio. They are None for marks, which cannot contradict.
    """

    weights: tuple[int, ...]
    largest_eigenvalue: int | None
    consistency_index: int | None
    consistency_ratio: int | None


class UnweighableError(ValueError):
    """Judgements that give no weights; `reason` is "scale", "mark", "nothing" or "size", `named` what its sentence names."""

    def __init__(self, reason: str, said: str, **named: object) -> None:
        super().__init__(said)
        self.reason, self.named = reason, named


def fraction_from_text(text: str) -> Fraction:
    """Read a cell of a panel: a whole number, a decimal or a fraction, without sign.

    `3`, `0.5` and `1/2` are read exactly; anything else raises ValueError.
    """
    if _CELL.fullmatch(text) is None or int(text.partition("/")[2] or "1") == 0:
        raise ValueError(f"`{text}` is not a judgement; write one like 3, 1/2 or 0.5")
    return Fraction(text)


def largest_remainder(shares: Sequence[Fraction]) -> tuple[int, ...]:
    """Round shares that sum to 1 to six decimals so that they still sum to exactly 1.

    Every share is cut to six decimals; the millionths then missing go one each to the
    shares that lost most, and among equal losses to the earlier share.
    """
    unit = 10**WEIGHT_DECIMALS
    cut = [share.numerator * unit // share.denominator for share in shares]
    lost = [share * unit - kept for share, kept in zip(shares, cut, strict=True)]
    by_loss = sorted(range(len(shares)), key=lambda place: (-lost[place], place))
    for place in by_loss[: unit - sum(cut)]:
        cut[place] += 1
    return tuple(cut)


def weights_from_marks(marks: Sequence[Sequence[Fraction]], average: Average = "arithmetic") -> PanelWeights:
    """Return the weights of a panel whose judges mark every index.

    `marks` has a row for each judge and in it a mark for each index, 0 or more. The marks
    of an index are averaged over the judges, and the averages divided by their sum. A
    geometric average needs marks above 0.
    """
    _check_marks(marks, average)
    averages = [_average(column, average) for column in zip(*marks, strict=True)]
    whole = sum(averages)
    if whole == 0:
        raise UnweighableError("nothing", "at least one mark is above 0, or there is nothing to weigh")
    weights = largest_remainder([_kept(mark / whole) for mark in averages])
    return PanelWeights(weights, None, None, None)


def weights_from_pairs(
    comparisons: Sequence[Sequence[Fraction]],
    size: int,
    average: Average = "arithmetic",
    method: Method = "eigenvector",
    random_index: str = "saaty",
) -> PanelWeights:
    """Return the weights of a panel whose judges compare `size` indexes in pairs.

    `comparisons` has a row for each judge: how many times the first index of a pair
    outweighs the second, 1/9..9, for the pairs 1:2, 1:3 .. 2:3 .. in this order (the
    upper triangle of the matrix, row by row). Only these are averaged; the lower triangle
    is their reciprocal. The eigenvalue is the mean of (matrix * weights) / weights,
    whatever the method of the weights.
    """
    tabulated = _random_index(random_index, size)
    _check_pairs(comparisons, size)
    averages = [_average(column, average) for column in zip(*comparisons, strict=True)]
    with localcontext(_DIGITS):
        matrix = _matrix(averages, size)
        weights = _weights(matrix, method)
        eigenvalue = _kept(Fraction(_eigenvalue(matrix, weights)))
        shares = [_kept(Fraction(weight)) for weight in weights]
    index = (eigenvalue - size) / (size - 1)
    ratio = index / tabulated if tabulated else Fraction(0)
    return PanelWeights(
        largest_remainder(shares),
        _rounded(eigenvalue, WEIGHT_DECIMALS),
        _rounded(index, WEIGHT_DECIMALS),
        _rounded(ratio, WEIGHT_DECIMALS),
    )


def _average(judgements: Sequence[Fraction], average: Average) -> Fraction:
    """Return the mean of the judges: the arithmetic one exact, the geometric to 64 digits."""
    match average:
        case "arithmetic":
            return sum(judgements, Fraction(0)) / len(judgements)
        case "geometric":
            with localcontext(_DIGITS):
                return Fraction(_root(_decimal(prod(judgements, start=Fraction(1))), len(judgements)))
        case _:
            assert_never(average)


def _matrix(upper: Sequence[Fraction], size: int) -> list[list[Decimal]]:
    """Return the reciprocal matrix above whose diagonal the averaged comparisons stand."""
    matrix = [[Decimal(1)] * size for _ in range(size)]
    for (row, column), value in zip(combinations(range(size), 2), upper, strict=True):
        matrix[row][column] = _decimal(value)
        matrix[column][row] = _decimal(1 / value)
    return matrix


def _weights(matrix: list[list[Decimal]], method: Method) -> list[Decimal]:
    """Return the weights of a matrix, summing to 1, by the method asked for."""
    match method:
        case "eigenvector":
            return _eigenvector(matrix)
        case "columns":
            columns = [_normalised(column) for column in zip(*matrix, strict=True)]
            return _normalised([sum(row, Decimal(0)) for row in zip(*columns, strict=True)])
        case "rows":
            return _normalised([_root(prod(row, start=Decimal(1)), len(row)) for row in matrix])
        case _:
            assert_never(method)


def _eigenvector(matrix: list[list[Decimal]]) -> list[Decimal]:
    """Return the principal eigenvector by power iteration from equal weights.

    It stops when no weight moves by more than 52 decimals show.
    """
    weights = _normalised([Decimal(1)] * len(matrix))
    for _ in range(_LONGEST_ITERATION):
        following = _normalised(_product(matrix, weights))
        moved = max(abs(a - b) for a, b in zip(following, weights, strict=True))
        weights = following
        if moved <= _SETTLED:
            break
    return weights


def _eigenvalue(matrix: list[list[Decimal]], weights: Sequence[Decimal]) -> Decimal:
    """Return the mean factor by which the matrix stretches the weights."""
    stretched = _product(matrix, weights)
    factors = [a / b for a, b in zip(stretched, weights, strict=True)]
    return sum(factors, Decimal(0)) / len(factors)


def _product(matrix: list[list[Decimal]], weights: Sequence[Decimal]) -> list[Decimal]:
    """Return matrix * weights."""
    return [sum((a * b for a, b in zip(row, weights, strict=True)), Decimal(0)) for row in matrix]


def _normalised(values: Sequence[Decimal]) -> list[Decimal]:
    """Return the values divided by their sum."""
    whole = sum(values, Decimal(0))
    return [value / whole for value in values]


def _root(value: Decimal, degree: int) -> Decimal:
    """Return the root of a positive number."""
    return value ** (1 / Decimal(degree))


def _decimal(value: Fraction) -> Decimal:
    """Return a fraction to 64 digits."""
    return Decimal(value.numerator) / Decimal(value.denominator)


def _rounded(value: Fraction, decimals: int) -> int:
    """Return a fraction as a whole number at a scale, rounded half away from zero."""
    return divide_half_away(value.numerator * 10**decimals, value.denominator)


def _kept(value: Fraction) -> Fraction:
    """Return a number without the digits that inexact steps may have disturbed."""
    return Fraction(_rounded(value, _KEPT_DECIMALS), 10**_KEPT_DECIMALS)


def _random_index(name: str, size: int) -> Fraction:
    """Return the consistency index of random judgements; 0 for two indexes."""
    if name not in RANDOM_INDEX:
        raise ValueError(f"`{name}` is not a random index; choose one of {', '.join(sorted(RANDOM_INDEX))}")
    table = RANDOM_INDEX[name]
    largest = SMALLEST_TABULATED + len(table) - 1
    if not 2 <= size <= largest:
        said = f"with the random index `{name}` a panel compares 2 to {largest} indexes, not {size}"
        raise UnweighableError("size", said, name=name, largest=largest, size=size)
    if size < SMALLEST_TABULATED:
        return Fraction(0)
    return Fraction(table[size - SMALLEST_TABULATED], 10**RANDOM_INDEX_DECIMALS)


def _check_marks(marks: Sequence[Sequence[Fraction]], average: Average) -> None:
    """Refuse a panel without judges or marks, of uneven rows, or with marks too low."""
    if not marks or not marks[0]:
        raise ValueError("a panel has at least one judge and one index")
    for judge, row in enumerate(marks, start=1):
        if len(row) != len(marks[0]):
            raise ValueError(
                f"every judge marks every index, but judge 1 gives {len(marks[0])} marks "
                f"and judge {judge} gives {len(row)}"
            )
        for mark in row:
            if mark < 0 or (mark == 0 and average == "geometric"):
                least = "above 0" if average == "geometric" else "0 or more"
                said = f"for the {average} average a mark is {least}, but judge {judge} gives {mark}"
                raise UnweighableError("mark", said, average=average, judge=judge, value=mark, wanted=least)


def _check_pairs(comparisons: Sequence[Sequence[Fraction]], size: int) -> None:
    """Refuse a panel without judges, with missing comparisons, or off the scale."""
    if not comparisons:
        raise ValueError("a panel has at least one judge")
    expected = size * (size - 1) // 2
    for judge, row in enumerate(comparisons, start=1):
        if len(row) != expected:
            raise ValueError(
                f"{size} indexes are compared in {expected} pairs, but judge {judge} compares {len(row)}"
            )
        for value in row:
            if not Fraction(1, _SCALE_END) <= value <= _SCALE_END:
                said = f"a comparison lies between 1/{_SCALE_END} and {_SCALE_END}, but judge {judge} gives {value}"
                raise UnweighableError("scale", said, most=_SCALE_END, judge=judge, value=value)
