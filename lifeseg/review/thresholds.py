"""A model comes in, with what its population came to; the amounts at which its decisions change go out, and of two models
those that decide otherwise.

Only thresholds that are the same for everybody are told: a band of a score, the cut of a rank, a parameter or a number
that a condition compares with a score or an index of the same record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction

from lifeseg.frozen import dataclass
from lifeseg.interpreter.from_expression import from_expression
from lifeseg.interpreter.link import Link, linked
from lifeseg.interpreter.results import BaselineValue
from lifeseg.model import expression as e
from lifeseg.model.model import AnyDefinition, Flag, Index, Lifecycle, Model, Rank, Score, Segment, Table
from lifeseg.model.walk import nodes

OF_A_RECORD = (e.Field, e.Band, e.Children, e.Quantified, e.Aggregate, e.Was)


@dataclass(frozen=True, slots=True)
class Threshold:
    """An amount of `column` at which `decision`, a column of the results, changes: into `case`, if that is told; of a list of
    flags only for `flag`. `reached` by whoever is right at it.
    """

    entity: str
    decision: str
    column: str
    value: Fraction
    decimals: int  # with which it is written at least
    case: str | None = None
    flag: str | None = None
    reached: bool = True

    @property
    def key(self) -> tuple[str | None, ...]:
        return self.entity, self.decision, self.column, self.case, self.flag


def otherwise(
    old: Sequence[Threshold], new: Sequence[Threshold], amounts: Collection[str]
) -> Iterator[tuple[Threshold | None, Threshold]]:
    """The new thresholds of an entity that are not where they were, or whose amounts are not what they were; each with the
    one before.
    """
    before: dict[tuple[str | None, ...], list[Threshold]] = defaultdict(list)
    for one in dict.fromkeys(old):
        before[one.key].append(one)
    after: dict[tuple[str | None, ...], list[Threshold]] = defaultdict(list)
    for one in dict.fromkeys(new):
        after[one.key].append(one)
    for key, here in after.items():
        there: list[Threshold | None] = [*before[key]]
        if len(there) != len(here):
            there = [next((one for one in before[key] if one.value == now.value), None) for now in here]
        for former, one in zip(there, here, strict=True):
            if former is None or former.value != one.value or one.column in amounts:
                yield former, one


def thresholds(model: Model, day: date, statistics: Mapping[str, BaselineValue]) -> Iterator[Threshold]:
    """All thresholds of a model, in the order of its text."""
    link = linked(model, day, dict(statistics))
    for one in sorted(model.definitions, key=lambda one: one.span[:3]):
        match one:
            case Score():
                for band in one.bands:
                    if (value := constant(link, band.threshold)) is not None:
                        yield Threshold(one.entity, f"{one.name}_band", one.name, *value, band.name)
            case Rank() if is_amount(model, one, one.by):
                cuts = statistics.get(one.cuts)
                for class_, cut in zip(one.classes, cuts if isinstance(cuts, tuple) else (), strict=False):
                    if cut is not None:
                        amount = Fraction(cut, 10**one.by.type.scale)
                        yield Threshold(one.entity, one.name, name_of(one.by), amount, 0, class_.name)
            case Flag() | Segment() | Table() | Lifecycle():
                yield from compared(link, model, one)
            case _:
                pass


def amounts_compared(model: Model, keys: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The scores and indexes that some definitions hold against a threshold."""
    found = set()
    for one in model.definitions:
        if (one.entity, one.name) not in keys:
            continue
        parts = (
            [one.by]
            if isinstance(one, Rank)
            else [side for two in comparisons(one) for side in (two.left, two.right)]
        )
        found |= {(one.entity, name_of(part)) for part in parts if is_amount(model, one, part)}
    return found


def compared(link: Link, model: Model, one: Flag | Segment | Table | Lifecycle) -> Iterator[Threshold]:
    """The amounts that conditions compare with."""
    decision = one.block if isinstance(one, Flag) and one.block is not None else one.name
    flag = one.name if isinstance(one, Flag) and one.block is not None else None
    for node in comparisons(one):
        for amount, limit, reached in (
            (node.left, node.right, node.operator in (">=", "<")),
            (node.right, node.left, node.operator in ("<=", ">")),
        ):
            if is_amount(model, one, amount) and (value := constant(link, limit)) is not None:
                yield Threshold(one.entity, decision, name_of(amount), *value, flag=flag, reached=reached)


def comparisons(one: AnyDefinition) -> Iterator[e.Compare]:
    if isinstance(one, Flag | Segment | Table | Lifecycle):
        yield from (node for node in nodes(one) if isinstance(node, e.Compare) and node.operator != "=")


def is_amount(model: Model, of: AnyDefinition, node: e.Expression) -> bool:
    """Whether an expression is a score or an index of the text, of the record that is decided about."""
    if not isinstance(node, e.Field) or node.up or node.entity != of.entity:
        return False
    return any(
        isinstance(one, Index | Score) and one.name == node.name and not one.made
        for one in model.of(node.entity)
    )


def name_of(node: e.Expression) -> str:
    assert isinstance(node, e.Field)
    return node.name


def constant(link: Link, node: e.Expression | None) -> tuple[Fraction, int] | None:
    """The value of an expression that is the same for everybody, and the decimals with which it is written."""
    if (
        node is None
        or node.type.kind != "number"
        or any(isinstance(part, OF_A_RECORD) for part in nodes(node))
    ):
        return None
    if any(isinstance(part, e.Statistic) and part.key not in link.statistics for part in nodes(node)):
        return None
    value = from_expression(link, node)([])
    if value is None:
        return None
    decimals = node.type.scale if isinstance(node, e.Constant | e.Parameter) else 0
    return Fraction(value, 10**node.type.scale), decimals
