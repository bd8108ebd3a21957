"""What was found about a policy's numbers comes in; the tables that people read of it, as words, go out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from lifeseg.cli.words import counted
from lifeseg.frozen import dataclass
from lifeseg.pipeline.sensitivity import Near, Sensitivity, Sweep
from lifeseg.records.results_varied import Part
from lifeseg.review.adjusting import Adjustable

BARS = "▁▂▃▄▅▆▇█"
MOST_SHOWN = 9
"""Values of a sweep that stand at the head of a table; the curve has all of them."""
MOST_WEIGHTS = 12
DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Table:
    """A heading, rows with the head first, and which columns are numbers."""

    heading: str
    rows: tuple[tuple[str, ...], ...]
    right: tuple[bool, ...]


def title(found: Sensitivity | Sweep) -> str:
    if isinstance(found, Sweep):
        first, last = found.points[0], found.points[-1]
        one = found.number
        return f"{one.name} from {shown(one, first.value)} to {shown(one, last.value)}, now {shown(one, one.value)}"
    return f"Numbers of {found.model.name}"


def frame(found: Sensitivity | Sweep) -> str:
    """What it is about."""
    people = counted(found.everybody.count, found.entity)
    worth = f" · {found.value} {rounded(found.everybody.worth)}" if found.everybody.worth is not None else ""
    return f"{found.model.name} {found.model.version} · as of {found.as_of} · {people}{worth}"


def tables(found: Sensitivity | Sweep, *, every: bool = False) -> list[Table]:
    """Those of a sweep or of all numbers; `every`: nothing is left out."""
    if isinstance(found, Sweep):
        return list(of_sweep(found, every))
    return [*of_thresholds(found), *of_weights(found, every), *of_classes(found)]


def remarks(found: Sensitivity | Sweep) -> list[str]:
    """What is not in the tables."""
    if isinstance(found, Sweep):
        still = [column for entity, column in found.cases if not varies(found, (entity, column))]
        return [f"as it is at every value: {', '.join(still)}"] if still else []
    if len(found.weights) > MOST_WEIGHTS:
        rest = found.weights[MOST_WEIGHTS:]
        most = counted(rest[0].most, found.entity) if rest[0].most else f"no {found.entity}"
        return [f"{counted(len(rest), 'more weight')} move {most}{' at most' if rest[0].most else ''}"]
    return []


# ---- A sweep ------------------------------------------------------------------------------------


def varies(found: Sweep, key: tuple[str, str]) -> bool:
    first = found.points[0].sizes[key]
    return any(one.sizes[key] != first for one in found.points)


def picked(found: Sweep, every: bool) -> list[int]:
    """The places of the values that are shown: the first, the last, the one nearest to today's, and some between."""
    places = range(len(found.points))
    if every or len(places) <= MOST_SHOWN:
        return list(places)
    now = min(places, key=lambda place: abs(found.points[place].value - found.number.value))
    spread = {round(place * (len(places) - 1) / (MOST_SHOWN - 2)) for place in range(MOST_SHOWN - 1)}
    return sorted({*spread, now})


@dataclass(frozen=True, slots=True)
class Series:
    """A name, and an amount at each value, as a number and in words."""

    name: str
    amounts: tuple[Fraction, ...]
    told: tuple[str, ...]


def groups(found: Sweep) -> Iterator[tuple[str, list[Series]]]:
    """Of a sweep who moves, and the size of each case of what changes: a heading and its series."""
    moved = [one.moved for one in found.points]
    rows = [counts("moved", moved)]
    if moved[0].worth is not None:
        rows.append(worths(found.value or "", moved))
    yield "who is decided about otherwise", rows
    for key, cases in found.cases.items():
        if not varies(found, key):
            continue
        series = {case: [one.sizes[key].get(case, found.nobody) for one in found.points] for case in cases}
        series = {case: parts for case, parts in series.items() if any(one.count for one in parts)}
        name = key[1] if key[0] == found.entity else f"{key[1]} of {key[0]}"
        yield name, [counts(case, parts) for case, parts in series.items()]
        if found.value is not None and any(
            one.worth is not None for parts in series.values() for one in parts
        ):
            yield f"{found.value} by {name}", [worths(case, parts) for case, parts in series.items()]


