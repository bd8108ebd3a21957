"""What every renderer takes: a sentence, then lines from each decision down to its evidence; plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Literal

from lifeseg.frozen import dataclass
from lifeseg.interpreter.trace import Verdict

Role = Literal["decision", "case", "part", "clause", "row", "measure", "remark"]
"""What a line is about.

decision: a definition and its value. case: one of its cases, flags or rows. part: what a case demands besides
its first condition. clause: a condition behind the line above. row: a child record. measure: a number against
a threshold. remark: something the reader should know about the lines beside it.
"""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, and whether it holds numbers that stand to the right."""

    heading: str
    right: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Cells by row, all of them text ready to show; the last column may wrap.

    What a row is about is named in the column `naming`; `anchors` has for each row what the book calls it, as the `anchor`
    of a Line, or nothing at all.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    anchors: tuple[str, ...] = ()
    naming: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it is about, what it says, whether it holds, by how much, where the policy says so; of those at the top
    also the level of detail that they come with. `anchor` is what the book of the policy calls it: `customer.stage`.
    """

    role: Role
    label: str = ""
    text: str = ""
    verdict: Verdict | None = None
    note: str = ""
    place: str = ""
    taken: bool = False
    lines: tuple[Line, ...] = ()
    table: Table | None = None
    level: int = 1
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Becomes:
    """What a decision would come to; of several flags they are listed."""

    definition: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Way:
    """One fact with the value nearest to its own that alters a decision.

    `child` leads to the record, by its place among the children of the one above; empty for the record itself. `amount`
    is how much more a number is, or how many days later a date; `steps` how many steps of the fact that takes; `cost`
    what they cost by the policy, in its unit; `setting` is what `whatif --set` takes.
    """

    child: tuple[int, ...]
    fact: str
    before: str | None
    after: str
    amount: str | None
    steps: int
    cost: str | None
    unit: str | None
    setting: str
    becomes: tuple[Becomes, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a score compares with those of all records of its entity: their mean, how many have one, and of how many in a
    hundred it is lower, rounded down. `child` leads to the record, as that of a Way does.
    """

    child: tuple[int, ...]
    score: str
    mean: str
    population: int
    percentile: int


@dataclass(frozen=True, slots=True)
class Was:
    """A decision at an earlier run: what it had come to (None: nothing), and since which day it had been so."""

    case: str | None
    since: str | None


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the run before found of a record: the day and number of that run, its decisions by name."""

    day: str
    run: int
    was: Mapping[str, Was]


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known of a record besides its trace: what people call it, by which run, its place and how many there are by the
    name of a rank, how its scores compare, changes of one fact that would alter it, and what it was at the run before.
    """

    name: str | None = None
    run: str | None = None
    positions: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    standings: Sequence[Standing] = ()
    ways: Sequence[Way] = ()
    earlier: Earlier | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """An explanation in one language at one level of detail.

    `about` says which policy, day and run it is of; `more` are the commands that show more; `book` is the address of the
    policy's book, if it has one.
    """

    key: str
    name: str | None
    about: tuple[str, ...]
    sentence: str
    lines: tuple[Line, ...]
    more: tuple[str, ...]
    language: str
    detail: int
    run: str | None = None
    shows_personal: bool = False
    beside: Beside = field(default_factory=Beside)
    book: str | None = None
