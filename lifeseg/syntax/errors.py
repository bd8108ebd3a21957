"""A parser's complaint and the lines it is about come in; a finding in an analyst's words goes out."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from lark.exceptions import UnexpectedCharacters, UnexpectedToken
from lark.indenter import DedentError

from lifeseg.diagnostics.diagnostic import Diagnostic, Span, problem

KINDS = (
    "policy", "params", "entity", "indexes", "score", "weights", "flags", "segment", "rank", "table",
    "lifecycle", "test", "never", "assume", "titles", "change",
)  # fmt: skip
LATER = ("offers", "kpis", "clusters", "tasks")

WORDS = {
    "NAME": "a name", "NUMBER": "a number", "TEXT": "a text in quotes", "DATE": "a date", "VERSION": "a version like 1.0.0",
    "_NL": "the end of the line", "_INDENT": "indented lines", "_DEDENT": "the end of the block", "$END": "the end",
    "COMPARISON": "a comparison", "PLUS": "`+`", "MINUS": "`-`", "STAR": "`*`", "SLASH": "`/`", "PERCENT": "`%`",
    "RPAR": "`)`", "LPAR": "`(`", "VBAR": "`|`", "COMMA": "`,`", "COLON": "`:`", "DOT": "`.`", "EQUAL": "`=`",
    "_AND_LINE": "a line with `and`", "_OR_LINE": "a line with `or`", "T_TRUTH": "`yes/no`", "__ANON_0": "`..`",
    "__ANON_1": "`||`", "__ANON_2": "`..<`",
}  # fmt: skip


def explained(
    error: UnexpectedToken | UnexpectedCharacters | DedentError, lines: Sequence[str], line: int, first_line: int, file: str
) -> Diagnostic:
    """The finding for a parse error in the piece whose lines are given."""
    if isinstance(error, DedentError):
        return problem("bad-indentation", whole(lines, line, first_line, file))
    if isinstance(error, UnexpectedCharacters):
        return strange_character(error, lines, line, first_line, file)
    return strange_word(error, lines, line, first_line, file)


def whole(lines: Sequence[str], line: int, first_line: int, file: str) -> Span:
    text = lines[line - 1]
    start = len(text) - len(text.lstrip()) + 1
    return Span(file, line + first_line - 1, start, line + first_line - 1, max(len(text.rstrip()) + 1, start + 1))


def strange_character(
    error: UnexpectedCharacters, lines: Sequence[str], line: int, first_line: int, file: str
) -> Diagnostic:
    number = line + first_line - 1
    column = error.column
    character = lines[line - 1][column - 1 : column] or " "
    span = Span(file, number, column, number, column + 1)
    if character == '"':
        return problem("unclosed-text", Span(file, number, column, number, len(lines[line - 1]) + 1))
    if character in "“”„«»'‘’＂":
        return problem("strange-character.quote", span, character=character)
    if character in "（），：。；＝＜＞＋－＊／｜％、":
        return problem("strange-character.wide", span, character=character)
    return problem("strange-character", span, character=character)


def strange_word(
    error: UnexpectedToken, lines: Sequence[str], line: int, first_line: int, file: str
) -> Diagnostic:
    token, number = error.token, line + first_line - 1
    kind, text = token.type, str(token)
    expected = set(error.accepts or error.expected)
    if kind in ("_NL", "$END", "_DEDENT", "_INDENT", "_AND_LINE", "_OR_LINE"):
        return line_break(kind, lines, line, first_line, file, expected)
    column = token.column or 1
    span = Span(file, number, column, number, column + len(text))
    if line == 1 and column == 1:
        return unknown_kind(text, span)
    if kind in ("AND", "OR") and expected & {"AND", "OR", "_NL", "RPAR", "_AND_LINE", "_OR_LINE"}:
        return problem("mixed-and-or", span, word=text)
    if kind == "COMPARISON" and not expected & {"COMPARISON", "NUMBER"}:
        return problem("chained-comparison", span, word=text)
    if kind in ("COMPARISON", "EQUAL") and lines[line - 1][column - 2 : column - 1] in ("=", "<", ">"):
        return problem("syntax.comparison", span)
    if kind in ("SOME", "EVERY", "NO"):
        return problem("misplaced-quantifier", span, word=text)
    if text.isidentifier() and "NAME" in expected and kind != "NAME":
        return problem("reserved-word", span, word=text)
    return problem("syntax", span, word=text, expected=in_words(expected))


def unknown_kind(text: str, span: Span) -> Diagnostic:
    if text in LATER:
        return problem("not-yet", span, word=text)
    close = difflib.get_close_matches(text, KINDS, 1)
    return problem("unknown-definition", span, word=text, suggestion=close[0] if close else None, kinds=", ".join(KINDS))


def line_break(
    kind: str, lines: Sequence[str], line: int, first_line: int, file: str, expected: set[str]
) -> Diagnostic:
    number, text = line + first_line - 1, lines[line - 1]
    end = len(text.rstrip()) + 1
    span = Span(file, number, end, number, end + 1)
    if kind == "_INDENT":
        return problem("bad-indentation.deeper", whole(lines, min(line + 1, len(lines)), first_line, file))
    if "RPAR" in expected and text.count("(") > text.count(")"):
        return problem("unclosed-bracket", span)
    if expected and expected <= {"_INDENT", "_NL"}:
        return problem("empty-definition", whole(lines, line, first_line, file))
    if kind in ("_AND_LINE", "_OR_LINE"):
        return problem("syntax.line", span, word=kind[1:-5].lower(), expected=in_words(expected))
    return problem("syntax.end", span, expected=in_words(expected))


def in_words(expected: set[str]) -> str:
    """At most six expectations, the likeliest first, as a phrase."""
    phrases = sorted({WORDS.get(name, f"`{name.lower().removeprefix('t_')}`") for name in expected}, key=likely)
    shown = phrases[:6]
    more = ", …" if len(phrases) > 6 else ""
    return (", ".join(shown[:-1]) + " or " + shown[-1] if len(shown) > 1 and not more else ", ".join(shown)) + more


def likely(phrase: str) -> tuple[bool, str]:
    return phrase.startswith("`"), phrase