def counts(name: str, parts: Sequence[Part]) -> Series:
    numbers = [one.count for one in parts]
    return Series(name, tuple(map(Fraction, numbers)), tuple(f"{one:,}" for one in numbers))


def worths(name: str, parts: Sequence[Part]) -> Series:
    amounts = tuple(one.worth or Fraction(0) for one in parts)
    return Series(name, amounts, tuple(map(rounded, amounts)))


def of_sweep(found: Sweep, every: bool) -> Iterator[Table]:
    places = picked(found, every)
    head = ("", *(shown(found.number, found.points[place].value) for place in places), "curve")
    right = (False, *[True] * len(places), False)
    for heading, series in groups(found):
        rows = [(one.name, *(one.told[place] for place in places), bars(one.amounts)) for one in series]
        yield Table(heading, (head, *rows), right)


def bars(numbers: Sequence[Fraction | int]) -> str:
    """A bar for each number, the highest for the greatest."""
    most = max(numbers, default=0)
    return "".join(
        BARS[int(number * (len(BARS) - 1) / most + Fraction(1, 2)) if most > 0 and number > 0 else 0]
        for number in numbers
    )


def shown(one: Adjustable, value: Decimal) -> str:
    """A value as the policy writes it."""
    return f"{value.scaleb(2):f}%" if one.unit == "%" else f"{value:f}"


# ---- All numbers --------------------------------------------------------------------------------


def of_thresholds(found: Sensitivity) -> Iterator[Table]:
    if not found.near:
        return
    valued = any(one.part.worth is not None for one in found.near)
    head = ("decision", "into", "at", "within", "near", "share", *[found.value or ""] * valued)
    rows = []
    for one in found.near:
        into = one.threshold.case or one.threshold.flag or ""
        at = f"{one.threshold.column} {decimal(one.threshold.value)}"
        share = percent(Fraction(one.part.count, found.everybody.count)) if is_first(found, one) else ""
        worth = [rounded(one.part.worth)] * valued if one.part.worth is not None else [""] * valued
        rows.append(
            (one.threshold.decision, into, at, f"±{decimal(one.reach)}", f"{one.part.count:,}", share, *worth)
        )
    yield Table("near a threshold", (head, *rows), (False, False, False, True, True, True, *[True] * valued))


def is_first(found: Sensitivity, one: Near) -> bool:
    return one.threshold.entity == found.entity and found.everybody.count > 0


def of_weights(found: Sensitivity, every: bool) -> Iterator[Table]:
    if not found.weights:
        return
    by = percent(found.by)
    valued = found.weights[0].less.worth is not None
    names = [found.value or ""] * valued
    head = ("weight", "now", f"{by} less", *names, f"{by} more", *names)
    rows = [
        (
            one.weight.name,
            shown(one.weight, one.weight.value),
            f"{one.less.count:,}",
            *[rounded(one.less.worth)] * valued,
            f"{one.more.count:,}",
            *[rounded(one.more.worth)] * valued,
        )
        for one in found.weights[: None if every else MOST_WEIGHTS]
    ]
    yield Table(
        "moved by a weight", (head, *rows), (False, True, True, *[True] * valued, True, *[True] * valued)
    )


def of_classes(found: Sensitivity) -> Iterator[Table]:
    if not found.weights:
        return
    rows = [
        (
            one.column,
            one.case or "",
            f"{one.count:,}",
            f"{one.kept:,}",
            percent(Fraction(one.kept, one.count)),
        )
        for one in found.classes
    ]
    head = ("decision", "case", "now", "kept", "share")
    heading = f"kept whichever weight is {percent(found.by)} less or more"
    yield Table(heading, (head, *rows), (False, False, True, True, True))


# ---- Numbers ------------------------------------------------------------------------------------


def decimal(value: Fraction) -> str:
    """With four decimals at most, and no fewer than there are where it is short."""
    return f"{Decimal(round(value * 10**DECIMALS)).scaleb(-DECIMALS).normalize():f}"


def rounded(value: Fraction | None) -> str:
    """An amount to be read: whole where it is large."""
    if value is None:
        return ""
    return f"{round(value):,}" if abs(value) >= 1000 else decimal(value)


def percent(share: Fraction) -> str:
    """Cut, not rounded: 100 % is all of them."""
    tenths = share * 1000 // 1
    return f"{tenths // 10} %" if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10} %"
