"""An expression comes in, the text an analyst would write for it goes out, brackets only where needed."""

from __future__ import annotations

from typing import assert_never

from lifeseg.syntax import tree as t

# How tightly an expression binds: what binds less than its place asks for stands in brackets.
CLAUSE, FORMULA, NEGATION, COMPARISON, SUM, PRODUCT, UNARY, OPERAND = range(8)


def expression_to_text(expression: t.Expression) -> str:
    """The expression on one line, as in `every usage: product_stability is stable`."""
    return text(expression, CLAUSE)


def condition_lines(condition: t.Expression) -> tuple[str, ...]:
    """A condition on the lines it was written on; all but the first begin with `and` or `or`."""
    if isinstance(condition, t.And | t.Or) and condition.lines:
        word = "and" if isinstance(condition, t.And) else "or"
        # `and a or b` on a line of its own would do without brackets, but not every reader knows.
        mixed = t.Or if isinstance(condition, t.And) else t.And
        first, *others = (text(i, NEGATION if isinstance(i, mixed) else CLAUSE) for i in condition.items)
        return (first, *(f"{word} {other}" for other in others))
    return (text(condition, CLAUSE),)


def binding(expression: t.Expression) -> int:
    match expression:
        case t.Quantified():
            return CLAUSE
        case t.And() | t.Or():
            return FORMULA
        case t.Not():
            return NEGATION
        case t.Compare() | t.Is() | t.IsMissing():
            return COMPARISON
        case t.Arithmetic(operator="+" | "-"):
            return SUM
        case t.Arithmetic():
            return PRODUCT
        case t.Negate():
            return UNARY
        case _:
            return OPERAND


def text(expression: t.Expression, least: int) -> str:
    """The expression where its place asks for this binding at least."""
    plain = unbracketed(expression)
    return f"({plain})" if binding(expression) < least else plain


def unbracketed(expression: t.Expression) -> str:
    match expression:
        case t.Name(parts=parts):
            return ".".join(parts)
        case t.Number():
            return number(expression)
        case t.Text(value=value):
            return quoted(value)
        case t.Day(value=value):
            return value.isoformat()
        case t.Truth(value=value):
            return "yes" if value else "no"
        case t.Call():
            return call(expression)
        case t.Everyone(entity=entity):
            return f"all {text(entity, OPERAND)}"
        case t.Known(value=value):
            return f"known {text(value, SUM)}"
        case t.Negate(value=value):
            return f"-{text(value, OPERAND)}"
        case t.Arithmetic() | t.Compare() | t.Is() | t.IsMissing():
            return compared(expression)
        case t.Not() | t.And() | t.Or() | t.Quantified():
            return logical(expression)
        case _:
            assert_never(expression)


def compared(expression: t.Arithmetic | t.Compare | t.Is | t.IsMissing) -> str:
    match expression:
        case t.Arithmetic(operator="+" | "-" as operator, left=left, right=right):
            return f"{text(left, SUM)} {operator} {text(right, PRODUCT)}"
        case t.Arithmetic(operator=operator, left=left, right=right):
            return f"{text(left, PRODUCT)} {operator} {text(right, UNARY)}"
        case t.Compare(operator=operator, left=left, right=right):
            return f"{text(left, SUM)} {operator} {text(right, SUM)}"
        case t.Is(subject=subject, values=values):
            words = ["was" if expression.was else "is"]
            words += ["not"] * expression.negated + ["one of"] * expression.listed
            return f"{text(subject, SUM)} {' '.join(words)} {', '.join(text(v, OPERAND) for v in values)}"
        case t.IsMissing(subject=subject, negated=negated):
            return f"{text(subject, SUM)} is {'not ' if negated else ''}missing"
        case _:
            assert_never(expression)


def logical(expression: t.Not | t.And | t.Or | t.Quantified) -> str:
    match expression:
        case t.Not(value=value):
            return f"not {text(value, NEGATION)}"
        case t.And(items=items):
            return " and ".join(text(item, NEGATION) for item in items)
        case t.Or(items=items):
            return " or ".join(text(item, NEGATION) for item in items)
        case t.Quantified(quantifier=quantifier, child=child, where=where, body=body):
            narrowed = f" where {text(where, FORMULA)}" if where else ""
            return f"{quantifier} {text(child, OPERAND)}{narrowed}: {text(body, CLAUSE)}"
        case _:
            assert_never(expression)


def call(expression: t.Call) -> str:
    arguments = [text(argument, SUM) for argument in expression.arguments]
    if (manner := expression.manner) is not None:
        arguments.append(f"{manner.word} {text(manner.choice, OPERAND)}")
    parts = [", ".join(arguments)]
    if expression.over is not None:
        parts.append(f"over {text(expression.over, OPERAND)}")
    if (period := expression.period) is not None:
        last = f"..{period.last}" if period.last != period.first else ""
        parts.append(f"in {period.unit} {period.first}{last} ago")
    if expression.where is not None:
        parts.append(f"where {text(expression.where, CLAUSE)}")
    return f"{expression.function}({' '.join(parts)})"


def number(value: t.Number) -> str:
    """The digits as they were written, then the unit."""
    if value.unit is None:
        return value.text
    return f"{value.text}%" if value.unit == "%" else f"{value.text} {value.unit}"


def range_to_text(value: t.Range) -> str:
    return f"{text(value.low, UNARY)}{'..<' if value.open_end else '..'}{text(value.high, UNARY)}"


def quoted(value: str) -> str:
    return f'"{value}"'
