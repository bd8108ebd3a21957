"""A model, a day and a seed come in; a first design of believable records goes out, before anybody has seen
a sample.

What nobody says is chosen by the kind of a fact: amounts and large counts swell, ratings are bells, shares
lean. Where the policy compares a fact with values, most records lie about these.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from math import ceil, floor, isqrt, log2
from statistics import NormalDist

from lifeseg.model.model import Entity, Fact, Model
from lifeseg.records.generation.constants import Constants, Seen
from lifeseg.records.generation.design import (
    WHOLE,
    Around,
    Before,
    Bell,
    Brood,
    Column,
    Design,
    EntityDesign,
    Invented,
    Lean,
    Likely,
    Often,
    Places,
    Spread,
    Swell,
    Ties,
)
from lifeseg.records.generation.from_claims import limits_of_children, repairs_of
from lifeseg.records.generation.influence import Influence
from lifeseg.records.generation.keys import keyed
from lifeseg.records.generation.landmarks import Landmarks, landmarks_of
from lifeseg.records.generation.mixing import key
from lifeseg.records.number import bounds

USUAL_HIGH = {"count": 10**6, "money": 10**8, "days": 3_650, "months": 120, "years": 360}
"""What a number without a declared range hardly exceeds, in natural units (years in months)."""

DURATIONS = ("days", "months", "years")
FEW_STEPS, MOST_RATINGS = 12, 1000
WIDE = 1000  # a range whose ends differ by this factor swells
OCTAVES = Fraction(3, 2)
MOST_OCTAVES = 6
YEARS_BACK = 30
AT_LEAST = 100_000  # of a million, where the policy asks for the least value
WITHOUT_CHILDREN = 0.08
USUAL_CHILDREN, MOST_CHILDREN, MOST_CHILDREN_EVER = 3, 6, 60
LEAST_MISSING, MORE_MISSING = 50_000, 50_001  # of a million
LIKELY_YES = 0.38
SIZE_TIED, SOUND_TIED, BARELY_TIED = (614, 0, 819), (0, 563, 855), (0, 307, 977)
"""Weights of size, soundness and chance in a draw; their squares add up to one."""


def from_model(model: Model, as_of: date, seed: int) -> Design:
    landmarks = landmarks_of(model, as_of, Influence(model))
    repairs = repairs_of(model)
    limits = limits_of_children(model, repairs)
    entities = []
    for entity in parents_first(model):
        limits_here = limits.get(entity.name, (0, MOST_CHILDREN_EVER))
        brood = brood_of(entity, landmarks, *limits_here) if entity.parent is not None else None
        columns = [column_of(entity, fact, landmarks, as_of) for fact in entity.facts]
        entities.append(keyed(EntityDesign(entity, tuple(columns), brood, Places(1)), as_of, seed))
    return Design(seed, Constants(model, as_of, Seen()), tuple(entities), repairs)


def parents_first(model: Model) -> Iterator[Entity]:
    done: set[str | None] = {None}
    while len(done) <= len(model.entities):
        for entity in model.entities.values():
            if entity.name not in done and entity.parent in done:
                done.add(entity.name)
                yield entity


def brood_of(entity: Entity, landmarks: Landmarks, least: int, limit: int) -> Brood:
    """About three children; more of them where the policy counts further. One in twelve parents has none."""
    counted = [floor(value) for value in landmarks.values.get((entity.name, None), ()) if value > 0]
    usual = max([USUAL_CHILDREN, *counted])
    most = min(max([MOST_CHILDREN, *(2 * value for value in counted)]), limit, MOST_CHILDREN_EVER)
    falling = 1 - 1 / (2 * usual)
    shares = [falling**place * (1.0 if place else 0.6) for place in range(most)]
    total, below, edges = sum(shares), WITHOUT_CHILDREN, []
    for share in shares:
        edges.append(round(NormalDist().inv_cdf(below) * WHOLE))
        below = min(below + share / total * (1 - WITHOUT_CHILDREN), 1 - 1e-6)
    return Brood(tuple(edges), min(least, most), most)


def column_of(entity: Entity, fact: Fact, landmarks: Landmarks, as_of: date) -> Column:
    place = (entity.name, fact.name)
    sign = landmarks.signs.get(place, 0)
    marks = landmarks.values.get(place, ())
    texts = landmarks.texts.get(place, ())
    spread: Spread
    match fact.type.kind:
        case "number":
            spread = number_spread(fact, marks, sign)
        case "date":
            past = entity.dated == fact.name or place in landmarks.past
            spread = date_spread(marks, past, entity.dated == fact.name, as_of)
        case "truth":
            spread = Likely(round(NormalDist().inv_cdf(1 - LIKELY_YES) * WHOLE))
        case "choice":
            spread = often(fact.type.options)
        case _:
            spread = Invented(texts)
    missing = LEAST_MISSING + key(*place, "missing") % MORE_MISSING if fact.type.optional else 0
    column = Column(fact, spread, ties_of(fact, spread, sign), missing)
    if fact.type.kind == "number" and (least := ends(fact, marks)[0]) in [
        value * 10**fact.type.scale for value in marks
    ]:
        return replace(column, at_least=AT_LEAST, least=least)
    return column


def ties_of(fact: Fact, spread: Spread, sign: int) -> Ties:
    """Amounts go with size; what scores rise or fall with goes with soundness, so that the sound are sound
    all over.
    """
    if isinstance(spread, Swell):
        return Ties(*SIZE_TIED)
    if fact.type.kind not in ("number", "truth"):
        return Ties()
    if fact.kind in DURATIONS:
        size, sound, chance = BARELY_TIED
        return Ties(size, sound * sign, chance) if sign else Ties()
    size, sound, chance = SOUND_TIED
    return Ties(size, sound * (sign or 1), chance)


def often(values: tuple[str | bool, ...]) -> Often:
    """The first value is the most frequent, the others follow ever more closely."""
    shares = [Fraction(2, 2 * place + 3) for place in range(len(values))]
    edges = [floor(sum(shares[: place + 1]) / sum(shares) * 2**32) for place in range(len(values))]
    return Often(values, tuple(edges))


# ---- Numbers -------------------------------------------------------------------------------------


def number_spread(fact: Fact, marks: tuple[Fraction, ...], sign: int) -> Spread:
    unit = 10**fact.type.scale
    low, high = ends(fact, marks)
    steps = (high - low) // fact.step
    duration = fact.kind in DURATIONS and low >= 0
    if not duration and steps <= (MOST_RATINGS if fact.kind == "rating" else FEW_STEPS):
        return Bell(low, fact.step, steps, Fraction(11, 20) * steps, Fraction(steps, 4))
    inner = [value * unit for value in marks if low < value * unit < high]
    if fact.kind == "share" and not inner:
        coarse = round_step((high - low) // 10, fact.step)
        return Lean(low, coarse, (high - low) // coarse, sign > 0)
    if duration and not inner:
        return Lean(low, fact.step, steps, False)
    least = max(low, fact.step if duration else unit)
    if low >= 0 and (duration or high >= WIDE * least) and min([least, *inner]) > 0:
        return swell(fact, low, high, least, inner)
    return bell(low, high, fact.step, inner)


def ends(fact: Fact, marks: tuple[Fraction, ...]) -> tuple[int, int]:
    """The least and the greatest value to generate, on the fact's steps."""
    unit, step = 10**fact.type.scale, fact.step
    low, high = bounds(fact)
    if not fact.bounded and fact.kind in USUAL_HIGH:
        low = max(low, min([0, *(4 * floor(value * unit) for value in marks)]))
        high = min(high, max([USUAL_HIGH[fact.kind] * unit, *(4 * ceil(value * unit) for value in marks)]))
    return -(-low // step) * step, high // step * step


def swell(fact: Fact, low: int, high: int, least: int, inner: list[Fraction]) -> Swell:
    """The middle of the range in octaves; or a little below the middle of what the policy compares with."""
    first, last = (min(inner), max(inner)) if inner else (Fraction(least), Fraction(high))
    deviation = min(OCTAVES, octaves(least, high) / 8)
    if inner:
        deviation = min(max(OCTAVES, octaves(first, last) / 2), Fraction(MOST_OCTAVES))
    median = isqrt(floor(first * last))
    if inner:
        median = median * 3 // 4
    median = min(max(median, least), high)
    return Swell(low, high, round_step(median, fact.step), median, deviation)


def octaves(low: Fraction | int, high: Fraction | int) -> Fraction:
    """How many times the one doubled is the other, to a thousandth."""
    return Fraction(round((log2(high) - log2(low)) * WHOLE), WHOLE) if high > low else Fraction(0)


def round_step(median: int, step: int) -> int:
    """Steps so coarse that a middling value has four digits that matter."""
    coarse = step
    while coarse * 10_000 <= median:
        coarse *= 10
    return coarse


def bell(low: int, high: int, step: int, inner: list[Fraction]) -> Bell:
    coarse = round_step((high - low) // 100, step)
    steps = (high - low) // coarse
    centre, deviation = Fraction(9, 20) * steps, Fraction(steps, 6)
    if inner:
        first, last = ((value - low) / coarse for value in (min(inner), max(inner)))
        deviation = max(min(deviation, Fraction(steps, 8)), (last - first) / 2)
        centre = (first + last) / 2 - deviation * Fraction(3, 10)
    return Bell(-(-low // coarse) * coarse if coarse > step else low, coarse, steps, centre, deviation)


# ---- Dates ---------------------------------------------------------------------------------------


def date_spread(marks: tuple[Fraction, ...], past: bool, dated: bool, as_of: date) -> Spread:
    """Dates that lie behind reach back for years; others lie on both sides, a third of them up to what is
    asked.
    """
    today = as_of.toordinal()
    distances = [value - today for value in marks]
    behind = [floor(-distance) for distance in distances if distance < 0]
    if past or (behind and len(behind) == len(distances)):
        usual = isqrt(min(behind) * max(behind)) if behind else 100 if dated else 900
        median = usual * (6 if dated else 12) // 5
        return Before(today, max(median, 1), Fraction(3, 2))
    ahead = [floor(distance) for distance in distances if distance >= 0]
    return Around(today + (max(ahead) if ahead else 0) + 75, 400)


__all__ = ["from_model"]
