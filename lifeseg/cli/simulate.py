"""lifeseg simulate: a definition comes in; how many were and are expected in each of its cases, month by month, goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lifeseg.cli.options import PolicyOption
from lifeseg.cli.output import show

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from fractions import Fraction

    from lifeseg.cli.documents import Size
    from lifeseg.pipeline.simulating import Simulation

Name = Annotated[
    str | None,
    typer.Argument(
        metavar="NAME", help="A segment, rank, table or lifecycle; without it, the first lifecycle."
    ),
]
Months = Annotated[int, typer.Option(metavar="N", min=0, max=120, help="So many months to come.")]
Worth = Annotated[
    str | None, typer.Option("--value", metavar="NAME", help="Add up this amount, as it is today.")
]
Seed = Annotated[int, typer.Option(metavar="N", min=0, help="Another seed gives other draws.")]
Format = Annotated[Literal["console", "csv", "json"], typer.Option("--format", help="How to write it.")]

BARS = "▁▂▃▄▅▆▇█"
DECIMALS = 2


def simulate(
    name: Name = None,
    months: Months = 0,
    value: Worth = None,
    seed: Seed = 1,
    format_: Format = "console",
    policy: PolicyOption = None,
) -> None:
    """Tell the size of each case by month, as recorded and as expected.

    The past is what the recorded runs found. With --months the months to come follow, at the rates at
    which customers went from case to case, came and left, with intervals. Needs only the result store of
    the workspace; with --value its data, too.
    """
    from lifeseg.pipeline.setting import settle
    from lifeseg.pipeline.simulating import Wanted
    from lifeseg.pipeline.simulating import simulate as simulated

    found = simulated(settle(policy), Wanted(name, months, value, seed))
    written = {"console": to_console, "csv": to_csv, "json": to_json}[format_]
    show(written(found))


# ---- For people ----------------------------------------------------------------------------------


def to_console(found: Simulation) -> str:
    """A row for each month, a column for each case that somebody was in; beneath it, how each one went."""
    from lifeseg.cli.words import aligned

    series = {case: list(numbers_of(found, case)) for case in found.cases}
    cases = [case for case in found.cases if any(series[case])]
    valued = found.worth is not None
    rows = [[found.definition.name, *cases, *["value"] * valued]]
    for day, sizes in found.past:
        cells = [f"{sizes.get(case, 0):,}" for case in cases]
        rows.append([f"{day:%Y-%m}", *cells, *[total(found, sizes)] * valued])
    rows += [["expected", *[""] * (len(cases) + valued)]] if found.future else []
    for day, expected in found.future:
        cells = [f"{whole(expected[case].number)} ({span(expected[case].intervals[80])})" for case in cases]
        numbers = {case: expected[case].number for case in cases}
        rows.append([f"{day:%Y-%m}", *cells, *[total(found, numbers)] * valued])
    rows.append(["", *(bars(series[case]) for case in cases), *[""] * valued])
    lines = aligned(rows, [False, *[True] * (len(rows[0]) - 1)])
    return "".join(f"{line}\n" for line in (*lines, *remarks(found, cases)))


def remarks(found: Simulation, cases: Sequence[str]) -> Iterator[str]:
    """What the numbers of the months to come rest on."""
    from lifeseg.cli.words import counted
    from lifeseg.tracking.projection import DRAWS

    if found.rates is None:
        return
    yield f"rates of {counted(found.rates.months, 'step')} from month to month; in brackets 80 % of {DRAWS:,} draws"
    few = [f"{case} {count}" for case, count in found.few.items() if case in cases]
    if few:
        yield f"few observations of what comes after: {', '.join(few)}"


def numbers_of(found: Simulation, case: str) -> Iterator[Fraction | int]:
    yield from (sizes.get(case, 0) for _, sizes in found.past)
    yield from (expected[case].number for _, expected in found.future)


def bars(numbers: Sequence[Fraction | int]) -> str:
    """A bar for each number, the highest for the greatest."""
    most = max(numbers, default=0)
    return "".join(BARS[int(number * (len(BARS) - 1) / most + 0.5) if most else 0] for number in numbers)


def total(found: Simulation, sizes: Mapping[str, Fraction | int]) -> str:
    worth = found.worth or {}
    return whole(sum(number * worth.get(case, 0) for case, number in sizes.items()))


def whole(number: Fraction | int) -> str:
    return f"{round(number):,}"


def span(interval: tuple[int, int]) -> str:
    return f"{interval[0]:,}–{interval[1]:,}"


# ---- For programs --------------------------------------------------------------------------------


def to_csv(found: Simulation) -> str:
    """A line for each month and case."""
    lines = ["month,recorded,case,size,low_80,high_80,low_95,high_95,value"]
    for month, recorded, sizes in months_of(found):
        for one in sizes:
            limits = [str(limit) for limit in (*(one.within_80 or ("", "")), *(one.within_95 or ("", "")))]
            lines.append(",".join([month, recorded or "", one.case, one.size, *limits, one.value or ""]))
    return "".join(f"{line}\n" for line in lines)


def to_json(found: Simulation) -> str:
    from lifeseg.cli import documents

    rates = found.rates
    return documents.written(
        documents.Simulation(
            policy=documents.PolicyName(name=found.model.name, version=found.model.version),
            definition=found.definition.name,
            steps=rates.months if rates is not None else None,
            observed={case: rates.observed(case) for case in found.cases} if rates is not None else None,
            months=[
                documents.Month.model_validate({"month": month, "recorded": recorded, "cases": sizes})
                for month, recorded, sizes in months_of(found)
            ],
        )
    )


def months_of(found: Simulation) -> Iterator[tuple[str, str | None, list[Size]]]:
    """Each month with the day of its run, if it had one, and its cases."""
    from lifeseg.cli.documents import Size

    for day, recorded in found.past:
        sizes = [
            Size(
                case=case, size=str(recorded.get(case, 0)), within_80=None, within_95=None,
                value=value_of(found, case, recorded.get(case, 0)),
            )
            for case in found.cases
        ]  # fmt: skip
        yield f"{day:%Y-%m}", str(day), sizes
    for day, expected in found.future:
        sizes = [
            Size(
                case=case, size=decimal(one.number), within_80=list(one.intervals[80]),
                within_95=list(one.intervals[95]), value=value_of(found, case, one.number),
            )
            for case, one in expected.items()
        ]  # fmt: skip
        yield f"{day:%Y-%m}", None, sizes


def value_of(found: Simulation, case: str, number: Fraction | int) -> str | None:
    return decimal(number * found.worth.get(case, 0)) if found.worth is not None else None


def decimal(number: Fraction | int) -> str:
    return f"{float(round(number, DECIMALS)):.{DECIMALS}f}"
