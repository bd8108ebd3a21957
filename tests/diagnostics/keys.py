"""The modules of lifeseg come in; the catalogue keys they report go out.

A key is the first argument of `problem(…)`, `refuse(…)` or a method `report(…)`. It is a text, or chosen
between texts, or a name that was given texts somewhere in the module, or put together with `f"…"`.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "lifeseg"


def reported() -> tuple[set[str], set[str]]:
    """The keys that are written out, and patterns of those that are put together."""
    keys: set[str] = set()
    patterns: set[str] = set()
    for module in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(module.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and called(node) in ("problem", "report", "refuse") and node.args:
                for text, whole in texts(node.args[0], tree):
                    (keys if whole else patterns).add(text)
    return keys, patterns


def written_texts() -> set[str]:
    """Every text that stands in the code: a key that the rules above miss is at least among them."""
    return {
        node.value
        for module in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def called(node: ast.Call) -> str:
    """The function or method that is called; `report` counts as a method only."""
    match node.func:
        case ast.Attribute(attr=name):
            return name
        case ast.Name(id=name) if name != "report":
            return name
        case _:
            return ""


def texts(node: ast.expr, tree: ast.Module, seen: frozenset[str] = frozenset()) -> Iterator[tuple[str, bool]]:
    """The texts an expression may stand for, each with whether it is the whole key."""
    match node:
        case ast.Constant(value=str(text)):
            yield text, True
        case ast.IfExp(body=body, orelse=orelse):
            yield from texts(body, tree, seen)
            yield from texts(orelse, tree, seen)
        case ast.JoinedStr(values=parts):
            yield (
                "".join(re.escape(part.value) if isinstance(part, ast.Constant) else ".+" for part in parts),
                False,
            )
        case ast.Name(id=name) if name not in seen:
            for value in assigned(name, tree):
                yield from texts(value, tree, seen | {name})


def assigned(name: str, tree: ast.Module) -> Iterable[ast.expr]:
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                yield value
