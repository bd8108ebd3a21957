"""A formula of a book comes in; out it goes as MathML Core, which browsers typeset by themselves, or as plain text."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from lifeseg.pages.book.words import spoken, worded
from lifeseg.pages.markup import Markup, element
from lifeseg.pipeline.book import tree as b

LONGEST_LINE = 72
SIGNS = {"+", "−", "×"}
HARD = "\N{NO-BREAK SPACE}"


def math(formula: b.Formula, equals: bool = True) -> Markup:
    """The formula by itself; a long sum or product a term a line."""
    lines = broken(formula)
    if len(lines) > 1:
        rows = (
            element("mtr", element("mtd", element("mo", sign)), element("mtd", part)) for sign, part in lines
        )
        return element("math", element("mtable", *rows), display="block")
    inside = element("mrow", element("mo", "="), typeset(formula)) if equals else typeset(formula)
    return element("math", inside, display="block" if equals else None)


def broken(formula: b.Formula) -> list[tuple[str, Markup]]:
    """The terms of a long chain, each with the sign before it."""
    if not isinstance(formula, b.Chain) or width(formula) <= LONGEST_LINE or formula.parts[0] == "−":
        return [("=", typeset(formula))]
    splitting = SIGNS & {part for part in formula.parts if isinstance(part, str)}
    loose = splitting - {"×"} or splitting
    found: list[tuple[str, list[b.Formula | str]]] = [("=", [])]
    for part in formula.parts:
        if isinstance(part, str) and part in loose:
            found.append((part, []))
        else:
            found[-1][1].append(part)
    return [(sign, typeset(b.Chain(tuple(parts)))) for sign, parts in found]


def width(formula: b.Formula) -> int:
    """About how many letters wide it is."""
    match formula:
        case b.Over(above=above, below=below):
            return max(width(above), width(below))
        case b.Chain(parts=parts):
            return sum(3 if isinstance(part, str) else width(part) for part in parts)
        case _:
            return len(plain(formula))


def typeset(formula: b.Formula) -> Markup:
    match formula:
        case b.Number(text=text):
            return element("mn", text)
        case b.Name(piece=piece):
            if not piece.target and len(piece.text) == 1:
                return element("mi", piece.text)
            return said((piece,))
        case b.Chain(parts=parts):
            return element(
                "mrow", *(element("mo", part) if isinstance(part, str) else typeset(part) for part in parts)
            )
        case b.Over(above=above, below=below):
            return element("mfrac", typeset(above), typeset(below))
        case b.Raised(base=base, exponent=exponent):
            return element("msup", typeset(base), typeset(exponent))
        case b.Root(value=value):
            return element("msqrt", typeset(value))
        case b.Bracketed(value=value):
            return element("mrow", element("mo", "("), typeset(value), element("mo", ")"))
        case b.Applied():
            return applied(formula)
        case b.Said(words=words):
            return said(words)
        case _:
            assert_never(formula)


def said(words: b.Words) -> Markup:
    """Words within a formula, an element for each piece: within one they would stand beneath each other."""
    texts = [element("mtext", worded((replace(piece, text=kept(piece.text)),))) for piece in words]
    return texts[0] if len(texts) == 1 else element("mrow", *texts)


def kept(text: str) -> str:
    """The text with the blanks at its ends, which formulas would swallow."""
    inner = text.strip(" ")
    start = len(text) - len(text.lstrip(" "))
    return HARD * start + inner + HARD * (len(text) - len(inner) - start)


def applied(formula: b.Applied) -> Markup:
    """A function of its arguments; whose they are stands beneath it."""
    name = element("mo", "∑") if formula.function == "Σ" else element("mi", formula.function)
    parts: list[Markup] = []
    for argument in formula.arguments:
        parts += [element("mo", ",")] if parts else []
        parts.append(typeset(argument))
    if not formula.arguments:
        parts = [said(formula.among)]
    elif formula.among:
        name = element("munder", name, said(formula.among))
    return element("mrow", name, element("mrow", element("mo", "("), *parts, element("mo", ")")))


# ---- Plain text ----------------------------------------------------------------------------------


def plain(formula: b.Formula) -> str:
    """The formula on one line."""
    match formula:
        case b.Number(text=text):
            return text
        case b.Name(piece=piece):
            return piece.text
        case b.Chain(parts=parts):
            first, *rest = parts
            text = "−" if first == "−" else plain(first) if not isinstance(first, str) else first
            gap = "" if first == "−" else " "
            for part in rest:
                text += gap + (part if isinstance(part, str) else plain(part))
                gap = " "
            return text
        case b.Over(above=above, below=below):
            return f"{operand(above)} / {operand(below)}"
        case b.Raised(base=base, exponent=exponent):
            return f"{operand(base)}^{operand(exponent)}"
        case b.Root(value=value):
            return f"√({plain(value)})"
        case b.Bracketed(value=value):
            return f"({plain(value)})"
        case b.Applied(function=function, arguments=arguments, among=among):
            parts_ = ", ".join(map(plain, arguments))
            return f"{function}({'; '.join(filter(None, (parts_, spoken(among))))})"
        case b.Said(words=words):
            return spoken(words)
        case _:
            assert_never(formula)


def operand(formula: b.Formula) -> str:
    """In brackets where it is made of several."""
    return f"({plain(formula)})" if isinstance(formula, b.Chain | b.Over) else plain(formula)
