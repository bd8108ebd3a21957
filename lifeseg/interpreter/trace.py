"""The trace: why each definition of a record has its value, as plain data with a published JSON schema.

Values are text as in the results: numbers in decimal notation without unit, `yes`/`no`, dates as 2013-06-30, None for
missing. A verdict is "yes", "no" or "unknown". Places read `file:line`. Titles are by language, "en" the policy's own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

TRACE_VERSION = 1

Verdict = Literal["yes", "no", "unknown"]
Titles = dict[str, str]


@dataclass(slots=True)
class Clause:
    """An expression in the analyst's words with what it came to; conditions have a verdict, formulas a value.

    `operation` is a core operation in lower case: and, or, not, compare, one_of, is_missing, quantified, field, band,
    constant, parameter, statistic, add, subtract, multiply, divide, negate, apply, aggregate, choose, group, today.
    A comparison carries both sides' values, its operator, and `distance`: how far the left value lies from the right
    one (left - right, in the unit of the sides; days for dates). A field or band names its definition or fact.
    A quantifier or aggregate over children lists a `Child` for each row.
    """

    text: str
    operation: str
    place: str
    verdict: Verdict | None = None
    value: str | None = None
    unit: str | None = None
    name: str | None = None
    operator: str | None = None
    left: str | None = None
    right: str | None = None
    distance: str | None = None
    parts: tuple[Clause, ...] = ()
    children: tuple[Child, ...] = ()
    holding: int | None = None
    among: int | None = None


@dataclass(slots=True)
class Child:
    """One child row under a quantifier: its key, and what the clause came to for it; `counted` if `where` let it in."""

    entity: str
    key: str
    counted: bool
    clause: Clause | None


@dataclass(slots=True)
class Term:
    """A leaf of a score: points = weight * value, lost = what the leaf falls short of its best value times weight."""

    path: tuple[str, ...]
    name: str
    titles: Titles
    weight: str
    value: str | None
    points: str | None
    lost: str | None
    place: str


@dataclass(slots=True)
class Threshold:
    """A band of a score or a class of a rank: distance = value - threshold; a rest or lowest band has no threshold.

    `left`: the threshold is that at which the band is left, as the record was in it, or in a higher one, before.
    """

    name: str
    titles: Titles
    threshold: str | None
    distance: str | None
    holds: bool
    left: bool = False


@dataclass(slots=True)
class CaseTrace:
    """A case of a segment, row of a table or start rule: its verdict, and whether it is the one that was taken."""

    name: str
    titles: Titles
    how: Literal["when", "otherwise", "always", "row"]
    verdict: Verdict
    taken: bool
    clause: Clause | None
    place: str


@dataclass(slots=True)
class HandTrace:
    """What somebody has set by hand: the override's number, whose it is, why, from when to when, and what the rules say."""

    override: int
    owner: str
    reason: str
    valid_from: str
    valid_until: str
    by_rules: str | None


@dataclass(slots=True)
class DefinitionTrace:
    """Why a definition has its value.

    `remarks` may hold: outside (its `where` does not hold), defaulted (`if missing` answered), capped (a range was
    left), reweighted, no-case, several-cases, no-history, kept (a band that it was in and would not reach), offers (a
    block of them, or one of the definitions that it stands for), moving (a lifecycle in a run that knows the run before),
    watched (what is only to be known of a task later), personal (it gives a personal fact away: by its value, a rank by
    its cuts).
    """

    name: str
    kind: Literal["index", "score", "flag", "flags", "segment", "table", "rank", "lifecycle"]
    titles: Titles
    value: str | None
    place: str
    unit: str | None = None
    case_titles: Titles = field(default_factory=dict)
    band: str | None = None
    band_titles: Titles = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    where: Clause | None = None
    formula: Clause | None = None
    cases: tuple[CaseTrace, ...] = ()
    terms: tuple[Term, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    reasons: tuple[
        str, ...
    ] = ()  # of a score: the terms that cost it points, by points lost, those that lose most first
    by: str | None = None
    members: tuple[str, ...] = ()  # of a flags block: those that hold
    uses: tuple[
        str, ...
    ] = ()  # facts and definitions of the same record that it reads, in order of first use
    hand: HandTrace | None = None
    stale_since: str | None = None  # of a flag: the day from which its source should have been renewed


@dataclass(slots=True)
class FactTrace:
    name: str
    titles: Titles
    value: str | None
    unit: str | None
    personal: bool
    place: str
    kind: str = ""  # the word of its declared type: money, rating, one of, ...
    highest: str | None = None  # the top of its declared range
    key: bool = False


@dataclass(slots=True)
class RecordTrace:
    """One record: its facts, every definition in evaluation order, and its child records."""

    entity: str
    key: str
    facts: tuple[FactTrace, ...]
    definitions: tuple[DefinitionTrace, ...]
    children: tuple[RecordTrace, ...] = ()


@dataclass(slots=True)
class Trace:
    """Everything behind one record's results, under one policy, one as-of date and one baseline."""

    version: int
    policy: str
    policy_version: str
    content_hash: str
    as_of: str
    baseline: dict[str, str | list[str | None] | None]
    record: RecordTrace
    entities: dict[str, Titles] = field(default_factory=dict)  # the titles of every entity
    parameters: dict[str, Titles] = field(default_factory=dict)  # the titles of every parameter
