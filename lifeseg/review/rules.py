"""Two versions of a policy come in, as files and as models; the parts that were added, removed or changed go out, in the
policy's own words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field
from difflib import SequenceMatcher
from itertools import repeat
from typing import Literal

from lifeseg.frozen import dataclass
from lifeseg.model.model import Model
from lifeseg.review.units import Place, Unit, units
from lifeseg.syntax.definitions import File

How = Literal["added", "removed", "changed"]
SILENT = frozenset({"test"})
"""Parts on which no result depends, whatever they say."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a policy: its files, and its model if it has no errors."""

    files: tuple[File, ...]
    model: Model | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it was and as it is; one of the two is None where a line was added or taken away. `number` is where it stands
    in the new file, or the line above which it stood; of a part that is gone, where it was.
    """

    before: str | None
    after: str | None
    number: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A part that is not what it was. `means`: whether results can depend on the difference, as far as texts tell: a title,
    a note or a test changes none. `reordered`: the same lines in another order.
    """

    how: How
    unit: Unit
    lines: tuple[Line, ...]
    means: bool
    reordered: bool
    old: Place | None
    new: Place | None

    @property
    def line(self) -> int:
        """The number of the first line that differs."""
        return self.lines[0].number if self.lines else self.unit.span.line


def rule_changes(old: Version, new: Version) -> tuple[RuleChange, ...]:
    """What differs between two versions, in the order of the new one, and what is gone after that."""
    before = {unit.key: (place, unit) for place, unit in units(old.files).items()}
    after = {unit.key: (place, unit) for place, unit in units(new.files).items()}
    found: list[RuleChange] = []
    for key, (place, unit) in after.items():
        if key not in before:
            lines = tuple(map(Line, repeat(None), unit.lines, unit.numbers))
            found.append(RuleChange("added", unit, lines, says(unit), False, None, place))
            continue
        there, former = before[key]
        if former.lines == unit.lines:
            continue
        lines = tuple(paired(former, unit))
        means = (
            used_otherwise(lines)
            if unit.kind == "policy"
            else says(unit) and differs(old.model, new.model, unit)
        )
        reordered = sorted(former.lines) == sorted(unit.lines)
        found.append(RuleChange("changed", unit, lines, means, reordered, there, place))
    for key, (place, unit) in before.items():
        if key not in after:
            lines = tuple(map(Line, unit.lines, repeat(None), unit.numbers))
            found.append(RuleChange("removed", unit, lines, says(unit), False, place, None))
    return tuple(found)


def used_otherwise(lines: Sequence[Line]) -> bool:
    """Whether the header of a policy uses others than before; what else it says is for people."""
    return any((line.before or line.after or "").startswith("use ") for line in lines)


def says(unit: Unit) -> bool:
    """Whether results may depend on a part; that of a mere heading depends on what stands beneath it."""
    return unit.kind not in SILENT and not unit.kind.startswith(("block of", "titles"))


def differs(old: Model | None, new: Model | None, unit: Unit) -> bool:
    """Whether the part means something else; where a version has errors it is taken to."""
    if old is None or new is None:
        return True
    before, after = meaning(old, unit), meaning(new, unit)
    return before is None or after is None or before != after


def meaning(model: Model, unit: Unit) -> object | None:
    """What the model has made of a part; its titles, notes and place do not count."""
    kind = unit.kind.removeprefix("change ")
    if kind == "parameter":
        found = model.parameters.get(unit.name)
        return None if found is None else (found.type, found.value, found.since)
    if kind == "fact":
        entity = model.entities.get(unit.of or "")
        return next((fact for fact in entity.facts if fact.name == unit.name), None) if entity else None
    if kind == "entity":
        entity = model.entities.get(unit.name)
        return (entity.parent, entity.dated) if entity is not None else None
    if kind == "kpi":
        return next((kpi for kpi in model.kpis if kpi.name == unit.name), None)
    parts = {(found.entity, found.name): found for found in model.definitions}
    return parts.get((unit.of or "", unit.name))


def paired(old: Unit, new: Unit) -> Iterator[Line]:
    """The lines that differ; lines changed in the same place stand together, one by one as long as there are both."""
    for tag, a, b, x, y in SequenceMatcher(None, old.lines, new.lines, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        gone, come = old.lines[a:b], new.lines[x:y]
        for place in range(max(len(gone), len(come))):
            yield Line(
                gone[place].strip() if place < len(gone) else None,
                come[place].strip() if place < len(come) else None,
                new.numbers[min(x + place, max(x, y - 1), len(new.lines) - 1)],
            )
