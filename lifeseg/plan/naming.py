"""A model comes in; the identifiers of its tables and columns go out: distinct in any case, short, none of an engine's own.

Columns of the planner begin with `_`, columns of the policy never do.
"""

from __future__ import annotations

from lifeseg.model.model import Lifecycle, Model, Score, Segment, Table
from lifeseg.records.identifiers import identifiers

Named = Segment | Table | Lifecycle


class Naming:
    """The tables and columns of one model. The columns of facts are those of the typed records."""

    def __init__(self, model: Model) -> None:
        self.tables = identifiers(model.entities)
        self.columns: dict[tuple[str, str], str] = {}
        self.bands: dict[tuple[str, str], str] = {}
        self.cases: dict[tuple[str, str], str] = {}
        for entity in model.entities.values():
            found = identifiers(fact.name for fact in entity.facts)
            definitions = model.of(entity.name)
            found |= identifiers((one.name for one in definitions), found.values())
            self.columns |= {(entity.name, name): column for name, column in found.items()}
            scores = [one.name for one in definitions if isinstance(one, Score) and one.bands]
            bands = identifiers((f"{name}_band" for name in scores), found.values())
            self.bands |= {(entity.name, name): bands[f"{name}_band"] for name in scores}
            unique = [one.name for one in definitions if isinstance(one, Named)]
            taken = [*found.values(), *bands.values()]
            cases = identifiers((f"{name}_cases" for name in unique), taken)
            self.cases |= {(entity.name, name): cases[f"{name}_cases"] for name in unique}

    def above(self, up: int, column: str) -> str:
        """A column of the record so many levels up, where it stands beside the record's own."""
        return f"_{up}_{column}"
