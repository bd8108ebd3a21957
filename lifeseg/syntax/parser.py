"""The grammar comes in, a ready parser goes out; the parse tables are kept as JSON in the user's cache folder.

Computing the tables takes 0.4 s, reading them 0.04 s. The cache is only a cache: it is keyed by the grammar and the
parser library's version, written whole or not at all, and a file that cannot be read is computed anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import lark
from lark.grammar import Rule
from lark.indenter import Indenter
from lark.lexer import TerminalDef

from lifeseg.bundled import grammar_text
from lifeseg.syntax.from_parse import NodeBuilder

FORMAT = 1


class Indentation(Indenter):
    """Turns deeper and shallower lines into tokens; inside brackets lines do not count."""

    NL_type = "_NL"
    OPEN_PAREN_types = ["LPAR"]
    CLOSE_PAREN_types = ["RPAR"]
    INDENT_type = "_INDENT"
    DEDENT_type = "_DEDENT"
    tab_len = 8


@lru_cache(maxsize=1)
def ready_parser() -> tuple[lark.Lark, NodeBuilder]:
    """The parser of one definition and the builder whose nodes it makes."""
    grammar = grammar_text()
    key = hashlib.sha256(f"{FORMAT} {lark.__version__} {grammar}".encode()).hexdigest()[:16]
    path = cache_folder() / f"parser-{key}.json"
    builder = NodeBuilder()
    tables = read_tables(path)
    if tables is None:
        tables = computed_tables(grammar)
        write_tables(path, tables)
        tables = json.loads(json.dumps(tables))
    return restored(tables, builder), builder


def cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(base) if base else Path("~/.cache").expanduser()) / "lifeseg"


def computed_tables(grammar: str) -> dict[str, Any]:
    """The parse tables of the grammar, as plain data."""
    parser = lark.Lark(
        grammar, parser="lalr", postlex=Indentation(), maybe_placeholders=False, propagate_positions=False
    )
    data, memo = parser.memo_serialize([TerminalDef, Rule])
    data["options"].update(postlex=None, transformer=None)
    return {"data": data, "memo": memo}


def restored(tables: dict[str, Any], builder: NodeBuilder) -> lark.Lark:
    """A parser from tables as JSON holds them (whose whole-number keys have become text)."""
    inner = tables["data"]["parser"]["parser"]
    inner["tokens"] = {int(number): name for number, name in inner["tokens"].items()}
    inner["states"] = {
        int(state): {int(symbol): action for symbol, action in row.items()}
        for state, row in inner["states"].items()
    }
    memo = {int(number): entry for number, entry in tables["memo"].items()}
    load: Any = lark.Lark._load_from_dict
    parser: lark.Lark = load(tables["data"], memo, postlex=Indentation(), transformer=builder)
    return parser


def read_tables(path: Path) -> dict[str, Any] | None:
    try:
        tables = json.loads(path.read_text(encoding="utf-8"))
        return tables if {"data", "memo"} <= tables.keys() else None
    except (OSError, ValueError, AttributeError):
        return None


def write_tables(path: Path, tables: dict[str, Any]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            json.dump(tables, file)
        Path(file.name).replace(path)
    except OSError:
        pass  # a home that cannot be written costs time, nothing else
