"""What the passes share while they build the model: names, typed entities, what was found and what was used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from lifeseg.diagnostics.diagnostic import Label, Span
from lifeseg.frozen import dataclass
from lifeseg.model.expression import Expression
from lifeseg.model.model import (
    AnyDefinition,
    Chain,
    Claim,
    Entity,
    Fact,
    Kpi,
    Panel,
    Parameter,
    Statistic,
    Test,
)
from lifeseg.model.symbols import Symbols
from lifeseg.model.tasks import TaskBlock

Known = frozenset[Expression]
"""Expressions that are not missing where we stand, because a condition says so."""


@dataclass(slots=True)
class Context:
    """Grows definition by definition, in an order in which each finds what it needs."""

    symbols: Symbols
    entities: Mapping[str, Entity]
    most_records: int
    parameters: dict[str, Parameter] = field(default_factory=dict)
    definitions: dict[tuple[str, str], AnyDefinition] = field(default_factory=dict)
    statistics: dict[str, Statistic] = field(default_factory=dict)
    policy_titles: dict[str, str] = field(default_factory=dict)
    panels: dict[str, Panel] = field(default_factory=dict)
    chains: dict[str, Chain] = field(default_factory=dict)
    statistic_keys: dict[tuple[object, ...], str] = field(default_factory=dict)
    used: set[tuple[str, str]] = field(default_factory=set)  # (entity or "", name)
    units: frozenset[str] = frozenset()
    currencies: frozenset[str] = frozenset()
    facts: dict[tuple[str, str], Fact] = field(default_factory=dict)
    broken: set[tuple[str, str]] = field(default_factory=set)  # definitions that could not be built
    trials: int = 0  # made by the checks of logic
    claims: list[Claim] = field(default_factory=list)
    kpis: list[Kpi] = field(default_factory=list)
    tests: list[Test] = field(default_factory=list)
    tasks: list[TaskBlock] = field(default_factory=list)

    def report(self, key: str, span: Span | None, /, *labels: Label, **arguments: object) -> None:
        self.symbols.report(key, span, *labels, **arguments)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression stands: the entity of the record at hand, and what kind of text it is part of."""

    entity: str
    owner: str | None = None  # the definition it belongs to
    in_move: bool = False
    nested: int = 0  # how many library functions surround it


class Unresolved(Exception):  # noqa: N818 - a signal
    """An expression that cannot be typed; its finding has been reported."""
