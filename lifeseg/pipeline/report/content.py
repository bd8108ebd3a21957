"""A report as plain data: in the words of the policy and of one language, with the numbers that pictures are drawn by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from lifeseg.explain.catalogue import Catalogue
from lifeseg.explain.explanation import Explanation
from lifeseg.frozen import dataclass
from lifeseg.model.model import Lifecycle


@dataclass(frozen=True, slots=True)
class Tile:
    """A KPI, or a case of one: its amount, and the target with whether it is met."""

    title: str
    amount: str
    target: str = ""
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Size:
    """How many are in a case, and what they come to."""

    name: str
    title: str
    count: int
    worth: str | None = None


@dataclass(frozen=True, slots=True)
class Sizes:
    """A decision and its cases in the order of the policy; `without`: how many have none of them."""

    name: str
    title: str
    sizes: tuple[Size, ...]
    everybody: int
    without: int


@dataclass(frozen=True, slots=True)
class Moves:
    """Who went from which case of a decision to which, in the run of a day; None: from or to nowhere."""

    day: date
    counts: Mapping[tuple[str | None, str | None], int]


@dataclass(frozen=True, slots=True)
class Stages:
    """A lifecycle, with how many are in each state, and its moves where a run of the day is recorded."""

    lifecycle: Lifecycle
    sizes: Sizes
    moves: Moves | None


@dataclass(frozen=True, slots=True)
class Mark:
    """A threshold: where it lies, as a share of the width from the left, and what begins there."""

    title: str
    amount: str
    place: float


@dataclass(frozen=True, slots=True)
class Distribution:
    """How many have which amount: bins of equal width, each with its beginning, the last with its end, too."""

    name: str
    title: str
    edges: tuple[str, ...]
    counts: tuple[int, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """Of a key, or of what was found."""

    title: str
    right: bool = False
    decision: bool = True


@dataclass(frozen=True, slots=True)
class Listed:
    """Some of the records, with the key first; `explained` tells which have an explanation."""

    headings: tuple[Heading, ...]
    rows: tuple[tuple[str, ...], ...]
    everybody: int
    explained: Mapping[str, Explanation]


@dataclass(frozen=True, slots=True)
class Report:
    words: Catalogue
    title: str
    version: str
    day: date
    engine: str
    entities: tuple[tuple[str, int], ...]  # how many records of each
    run: int | None  # the recorded run of this day
    value: str  # the title of what is added up; empty without
    tiles: tuple[Tile, ...]
    stages: tuple[Stages, ...]
    sizes: tuple[Sizes, ...]
    moves: tuple[tuple[Sizes, Moves], ...]
    distributions: tuple[Distribution, ...]
    remarks: tuple[str, ...]  # about the data and the results, in sentences
    listed: Listed
