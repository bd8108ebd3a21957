"""A mistake and the lines around it come in; a finding in an analyst's words goes out.

Known confusions are tried first, then the smallest repair that would make the line fit; otherwise it says
what was expected.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lifeseg.diagnostics.diagnostic import Diagnostic, problem
from lifeseg.syntax.confusions import CONFUSIONS
from lifeseg.syntax.mistake_view import View
from lifeseg.syntax.parser import Mistake, Parser
from lifeseg.syntax.repairs import REPAIRS

# What to call the terminals that have no words of their own, and groups of them that are named together.
PHRASES = {
    "NAME": "a name", "NUMBER": "a number", "TEXT": "a text in quotes", "DATE": "a date",
    "VERSION": "a version like `1.0.0`", "_NL": "the end of the line", "_INDENT": "indented lines",
    "_DEDENT": "the end of the block", "$END": "the end", "COMPARISON": "a comparison",
    "_AND_LINE": "a line with `and`", "_OR_LINE": "a line with `or`",
}  # fmt: skip
GROUPS = (
    (frozenset({"NAME", "NUMBER", "LPAR"}), "a name, a number or a bracket",
     {"TEXT", "DATE", "MINUS", "YES", "NO", "NOT", "SOME", "EVERY", "KNOWN", "ALL"}),
    (frozenset({"PLUS", "STAR"}), "an operator",
     {"MINUS", "SLASH", "PERCENT", "DOT", "NAME", "LPAR", "_AND_LINE", "_OR_LINE", "WAS"}),
    (frozenset({"T_TEXT", "T_COUNT"}), "a type",
     {"T_NUMBER", "T_MONEY", "T_SHARE", "T_RATING", "T_TRUTH", "T_DATE", "T_DAYS", "T_MONTHS", "T_YEARS",
      "ONE"}),
    (frozenset({"SOURCE", "NOTE"}), "an information line",
     {"OWNER", "CATEGORY", "USE_FOR", "REFRESH", "DECIMALS", "UNIT", "RANGE", "IF", "T_VERSION", "LANGUAGE",
      "POPULATION"}),
)  # fmt: skip

MOST_TOKENS = 500  # of an entry up to its mistake, for trying repairs


def explained(mistake: Mistake, parser: Parser, lines: Sequence[str], file: str) -> Diagnostic:
    """The finding for a mistake."""
    view = View(mistake, parser, lines, file)
    looks: Sequence[Callable[[View], Diagnostic | None]] = CONFUSIONS
    if view.index < MOST_TOKENS:
        looks = (*CONFUSIONS, *REPAIRS)
    for look in looks:
        if (finding := look(view)) is not None:
            return finding
    expected = in_words(view)
    if view.ends_line and view.index == 0:
        heading = mistake.piece.entries[0]
        last = [token for token in heading if token.text and token.line == heading[0].line][-1]
        place = view.span(heading[0], last)
        missing = "a row" if "BAR" in view.expected else expected
        return problem("syntax.block", place, kind=view.kind, name=view.name, expected=missing)
    if view.ends_line:
        return problem("syntax.end", view.end_of_line(), expected=expected)
    return problem("syntax", view.span(), word=view.text, expected=expected)


def in_words(view: View) -> str:
    """What was expected, as a phrase of at most five parts."""
    left = set(view.expected)
    if len(left) > 1:
        left.discard("DOT")  # after a name its parent's could follow: true, and nothing anybody waits for
    if "NUMBER" in left:
        left.discard("MINUS")
    phrases = []
    for signs, phrase, covered in GROUPS:
        if signs <= left:
            phrases.append(phrase)
            left -= signs | covered
    last = {"_NL", "_DEDENT", "_INDENT", "$END"} & left
    spelt = {terminal: f"`{word}`" for word, terminal in view.parser.literals.items()}
    phrases += sorted(PHRASES.get(kind) or spelt.get(kind, "something else") for kind in left - last)
    phrases += sorted(PHRASES[kind] for kind in last)
    if len(phrases) > 5:
        return ", ".join(phrases[:5]) + ", …"
    return ", ".join(phrases[:-1]) + " or " + phrases[-1] if len(phrases) > 1 else "".join(phrases)
