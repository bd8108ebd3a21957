"""A setting and two versions of its policy come in; what the change between them says, and what it does to the customers of
the workspace, goes out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifeseg.frozen import dataclass
from lifeseg.model.model import Flag, FlagBlock, Lifecycle, Model, Rank, Score, Segment, Table
from lifeseg.model.personal import MASK, has_personal_cuts, shown_key
from lifeseg.pipeline import kept
from lifeseg.pipeline.aside import evaluated, room
from lifeseg.pipeline.difference import Cut, Difference, EntityMoves, Mover, Wanted
from lifeseg.pipeline.errors import ConfigurationError, DataError, refusal
from lifeseg.pipeline.gates import decides, known_cases, known_value, shut
from lifeseg.pipeline.kpis import document, kpis
from lifeseg.pipeline.revisions import sides
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.stages import Checked, Progress, check
from lifeseg.review.rules import Version, rule_changes

if TYPE_CHECKING:
    from lifeseg.pipeline.overview import Overview
    from lifeseg.prover.compare import Compared
    from lifeseg.records.results_compared import Compared as Sides

MOST_NAMED = 5
MOST_LISTED = 1000


def diff(setting: Setting, wanted: Wanted, progress: Progress | None = None) -> Difference:
    """Raises a finding where a version cannot be found; a version with errors is compared as far as that goes."""
    with sides(wanted.words, setting.policy) as (old, new):
        before, after = (check(one.path, setting.policies) for one in (old, new))
        versions = version(before), version(after)
        models = [one.model for one in (before, after) if one.model is not None]
        known_cases(wanted.gates, models)
        known_value(wanted.value, models)
        found = Difference(old, new, before, after, rule_changes(*versions), value=wanted.value)
        if wanted.proofs and before.model and after.model and not found.equivalent:
            found = replace(found, proofs=tuple(proofs(before.model, after.model, setting, progress)))
        if wanted.population and before.model and after.model and not found.equivalent:
            found = on_population(setting, wanted, found, versions, progress)
    return replace(found, gates=tuple(shut(gate, found) for gate in wanted.gates))


def version(checked: Checked) -> Version:
    from lifeseg.workspace import read_policy

    return Version(read_policy(checked.path).files, checked.model)


def proofs(old: Model, new: Model, setting: Setting, progress: Progress | None) -> Iterator[Compared]:
    """Of each decision that both versions have and that may differ: whether it does of anybody there could be, and how."""
    from importlib.util import find_spec

    from lifeseg.review.affected import affected

    if find_spec("z3") is None:
        raise refusal("prove-packages")
    from lifeseg.prover.compare import equivalent

    asked = list(provable(new, affected(old, new) & {(one.entity, one.name) for one in old.definitions}))
    for number, (entity, name) in enumerate(asked):
        if progress is not None:
            progress("proving", number, len(asked))
        yield equivalent(old, new, entity, name, day=setting.as_of)


def provable(model: Model, keys: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The decisions among these definitions, flags one by one, of scores their bands."""
    for one in model.definitions:
        if (one.entity, one.name) not in keys or one.made:
            continue
        if isinstance(one, Segment | Lifecycle | Table | Rank | Flag):
            yield one.entity, one.name
        elif isinstance(one, Score) and one.bands:
            yield one.entity, f"{one.name}_band"


# ---- What it does ---------------------------------------------------------------------------------


def on_population(
    setting: Setting,
    wanted: Wanted,
    found: Difference,
    versions: tuple[Version, Version],
    progress: Progress | None,
) -> Difference:
    """Both versions evaluated on the same records, as far as they differ; where one of them has no data, why."""
    old, new = (checked.good() for checked in (found.before, found.after))
    only = in_both(old, new, wanted.value)
    if only == ():
        return replace(found, unmoved=True)
    with room(setting) as folder:
        try:
            overviews = [
                evaluated(setting, model, folder / name, progress, only)
                for model, name in ((old, "before"), (new, "after"))
            ]
        except (ConfigurationError, DataError) as error:
            return replace(found, unread=error.findings[0])
        compared = Comparison(
            old, new, folder, only, wanted.value, wanted.nearest, (overviews[0], overviews[1])
        )
        moves = [moved(compared, entity) for entity in new.entities if entity in old.entities]
        if moves and moves[0].moved:
            from lifeseg.pipeline.causes import with_causes

            moves[0] = with_causes(setting, moves[0], found.rules, versions, overviews[0].baseline, progress)
    return replace(
        found,
        moves=tuple(unnamed(new, one) for one in moves),
        cuts=tuple(cuts(*overviews)),
        kpis=tuple(kpi_changes(*overviews)),
    )


