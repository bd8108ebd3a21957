"""The design of synthetic records: for every fact how its values are spread, and the profiles that some
records follow.

Numbers are whole numbers at the fact's scale, dates the ordinals of their days. A spread is drawn from a
normal-like number, the draw, that has a deviation of one and is tied to the two hidden qualities of a
customer, its size and its soundness.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Literal

from lifeseg.frozen import dataclass
from lifeseg.model.expression import Expression
from lifeseg.model.model import Entity, Fact
from lifeseg.records.generation.constants import Constants

WHOLE = 1024
"""Weights, deviations and shifts are counted in units of 1 / WHOLE."""

# ---- How values are spread -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bell:
    """About a centre, evenly to both sides: `low` + steps of `step`, at most `steps` of them."""

    low: int
    step: int
    steps: int
    centre: Fraction  # in steps
    deviation: Fraction  # in steps


@dataclass(frozen=True, slots=True)
class Swell:
    """Many small values, few huge ones: the logarithm is a bell. `deviation` in octaves."""

    low: int
    high: int
    step: int
    median: int
    deviation: Fraction


@dataclass(frozen=True, slots=True)
class Lean:
    """Thick towards one end of the range."""

    low: int
    step: int
    steps: int
    upward: bool


@dataclass(frozen=True, slots=True)
class Around:
    """Days about a day, few of them far away; two thirds of the days lie within `reach` of it."""

    centre: int
    reach: int


@dataclass(frozen=True, slots=True)
class Before:
    """Days before a day: half of them within `median` days, few long ago. `deviation` in octaves."""

    last: int
    median: int
    deviation: Fraction


@dataclass(frozen=True, slots=True)
class Often:
    """One of some values, the first the most frequent; `edges` are cumulative, of 2 ** 32."""

    values: tuple[str | bool, ...]
    edges: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Likely:
    """Yes where the draw is above `edge` (in units of 1 / WHOLE)."""

    edge: int


@dataclass(frozen=True, slots=True)
class Invented:
    """Words made of syllables; of `known` texts, which the policy names, one in two records has one."""

    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Numbered:
    """A text of `prefix` and the record's number, with its parent's number before it."""

    prefix: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A part of a key that differs between siblings: the place is divided by `every`, what is left of
    dividing that by the number of values counts along them.

    The values are `values`, or `steps` whole numbers from `low` on, `step` apart.
    """

    every: int
    values: tuple[str | bool, ...]
    low: int
    step: int
    steps: int


@dataclass(frozen=True, slots=True)
class Monthly:
    """The first days of the months before a day, the latest first."""

    last: date


Spread = Bell | Swell | Lean | Around | Before | Often | Likely | Invented | Numbered | Placed | Monthly


@dataclass(frozen=True, slots=True)
class Ties:
    """What a draw is made of: weights of the hidden qualities and of chance, in units of 1 / WHOLE."""

    size: int = 0
    sound: int = 0
    chance: int = WHOLE


@dataclass(frozen=True, slots=True)
class Column:
    """A fact, how it is spread, and how many of a million records lack it or have its least value."""

    fact: Fact
    spread: Spread
    ties: Ties
    missing: int = 0
    at_least: int = 0
    least: int = 0


@dataclass(frozen=True, slots=True)
class Brood:
    """How many records a parent has: one more for each of the rising edges the draw is above (in 1 /
    WHOLE), then between `least` and `most`.
    """

    edges: tuple[int, ...]
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Places:
    """Which place each record has among the keys that siblings may have, all different.

    With `orders`, a list of permutations, one of them is taken for each parent; otherwise places lie evenly
    spaced among so many `capacity`. Those of a `listed` key, a choice, are all there: one record each.
    """

    capacity: int
    orders: tuple[tuple[int, ...], ...] = ()
    listed: bool = False


@dataclass(frozen=True, slots=True)
class EntityDesign:
    entity: Entity
    columns: tuple[Column, ...]
    brood: Brood | None  # None: an entity without a parent
    places: Places


# ---- What bends the spread -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pull:
    """What a profile wants of a fact or, where `fact` is None, of how many records of the entity a parent
    has.

    A range in natural units (dates as ordinals), some values, missing or not, or the draw shifted by a
    number of deviations. `child` is the only record among siblings that is meant, counted from 0; None
    means all.
    """

    entity: str
    fact: str | None
    low: Fraction | None = None
    high: Fraction | None = None
    values: tuple[str | bool, ...] | None = None
    missing: bool | None = None
    shift: Fraction = Fraction(0)
    child: int | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """Records that are pulled towards a case; `weight` of a million records without a parent follow it."""

    definition: str
    case: str
    pulls: tuple[Pull, ...]
    weight: int = 0


Aim = Literal["=", "<", "<=", ">", ">=", "missing", "one of"]


@dataclass(frozen=True, slots=True)
class Repair:
    """Makes an assumption true by changing one fact, where all that would excuse it (`unless`) is false."""

    entity: str
    fact: str
    unless: tuple[Expression, ...]
    aim: Aim
    value: Expression | None = None
    values: tuple[str | bool, ...] = ()


@dataclass(frozen=True, slots=True)
class Design:
    """Everything the values depend on, but for how many records there are. Parents stand before their
    children.
    """

    seed: int
    constants: Constants
    entities: tuple[EntityDesign, ...]
    repairs: tuple[Repair, ...]
    profiles: tuple[Profile, ...] = ()
    evenly: bool = False  # every record follows a profile, one after the other: a trial

    def of(self, entity: str) -> EntityDesign:
        return next(found for found in self.entities if found.entity.name == entity)
