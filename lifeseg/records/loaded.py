"""What loading data gives: the population, the findings, and the rows set aside with their reasons."""

from __future__ import annotations

from lifeseg.diagnostics.diagnostic import Diagnostic
from lifeseg.frozen import dataclass
from lifeseg.records.population import Population


@dataclass(frozen=True, slots=True)
class SetAsideRow:
    """A row that was left out: its line in the file, its cells as they were written, and every reason."""

    line: int
    cells: tuple[str, ...]
    reasons: tuple[Diagnostic, ...]
    file: str = ""  # which one, of a source of several files


@dataclass(frozen=True, slots=True)
class SetAside:
    """The rows of one entity that were left out; at least one."""

    entity: str
    heading: tuple[str, ...]
    rows: tuple[SetAsideRow, ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """No population where a finding is an error; `diagnostics` are at most a screenful and count the rest."""

    population: Population | None
    diagnostics: tuple[Diagnostic, ...]
    set_aside: tuple[SetAside, ...] = ()
