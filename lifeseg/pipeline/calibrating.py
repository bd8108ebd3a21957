"""A model, a day and a seed come in; a design of records whose spread reaches the policy's cases goes out.

A sample is evaluated by the interpreter. For every case that hardly anybody has, profiles are tried that
pull the facts its condition reads; the best of each is mixed into the population, with as much weight as it
takes. A few rounds of this, and what was reached is told.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifeseg.frozen import dataclass
from lifeseg.model.model import AnyDefinition, Flag, Index, Lifecycle, Model, Rank, Score, Segment, Table
from lifeseg.pipeline.errors import DataError
from lifeseg.pipeline.stages import evaluate
from lifeseg.records.generation.constants import Seen
from lifeseg.records.generation.design import Design, Profile, Pull
from lifeseg.records.generation.from_claims import redirected
from lifeseg.records.generation.from_condition import Demands
from lifeseg.records.generation.from_model import from_model
from lifeseg.records.generation.influence import Influence
from lifeseg.records.generation.to_files import to_files
from lifeseg.records.source import Source

if TYPE_CHECKING:
    from lifeseg.interpreter.results import Baseline, Results

SAMPLE = 2000
ROUNDS = 4
RARE = 0.005
AIM = 0.012
STRENGTHS = (Fraction(1), Fraction(1, 2), Fraction(7, 4))
TRIED_OF_A_CASE = 9
TRIED_IN_A_ROUND, TRIED_AT_ONCE = 120, 60
ROWS_OF_A_TRIAL = 40
LEAST_SUCCESS = 0.02
MILLION = 1_000_000
MOST_WEIGHT, MOST_OF_ALL = 60_000, 400_000

Case = tuple[AnyDefinition, str]
Trial = tuple[Case, tuple[Pull, ...]]
Report = Callable[[str], None]
"""Told what is being done."""


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A design, the shares of all cases in its sample, and how large the sample was."""

    design: Design
    results: Results
    shares: Mapping[tuple[str, str, str], float]  # entity, definition, case
    sample: int


@dataclass(slots=True)
class Calibration:
    """The state of one calibration."""

    model: Model
    design: Design
    sample: int
    influence: Influence
    candidates: dict[tuple[str, str, str], list[tuple[Pull, ...]]] = field(default_factory=dict)
    chosen: dict[tuple[str, str, str], Profile] = field(default_factory=dict)


def calibrated(model: Model, as_of: date, seed: int, report: Report | None = None) -> Calibrated:
    """The first design, changed until every case that can be reached is, or the rounds are over."""
    design = from_model(model, as_of, seed)
    roots = [
        one.places.capacity
        for one in design.entities
        if one.brood is None and one.places.capacity > 1 and not one.places.listed
    ]
    state = Calibration(model, design, min([SAMPLE, *roots]), Influence(model))
    for number in range(1, ROUNDS + 1):
        if report:
            report(f"sample {number}")
        results = evaluated(state.model, state.design, state.sample)
        shares = shares_of(results)
        rare = [case for case in cases_of(model) if shares[place_of(*case)] < RARE and can_be(*case)]
        if not rare or number == ROUNDS or not improved(state, results, shares, rare, report):
            break
    return Calibrated(state.design, results, shares, state.sample)


def place_of(definition: AnyDefinition, case: str) -> tuple[str, str, str]:
    return definition.entity, definition.name, case


def evaluated(model: Model, design: Design, count: int, baseline: Baseline | None = None) -> Results:
    """So many records of a design, written, loaded as anybody's are, and evaluated."""
    from lifeseg.records.from_files import load

    with tempfile.TemporaryDirectory(prefix="lifeseg-sample-") as name:
        folder = Path(name)
        to_files(design, count, folder, "parquet")
        sources = {entity: Source(folder / f"{entity}.parquet") for entity in model.entities}
        loaded = load(model.entities, sources)
    if loaded.population is None:
        raise DataError(loaded.diagnostics)
    return evaluate(model, loaded.population, design.constants.as_of, baseline)


# ---- The spread ----------------------------------------------------------------------------------


def cases_of(model: Model) -> Iterator[Case]:
    """Every case of every segment, lifecycle, table and rank, every band, and every flag."""
    for definition in model.definitions:
        match definition:
            case Segment() | Lifecycle() | Table() | Rank():
                for option in definition.type.options:
                    yield definition, option
            case Score():
                for band in definition.bands:
                    yield definition, band.name
            case Flag():
                yield definition, "yes"
            case _:
                pass


def can_be(definition: AnyDefinition, case: str) -> bool:
    """A state that no start rule gives needs history; the classes of a rank have their shares by
    definition.
    """
    if isinstance(definition, Lifecycle):
        return any(start.name == case for start in definition.starts)
    return not isinstance(definition, Rank)


def column_of(results: Results, definition: AnyDefinition) -> Sequence[Any]:
    if isinstance(definition, Score):
        return results.column(definition.entity, f"{definition.name}_band")
    found = results.column(definition.entity, definition.name)
    return ["yes" if value else None for value in found] if isinstance(definition, Flag) else found


def shares_of(results: Results) -> dict[tuple[str, str, str], float]:
    counted: dict[tuple[str, str], Counter[Any]] = {}
    shares: dict[tuple[str, str, str], float] = {}
    for definition, case in cases_of(results.model):
        place = definition.entity, definition.name
        if place not in counted:
            counted[place] = Counter(column_of(results, definition))
        rows = len(results.rows[definition.entity])
        shares[place_of(definition, case)] = counted[place][case] / rows if rows else 0.0
    return shares


