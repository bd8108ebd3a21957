"""The lines under a definition that are not its meaning come in; what they say, in its own type, goes out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from lifeseg.diagnostics.diagnostic import Label, Span
from lifeseg.model import expression as e
from lifeseg.model.arithmetic import same_unit
from lifeseg.model.context import Context, Known, Scope, Unresolved
from lifeseg.model.from_expression import from_expression
from lifeseg.model.missing import NOTHING, not_handled, unknown_part
from lifeseg.model.symbols import information_text
from lifeseg.model.types import Type, kind_text
from lifeseg.syntax import tree as t

FOR_PEOPLE = {"source", "owner", "note", "refresh", "use_for"}


def line_of(information: Sequence[t.Information], word: str) -> t.Information | None:
    return next((line for line in information if line.word == word), None)


def expect_words(context: Context, lines: Sequence[t.Information], *allowed: str) -> None:
    """Each information line once, and only where it means something."""
    seen: dict[str, Span] = {}
    for line in lines:
        if line.word not in FOR_PEOPLE and line.word not in allowed:
            context.report("misplaced-information", line.span, word=line.word)
        elif line.word in seen:
            context.report("information-twice", line.span, Label(seen[line.word], "first"), word=line.word)
        seen.setdefault(line.word, line.span)


def former_names(
    context: Context, cases: Iterable[tuple[str, Sequence[t.Information]]]
) -> dict[str, tuple[str, ...]]:
    """What the cases of a definition were called before; each such name is that of one of them, and no longer in use."""
    written = dict(cases)
    found: dict[str, tuple[str, ...]] = {}
    seen: dict[str, Span] = {}
    for case, lines in written.items():
        line = line_of(lines, "formerly")
        names = line.value.names if line is not None and isinstance(line.value, t.Names) else ()
        for name in names:
            old = ".".join(name.parts)
            if old in written:
                context.report("formerly-taken", name.span, name=old)
            elif old in seen:
                context.report("formerly-taken.twice", name.span, Label(seen[old], "first"), name=old)
            seen.setdefault(old, name.span)
        found[case] = tuple(".".join(name.parts) for name in names)
    return found


def unit_named(lines: Sequence[t.Information]) -> str | None:
    """The unit that a line `unit` names."""
    line = line_of(lines, "unit")
    if line is not None and isinstance(line.value, t.Name):
        return ".".join(line.value.parts)
    return information_text(lines, "unit")


def shown(value: Fraction) -> str:
    """A bound as people write it."""
    return str(value) if value.denominator == 1 else f"{float(value):.6g}"


# ---- If missing ----------------------------------------------------------------------------------


def if_missing(
    context: Context, lines: Sequence[t.Information], formula: e.Expression, name: str
) -> t.Information | None:
    """The line `if missing` of a formula, with a finding where one is needed or useless."""
    line = line_of(lines, "if missing")
    part = unknown_part(formula)
    if line is None and part is not None:
        not_handled(context, part)
    elif line is not None and part is None:
        context.report("useless-if-missing", line.span, name=name)
    return line


def fallback(
    context: Context, line: t.Information | None, kind: Type, limits: Type | None = None
) -> tuple[e.Value, Type]:
    """The literal behind `if missing` in the definition's own type, and this type with room for it; where
    a range is declared, the literal must lie in it.
    """
    if line is None:
        return None, kind
    if line.value is None or isinstance(line.value, t.Range | t.Names):
        context.report("misplaced-information", line.span, word="if missing reweight")
        raise Unresolved
    value = from_expression(context, Scope(""), line.value)
    if not isinstance(value, e.Constant):
        context.report("type-mismatch.literal", line.value.span)
        raise Unresolved
    if value.type.kind != kind.kind:
        wanted, found = kind_text(kind.kind), kind_text(value.type.kind)
        context.report("type-mismatch", value.span, wanted=wanted, found=found)
        raise Unresolved
    if kind.kind != "number":
        return value.value, kind
    if value.type.unit:  # a bare number is in the definition's own unit
        same_unit(context, value.span, value, e.Constant(value.span, kind, 0))
    amount = value.type.low
    wider = replace(kind, low=min(kind.low, amount), high=max(kind.high, amount))
    return scaled_literal(context, value, limits or wider), wider


def scaled_literal(context: Context, value: e.Constant, kind: Type) -> int:
    """A literal at another scale; it must not have more decimals than that, nor lie beyond the bounds."""
    amount = value.type.low
    exact = amount * 10**kind.scale
    if exact.denominator != 1:
        context.report("off-step.decimals", value.span, decimals=kind.scale)
        raise Unresolved
    if not kind.low <= amount <= kind.high:
        low, high = shown(kind.low), shown(kind.high)
        context.report("out-of-range.literal", value.span, low=low, high=high)
    return int(exact)


def truth_if_missing(
    context: Context,
    lines: Sequence[t.Information],
    test: e.Expression | None,
    name: str,
    known: Known = NOTHING,
) -> bool | None:
    """What a case or flag answers when its condition stays unknown."""
    line = line_of(lines, "if missing")
    part = unknown_part(test, known) if test is not None else None
    if line is None:
        if part is not None:
            not_handled(context, part)
        return None
    if part is None:
        context.report("useless-if-missing", line.span, name=name)
    if not isinstance(line.value, t.Truth):
        context.report("type-mismatch.truth", line.span)
        raise Unresolved
    return line.value.value
