"""A mistake comes in; if it is a habit from other languages or office programs, its finding goes out.

Each function looks for one kind of confusion, and CONFUSIONS is the order in which they are tried.
"""

from __future__ import annotations

import re
import unicodedata

from lifeseg.diagnostics.diagnostic import Diagnostic, Fix, Span, problem
from lifeseg.syntax.confusions_of_values import VALUES
from lifeseg.syntax.mistake_view import KINDS, View, closest
from lifeseg.syntax.tokens import ASTRAY, END, STRANGE, Token

KINDS_IN_WORDS = ", ".join(f"`{kind}`" for kind in KINDS)
OTHER_KINDS = {
    "parameter": "params", "parameters": "params", "param": "params", "settings": "params",
    "index": "indexes", "indices": "indexes", "indicators": "indexes", "metrics": "indexes", "flag": "flags",
    "labels": "flags", "tags": "flags", "segments": "segment", "group": "segment", "ranking": "rank",
    "object": "entity", "panel": "weights", "title": "titles", "translations": "titles", "import": "policy",
}  # fmt: skip
QUOTES = "“”„‟«»‘’‚‹›'`＂＇「」『』"
SIGNS = {
    "−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "×": "*", "∗": "*", "·": "*", "÷": "/", "∕": "/",
    "≤": "<=", "≥": ">=", "≦": "<=", "≧": ">=", "≠": "is not", "…": "..", "、": ",", "。": ".", "∧": "and",
    "∨": "or", "¬": "not", "€": "EUR", "¥": "CNY", "￥": "CNY", "$": "USD", "£": "GBP", "[": "(", "]": ")",
    "{": "(", "}": ")",
}  # fmt: skip
OPERATORS = {
    "==": None, "===": None, "!=": None, "!==": None, "<>": None, "=!": None, "~=": None, "&&": "and",
    "&": "and", "||": "or", "!": "not", "=>": ">=", "=<": "<=", ":=": "=", "**": None, "^": None,
    "//": None, "/*": None, "*/": None,
}  # fmt: skip
_RUN = re.compile(r"[!=<>&|~^*/:]+")


def foreign_comment(view: View) -> Diagnostic | None:
    """`-- a remark`."""
    first = view.first
    if not view.line.lstrip().startswith("--") or view.token.column > first.column + 1:
        return None
    return problem("unknown-operator.comment", view.part(first.column, first.column + 2), operator="--")


def unclosed_text(view: View) -> Diagnostic | None:
    """A quote that opens a text, with no second one on its line."""
    for token in view.entry[: view.index + 1]:
        if token.kind == STRANGE and token.text == '"' and token.line == view.token.line:
            return problem(
                "unclosed-text", Span(view.file, token.line, token.column, token.line, len(view.line) + 1)
            )
    for token in view.entry[view.index :]:
        if token.kind == STRANGE and token.text == '"' and token.line == view.token.line:
            return problem("unclosed-text.pairs", view.span(token))
    return None


def foreign_operator(view: View) -> Diagnostic | None:
    """`==`, `!=`, `&&` and their like, whole or in part."""
    in_table = view.first.kind in ("BAR", "DOUBLE_BAR")
    for match in _RUN.finditer(view.line):
        run, start, end = match.group(), match.start() + 1, match.end() + 1
        if run not in OPERATORS or not start <= view.token.column <= end or (in_table and "|" in run):
            continue
        if view.token.column == end and view.token.kind != STRANGE and view.token.terminal in view.expected:
            continue
        place, instead = view.part(start, end), OPERATORS[run]
        if instead is not None:
            return problem("unknown-operator", place, fix=Fix(place, instead), operator=run, instead=instead)
        if run in ("==", "==="):
            return problem("unknown-operator.equal", place, operator=run)
        if run in ("//", "/*", "*/"):
            return problem("unknown-operator.comment", place, operator=run)
        if run in ("**", "^"):
            return problem("unknown-operator.power", place, operator=run)
        return problem("unknown-operator.not-equal", place, operator=run)
    return None