# ---- Towards the rare ----------------------------------------------------------------------------


def improved(
    state: Calibration,
    results: Results,
    shares: Mapping[tuple[str, str, str], float],
    rare: Sequence[Case],
    report: Report | None,
) -> bool:
    """Heavier profiles where there are some, new ones where there are none; whether anything has changed."""
    before = dict(state.chosen)
    demands = Demands(state.model, state.design.constants.as_of, state.influence, seen_in(results))
    waiting: list[tuple[Case, list[tuple[Pull, ...]]]] = []
    for case in rare:
        place = place_of(*case)
        if place in state.chosen and shares[place]:
            found = state.chosen[place]
            weight = min(round(found.weight * min(3.0, AIM / shares[place])), MOST_WEIGHT)
            state.chosen[place] = replace(found, weight=weight)
            continue
        if place not in state.candidates:
            state.candidates[place] = candidates_for(demands, state.design, case)
        waiting.append((case, state.candidates[place]))
    trials = taken_in_turn(waiting)
    if trials:
        if report:
            report("trial")
        try_all(state, trials, results.baseline)
    state.design = replace(state.design, profiles=limited(list(state.chosen.values())))
    return state.chosen != before or bool(trials)


def taken_in_turn(waiting: Sequence[tuple[Case, list[tuple[Pull, ...]]]]) -> list[Trial]:
    """The first candidates of all cases, then the second, as many as may be tried in a round; the others
    wait.
    """
    trials: list[Trial] = []
    for _ in range(TRIED_OF_A_CASE):
        for case, candidates in waiting:
            if candidates and len(trials) < TRIED_IN_A_ROUND:
                trials.append((case, candidates.pop(0)))
    return trials


def seen_in(results: Results) -> Seen:
    """Statistics, and median and deviation of all indexes and scores."""
    numbers = {}
    for definition in results.model.definitions:
        if isinstance(definition, Index | Score) and definition.type.kind == "number":
            found: list[Any] = results.column(definition.entity, definition.name)
            ordered = sorted(value for value in found if value is not None)
            if ordered:
                low, middle, high = (ordered[len(ordered) * part // 100] for part in (16, 50, 84))
                unit = 10**definition.type.scale
                numbers[definition.entity, definition.name] = (
                    Fraction(middle, unit),
                    Fraction(high - low, 2 * unit),
                )
    return Seen(results.baseline.statistics, numbers)


def candidates_for(demands: Demands, design: Design, case: Case) -> list[tuple[Pull, ...]]:
    """The alternatives that may lead to a case; those that shift something in several strengths."""
    demands.start()
    found: list[tuple[Pull, ...]] = []
    for strength in STRENGTHS:
        for pulls in demands.case(*case):
            stronger = tuple(replace(pull, shift=pull.shift * strength) for pull in pulls)
            stronger = redirected(stronger, design.repairs)
            if stronger and stronger not in found:
                found.append(stronger)
    return found


def try_all(state: Calibration, trials: Sequence[Trial], baseline: Baseline) -> None:
    """Evaluates a few records of each trial; of each case the most successful profile is chosen."""
    best: dict[tuple[str, str, str], tuple[float, Profile]] = {}
    for start in range(0, len(trials), TRIED_AT_ONCE):
        some = trials[start : start + TRIED_AT_ONCE]
        profiles = tuple(Profile(definition.name, case, pulls) for (definition, case), pulls in some)
        design = replace(state.design, profiles=profiles, evenly=True)
        count = min(state.sample, ROWS_OF_A_TRIAL * len(profiles))
        results = evaluated(state.model, design, count, baseline)
        for (case, _), profile, success in zip(some, profiles, successes(results, some), strict=True):
            place = place_of(*case)
            if success >= LEAST_SUCCESS and success > best.get(place, (0.0, profile))[0]:
                best[place] = (success, profile)
    for place, (success, profile) in best.items():
        weight = min(round(MILLION * AIM / success), MOST_WEIGHT)
        state.chosen[place] = replace(profile, weight=weight)


def successes(results: Results, trials: Sequence[Trial]) -> list[float]:
    """For each trial the share of its records that have the case it is for.

    Of an entity with a parent the share is compared with how many records there are: what counts is how many
    records with the case a record without a parent brings.
    """
    root_of = {
        id(row): number
        for entity, rows in results.rows.items()
        if results.model.entities[entity].parent is None
        for number, row in enumerate(rows)
    }
    found = []
    for number, ((definition, case), _) in enumerate(trials):
        rows = results.rows[definition.entity]
        hits = own = 0
        for row, value in zip(rows, column_of(results, definition), strict=True):
            if root_of[id(top_of(row))] % len(trials) == number:
                own += 1
                hits += value == case
        average = len(rows) / len(trials)
        found.append(hits / average if own and average else 0.0)
    return found


def top_of(row: list[Any]) -> list[Any]:
    while row[0] is not None:
        row = row[0]
    return row


def limited(profiles: Sequence[Profile]) -> tuple[Profile, ...]:
    """All profiles together leave most of the population as it is."""
    whole = sum(profile.weight for profile in profiles)
    if whole <= MOST_OF_ALL:
        return tuple(profiles)
    return tuple(replace(profile, weight=profile.weight * MOST_OF_ALL // whole) for profile in profiles)
