"""The grammar comes in, parse tables go out as plain data; they are kept as JSON in the user's cache folder.

Computing the tables takes half a second, reading them a hundredth. The cache is only a cache: it is keyed by
the grammar, written whole or not at all, and a file that cannot be read is computed anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any, TypedDict

FORMAT = 2


class Rule(TypedDict):
    """What reducing a rule does: how many symbols it replaces by which one, what becomes of the values."""

    origin: str
    size: int
    method: str  # of the node builder; "" if the values melt into the rule around, "=" if the only one stays
    keep: list[tuple[int, bool]] | None  # which values, and whether they are to melt; None: all as they are


class Tables(TypedDict):
    patterns: list[tuple[str, str]]  # terminal and regular expression; the first that matches counts
    literals: dict[
        str, str
    ]  # a word or sign, and the terminal it is wherever the grammar expects that terminal
    actions: list[
        dict[str, int]
    ]  # a state's terminals: 0 and above go to that state, below reduce rule -1 - number
    gotos: list[dict[str, int]]  # a state's rules: the state after it
    rules: list[Rule]
    start: int
    end: int


def tables_of(grammar: str) -> Tables:
    """The tables of a grammar, from the cache if they are there."""
    path = cache_path(f"{FORMAT} {grammar}")
    tables = read_tables(path) if path else None
    if tables is None:
        tables = json.loads(json.dumps(computed_tables(grammar)))  # free of lark's own kinds of text
        if path:
            write_tables(path, tables)
    return tables


def cache_path(content: str) -> Path | None:
    key = hashlib.sha256(content.encode()).hexdigest()[:16]
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    try:
        folder = Path(base) if base else Path("~/.cache").expanduser()
    except RuntimeError:
        return None  # nobody's home
    return folder / "lifeseg" / f"grammar-{key}.json"


def read_tables(path: Path) -> Tables | None:
    try:
        tables = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    whole = isinstance(tables, dict) and tables.keys() == Tables.__annotations__.keys()
    return tables if whole else None


def write_tables(path: Path, tables: Tables) -> None:
    import tempfile

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            json.dump(tables, file, separators=(",", ":"))
        Path(file.name).replace(path)
    except OSError:
        pass  # a home that cannot be written costs time, nothing else


def computed_tables(grammar: str) -> Tables:
    from lark import Lark

    made = Lark(grammar, parser="lalr", lexer="basic", maybe_placeholders=False)
    frontend: Any = made.parser
    table = frontend.parser._parse_table
    numbers = {rule: number for number, rule in enumerate(made.rules)}
    actions: list[dict[str, int]] = [{} for _ in table.states]
    gotos: list[dict[str, int]] = [{} for _ in table.states]
    origins = {rule.origin.name for rule in made.rules}
    for state, row in table.states.items():
        for symbol, (_, argument) in row.items():
            target = argument if isinstance(argument, int) else -1 - numbers[argument]
            (gotos if symbol in origins else actions)[state][symbol] = target
    return Tables(
        patterns=patterns_of(made.terminals),
        literals={t.pattern.value: t.name for t in made.terminals if t.pattern.type == "str"},
        actions=actions,
        gotos=gotos,
        rules=[plain(rule) for rule in made.rules],
        start=table.start_states["start"],
        end=table.end_states["start"],
    )


def patterns_of(terminals: Any) -> list[tuple[str, str]]:
    """Signs that no expression covers, the longest first; then the expressions, by priority and width."""
    expressions = [t for t in terminals if t.pattern.type == "re"]
    expressions.sort(key=lambda t: (-t.priority, -t.pattern.max_width, t.name))
    signs = [
        t
        for t in terminals
        if t.pattern.type == "str"
        and not any(re.fullmatch(x.pattern.to_regexp(), t.pattern.value) for x in expressions)
    ]
    signs.sort(key=lambda t: -len(t.pattern.value))
    return [
        *(
            (t.name, re.escape(t.pattern.value) + (r"\b" if t.pattern.value[-1].isalnum() else ""))
            for t in signs
        ),
        *((t.name, t.pattern.to_regexp()) for t in expressions),
    ]


def plain(rule: Any) -> Rule:
    """A rule as data: signs that only separate are dropped, rules called `_…` melt into the one around."""
    kept = [
        (place, not symbol.is_term and symbol.name.startswith("_"))
        for place, symbol in enumerate(rule.expansion)
        if not (symbol.is_term and symbol.filter_out)
    ]
    name = rule.alias or rule.origin.name
    method = "" if name.startswith("_") else name
    if rule.options.expand1 and not rule.alias and len(kept) == 1 and not kept[0][1]:
        method = "="
    as_they_are = len(kept) == len(rule.expansion) and not any(melts for _, melts in kept)
    keep = None if as_they_are else kept
    return Rule(origin=rule.origin.name, size=len(rule.expansion), method=method, keep=keep)