def ending(view: View) -> Diagnostic | None:
    """A sign that ends a sentence or a statement elsewhere; or an `and` that should begin the next line."""
    last = view.before if view.ends_line else view.token
    if last is None or last.text not in (";", ".", "!", "?", "and", "or"):
        return None
    if last.text == "." and last is view.token and view.before is not None and view.before.kind == "NUMBER":
        return None
    if view.ends_line and last.text in ("and", "or"):
        return problem("syntax.trailing", view.span(last), word=last.text)
    if last.text not in ("and", "or") and (view.ends_line or view.after_kind == "_NL"):
        return problem("syntax.extra", view.span(last), fix=Fix(view.span(last), ""), word=last.text)
    return None


def strange_character(view: View) -> Diagnostic | None:
    """A character of no token: typographic quotes, full-width signs, blanks that are none."""
    if view.token.kind != STRANGE:
        return None
    character, place = view.text, view.span()
    wide = unicodedata.normalize("NFKC", character)
    if character in QUOTES:
        return problem("strange-character.quote", place, character=character)
    if not character.strip() or unicodedata.category(character) in ("Cf", "Zs"):
        return problem("strange-character.blank", place, fix=Fix(place, " "), code=f"U+{ord(character):04X}")
    instead = SIGNS.get(character) or (wide if wide != character and wide.isascii() else None)
    if instead is not None:
        fix = Fix(place, instead)
        return problem("strange-character.instead", place, fix=fix, character=character, instead=instead)
    return problem("strange-character", place, character=character)


def unknown_definition(view: View) -> Diagnostic | None:
    """The first word of a definition is none of those that begin one."""
    if not view.at_heading or view.ends_line or "ENTITY" not in view.expected:
        return None
    word, place = view.text, view.span()
    if word in ("and", "or"):
        return problem("bad-indentation.condition", place, word=word)
    if word == "|" or (word not in KINDS and word in view.parser.literals):
        return problem("bad-indentation.first-column", place, word=word)
    meant = OTHER_KINDS.get(word.lower()) or closest(word, KINDS)
    fix = Fix(place, meant) if meant else None
    return problem(
        "unknown-definition",
        place,
        fix=fix,
        word=word,
        suggestion=meant,
        kinds=None if meant else KINDS_IN_WORDS,
    )


def missing_name(view: View) -> Diagnostic | None:
    """`segment of customer`: there `of` passes for the name."""
    before = view.before
    if not view.at_heading or before is None or before.text not in ("of", "by", "where") or view.index > 3:
        return None
    return (
        problem("incomplete-heading.name", view.span(before), kind=view.kind)
        if before.terminal == "NAME"
        else None
    )


def indented_definition(view: View) -> Diagnostic | None:
    """A definition among the lines of another."""
    words = view.on_line
    if view.at_heading or not words or words[0].text not in KINDS or len(words) < 3:
        return None
    named = words[1].kind == "NAME" and (words[2].kind == "TEXT" or words[2].text == "of")
    untitled = words[1].kind == "TEXT" and words[2].text == "of"
    return (
        problem("bad-indentation.definition", view.span(words[0]), word=words[0].text)
        if named or untitled
        else None
    )


def indentation(view: View) -> Diagnostic | None:
    """A line whose indentation fits nothing above it."""
    if view.token.kind == ASTRAY:
        return problem("bad-indentation", view.whole_line())
    deeper = view.before is not None and view.before.kind == "_INDENT"
    if deeper and view.text.lower() in ("and", "or"):
        return lower_case(view)
    if view.token.kind == "_INDENT" or (deeper and view.parser.reads(view.mistake.ground, view.on_line)):
        return problem("bad-indentation.deeper", view.whole_line())
    return None


