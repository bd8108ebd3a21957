"""lifeseg loop: the day of the workspace comes in; what came of what was handed out goes out, at a glance."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from lifeseg.cli.options import AsOf, PolicyOption, Strict
from lifeseg.cli.output import FINDINGS, show
from lifeseg.model import tasks as model

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lifeseg.pipeline.loop import Difference, Loop, Row, Verdict

Since = Annotated[str | None, typer.Option(metavar="DATE", help="Tasks handed out on this day or later.")]
Until = Annotated[str | None, typer.Option(metavar="DATE", help="Tasks handed out on this day or earlier.")]
By = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Split by a segment, rank, table or lifecycle: the case on the day of the hand-out.",
    ),
]
Format = Annotated[Literal["console", "csv", "json"], typer.Option("--format", help="How to write it.")]

RATIOS = ("cost", "revenue", "return", "worth")
"""All others are shares."""
NOTHING = "–"


def loop(
    since: Since = None,
    until: Until = None,
    by: By = None,
    format_: Format = "console",
    as_of: AsOf = None,
    strict: Strict = False,
    policy: PolicyOption = None,
) -> None:
    """Show the loop at a glance: tasks, outcomes, targets, KPIs.

    A line for each task with its measures, the targets of the policy, the KPIs of the last run beside those of
    the run before, and how champion, challenger and control compare. Needs no data, only the result store
    of the workspace.
    """
    from lifeseg.pipeline.loop import loop as measured
    from lifeseg.pipeline.setting import as_day, settle

    first, last = (as_day(day) if day is not None else None for day in (since, until))
    found = measured(settle(policy, as_of=as_of), first, last, by)
    show({"console": to_console, "csv": to_csv, "json": to_json}[format_](found))
    kpis = found.runs[0].kpis if found.runs else ()
    own = [one for one in found.verdicts if one.case is None and one.arm is None]
    missed = any(one.met is False for one in own) or any(one.get("met") is False for one in kpis)
    if strict and missed:
        raise typer.Exit(FINDINGS)


def rounded(value: Fraction, decimals: int) -> str:
    """Half away from zero, exactly."""
    from lifeseg.functions.exact import divide_half_away, to_text

    whole = divide_half_away(value.numerator * 10**decimals, value.denominator)
    text = to_text(whole, decimals)
    if not decimals:
        return text
    head, _, tail = text.partition(".")
    return f"{head}.{tail:0<{decimals}}"


def amount(measure: str, value: Fraction | None) -> str:
    if value is None:
        return NOTHING
    return f"{rounded(value * 100, 1)}%" if measure not in RATIOS else rounded(value, 2)


# ---- Console -------------------------------------------------------------------------------------


def to_console(found: Loop) -> str:
    parts = [heading(found), tasks(found), targets(found), kpis(found), arms(found)]
    return "\n".join("".join(f"{line}\n" for line in lines) for lines in parts if lines)


def heading(found: Loop) -> list[str]:
    from lifeseg.cli.words import counted

    own, held = sum(row.handed_out for row in found.rows), sum(row.held_out for row in found.rows)
    words = [f"{found.model.name} {found.model.version}", f"as of {found.today}", counted(own, "task")]
    return [" · ".join([*words, *([f"{held:,} held out as control"] if held else [])])]


def tasks(found: Loop) -> list[str]:
    lead = [found.by] if found.by is not None else []
    return measured(
        ["task", *lead], [([row.name, *([row.case or NOTHING] if lead else [])], row) for row in found.rows]
    )


def measured(heads: list[str], rows: list[tuple[list[str], Row]]) -> list[str]:
    """What was done, and beneath it what became of the customers. Columns that nobody fills are not there."""
    from lifeseg.cli.words import aligned

    lines: list[str] = []
    for names, columns in ((DONE, done), (JUDGED, judged)):
        filled = [(words, cells) for words, row in rows if (cells := columns(row))]
        if not filled:
            continue
        places = [place for place in range(len(names)) if any(cells[place] != NOTHING for _, cells in filled)]
        table = [[*words, *(cells[place] for place in places)] for words, cells in ((heads, names), *filled)]
        lines += [
            *([""] if lines else []),
            *aligned(table, [place >= len(heads) for place in range(len(table[0]))]),
        ]
    return lines


COUNTED = ("handed_out", "done", "overdue")
WORTHS = ("worth_before", "worth_after")
DONE = (*COUNTED, *model.DONE)
JUDGED = ("judged", *model.JUDGED, *WORTHS)


def done(row: Row) -> list[str]:
    """None of those to whom nothing was handed out."""
    if not row.handed_out:
        return []
    numbers = [f"{number:,}" for number in (row.handed_out, row.done, row.overdue)]
    return [*numbers, *(amount(name, row.measures[name]) for name in model.DONE)]


def judged(row: Row) -> list[str]:
    if not row.judged:
        return []
    worths = [amount("worth", value) for value in (row.before, row.after)]
    return [f"{row.judged:,}", *(amount(name, row.measures[name]) for name in model.JUDGED), *worths]


def targets(found: Loop) -> list[str]:
    """For all; of a case or an arm the name stands behind the measure."""
    from lifeseg.cli.words import aligned

    several = any(one.case or one.arm for one in found.verdicts)
    rows = [
        [
            one.name, one.measure, *([one.arm or one.case or ""] if several else []), amount(one.measure, one.found),
            f"{one.operator} {limit(one)}: {verdict(one.met)}{spent(one)}",
        ]
        for one in found.verdicts
    ]  # fmt: skip
    head = ["target", *[""] * (4 if several else 3)]
    return aligned([head, *rows], [*[False] * (len(head) - 2), True, False]) if rows else []


def spent(one: Verdict) -> str:
    """What part of a budget is spent, and what is left of it."""
    if one.spent is None or one.found is None:
        return ""
    return f", {rounded(one.spent * 100, 1)}% spent"


def limit(one: Verdict) -> str:
    if one.measure not in RATIOS:
        exact = one.limit * 100
        return f"{exact}%" if exact.denominator == 1 else f"{rounded(exact, 2)}%"
    return str(one.limit) if one.limit.denominator == 1 else rounded(one.limit, 2)


def verdict(met: bool | None) -> str:
    return "nothing known yet" if met is None else "met" if met else "missed"


def kpis(found: Loop) -> list[str]:
    """What the KPIs came to in the last run, beside the run before."""
    from lifeseg.cli.words import aligned

    if not found.runs or not found.runs[0].kpis:
        return []
    before = (
        {(name, case): value for name, case, value, _ in told(found.runs[1].kpis)} if found.runs[1:] else {}
    )
    rows = [
        [name, case, shown(value), shown(before.get((name, case))) if before else "", said]
        for name, case, value, said in told(found.runs[0].kpis)
    ]
    last = [f"run {one.run} of {one.as_of}" for one in found.runs]
    head = ["KPI", "", last[0], last[1] if before else "", ""]
    return aligned([head, *rows], [False, False, True, True, False])


def told(kpis: Sequence[Any]) -> Iterator[tuple[str, str, str | None, str]]:
    """Name, case, value and what is said of the target, which stands at the last case."""
    for one in kpis:
        said = f"{one['target']}: {'met' if one['met'] else 'missed'}" if "target" in one else ""
        cases = list(one["cases"].items()) if "cases" in one else [("", one.get("value"))]
        if said.startswith("difference"):
            cases.append(("difference", one["difference"]))
            said = said.removeprefix("difference ")
        for place, (case, value) in enumerate(cases):
            yield one["name"], case, value, said if place == len(cases) - 1 else ""


def shown(value: str | None) -> str:
    """At most four decimals."""
    if value is None:
        return NOTHING
    text = rounded(Fraction(value), 4)
    return text.rstrip("0").rstrip(".") if "." in text else text


def arms(found: Loop) -> list[str]:
    """The arms, and how far they are apart."""
    from lifeseg.cli.words import aligned

    lines = measured(
        ["arm", "task"], [([arm, row.name], row) for arm, rows in found.arms.items() for row in rows]
    )
    apart = [
        [one.name, *([one.case or ""] if found.by is not None else []), one.what, f"{one.arm} – {one.other}",
         difference(one), "few" if one.few else ""]
        for one in found.differences
    ]  # fmt: skip
    if apart:
        blank = [""] * (3 if found.by is not None else 2)
        head = ["difference", *blank, "95 % interval", ""]
        lines += [*([""] if lines else []), *aligned([head, *apart], [False] * len(head))]
    return lines


def difference(one: Difference) -> str:
    """`+12.5 points (-3.0 to 28.1)`"""
    share = one.what not in ("profit", "worth")
    factor, decimals = (100, 1) if share else (1, 2)
    found = rounded(one.found * factor, decimals)
    sign = "+" if one.found > 0 else ""
    unit = " points" if share else ""
    if one.interval is None:
        return f"{sign}{found}{unit}"
    low, high = (f"{end * factor:.{decimals}f}" for end in (one.interval.low, one.interval.high))
    return f"{sign}{found}{unit} ({low} to {high})"


# ---- Documents -----------------------------------------------------------------------------------


def to_csv(found: Loop) -> str:
    """The measures alone, in full: shares as parts of 1."""
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["task", "case", "handed_out", "held_out", "done", "overdue", "judged", *WORTHS, *model.MEASURES]
    )
    for row in found.rows:
        counts = (row.handed_out, row.held_out, row.done, row.overdue, row.judged)
        worths = [exact("worth", value) or "" for value in (row.before, row.after)]
        values = [*worths, *(exact(name, row.measures[name]) or "" for name in model.MEASURES)]
        writer.writerow([row.name, row.case or "", *counts, *values])
    return text.getvalue()


def exact(name: str, value: Fraction | None) -> str | None:
    return None if value is None else rounded(value, 2 if name in model.AMOUNTS else 6)


def to_json(found: Loop) -> str:
    from lifeseg.cli import documents as d

    return d.written(
        d.Loop(
            policy=d.PolicyName(name=found.model.name, version=found.model.version),
            as_of=found.today,
            by=found.by,
            tasks=[line(row) for row in found.rows],
            targets=[
                d.TaskTarget(
                    task=one.name, measure=one.measure, target=f"{one.operator} {limit(one)}",
                    case=one.case, arm=one.arm, value=exact(one.measure, one.found), met=one.met,
                    spent=exact("spent", one.spent),
                )
                for one in found.verdicts
            ],
            runs=[d.LoopRun(run=one.run, as_of=one.as_of, kpis=[dict(kpi) for kpi in one.kpis]) for one in found.runs],
            arms={arm: [line(row) for row in rows] for arm, rows in found.arms.items()},
            differences=[
                d.ArmDifference(
                    task=one.name, case=one.case, what=one.what, arm=one.arm, other=one.other, counts=list(one.counts),
                    difference=rounded(one.found, 6), few=one.few,
                    low=f"{one.interval.low:.6f}" if one.interval is not None else None,
                    high=f"{one.interval.high:.6f}" if one.interval is not None else None,
                )
                for one in found.differences
            ],
        )
    )  # fmt: skip


def line(row: Row) -> Any:
    from lifeseg.cli import documents as d

    return d.TaskMeasures(
        task=row.name, case=row.case, handed_out=row.handed_out, held_out=row.held_out, done=row.done,
        overdue=row.overdue, judged=row.judged, worth_before=exact("worth", row.before),
        worth_after=exact("worth", row.after), measures={name: exact(name, row.measures[name]) for name in model.MEASURES},
    )  # fmt: skip
