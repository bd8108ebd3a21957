"""A lifecycle as written: its states, and how a customer gets into one and from one to another."""

from __future__ import annotations

from lifeseg.frozen import dataclass
from lifeseg.syntax.tree import Expression, Information, Name, Named, Node, Number


@dataclass(frozen=True, slots=True)
class State(Named):
    terminal: bool
    information: tuple[Information, ...]


@dataclass(frozen=True, slots=True)
class Start(Node):
    state: Name
    condition: Expression | None  # None: otherwise


@dataclass(frozen=True, slots=True)
class Move(Node):
    source: Name
    target: Name
    condition: Expression | None  # None: always


@dataclass(frozen=True, slots=True)
class Stay(Node):
    state: Name
    duration: Number


@dataclass(frozen=True, slots=True)
class Lifecycle(Named):
    entity: Name
    information: tuple[Information, ...]
    states: tuple[State, ...]
    starts: tuple[Start, ...]
    moves: tuple[Move, ...]
    stays: tuple[Stay, ...]
    until_settled: bool