def brackets(view: View) -> Diagnostic | None:
    """A bracket that is never closed, or closes nothing."""
    opened: list[Token] = []
    for token in view.entry:
        if token.text == "(":
            opened.append(token)
        elif token.text == ")" and opened:
            opened.pop()
        elif token is view.token and token.text == ")":
            return problem("unclosed-bracket.extra", view.span())
    if opened and (view.ends_line or view.token.line > opened[0].line):
        return problem("unclosed-bracket", view.span(opened[0]))
    return None


def mixed_and_or(view: View) -> Diagnostic | None:
    """`and` and `or` side by side, on one line or at the beginnings of lines."""
    for word, other in (("and", "or"), ("or", "and")):
        if view.token.literal == word.upper() and other.upper() in view.expected:
            return problem("mixed-and-or", view.span(), word=word)
        if view.token.kind == f"_{word.upper()}_LINE":
            if f"_{other.upper()}_LINE" in view.expected:
                return problem("mixed-and-or.lines", view.span(), word=word)
            return problem("syntax.continuation", view.span(), word=word)
    return None


def chained_comparison(view: View) -> Diagnostic | None:
    """`1 < x < 5`."""
    if view.token.kind != "COMPARISON" or "AND" not in view.expected or "COMPARISON" in view.expected:
        return None
    ends = ("and", "or", "not", "when", "where", "expect", "(", ",", ":", "=")
    left = view.index - 1
    while left >= 0 and view.entry[left].kind != "COMPARISON":
        if view.entry[left].text in ends or view.entry[left].terminal == "EQUAL":
            return None
        left -= 1
    if left < 0 or view.entry[left].line != view.token.line:
        return None
    middle = view.line[
        view.entry[left].column + len(view.entry[left].text) - 1 : view.token.column - 1
    ].strip()
    return problem("chained-comparison", view.span(), operator=view.text, middle=middle)


def quantifier(view: View) -> Diagnostic | None:
    """`some`, `every`, `no` where no line and no bracket begins, and the words other people use for them."""
    token, before = view.token, view.before
    quantifiers = ("some", "every", "no")
    others = {"all": "every", "each": "every", "any": "some", "exists": "some", "none": "no"}
    if before is None or token.kind != "NAME":
        return None
    if before.text in quantifiers and before.terminal in ("NAME", "NO"):
        negated = view.index > 1 and view.entry[view.index - 2].text == "not"
        return problem(
            "misplaced-quantifier.not" if negated else "misplaced-quantifier",
            view.span(before),
            word=before.text,
        )
    if before.text in others and ":" in view.line:
        return other_word(view, before, others[before.text])
    return None


def is_and_comparison(view: View) -> Diagnostic | None:
    """`is >= 5`, `is = a`, `is 5`: `is` is for values with names, comparisons are for amounts."""
    before = view.before
    if before is None or before.text not in ("is", "was") or "MISSING" not in view.expected | {"MISSING"}:
        return None
    if view.token.kind == "COMPARISON":
        return problem(
            "is-or-comparison", view.span(before, view.token), operator=view.text, word=before.text
        )
    if view.token.kind == "NUMBER" and view.close_up(view.token, view.after) and view.after_kind == "NAME":
        return None  # 2G: a value without its quotes
    if view.token.kind in ("NUMBER", "DATE", "MINUS"):
        return problem("is-or-comparison.number", view.span(before, view.token), word=before.text)
    return None


def lower_case(view: View) -> Diagnostic | None:
    """`AND`, `When`: words of the language are written small."""
    token = view.token
    low = token.text.lower()
    known = low in view.expected_words() or low in ("and", "or")
    if token.text != low and known:
        place = view.span(token)
        return problem("other-word.case", place, fix=Fix(place, low), word=token.text, suggestion=low)
    return None


def other_word(view: View, token: Token, meant: str) -> Diagnostic:
    place = view.span(token)
    return problem("other-word", place, fix=Fix(place, meant), word=token.text, suggestion=meant)


