"""A plan comes in; the same without columns that nothing reads, and tables that are read once, goes out: nothing is
computed, joined or saved in vain.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar, assert_never

from lifeseg.plan import tree as p
from lifeseg.plan.shared_columns import columns_in, reads

Named = TypeVar("Named", bound=tuple[object, ...])


def pruned(steps: Sequence[p.Step]) -> tuple[p.Step, ...]:
    """The steps, each with what it or a later one reads."""
    wanted: dict[str, set[str]] = {}  # of what is saved
    found: list[p.Step] = []
    for step in reversed(steps):
        if isinstance(step, p.Save):
            kept = tuple(name for name in step.columns if is_key(name) or name in wanted.get(step.name, ()))
            step = replace(step, columns=kept)
        needs = Needs()
        needs.add(step.relation, read_by(step))
        for name, columns in needs.of_saved():
            wanted.setdefault(name, set()).update(columns)
        found.append(replace(step, relation=needs.slim(step.relation)))
    return tuple(reversed(found))


def inlined(steps: Sequence[p.Step]) -> tuple[p.Step, ...]:
    """The steps without saving what only one later saving reads: it is worked out there, in the same pass.

    Whoever reads no more than the keys of what is no longer saved reads those of the records.
    """
    found = list(steps)
    for name in [step.name for step in steps if isinstance(step, p.Save)]:
        step = saving(name, found)  # as it is by now: others may have been worked into it
        if is_read_once(step, found):
            made: dict[p.Relation, p.Relation] = {p.Saved(step.name): step.relation}
            found = [replace(one, relation=instead(one.relation, made)) for one in found if one is not step]
    return pruned(found)


def saving(name: str, steps: Iterable[p.Step]) -> p.Save:
    return next(step for step in steps if isinstance(step, p.Save) and step.name == name)


def is_read_once(step: p.Save, steps: Iterable[p.Step]) -> bool:
    """Whether one place of one other saving reads more than the keys of what a step saves."""
    readers: list[tuple[p.Step, int]] = []
    for one in steps:
        needs = Needs()
        needs.add(one.relation, read_by(one))
        if any(name == step.name and not all(map(is_key, names)) for name, names in needs.of_saved()):
            within = [inner for relation in needs.columns for inner in directly_in(relation)]
            readers.append((one, [one.relation, *within].count(p.Saved(step.name))))
    return len(readers) == 1 and isinstance(readers[0][0], p.Save) and readers[0][1] == 1


def directly_in(relation: p.Relation) -> tuple[p.Relation, ...]:
    match relation:
        case p.Scan() | p.Saved():
            return ()
        case p.Extend() | p.Summarise():
            return (relation.source,)
        case p.Attach():
            return (relation.source, relation.other)
        case _:
            assert_never(relation)


def instead(relation: p.Relation, made: dict[p.Relation, p.Relation]) -> p.Relation:
    """A relation with others in place of some inside it; what these have besides is neither made nor attached again."""
    if relation not in made:
        match relation:
            case p.Scan() | p.Saved():
                made[relation] = relation
            case p.Extend():
                source = instead(relation.source, made)
                columns = new_in(source, relation.columns, 0)
                made[relation] = p.Extend(source, columns) if columns else source
            case p.Summarise():
                made[relation] = replace(relation, source=instead(relation.source, made))
            case p.Attach():
                source, other = (instead(inner, made) for inner in directly_in(relation))
                fresh = new_in(source, relation.columns, 1)
                made[relation] = (
                    replace(relation, source=source, other=other, columns=fresh) if fresh else source
                )
            case _:
                assert_never(relation)
    return made[relation]


def new_in(source: p.Relation, columns: tuple[Named, ...], place: int) -> tuple[Named, ...]:
    """The columns whose names, at this place, are not in a relation yet. One name means one thing in a plan."""
    there = columns_in(source)
    return tuple(column for column in columns if column[place] not in there)


def measuring(plan: p.Plan) -> p.Plan:
    """A plan that measures the population and does nothing else."""
    steps = [step for step in plan.steps if not isinstance(step, p.Output)]
    while steps and not isinstance(steps[-1], p.Measure):
        steps.pop()
    needed = pruned(steps)
    saved = {name for step in needed for name in saved_in(step.relation)}
    return replace(plan, steps=tuple(s for s in needed if not isinstance(s, p.Save) or s.name in saved))


def saved_in(relation: p.Relation) -> set[str]:
    """The names of what a relation reads of what was saved."""
    match relation:
        case p.Scan():
            return set()
        case p.Saved():
            return {relation.name}
        case p.Extend() | p.Summarise():
            return saved_in(relation.source)
        case p.Attach():
            return saved_in(relation.source) | saved_in(relation.other)
        case _:
            assert_never(relation)


def is_key(name: str) -> bool:
    return name.startswith("_k") and name[2:].isdigit()


def read_by(step: p.Step) -> set[str]:
    """The columns that a step reads of its relation."""
    match step:
        case p.Measure():
            return read_in(
                part
                for request in step.requests
                for parts in ((request.value, request.where), *request.entries)
                for part in parts
            )
        case p.Save():
            return set(step.columns)
        case p.Output():
            names = {result.column for result in step.results}
            names |= {trouble.column for trouble in step.troubles} | {claim.column for claim in step.claims}
            return names | {f"_k{place}" for place in range(1, len(step.keys) + 1)}
        case _:
            assert_never(step)


def read_in(formulas: Iterable[p.AnyFormula | None]) -> set[str]:
    return set().union(*(reads(formula) for formula in formulas if formula is not None))


@dataclass(slots=True)
class Needs:
    """What is read of each relation inside one; equal relations, which are worked out once, are counted together."""

    columns: dict[p.Relation, set[str]] = field(default_factory=dict)
    slimmed: dict[p.Relation, p.Relation] = field(default_factory=dict)

    def add(self, relation: p.Relation, columns: set[str]) -> None:
        """Notes that the columns are read, and what they read beneath."""
        there = self.columns.get(relation)
        if there is not None and columns <= there:
            return
        wanted = self.columns[relation] = columns | (there or set())
        match relation:
            case p.Scan() | p.Saved():
                return
            case p.Extend():
                made = dict(relation.columns)
                kept = read_in(formula for name, formula in made.items() if name in wanted)
                self.add(relation.source, kept | (wanted - set(made)))
            case p.Summarise():
                self.add(relation.source, set(relation.keys) | summarised(relation, wanted))
            case p.Attach():
                there_names = {there for there, here in relation.columns if here in wanted}
                if there_names:
                    self.add(relation.other, there_names | set(relation.keys))
                here_names = {here for _, here in relation.columns}
                self.add(relation.source, (wanted - here_names) | set(relation.keys if there_names else ()))
            case _:
                assert_never(relation)

    def of_saved(self) -> Iterable[tuple[str, set[str]]]:
        return [(found.name, names) for found, names in self.columns.items() if isinstance(found, p.Saved)]

    def slim(self, relation: p.Relation) -> p.Relation:
        """The relation with only what is read of it."""
        if relation not in self.slimmed:
            self.slimmed[relation] = self.made_slim(relation, self.columns[relation])
        return self.slimmed[relation]

    def made_slim(self, relation: p.Relation, wanted: set[str]) -> p.Relation:
        match relation:
            case p.Scan() | p.Saved():
                return relation
            case p.Extend():
                kept = tuple(made for made in relation.columns if made[0] in wanted)
                source = self.slim(relation.source)
                return p.Extend(source, kept) if kept else source
            case p.Summarise():
                summaries = tuple(found for found in relation.summaries if found.name in wanted)
                return replace(relation, source=self.slim(relation.source), summaries=summaries)
            case p.Attach():
                columns = tuple(pair for pair in relation.columns if pair[1] in wanted)
                source = self.slim(relation.source)
                if not columns:
                    return source  # each row has at most one to be attached: the rows stay what they are
                return replace(relation, source=source, other=self.slim(relation.other), columns=columns)
            case _:
                assert_never(relation)


def summarised(relation: p.Summarise, wanted: set[str]) -> set[str]:
    """The columns that the wanted summaries read."""
    found = [summary for summary in relation.summaries if summary.name in wanted]
    return read_in(part for one in found for part in (one.value, *one.order, one.rows))