def in_both(old: Model, new: Model, value: str | None) -> tuple[str, ...] | None:
    """The definitions of both versions whose results may differ, and what is added up of those who move; None: all, where
    there are KPIs, or where records are described otherwise and may no longer fit.
    """
    from lifeseg.review.affected import affected
    from lifeseg.review.thresholds import amounts_compared

    if old.kpis or new.kpis or old.entities != new.entities:
        return None
    common = {(one.entity, one.name) for one in old.definitions}
    keys = affected(old, new) & common
    keys |= {
        (one.entity, one.name)
        for one in new.definitions
        if isinstance(one, FlagBlock) and any((one.entity, flag) in keys for flag in one.flags)
    } & common
    keys |= amounts_compared(new, keys) & common  # to tell who comes near to a threshold
    if keys and value is not None:
        keys |= {key for key in common if key[1] == value}
    return tuple(dict.fromkeys(one.name for one in new.definitions if (one.entity, one.name) in keys))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions and the folder with their results; which of them there are, and what is asked of them."""

    old: Model
    new: Model
    folder: Path
    only: tuple[str, ...] | None
    value: str | None
    nearest: int
    overviews: tuple[Overview, Overview]


def moved(asked: Comparison, entity: str) -> EntityMoves:
    """What became of the records of one entity."""
    from lifeseg.pipeline.nearest import nearest
    from lifeseg.records.results_compared import Pair, comparing

    old, new, only = asked.old, asked.new, asked.only
    decisions, others = shared_columns(old, new, entity, only)
    if only is not None and not decisions and not others:
        return unmoved(entity, asked.overviews[1].rows[entity])
    keys = tuple(column.name for column in kept.key_columns(new, new.entities[entity]))
    pair = Pair(
        asked.folder / "before" / f"{entity}.parquet",
        asked.folder / "after" / f"{entity}.parquet",
        keys,
        (*decisions, *others),
        frozenset(one.name for one in new.of(entity) if isinstance(one, FlagBlock)),
        asked.value if asked.value in others else None,
    )
    with comparing(pair) as sides:
        found = told(sides, entity, decisions, others)
        return replace(found, nearest=tuple(nearest(sides, found, asked.overviews, asked.nearest)))


def unnamed(model: Model, found: EntityMoves) -> EntityMoves:
    """The same without personal keys: a change is discussed by many who need not know whom it moves."""

    def hidden(key: tuple[str, ...]) -> tuple[str, ...]:
        return shown_key(model, found.entity, key)

    return replace(
        found,
        movers=tuple(replace(one, key=hidden(one.key)) for one in found.movers),
        went=tuple(replace(one, keys=tuple(map(hidden, one.keys))) for one in found.went),
        nearest=tuple(
            replace(
                one,
                reached=tuple(replace(each, key=hidden(each.key)) for each in one.reached),
                short=tuple(replace(each, key=hidden(each.key)) for each in one.short),
            )
            for one in found.nearest
        ),
    )


def kinds(model: Model, entity: str, only: tuple[str, ...] | None) -> dict[str, str]:
    """What kind of value each column of the results holds."""
    return {column.name: column.type.kind for column in kept.columns(model, model.entities[entity], only)}


def unmoved(entity: str, count: int) -> EntityMoves:
    """Of the same records nothing was evaluated that can differ."""
    return EntityMoves(entity, count, 0, 0, 0, None, (), {}, {}, {}, ())


def told(sides: Sides, entity: str, decisions: Sequence[str], others: Sequence[str]) -> EntityMoves:
    from lifeseg.records.results_compared import shown

    both = f"{sides.differs(decisions)} AND NOT _new AND NOT _gone"
    went = [one for name in decisions for one in sides.went(name, MOST_NAMED)]
    movers = tuple(
        Mover(key, {name: (shown(one), shown(other)) for name, (one, other) in cases.items()})
        for key, cases in sides.moved(decisions, MOST_LISTED)
    )
    changed = dict.fromkeys(one.column for one in went)
    return EntityMoves(
        entity,
        sides.count("NOT _gone"),
        sides.count("_new"),
        sides.count("_gone"),
        sides.count(both),
        sides.worth(both) if sides.pair.worth is not None else None,
        tuple(went),
        {name: sides.sizes(name) for name in changed},
        {name: sides.stayed(name) for name in changed if name not in sides.pair.lists},
        {
            name: count
            for name in others
            if (count := sides.count(f"{sides.differs([name])} AND NOT _new AND NOT _gone"))
        },
        movers,
        decisions=tuple(decisions),
    )


def shared_columns(
    old: Model, new: Model, entity: str, only: tuple[str, ...] | None
) -> tuple[list[str], list[str]]:
    """The columns that both versions have of an entity: those of decisions, and those of indexes and scores. What has only
    its name in common with what was is another column.
    """
    before = kinds(old, entity, only)
    decisions: list[str] = []
    others: list[str] = []
    for definition in kept.in_order_of_text(new, entity):
        if only is not None and definition.name not in only:
            continue
        for column in kept.columns_of(definition):
            if before.get(column.name) == column.type.kind:
                (decisions if decides(definition, column.name) else others).append(column.name)
    return decisions, others


def cuts(old: Overview, new: Overview) -> Iterator[Cut]:
    """The cuts of ranks that are in both versions; of a rank by a personal fact only that they have moved."""
    from lifeseg.functions.exact import to_text

    ranks = {(found.entity, found.name): found for found in old.model.definitions if isinstance(found, Rank)}
    for rank in new.model.definitions:
        if not isinstance(rank, Rank) or (rank.entity, rank.name) not in ranks:
            continue
        former = ranks[rank.entity, rank.name]
        before = cuts_of(old, former)
        for name, cut in cuts_of(new, rank).items():
            one = before.get(name)
            here, there = (
                to_text(amount, of.by.type.scale) if amount is not None else None
                for amount, of in ((one, former), (cut, rank))
            )
            if name in before and here != there:
                if has_personal_cuts(old.model, former) or has_personal_cuts(new.model, rank):
                    here, there = (MASK if one is not None else None for one in (here, there))
                yield Cut(rank.name, name, here, there)


def cuts_of(overview: Overview, rank: Rank) -> dict[str, int | None]:
    found = overview.baseline.statistics.get(rank.cuts)
    values = found if isinstance(found, tuple) else ()
    return {one.name: cut for one, cut in zip(rank.classes, values, strict=False)}


def kpi_changes(old: Overview, new: Overview) -> Iterator[tuple[str, Any, Any]]:
    """The KPIs that came to something else, as `run.json` tells them."""
    before = {one.kpi.name: document(one) for one in kpis(old)}
    for one in kpis(new):
        now = document(one)
        if one.kpi.name in before and before[one.kpi.name] != now:
            yield one.kpi.name, before[one.kpi.name], now