OTHERS = {
    "if": ("when",), "case": ("when",), "when": ("where",), "unless": ("when not",), "else": ("otherwise",),
    "default": ("otherwise", "if missing"), "equals": ("=",), "eq": ("=",), "in": ("is one of",),
    "belongs": ("is one of",), "isnt": ("is not",), "by": ("of",), "for": ("of", "over"), "of": ("over",),
    "on": ("of",), "per": ("of",), "from": ("over",), "filter": ("where",), "having": ("where",),
    "above": ("from",), "under": ("below",), "otherwise": ("below",), "best": ("top",), "others": ("rest",),
    "remaining": ("rest",), "if_missing": ("if missing",), "missing": ("if missing",),
}  # fmt: skip


def foreign_word(view: View) -> Diagnostic | None:
    """`if` for `when`, `else` for `otherwise`, `in` for `is one of`."""
    for meant in OTHERS.get(view.text.lower(), ()):
        terminal = "COMPARISON" if meant == "=" else view.parser.literals.get(meant.split()[0])
        if terminal in view.expected:
            return other_word(view, view.token, meant)
    if view.text.lower() == "between" and "COMPARISON" in view.expected:
        return problem("chained-comparison.between", view.span(), word=view.text)
    return None


def list_of_values(view: View) -> Diagnostic | None:
    """`is a, b` for `is one of a, b`."""
    lately = [token.text for token in view.entry[max(view.index - 3, 0) : view.index]]
    if view.text != "," or not {"is", "was"} & set(lately) or "one" in lately:
        return None
    return problem("other-word.one-of", view.span())


def cases_of_index(view: View) -> Diagnostic | None:
    """`level = 1 when vip` and `level = if vip then 1`: cases have lines of their own."""
    if view.kind != "indexes" or not any(token.terminal == "EQUAL" for token in view.on_line):
        return None
    place = view.token if view.text == "when" else view.before
    if place is None or place.text not in ("when", "if"):
        return None
    return problem("word-order.index", view.span(place), name=view.first.text)


def with_without_key(view: View) -> Diagnostic | None:
    """`given customer with …`: without a key the facts stand beneath."""
    if view.kind != "test" or view.first.text != "given":
        return None
    named_with = next((t for t in view.on_line[1:3] if t.text == "with" and t.terminal == "NAME"), None)
    return problem("word-order.with", view.span(named_with)) if named_with is not None else None


def name_first(view: View) -> Diagnostic | None:
    """`otherwise low` and `when x: low`: the name comes first."""
    word = view.first
    leading = ("when", "otherwise", "else", "if", "case", "default", "always", "elif")
    if word.text.lower() not in leading or word is view.token or word.terminal != "NAME":
        return None
    if view.kind not in ("segment", "flags", "indexes", "table", "clusters"):
        return None
    return problem("word-order.name", view.span(word), word=word.text)


def no_lines(view: View) -> Diagnostic | None:
    """A heading with nothing beneath it, or a block that ends before it may."""
    if view.index == 0 and view.expected == {"_INDENT"}:
        line = view.line_above()
        return problem("empty-definition.part", view.span(line[0], line[-1]), word=line[0].text)
    lone = view.token.kind in ("_NL", "_DEDENT", END) and view.expected <= {"_INDENT", "_NL"}
    if lone and view.at_heading and view.index > 0:
        return problem(
            "empty-definition", view.span(view.entry[0], view.before), kind=view.kind, name=view.name
        )
    return None


CONFUSIONS = (
    unclosed_text, foreign_comment, ending, foreign_operator, strange_character, unknown_definition,
    missing_name, indented_definition, indentation, brackets, mixed_and_or, chained_comparison, quantifier,
    is_and_comparison, lower_case, *VALUES, cases_of_index, with_without_key, list_of_values, foreign_word,
    name_first, no_lines,
)  # fmt: skip
