"""A mistake comes in; if one small change would make its entry fit, the finding that says so goes out.

REPAIRS is the order in which the changes are tried.
"""

from __future__ import annotations

from lifeseg.diagnostics.diagnostic import Diagnostic, Fix, Span, problem
from lifeseg.syntax.mistake_view import View, closest

# Signs and words that people leave out, and those they put in.
LEFT_OUT = (
    "COLON",
    "WHEN",
    "OF",
    "EQUAL",
    "COMMA",
    "BAR",
    "UP_TO",
    "BY",
    "TO",
    "WITH",
    "MATCH",
    "ONE",
    "MISSING",
)
PUT_IN = ("COLON", "EQUAL", "COMMA", "DOT", "COMPARISON")
FILLERS = ("then", "the", "a", "an", "as", "that", "than", "do", "does")
MOST_WORDS = 10  # of a title without quotes


def reserved_word(view: View) -> Diagnostic | None:
    """A name that is a word of the language in this place."""
    for token in dict.fromkeys((view.first, view.before)):
        if (
            token is None
            or token is view.token
            or token.terminal != token.literal
            or not token.text[0].isalpha()
        ):
            continue
        place = view.entry.index(token)
        if view.would_read(place, place + 1, view.made("NAME", token.text)):
            return problem("reserved-word", view.span(token), word=token.text)
    return None


def misspelt_word(view: View) -> Diagnostic | None:
    """A word of the language with a letter wrong."""
    if view.token.kind != "NAME":
        return None
    words = view.expected_words()
    close = closest(view.text, words)
    if close is None:
        return None
    if view.index and not view.would_read(view.index, view.index + 1, view.made(words[close], close)):
        return None
    place = view.span()
    return problem("syntax.instead", place, fix=Fix(place, close), word=view.text, suggestion=close)


def missing_quotes(view: View) -> Diagnostic | None:
    """A title, source or value without its quotes."""
    if (
        "TEXT" not in view.expected
        or view.token.literal
        or view.token.kind not in ("NAME", "NUMBER", "DATE", "VERSION")
    ):
        return None
    for end in range(view.index + 1, min(view.index + 1 + MOST_WORDS, len(view.entry))):
        last = view.entry[end - 1]
        if last.line != view.token.line or not last.text:
            return None
        if view.would_read(view.index, end, view.made("TEXT")):
            place = view.span(view.token, last)
            instead = f'"{view.line[place.column - 1 : place.end_column - 1]}"'
            return problem("missing-quotes", place, fix=Fix(place, instead), instead=instead)
    return None


def quoted_name(view: View) -> Diagnostic | None:
    """A name in quotes."""
    if view.token.kind != "TEXT" or "NAME" not in view.expected:
        return None
    inner = view.text[1:-1]
    if not view.would_read(view.index, view.index + 1, view.made("NAME", inner)):
        return None
    name = "_".join(inner.split())
    suggestion = name if name.isidentifier() else None
    place = view.span()
    return problem(
        "quoted-name", place, fix=Fix(place, name) if suggestion else None, text=inner, suggestion=suggestion
    )


def left_out(view: View) -> Diagnostic | None:
    """A sign or word that is missing just before the mistake."""
    fitting = [
        terminal
        for terminal in LEFT_OUT
        if terminal in view.expected and view.would_read(view.index, view.index, view.made(terminal))
    ]
    if "IS" in view.expected and view.text in ("one", "missing"):
        fitting = ["IS"]
    if "OF" in view.expected and view.at_heading and (view.ends_line or not fitting):
        return missing_entity(view)
    if len(fitting) != 1:
        return None
    sign = view.spelling(fitting[0])
    if view.ends_line:
        return problem("syntax.missing-end", view.end_of_line(), missing=sign)
    place = view.span()
    before = Span(place.file, place.line, place.column, place.line, place.column)
    fix = Fix(before, f"{sign} ")
    return problem("syntax.missing", place, fix=fix, missing=sign, word=view.text)


def missing_entity(view: View) -> Diagnostic | None:
    """`of customer` is missing in a heading."""
    customer = (view.made("OF"), view.made("NAME"))
    for put in (customer,):
        if view.would_read(view.index, view.index, *put):
            place = view.end_of_line() if view.ends_line else view.span()
            return problem("incomplete-heading", place, kind=view.kind)
    return None


def put_in(view: View) -> Diagnostic | None:
    """A sign or word too many, or one in place of another."""
    if view.token.kind not in PUT_IN and view.text.lower() not in FILLERS:
        return None
    if view.token.kind in PUT_IN:
        for terminal in LEFT_OUT if view.first.kind != "BAR" else ():
            sign = view.spelling(terminal)
            if terminal in view.expected and view.would_read(view.index, view.index + 1, view.made(terminal)):
                place = view.span()
                fix = Fix(place, sign or "")
                return problem("syntax.instead", place, fix=fix, word=view.text, suggestion=sign)
    if view.would_read(view.index, view.index + 1):
        place = view.span()
        return problem("syntax.extra", place, fix=Fix(place, ""), word=view.text)
    return None


REPAIRS = (reserved_word, misspelt_word, left_out, missing_quotes, quoted_name, put_in)
