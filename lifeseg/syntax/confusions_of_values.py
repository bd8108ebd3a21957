"""A mistake comes in; if it is a number, date, type or table cell as written elsewhere, its finding goes out.

Each function looks for one kind of confusion, and VALUES is the order in which they are tried.
"""

from __future__ import annotations

import re

from lifeseg.diagnostics.diagnostic import Diagnostic, Fix, problem
from lifeseg.syntax.mistake_view import View, closest
from lifeseg.syntax.tokens import Token

TYPES = {
    "string": "text", "str": "text", "varchar": "text", "char": "text", "int": "count", "integer": "count",
    "bool": "yes/no", "boolean": "yes/no", "flag": "yes/no", "yes": "yes/no", "float": "number",
    "double": "number", "decimal": "number", "numeric": "number", "real": "number", "percent": "share",
    "percentage": "share", "ratio": "share", "currency": "money", "amount": "money", "datetime": "date",
    "timestamp": "date", "day": "days", "month": "months", "year": "years", "enum": "one of",
    "oneof": "one of", "choice": "one of", "category": "one of", "score": "rating",
}  # fmt: skip
TYPES_IN_WORDS = (
    "`text`, `count`, `number`, `money CNY`, `share`, `rating 1..5`, `yes/no`, `date`, `days`, `months`, "
    "`years`, `one of a, b`"
)
_GROUPED = re.compile(r"(?<![\w.])(?:\d{1,3}(?:,\d{3}){2,}(?:\.\d+)?|\d{1,3}(?: \d{3})+|\d+,\d+)\b")
_BOUNDS = re.compile(r"(\d+(?:\.\d+)?)\s*(?:-|–|~|:|/|to|bis|,|\.{3,})\s*(\d+(?:\.\d+)?)")
_DAY = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})|(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})|(\d{4})(\d\d)(\d\d)\b"
)


def number(view: View) -> Diagnostic | None:
    """`0,48`, `1,000,000`, `1 000 000`, `.5`, `5.`."""
    token, before, after = view.token, view.before, view.after
    if token.kind in ("COMMA", "NUMBER") and before is not None and view.first.text != "|":
        return in_groups(view)
    if token.kind != "DOT":
        return None
    if before is not None and before.kind == "NUMBER" and view.close_up(before, token):
        place, instead = view.span(before, token), before.text
    elif after is not None and after.kind == "NUMBER" and view.close_up(token, after):
        place, instead = view.span(token, after), f"0.{after.text}"
    else:
        return None
    return problem("malformed-number.point", place, fix=Fix(place, instead), instead=instead)


def in_groups(view: View) -> Diagnostic | None:
    """A number with a comma or with blanks in it, the mistake being one of its parts."""
    place = view.token.column - 1
    for match in _GROUPED.finditer(view.line):
        if not match.start() <= place <= match.end():
            continue
        text = match.group()
        thousands = (
            " " in text or text.count(",") > 1 or (re.fullmatch(r"[1-9]\d{0,2},\d{3}", text) is not None)
        )
        instead = text.replace(",", "").replace(" ", "") if thousands else text.replace(",", ".")
        span = view.part(match.start() + 1, match.end() + 1)
        key = "malformed-number.thousands" if thousands else "malformed-number"
        return problem(key, span, fix=Fix(span, instead), text=text, instead=instead)
    return None


def version(view: View) -> Diagnostic | None:
    """`version 1.0`, `version "1.0.0"`, `version v1`."""
    if view.token.kind == "VERSION":
        return problem("malformed-number.version", view.span(), text=view.text)
    if view.expected != {"VERSION"} or view.after_kind == "VERSION":
        return None
    digits = re.findall(r"\d+", view.line[view.token.column - 1 :])[:3] if not view.ends_line else []
    if view.ends_line:
        return problem("malformed-version.missing", view.end_of_line())
    last = view.on_line[-1]
    instead = ".".join([*digits, "0", "0"][:3]) if digits else "1.0.0"
    place = view.span(view.token, last)
    return problem(
        "malformed-version",
        place,
        fix=Fix(place, instead),
        text=view.line[place.column - 1 : place.end_column - 1],
        instead=instead,
    )


