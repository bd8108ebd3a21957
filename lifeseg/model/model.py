"""The checked model: everything a policy defines, with names resolved and types known, ready for any evaluator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.frozen import dataclass
from lifeseg.model.expression import Expression, Value
from lifeseg.model.types import Type

if TYPE_CHECKING:
    from lifeseg.model.changes import Changes
    from lifeseg.model.tasks import TaskBlock


@dataclass(frozen=True, slots=True)
class Labelled:
    """What every named thing carries: its name, its titles by language (`en` is the policy's own), where it stands."""

    name: str
    titles: Mapping[str, str] = field(compare=False)
    span: Span = field(compare=False, repr=False)
    information: Mapping[str, str] = field(compare=False)  # source, owner, note, refresh, use_for, category
    former: tuple[str, ...] = field(default=(), kw_only=True)  # of a case: names that it had in earlier runs


@dataclass(frozen=True, slots=True)
class Fact(Labelled):
    """A column of an entity. `kind` is the declared type's word; `step` in units of 10 ** -type.scale."""

    kind: str  # text, count, number, money, share, rating, yes/no, date, days, months, years, one of
    type: Type
    step: int
    key: bool
    personal: bool
    bounded: bool  # a range was declared or comes with the type
    changes: Changes | None = field(default=None, kw_only=True)  # how it may be made another


@dataclass(frozen=True, slots=True)
class Entity(Labelled):
    parent: str | None
    dated: str | None  # the date fact that says since when a row exists
    facts: tuple[Fact, ...]

    @property
    def keys(self) -> tuple[Fact, ...]:
        return tuple(fact for fact in self.facts if fact.key)


@dataclass(frozen=True, slots=True)
class Parameter(Labelled):
    """A value that management sets; `since` holds later values by the day they come into force, in order."""

    type: Type
    value: Value
    since: tuple[tuple[date, Value], ...]

    def at(self, day: date) -> Value:
        """The value in force on a day."""
        value = self.value
        for start, later in self.since:
            if start <= day:
                value = later
        return value


Origin = Literal["", "result", "part", "step", "copy", "watch", "reason", "aside"]
"""Whether offers stand for a definition, which is then a result, a part to be read by others, or a step to these; or tasks:
for the copy of a fact, which is in the results and nowhere else, or for what is only to be known of them later. What tells
why is a reason, and what that is reckoned from stands aside: it is no result.
"""


# ---- Definitions -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Definition(Labelled):
    entity: str
    type: Type
    block: str | None  # the name of the indexes or flags block it stands in
    made: Origin = field(default="", kw_only=True, compare=False)


@dataclass(frozen=True, slots=True)
class Index(Definition):
    """A formula, rounded once to its decimals, capped to `low`..`high` where it declares them."""

    formula: Expression
    low: int | None  # at type.scale
    high: int | None
    if_missing: Value


@dataclass(frozen=True, slots=True)
class Leaf:
    """A weighted index of a score; `weight` at the score's weight scale, groups multiplied in; `path` names groups."""

    path: tuple[str, ...]
    value: Expression
    weight: int
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Heading:
    """A group of a score, for the trace: its weight among its siblings as written, None for a mere heading."""

    path: tuple[str, ...]
    titles: Mapping[str, str] = field(compare=False)
    weight: str | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ScoreBand(Labelled):
    """`leaving`: where whoever was in it, or in a higher one, leaves it; with a past the threshold tells the two apart."""

    threshold: Expression | None  # None: below all others
    leaving: Expression | None = None


@dataclass(frozen=True, slots=True)
class Score(Definition):
    """The sum of weight times value over the leaves, exact at type.scale; bands from the highest threshold down."""

    leaves: tuple[Leaf, ...]
    headings: tuple[Heading, ...]
    weight_scale: int
    bands: tuple[ScoreBand, ...]
    if_missing: Value
    reweight: bool  # missing leaves drop out and the others' weights are scaled to the sum
    panel: str | None


@dataclass(frozen=True, slots=True)
class Flag(Definition):
    condition: Expression
    if_missing: bool | None


@dataclass(frozen=True, slots=True)
class FlagBlock(Definition):
    """The list, in order of definition, of the block's flags that hold."""

    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case(Labelled):
    """A case of a segment, or a start rule; condition None is `otherwise`."""

    condition: Expression | None
    if_missing: bool | None


@dataclass(frozen=True, slots=True)
class Segment(Definition):
    """Exactly one case holds, or with `first_match` the first that does; outside `where` there is no case. A lifecycle is
    `moving` in a run that knows the run before.
    """

    where: Expression | None
    first_match: bool
    cases: tuple[Case, ...]
    if_missing: str | None = None
    moving: bool = field(default=False, kw_only=True, compare=False)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: conditions by column (None is `-`), and the case it gives."""

    conditions: tuple[Expression | None, ...]
    case: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Table(Definition):
    where: Expression | None
    first_match: bool
    columns: tuple[Expression, ...]
    rows: tuple[Row, ...]
    cases: tuple[Labelled, ...]


@dataclass(frozen=True, slots=True)
class RankClass(Labelled):
    cumulative: int | None  # share of the population from the top, at 12 decimals; None is the rest


@dataclass(frozen=True, slots=True)
class Rank(Definition):
    """The first class whose cut the value reaches; `cuts` is the statistic with a cut (or None) per class."""

    by: Expression
    where: Expression | None
    classes: tuple[RankClass, ...]
    cuts: str


@dataclass(frozen=True, slots=True)
class Move:
    source: str
    target: str
    condition: Expression | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class State(Labelled):
    terminal: bool


@dataclass(frozen=True, slots=True)
class Lifecycle(Definition):
    """Without history the one start rule that holds gives the state; moves need the previous run."""

    states: tuple[State, ...]
    starts: tuple[Case, ...]
    moves: tuple[Move, ...]
    stays: tuple[tuple[str, int, str], ...]
    until_settled: bool


# ---- Around the definitions --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Statistic:
    """A population statistic of the baseline: `function` of `value` over the entity's records for which `where`.

    mean, sum, min, max, deviation, share, count, quantile (argument: probability at 12 decimals; manner: interpolation)
    give a number at type.scale; groups (argument: how many) and tops (argument: cumulative shares at 12 decimals) give
    cuts at the value's scale (manner: which group ties join). Of the values of their entries, largest first, `bringing`
    (argument: cumulative shares of all amounts) gives cuts, and `spent` the last value down to which the amounts stay
    within the limit. `level`: 0 needs no other statistic, 1 needs those of level 0, and so on.
    """

    key: str
    function: str
    entity: str
    value: Expression | None
    where: Expression | None
    known: bool
    argument: tuple[int, ...]
    type: Type
    level: int
    span: Span = field(compare=False, repr=False)
    entries: tuple[Entry, ...] = ()
    limit: Expression | None = None  # a constant or a parameter, at the scale of the amounts or a coarser one
    manner: str = ""  # the usual one has no word

    @property
    def parts(self) -> tuple[object, ...]:
        """What a statistic reads of the records."""
        return (self.value, self.where, self.entries)


@dataclass(frozen=True, slots=True)
class Entry:
    """An amount of each record for which `where`, taken in the order of a value, the largest first."""

    value: Expression
    amount: Expression
    where: Expression | None


@dataclass(frozen=True, slots=True)
class Claim:
    """`never`: the condition holds of nobody. `assume`: it is not false of anybody."""

    kind: Literal["never", "assume"]
    title: str
    entity: str
    condition: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Target:
    operator: str
    limit: Expression
    difference: bool  # it is about the largest of the cases minus the smallest


@dataclass(frozen=True, slots=True)
class Kpi(Labelled):
    """Something about everybody, made of statistics: one amount, or one for each case it is split by."""

    by: tuple[str, str] | None  # entity and name
    values: tuple[tuple[str | None, Expression], ...]
    target: Target | None


@dataclass(frozen=True, slots=True)
class Given:
    """A record a test starts from: an existing one of that key, facts set on it (None: missing), and its children.

    `children` gives all child rows of an entity named in it; those of the other entities stay as they are, or are
    unknown for a record that does not exist. What they were in the run before stands among the facts, under the names that
    with_past gives it; a record without any has no history.
    """

    entity: str
    key: tuple[str, ...] | None
    facts: Mapping[str, Value]
    children: Mapping[str, tuple[Mapping[str, Value], ...]]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Expected:
    """A condition that must hold of the given record, or a result that must come out as written. A cell that
    allows several results is a condition with the name of the result.
    """

    condition: Expression | None
    name: str | None = None  # a definition; for a band NAME_band
    text: str | None = None  # as results are written; numbers at the decimals of the test; None is missing
    decimals: int | None = None
    span: Span = field(compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a test: a record and what is expected of it."""

    given: Given
    expected: tuple[Expected, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Test:
    """A policy's own test; `today` replaces the as-of date."""

    title: str
    today: date | None
    checks: tuple[Check, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Panel(Labelled):
    """An expert panel worked out: a weight per column at six decimals, summing to 1; the ratio only for comparisons."""

    columns: tuple[str, ...]
    screened: tuple[str, ...]  # too weak to be weighed
    weights: tuple[int, ...]
    consistency_ratio: int | None  # at six decimals
    method: str


@dataclass(frozen=True, slots=True)
class Chain(Labelled):
    """A chain worked out: rates from state to state in one period, and each state's value at six decimals, in `unit`."""

    states: tuple[Labelled, ...]
    rates: tuple[tuple[Fraction, ...], ...]
    unit: tuple[tuple[str, int], ...]
    values: tuple[Fraction, ...] | None  # None: its states have no worth


@dataclass(frozen=True, slots=True)
class Model:
    """A whole policy. `definitions` are in an order in which each needs only earlier ones, for every entity."""

    name: str
    version: str
    titles: Mapping[str, str]
    information: Mapping[str, str]
    content_hash: str
    most_records: int
    entities: Mapping[str, Entity]
    parameters: Mapping[str, Parameter]
    definitions: tuple[AnyDefinition, ...]
    statistics: tuple[Statistic, ...]
    claims: tuple[Claim, ...]
    kpis: tuple[Kpi, ...]
    tests: tuple[Test, ...]
    panels: Mapping[str, Panel]
    chains: Mapping[str, Chain]
    sources: Mapping[str, str] = field(repr=False)  # the policy's files, for showing an analyst's own words
    tasks: tuple[TaskBlock, ...] = ()

    def of(self, entity: str) -> tuple[AnyDefinition, ...]:
        """The definitions of one entity, in evaluation order."""
        return tuple(found for found in self.definitions if found.entity == entity)


AnyDefinition = Index | Score | Flag | FlagBlock | Segment | Table | Rank | Lifecycle
