"""A checked model comes in; models with one small mistake in each go out, that tests should notice.

Thresholds are moved, limits taken in or left out, clauses dropped, neighbouring cases swapped: the mistakes that people make.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.frozen import dataclass
from lifeseg.model import expression as e
from lifeseg.model.model import AnyDefinition, Model, Parameter, Score, Segment
from lifeseg.model.walk import nodes, parts_of
from lifeseg.review.clauses import asked, written

MOVED = 10
"""A threshold is moved by this part of itself, at least by one unit of its last decimal."""

OTHER: dict[str, e.Operator] = {">=": ">", ">": ">=", "<=": "<", "<": "<="}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A model with a mistake: what was done, and where."""

    what: str
    span: Span
    model: Model


def mutants(model: Model) -> Iterator[Mutant]:
    """In the order of the policy's definitions; the same ones each time."""
    for parameter in model.parameters.values():
        yield from of_parameter(model, parameter)
    for definition in written(model):
        for what, span, made in mistakes(definition):
            yield Mutant(what, span, with_definition(model, made))


def with_definition(model: Model, made: AnyDefinition) -> Model:
    key = (made.entity, made.name)
    return replace(
        model, definitions=tuple(made if (one.entity, one.name) == key else one for one in model.definitions)
    )


def of_parameter(model: Model, parameter: Parameter) -> Iterator[Mutant]:
    value = parameter.value
    if isinstance(value, int) and not isinstance(value, bool):
        for step in (1, -1):
            other = replace(parameter, value=moved(value, step), since=())
            changed = replace(model, parameters={**model.parameters, parameter.name: other})
            yield Mutant(
                f"`{parameter.name}` a tenth {'higher' if step > 0 else 'lower'}", parameter.span, changed
            )


def moved(value: int, step: int) -> int:
    return value + step * max(1, abs(value) // MOVED)


def mistakes(definition: AnyDefinition) -> Iterator[tuple[str, Span, AnyDefinition]]:
    """The definition with each mistake."""
    for old, new, what in exchanges(definition):
        yield what, old.span, exchanged(definition, old, new)
    if isinstance(definition, Segment):
        for place, (one, other) in enumerate(zip(definition.cases, definition.cases[1:], strict=False)):
            if one.condition is not None and other.condition is not None:
                cases = list(definition.cases)
                cases[place : place + 2] = [
                    replace(one, condition=other.condition), replace(other, condition=one.condition)
                ]  # fmt: skip
                yield (
                    f"`{one.name}` and `{other.name}` swapped",
                    one.span,
                    replace(definition, cases=tuple(cases)),
                )
    if isinstance(definition, Score):
        for place, band in enumerate(definition.bands):
            if isinstance(band.threshold, e.Constant) and isinstance(band.threshold.value, int):
                lower = replace(band.threshold, value=moved(band.threshold.value, -1))
                bands = (
                    *definition.bands[:place],
                    replace(band, threshold=lower),
                    *definition.bands[place + 1 :],
                )
                yield f"threshold of `{band.name}` a tenth lower", band.span, replace(definition, bands=bands)


def exchanges(definition: AnyDefinition) -> Iterator[tuple[Any, e.Expression, str]]:
    """Parts of conditions and what takes their place."""
    seen: set[int] = set()
    for node in inside(definition):
        if id(node) in seen:
            continue
        seen.add(id(node))
        match node:
            case e.Compare() if node.operator in OTHER and node.type.kind == "truth":
                yield (
                    node,
                    replace(node, operator=OTHER[node.operator]),
                    f"`{OTHER[node.operator]}` for `{node.operator}`",
                )
                if (
                    isinstance(node.right, e.Constant)
                    and isinstance(node.right.value, int)
                    and not isinstance(node.right.value, bool)
                ):
                    higher = replace(node.right, value=moved(node.right.value, 1))
                    yield node, replace(node, right=higher), "a limit a tenth higher"
            case e.And() | e.Or() if len(node.items) > 1:
                for place, item in enumerate(node.items):
                    rest = (*node.items[:place], *node.items[place + 1 :])
                    left = rest[0] if len(rest) == 1 else replace(node, items=rest)
                    yield Part(item.span, node), left, "a clause left out"
            case _:
                pass


@dataclass(frozen=True, slots=True)
class Part:
    """A node that is exchanged, told at the place of one in it."""

    span: Span
    node: e.Expression


def inside(definition: AnyDefinition) -> Iterator[Any]:
    """The conditions of a definition and what they are made of, down to child rows."""
    return nodes(tuple(condition for condition, _, _ in asked(definition)))


def exchanged(definition: AnyDefinition, old: Any, new: e.Expression) -> AnyDefinition:
    """The definition with one node in the place of another, wherever that very node stands."""
    wanted = old.node if isinstance(old, Part) else old

    def made(node: Any) -> Any:
        if node is wanted:
            return new
        if type(node) is tuple:
            parts = tuple(map(made, node))
            return node if all(a is b for a, b in zip(parts, node, strict=True)) else parts
        names = parts_of(type(node))
        if names is None:
            return node
        changed = {
            name: found for name in names if (found := made(getattr(node, name))) is not getattr(node, name)
        }
        return replace(node, **changed) if changed else node

    result: AnyDefinition = made(definition)
    return result
