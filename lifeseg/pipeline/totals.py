"""What a run has counted comes in; the totals that the next run of changed records goes on from go out, as JSON data.

Sums for the result hash, cases and records near a threshold all add up over records, so that those of changed records can be
taken away and added again. What went wrong is kept by its keys, up to a number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lifeseg.frozen import dataclass

if TYPE_CHECKING:
    from lifeseg.engines.running import Evaluated, Run

MOST_WRONG = 10_000
"""Records with something wrong that are kept by their keys."""

Keys = frozenset[tuple[str, ...]]
What = tuple[str, str, str]
"""no-case, several-cases, never or assume; the definition's name or the claim's title; the entity."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Of all records of a run; `wrong` is None where it was too much to be kept."""

    sums: Mapping[str, Sequence[int]]
    cases: Mapping[tuple[str, str], Sequence[int]]
    near: int
    wrong: Mapping[What, Keys] | None


def to_json(totals: Totals) -> dict[str, Any]:
    wrong = None
    if totals.wrong is not None:
        wrong = [[*what, sorted(map(list, keys))] for what, keys in totals.wrong.items()]
    return {
        "sums": {entity: [str(total) for total in found] for entity, found in totals.sums.items()},
        "cases": [[*name, list(found)] for name, found in totals.cases.items()],
        "near": totals.near,
        "wrong": wrong,
    }


def from_json(data: Any) -> Totals | None:
    """The totals; None where these are none."""
    try:
        wrong = data["wrong"]
        kept = None
        if wrong is not None:
            kept = {
                (str(kind), str(name), str(entity)): frozenset(tuple(map(str, key)) for key in keys)
                for kind, name, entity, keys in wrong
            }
        return Totals(
            {str(entity): [int(total) for total in found] for entity, found in data["sums"].items()},
            {(str(entity), str(name)): [int(n) for n in found] for entity, name, found in data["cases"]},
            int(data["near"]),
            kept,
        )
    except (KeyError, TypeError, AttributeError, ValueError):
        return None


def wrong_in(running: Run, evaluated: Evaluated) -> dict[What, Keys] | None:
    """The keys of all records with something wrong; None if they are too many."""
    from lifeseg.engines.writer import column
    from lifeseg.plan import tree

    if sum(found.count for found in evaluated.wrong) > MOST_WRONG:
        return None
    kept: dict[What, Keys] = {}
    for found in evaluated.wrong:
        broken = isinstance(found.found, tree.Broken)
        several = not broken and bool(found.examples[0][1])
        tests = running.wrong_where(found.found)
        step = next(
            step
            for step in running.plan.steps
            if isinstance(step, tree.Output) and step.entity == found.entity
        )
        keys = [column(f"_k{place}") for place in range(1, len(step.keys) + 1)]
        query = running.queries().select(step.relation, keys).where(tests[-1 if several else 0])
        rows = running.rows(running.text(query))
        kept[what(found.found, several, found.entity)] = frozenset(tuple(map(str, row)) for row in rows)
    return kept


def what(found: Any, several: bool, entity: str) -> What:
    from lifeseg.plan import tree

    if isinstance(found, tree.Broken):
        return found.kind, found.title, entity
    return "several-cases" if several else "no-case", found.definition, entity