def day(view: View) -> Diagnostic | None:
    """A date that is not written year-month-day."""
    near = [token for token in view.entry[max(view.index - 2, 0) : view.index + 1] if token.text]
    only = view.expected == {"DATE"} and not view.ends_line
    for token in near:
        match = _DAY.match(view.line, token.column - 1) if token.line == view.token.line else None
        if match is None or token.kind not in ("NUMBER", "VERSION") or (match[7] and not only):
            continue
        place, instead = view.part(match.start() + 1, match.end() + 1), None
        if match[4] is None:
            year, month, of_month = (part for part in match.groups() if part)
            instead = f"{year}-{int(month):02}-{int(of_month):02}"
        return problem("malformed-date", place, fix=Fix(place, instead) if instead else None, instead=instead)
    return problem("malformed-date", view.span()) if only else None


def bounds(view: View) -> Diagnostic | None:
    """`1-10`, `1 to 10`, `1...10`, `1:10` for `1..10`."""
    before = view.before.terminal if view.before is not None else ""
    typed = before.startswith("T_") and before != "T_VERSION"
    if typed and view.token.kind in ("COMPARISON", "UP_TO"):
        return problem("malformed-range", view.span())
    in_cell = view.first.kind == "BAR" and (view.text in ("-", "to") or view.token.kind == "NUMBER")
    waits = "UP_TO" in view.expected and (in_cell or view.expected <= {"UP_TO", "NAME", "PERCENT", "DOT"})
    if not waits and not (view.text == "." and view.before is not None and view.before.text == ".."):
        return None
    first = next((t for t in reversed(view.entry[: view.index]) if t.kind == "NUMBER"), None)
    if first is None or first.line != view.token.line:
        return None
    match = _BOUNDS.match(view.line, first.column - 1)
    if match is None:
        return problem("malformed-range", view.span(first, view.before))
    place, instead = view.part(match.start() + 1, match.end() + 1), f"{match[1]}..{match[2]}"
    return problem("malformed-range", place, fix=Fix(place, instead), instead=instead)


def period(view: View) -> Diagnostic | None:
    """`in last month`, `in the last 3 months`."""
    start = next(
        (t for t in reversed(view.entry[max(view.index - 3, 0) : view.index]) if t.terminal == "IN"), None
    )
    if start is None or view.ends_line or view.text in (")", "("):
        return None
    return problem("malformed-period", view.span(start, view.token))


def name(view: View) -> Diagnostic | None:
    """`2g` and `is-new` are no names."""
    before, after = view.before, view.after
    if after is None or not view.close_up(view.token, after) or after.kind not in ("NAME", "NUMBER"):
        return None
    if view.token.kind == "MINUS" and before is not None and view.close_up(before, view.token):
        if before.terminal != "NAME":
            return None
        place, instead = view.span(before, after), f"{before.text}_{after.text}"
    elif view.token.kind == "NUMBER" and "NAME" in view.expected and not view.expected & {"NUMBER", "TEXT"}:
        place, instead = view.span(view.token, after), None
    else:
        return None
    text = view.line[place.column - 1 : place.end_column - 1]
    return problem(
        "syntax.name", place, fix=Fix(place, instead) if instead else None, text=text, instead=instead
    )


def fact_type(view: View) -> Diagnostic | None:
    """A fact without a type, or with one of another language."""
    if not {"T_TEXT", "T_COUNT"} <= view.expected:
        return None
    if view.ends_line:
        return problem("unknown-type.missing", view.end_of_line(), name=view.first.text, types=TYPES_IN_WORDS)
    types = [word for word, kind in view.parser.literals.items() if kind.startswith("T_")]
    meant = TYPES.get(view.text.lower()) or closest(view.text, types)
    if view.token.kind != "NAME" or (meant is None and "TEXT" in view.expected and quoted_would_do(view)):
        return None
    place = view.span()
    if meant is None:
        return problem("unknown-type", place, word=view.text, types=TYPES_IN_WORDS)
    return problem("unknown-type", place, fix=Fix(place, meant), word=view.text, suggestion=meant)


