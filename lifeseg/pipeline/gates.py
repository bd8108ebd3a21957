"""Gates and what became of the records come in; whether a gate fails, and for what amount, goes out."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from lifeseg.model.model import AnyDefinition, FlagBlock, Index, Lifecycle, Model, Rank, Score, Segment, Table
from lifeseg.pipeline.difference import Difference, EntityMoves, Shut
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.opened import closest
from lifeseg.review.gates import Gate


def shut(gate: Gate, found: Difference) -> Shut:
    """Whether a gate fails; what could not be counted fails it."""
    if gate.what == "not equivalent":
        count = sum(change.means for change in found.rules)
        parts = "1 part means" if count == 1 else f"{count} parts mean"
        return Shut(
            gate, "equivalent" if found.equivalent else f"{parts} something else", not found.equivalent
        )
    if gate.what == "rules changed":
        count = len(found.rules)
        return Shut(gate, str(count), gate.shuts(Fraction(count)))
    if found.unmoved or found.equivalent:
        return Shut(gate, "0", gate.shuts(Fraction(0)))
    top = found.top
    if top is None:
        return Shut(gate, "not counted", True)
    if gate.what == "value moved":
        worth = top.worth
        return (
            Shut(gate, str(worth or 0), gate.shuts(Fraction(worth or 0)))
            if found.value
            else Shut(gate, "not counted", True)
        )
    count = top.moved if gate.what == "moved" else crossing(gate, top)
    if not gate.share:
        return Shut(gate, f"{count:,}", gate.shuts(Fraction(count)))
    share = Fraction(count, top.count) if top.count else Fraction(0)
    return Shut(gate, f"{float(share * 100):.1f} %", gate.shuts(share))


def known_cases(gates: Sequence[Gate], models: Sequence[Model]) -> None:
    """A gate about a case that neither version has would never shut: it is refused."""
    known = {
        name
        for model in models
        for entity in list(model.entities)[:1]
        for definition in model.of(entity)
        if decides(definition, f"{definition.name}_band")
        for case in cases_of(definition)
        for name in (case, f"{definition.name}.{case}")
    }
    for gate in gates if models else ():
        if gate.case is not None and gate.case not in known:
            raise refusal("no-such-name.case", name=gate.case, suggestion=closest(gate.case, sorted(known)))


def known_value(name: str | None, models: Sequence[Model]) -> None:
    """What is to be added up is an index or a score of all versions, and no date: nothing would pass every gate."""
    if name is None or not models:
        return
    known = set.intersection(
        *(
            {
                one.name
                for one in model.definitions
                if isinstance(one, Index | Score) and not one.made and one.type.kind != "date"
            }
            for model in models
        )
    )
    if name not in known:
        raise refusal("no-such-name.definition", name=name, suggestion=closest(name, sorted(known)))


def cases_of(definition: AnyDefinition) -> Sequence[str]:
    if isinstance(definition, Score):
        return [band.name for band in definition.bands]
    return definition.flags if isinstance(definition, FlagBlock) else definition.type.options


def crossing(gate: Gate, top: EntityMoves) -> int:
    """How many a case has lost or gained, whatever others have come or gone."""
    definition, _, case = (gate.case or "").rpartition(".")
    found = 0
    for went in top.went:
        if definition and went.column not in (definition, f"{definition}_band"):
            continue
        if went.flag is not None:
            found += went.count * (went.flag == case and (went.before == "yes") == (gate.what == "lost"))
        else:
            found += went.count * ((went.before if gate.what == "lost" else went.after) == case)
    return found


def decides(definition: AnyDefinition, column: str) -> bool:
    if isinstance(definition, Score):
        return column != definition.name
    return isinstance(definition, Segment | Lifecycle | Table | Rank | FlagBlock)
