"""A repair comes in; SQL for the repaired value of its fact goes out."""

from __future__ import annotations

from collections.abc import Callable
from math import floor

from lifeseg.model import expression as e
from lifeseg.model.model import Fact
from lifeseg.model.types import Type
from lifeseg.records.generation.constants import Constants
from lifeseg.records.generation.design import Repair
from lifeseg.records.generation.from_spread import literal, within
from lifeseg.records.generation.mixing import floored
from lifeseg.records.number import bounds

Name = Callable[[str, str | None], str]
"""The column of a fact of an entity or, for None, of how many records of it the row at hand has."""

MOST = 2**62 - 1
LARGEST_NUMBER = 2**63 - 1


class Writer:
    """Writes simple expressions (those that from_claims lets pass) over the columns of a row."""

    def __init__(self, constants: Constants, name: Name) -> None:
        self.constants, self.name = constants, name

    def repaired(self, repair: Repair, fact: Fact) -> str:
        """The fact's own value where there is nothing to repair, or it is missing."""
        own = self.name(repair.entity, repair.fact)
        match repair.aim:
            case "missing":
                value = "NULL"
            case "one of":
                options = ", ".join(map(literal, repair.values))
                value = f"CASE WHEN {own} IN ({options}) THEN {own} ELSE {literal(repair.values[0])} END"
            case _:
                value = self._bounded(repair, fact, own)
        needed = [f"{own} IS NOT NULL", *(f"({self.truth(excuse)}) IS FALSE" for excuse in repair.unless)]
        return f"CASE WHEN {' AND '.join(needed)} THEN {value} ELSE {own} END"

    def _bounded(self, repair: Repair, fact: Fact, own: str) -> str:
        assert repair.value is not None
        number, scale = self.number(repair.value)
        step, up, down = (
            fact.step,
            10 ** max(fact.type.scale - scale, 0),
            10 ** max(scale - fact.type.scale, 0),
        )
        whole = floored(f"CAST({number} AS HUGEINT) * {up}", step * down, LARGEST_NUMBER)
        above = f"-({floored(f'-(CAST({number} AS HUGEINT) * {up})', step * down, LARGEST_NUMBER)})"
        match repair.aim:
            case "<=" | "=":
                end = f"{whole} * {step}"
            case "<":
                end = f"({above} - 1) * {step}"
            case ">=":
                end = f"({above}) * {step}"
            case _:
                end = f"({whole} + 1) * {step}"
        low, high = bounds(fact) if fact.type.kind == "number" else (1, 3_652_059)
        end = f"CAST({within(end, low, high)} AS BIGINT)"
        if repair.aim == "=":
            chosen = end
        else:
            chosen = f"{'least' if '<' in repair.aim else 'greatest'}({own}, {end})"
        return f"CASE WHEN {number} IS NULL THEN {own} ELSE {chosen} END"

    def number(self, node: e.Expression) -> tuple[str, int]:
        """SQL and scale of a number or a date."""
        constant = self.constants.of(node)
        if constant is not None:
            return str(floor(constant * 10**node.type.scale)), node.type.scale
        match node:
            case e.Field():
                return self.name(node.entity, node.name), node.type.scale
            case e.Aggregate():
                return self.name(node.children.entity, None), 0
            case e.Add() | e.Subtract():
                left, right, scale = self._at_one_scale(node.left, node.right)
                return f"({left} {'+' if isinstance(node, e.Add) else '-'} {right})", scale
            case _:
                return "NULL", 0

    def _at_one_scale(self, left: e.Expression, right: e.Expression) -> tuple[str, str, int]:
        (one, one_scale), (other, other_scale) = self.number(left), self.number(right)
        scale = max(one_scale, other_scale)
        if one_scale != scale:
            one = f"(CAST({one} AS HUGEINT) * {10 ** (scale - one_scale)})"
        if other_scale != scale:
            other = f"(CAST({other} AS HUGEINT) * {10 ** (scale - other_scale)})"
        return one, other, scale

    def truth(self, node: e.Expression) -> str:
        """SQL of a condition; NULL is unknown."""
        match node:
            case e.Constant():
                return literal(bool(node.value))
            case e.Field():
                return self.name(node.entity, node.name)
            case e.Not():
                return f"NOT ({self.truth(node.value)})"
            case e.And() | e.Or():
                word = " AND " if isinstance(node, e.And) else " OR "
                return word.join(f"({self.truth(item)})" for item in node.items)
            case e.Compare() if has_order(node.left.type):
                left, right, _ = self._at_one_scale(node.left, node.right)
                return f"{left} {node.operator} {right}"
            case e.OneOf(subject=e.Field() as subject):
                options = ", ".join(map(literal, node.values))
                own = self.name(subject.entity, subject.name)
                return f"{own} {'NOT ' if node.negated else ''}IN ({options})"
            case e.IsMissing(subject=e.Field() as subject):
                own = self.name(subject.entity, subject.name)
                return f"{own} IS {'NOT ' if node.negated else ''}NULL"
            case _:
                return "NULL"


def has_order(kind: Type) -> bool:
    return kind.kind in ("number", "date")
