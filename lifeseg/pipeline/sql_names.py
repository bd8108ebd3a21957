"""A plan and a model come in; names for the columns, steps and statistics that its SQL shows go out, by which a reader
knows them: those of the definitions, where the planner has only numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from lifeseg.frozen import dataclass
from lifeseg.model.model import Model
from lifeseg.plan import tree as p
from lifeseg.records.identifiers import identifiers


@dataclass(frozen=True, slots=True)
class Names:
    """`columns` and `scalars` are new names by the planner's; `steps` are the names of relations; `titles` say more."""

    columns: Mapping[str, str]
    scalars: Mapping[str, str]
    steps: Mapping[Any, str]
    titles: Mapping[str, str]


def names_of(model: Model, plan: p.Plan) -> Names:
    taken = [column for source in plan.sources for _, column in source.facts]
    taken += [result.column for step in outputs(plan) for result in step.results]
    labels = dict(column_labels(plan))
    columns: dict[str, str] = {}
    for name, label in labels.items():
        columns[name] = identifiers([label], [*taken, *columns.values()])[label]
    titles = {one.name: one.titles.get("en", "") for one in model.definitions}
    titles |= {columns.get(claim.column, claim.column): f"{claim.kind} {claim.title}"
               for step in outputs(plan) for claim in step.claims}  # fmt: skip
    return Names(columns, dict(scalar_names(plan)), step_names(plan, columns), titles)


def outputs(plan: p.Plan) -> list[p.Output]:
    return [step for step in plan.steps if isinstance(step, p.Output)]


def relations(plan: p.Plan) -> Iterator[p.Relation]:
    """Every relation once, what it reads before it."""
    seen: set[p.Relation] = set()

    def within(relation: p.Relation) -> Iterator[p.Relation]:
        if relation in seen:
            return
        seen.add(relation)
        for field in fields(relation):
            inner = getattr(relation, field.name)
            if isinstance(inner, p.Scan | p.Saved | p.Extend | p.Summarise | p.Attach):
                yield from within(inner)
        yield relation

    for step in plan.steps:
        yield from within(step.relation)


def column_labels(plan: p.Plan) -> Iterator[tuple[str, str]]:
    """What the planner's own columns are: the test of a case, a summary of children, a claim."""
    labels: dict[str, str] = {}
    for relation in relations(plan):
        if isinstance(relation, p.Summarise):
            for found in relation.summaries:
                what = f"_{found.value.name}" if isinstance(found.value, p.Column) else ""
                labels.setdefault(found.name, f"{base_of(relation)}_{found.function}{what}")
        elif isinstance(relation, p.Extend):
            for name, formula in relation.columns:
                for test, case in cases_in(formula):
                    labels.setdefault(test, f"{name}_is_{case}")
    made = {name for found in relations(plan) if isinstance(found, p.Extend) for name, _ in found.columns}
    parts = (name for name in made if name.startswith("_h") and name not in labels)
    labels |= dict.fromkeys(sorted(parts), "part")
    return iter(labels.items())


def cases_in(formula: object) -> Iterator[tuple[str, str]]:
    """The columns by which a case is chosen, and the case."""
    if isinstance(formula, p.Choose):
        for test, value in formula.steps:
            if isinstance(test, p.Column) and test.name.startswith("_h") and isinstance(value, p.Literal_):
                yield test.name, str(value.value)
            yield from cases_in(value)
        yield from cases_in(formula.otherwise)


def base_of(relation: p.Relation) -> str:
    """The entity whose rows they are."""
    while not isinstance(relation, p.Scan):
        if isinstance(relation, p.Saved):
            return relation.name
        relation = relation.source
    return relation.entity


def scalar_names(plan: p.Plan) -> Iterator[tuple[str, str]]:
    """The statistics by the words of the policy."""
    taken: list[str] = []
    for step in plan.steps:
        for request in step.requests if isinstance(step, p.Measure) else ():
            plain = re.sub(r"[^a-zA-Z0-9]+", "_", request.key).strip("_") or "statistic"
            taken.append(identifiers([plain], taken)[plain])
            yield request.name, taken[-1]


def step_names(plan: p.Plan, columns: Mapping[str, str]) -> Mapping[Any, str]:
    """Each subquery by the definitions it computes, or by what it puts together."""
    taken = [source.entity for source in plan.sources]
    taken += [step.name for step in plan.steps if isinstance(step, p.Save)]
    names: dict[Any, str] = {}
    for relation in relations(plan):
        match relation:
            case p.Extend():
                made = [columns.get(name, name).lstrip("_") for name, _ in relation.columns]
                own = [name for name, _ in relation.columns if name not in columns]
                plain = (own or made)[0].lstrip("_") + (f"_and_{len(made) - 1}_more" if len(made) > 1 else "")
            case p.Summarise():
                plain = f"{base_of(relation)}_summed_up"
            case p.Attach():
                plain = f"{base_of(relation)}_with_{base_of(relation.other)}"
            case _:
                continue
        names[relation] = identifiers([plain], [*taken, *names.values()])[plain]
    return names
