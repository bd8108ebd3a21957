"""Movers and the changes of a policy come in; for each mover the changes that move it go out.

Each change is made alone to the old version, which then evaluates those who moved: whoever moves as in the whole is moved by
that change. Whoever no change moves alone is moved by several together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from lifeseg.model.from_trees import from_trees
from lifeseg.pipeline import kept
from lifeseg.pipeline.setting import Setting, data_sources
from lifeseg.pipeline.stages import Progress, errors_among, evaluate, load
from lifeseg.pipeline.wish import Wish
from lifeseg.review.affected import affected, read_in
from lifeseg.review.alone import with_change
from lifeseg.review.rules import RuleChange, Version
from lifeseg.workspace import Library

if TYPE_CHECKING:
    from lifeseg.interpreter.results import Baseline
    from lifeseg.model.model import Model
    from lifeseg.pipeline.difference import EntityMoves, Mover
    from lifeseg.records.population import Population

MOST_ALONE = 12
"""Changes that are tried one by one."""

Key = tuple[str, ...]
Cases = Mapping[str, str | None]


def with_causes(
    setting: Setting,
    moves: EntityMoves,
    changes: Sequence[RuleChange],
    versions: tuple[Version, Version],
    baseline: Baseline,
    progress: Progress | None,
) -> EntityMoves:
    """The movers with what moves them, if there are few enough changes to try each."""
    meant = [change for change in changes if change.means]
    if len(meant) == 1:
        name = told(meant[0])
        movers = tuple(replace(one, causes=(name,)) for one in moves.movers)
        return replace(moves, movers=movers, sole=name)
    if not meant or len(meant) > MOST_ALONE:
        return moves
    old = versions[0].model
    assert old is not None
    people = families(setting, old, moves)
    alone: dict[str, Mapping[Key, Cases]] = {}
    for number, change in enumerate(meant):
        if progress is not None:
            progress("trying changes alone", number, len(meant))
        model = model_of(setting, versions, change)
        if model is not None:
            alone[told(change)] = cases_by(setting, old, model, people, baseline, moves)
    return replace(moves, movers=tuple(caused(one, alone) for one in moves.movers))


def told(change: RuleChange) -> str:
    return f"{change.unit.kind} {change.unit.name}".rstrip()


def model_of(setting: Setting, versions: tuple[Version, Version], change: RuleChange) -> Model | None:
    """The old version with one change, if that is a policy."""
    files = with_change(*versions, change)
    model, findings = from_trees(files, Library(setting.policy, setting.policies).find)
    return None if errors_among(findings) else model


def families(setting: Setting, model: Model, moves: EntityMoves) -> Population:
    """The movers with all that belongs to them; everybody, where they are soon read."""
    if setting.engine == "interpreter":
        return load(model, data_sources(setting, model))[0]
    from lifeseg.pipeline.by_engine import opened
    from lifeseg.records.families import families_by

    keys = [mover.key for mover in moves.movers]
    with opened(model, replace(setting, store=None), Wish()) as place:
        return families_by(place.rows, place.dialect, model.entities, place.records, moves.entity, keys)


def cases_by(
    setting: Setting, old: Model, model: Model, people: Population, baseline: Baseline, moves: EntityMoves
) -> Mapping[Key, Cases]:
    """What each mover would be with one change alone."""
    if model.entities != old.entities:
        return {}  # other facts: these records are not of that policy
    own = baseline if is_same(old, model) else measured(setting, model, baseline.counts)
    from lifeseg.records.results_compared import shown

    results = evaluate(model, people, setting.day(), baseline=own)
    columns = [
        column
        for column in kept.columns(model, model.entities[moves.entity], None)
        if column.name in moves.decisions
    ]
    cells = [[shown(cell) for cell in kept.texts_of(results, moves.entity, column)] for column in columns]
    names = [column.name for column in columns]
    return {
        key: dict(zip(names, row, strict=True))
        for key, row in zip(results.keys(moves.entity), zip(*cells, strict=True), strict=True)
    }


def is_same(old: Model, model: Model) -> bool:
    """Whether the statistics are those of the old version: what they read is not affected."""
    if old.statistics != model.statistics:
        return False
    changed = affected(old, model)
    parameters = {name for name, one in model.parameters.items() if old.parameters.get(name) != one}
    return not any(
        key in changed or key in parameters
        for found in model.statistics
        for key in read_in((found.parts, found.limit))
    )


def measured(setting: Setting, model: Model, counts: Mapping[str, int]) -> Baseline:
    """The statistics of everybody under a version, and nothing else of them; the same records as of the old one."""
    from lifeseg.engines.running import Run
    from lifeseg.interpreter.results import Baseline
    from lifeseg.pipeline.by_engine import opened, planned
    from lifeseg.plan.pruning import measuring

    if setting.engine == "interpreter":
        population, _ = load(model, data_sources(setting, model))
        return evaluate(model, population, setting.day()).baseline
    with opened(model, replace(setting, store=None), Wish()) as place:
        plan = measuring(planned(model, setting.day(), None))
        evaluated = Run(plan, place.database, place.operations).execute({})
    return Baseline(dict(evaluated.statistics), dict(counts))


def caused(mover: Mover, alone: Mapping[str, Mapping[Key, Cases]]) -> Mover:
    """The changes that alone move a record in a way it moves; if there are none, several are needed together."""
    causes = tuple(
        name for name, cases in alone.items()
        if any(cases.get(mover.key, {}).get(column, before) == after for column, (before, after) in mover.cases.items())
    )  # fmt: skip
    return replace(mover, causes=causes, together=not causes)
