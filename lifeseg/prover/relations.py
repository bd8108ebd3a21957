"""Two cases, flags or definitions come in; whether one implies or excludes the other, or is the same, goes out as answers.

To be a case or to have a flag is a yes or a no: the language leaves neither open where data are missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.frozen import dataclass
from lifeseg.model import expression as e
from lifeseg.model.model import AnyDefinition, Flag, Model, Score
from lifeseg.model.types import TRUTH
from lifeseg.prover.answers import Answer, Kind
from lifeseg.prover.questions import About, Asking, absent, only_when_missing, present
from lifeseg.prover.session import holds, truth_of
from lifeseg.prover.to_test import Wanted, with_test

Relation = Literal["implies", "excludes", "same as"]
KINDS: dict[Relation, Kind] = {"implies": "implied", "excludes": "exclusive", "same as": "equivalent"}


@dataclass(frozen=True, slots=True)
class Side:
    """A case, a flag or a whole definition of an entity, under the name it was called by."""

    called: str
    definition: AnyDefinition
    case: str | None = None  # of a score a band


@dataclass(frozen=True, slots=True)
class Related:
    """A sentence about two of them."""

    text: str
    left: Side
    relation: Relation
    right: Side


def about_relation(asking: Asking, related: Related) -> Iterator[Answer]:
    """Whether it is so of everybody; and whether anybody is what it speaks of, or it would say nothing."""
    span, entity = related.left.definition.span, related.left.definition.entity
    broken, text = against(asking.model, related, span)
    session = asking.session(entity, broken)
    ask, confirmed = truth_of(broken), holds(broken)
    about = About(related.text, entity, KINDS[related.relation], span)
    answer = only_when_missing(session, absent(session, about, ask, confirmed), ask, confirmed)
    yield with_test(asking.model, answer, Wanted(e.Not(span, TRUTH, broken), text))
    for side in (related.left, related.right):
        if is_single(side):
            condition = being(side, side.case, span)
            named = About(related.text, entity, "reachable", side.definition.span, (side.called,))
            yield present(session, named, truth_of(condition), holds(condition))


def is_single(side: Side) -> bool:
    return side.case is not None or isinstance(side.definition, Flag)


# ---- What would break it -----------------------------------------------------------------------------


def against(model: Model, related: Related, span: Span) -> tuple[e.Expression, str]:
    """The condition of whoever breaks it, and as the policy's text that nobody does."""
    left, right = related.left, related.right
    if not is_single(left) and left.definition.type.kind == "number":
        return unequal(left, right, span), f"{left.called} = {right.called}"
    if not is_single(left):
        options = dict.fromkeys((*cases_of(left.definition), *cases_of(right.definition)))
        pairs = [(option, option) for option in options]
    else:
        pairs = [(left.case or "", right.case or "")]
    found = [broken for one, other in pairs for broken in breaks(related, one, other, span)]
    conditions = tuple(condition for condition, _ in found)
    whole = conditions[0] if len(conditions) == 1 else e.Or(span, TRUTH, conditions)
    return whole, " and ".join(f"not ({text})" for _, text in found)


def breaks(related: Related, one: str, other: str, span: Span) -> Iterator[tuple[e.Expression, str]]:
    """To be the first and not the second; or both; or one of them only."""
    left, right = being(related.left, one, span), being(related.right, other, span)
    said, also = says(related.left, one), says(related.right, other)
    if related.relation == "excludes":
        yield both(span, left, right), f"{said} and {also}"
        return
    yield both(span, left, e.Not(span, TRUTH, right)), f"{said} and {says_not(related.right, other)}"
    if related.relation == "same as":
        yield both(span, right, e.Not(span, TRUTH, left)), f"{also} and {says_not(related.left, one)}"


def both(span: Span, one: e.Expression, other: e.Expression) -> e.Expression:
    return e.And(span, TRUTH, (one, other))


def being(side: Side, case: str | None, span: Span) -> e.Expression:
    """A yes or a no, never unknown."""
    subject = value(side, span)
    if isinstance(side.definition, Flag):
        return subject
    return e.OneOf(span, TRUTH, subject, (case or "",), False, True)


def value(side: Side, span: Span) -> e.Expression:
    definition = side.definition
    if isinstance(definition, Score) and side.case is not None:
        return e.Band(span, definition.type, definition.entity, definition.name)
    return e.Field(span, definition.type, definition.entity, definition.name)


def unequal(left: Side, right: Side, span: Span) -> e.Expression:
    one, other = value(left, span), value(right, span)
    missing = [e.IsMissing(span, TRUTH, found, False) for found in (one, other)]
    known = [e.IsMissing(span, TRUTH, found, True) for found in (one, other)]
    differ = e.Not(span, TRUTH, e.Compare(span, TRUTH.maybe(), "=", one, other))
    ways = (
        e.And(span, TRUTH, (*known, differ)),
        both(span, missing[0], known[1]),
        both(span, known[0], missing[1]),
    )
    return e.Or(span, TRUTH, ways)


def cases_of(definition: AnyDefinition) -> tuple[str, ...]:
    return definition.type.options


# ---- As the policy says it ---------------------------------------------------------------------------


def says(side: Side, case: str) -> str:
    name = side.definition.name
    return name if isinstance(side.definition, Flag) else f"{name} is {case}"


def says_not(side: Side, case: str) -> str:
    name = side.definition.name
    return f"not {name}" if isinstance(side.definition, Flag) else f"{name} is not {case}"
