"""What was found about a policy's numbers comes in; a line for each size of a sweep, or for each weight, goes out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from lifeseg.functions.exact import fraction_text
from lifeseg.pipeline.sensitivity import Sensitivity, Sweep
from lifeseg.records.results_varied import Part


def to_csv(found: Sensitivity | Sweep) -> str:
    out = io.StringIO()
    rows = of_sweep(found) if isinstance(found, Sweep) else of_all(found)
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def of_sweep(found: Sweep) -> Iterator[tuple[str, ...]]:
    """Of each value: who moved, then every case of every decision."""
    yield "number", "value", "entity", "decision", "case", "count", "amount"
    for point in found.points:
        value = f"{point.value:f}"
        yield found.number.name, value, found.entity, "", "moved", *part(point.moved)
        for (entity, column), cases in found.cases.items():
            for case in cases:
                size = point.sizes[entity, column].get(case, found.nobody)
                yield found.number.name, value, entity, column, case, *part(size)


def of_all(found: Sensitivity) -> Iterator[tuple[str, ...]]:
    """Thresholds, weights and cases, told apart by the first column."""
    yield "what", "name", "case", "value", "within", "count", "amount", "kept"
    for one in found.near:
        at = one.threshold
        yield (
            "threshold", f"{at.decision} by {at.column}", at.case or at.flag or "",
            fraction_text(at.value), fraction_text(one.reach), *part(one.part), "",
        )  # fmt: skip
    for turned in found.weights:
        for sign, moved in (("less", turned.less), ("more", turned.more)):
            yield (
                "weight",
                turned.weight.name,
                sign,
                f"{turned.weight.value:f}",
                fraction_text(found.by),
                *part(moved),
                "",
            )
    for kept in found.classes:
        yield (
            "class",
            kept.column,
            kept.case or "",
            "",
            fraction_text(found.by),
            str(kept.count),
            "",
            str(kept.kept),
        )


def part(one: Part) -> tuple[str, str]:
    return str(one.count), fraction_text(one.worth) if one.worth is not None else ""