def quoted_would_do(view: View) -> bool:
    return any(
        view.would_read(view.index, end, view.made("TEXT")) for end in range(view.index + 1, view.index + 6)
    )


def currency(view: View) -> Diagnostic | None:
    """`money` without saying of which country."""
    if view.before is None or view.before.terminal != "T_MONEY" or view.expected != {"NAME"}:
        return None
    return problem("unknown-type.currency", view.span(view.before))


def row(view: View) -> Diagnostic | None:
    """Rows that lack a stroke or a cell, and the line that other tables have beneath their heading."""
    before = view.before
    bars = {"BAR", "DOUBLE_BAR"}
    if (
        view.token.kind == "MINUS"
        and before is not None
        and before.kind == "MINUS"
        and view.first.kind == "BAR"
    ):
        return problem("table-row.rule", view.whole_line())
    if view.token.kind in bars and before is not None and before.kind in bars and "MISSING" in view.expected:
        return problem("table-row.empty-cell", view.span())
    if view.ends_line and view.index and "BAR" in view.expected:
        return problem("table-row.open", view.end_of_line())
    if view.token.kind == "DOUBLE_BAR" and "BAR" in view.expected:
        return problem("table-row.twice", view.span())
    if (
        view.first.kind != "BAR"
        and view.kind in ("table", "clusters", "chain", "test", "weights")
        and any(t.kind in bars for t in view.on_line[1:])
    ):
        return problem("table-row.start", view.span(view.first))
    return None


def trailing_comma(view: View) -> Diagnostic | None:
    before = view.before
    if before is None or before.kind != "COMMA" or not (view.ends_line or view.text in ("|", "||", ")")):
        return None
    return problem("trailing-comma", view.span(before), fix=Fix(view.span(before), ""))


def empty_call(view: View) -> Diagnostic | None:
    """`today()`, `count()`."""
    if view.text != ")" or view.before is None or view.before.text != "(":
        return None
    if view.index > 1 and view.entry[view.index - 2].text == "today":
        return problem("empty-brackets.today", view.span(view.entry[view.index - 2], view.token))
    return problem("empty-brackets", view.span(view.before, view.token))


def band(view: View) -> Diagnostic | None:
    """A band that does not stand under `bands`."""
    if view.kind != "score" or view.text not in ("from", "below") or view.text.upper() in view.expected:
        return None
    for place, token in enumerate(view.entry[: view.index]):
        if token.kind == "_INDENT" and closest(view.entry[place - 2].text, ["bands"]):
            meant = view.span(view.entry[place - 2])
            return problem(
                "syntax.instead",
                meant,
                fix=Fix(meant, "bands"),
                word=view.entry[place - 2].text,
                suggestion="bands",
            )
    return problem("misplaced-band", view.span(view.first), name=view.first.text)


def weight(view: View) -> Diagnostic | None:
    """`loyalty 0.6` for `0.6 loyalty`."""
    if view.kind != "score" or view.token.kind != "NUMBER" or view.before is not view.first:
        return None
    instead = f"{view.text} {view.first.text}"
    place = view.span(view.first, view.token)
    return problem("word-order.weight", place, fix=Fix(place, instead), instead=instead)


def first_match(view: View) -> Diagnostic | None:
    """`where … first match` for `first match where …`."""
    if view.token.text != "first" or not view.at_heading or view.kind not in ("segment", "table"):
        return None
    return problem("word-order.first-match", view.span(view.token, last_word(view)))


def last_word(view: View) -> Token:
    return view.after if view.after is not None and view.after.text == "match" else view.token


VALUES = (
    day, bounds, number, version, period, name, fact_type, currency, row, trailing_comma, empty_call, band,
    weight, first_match,
)  # fmt: skip
