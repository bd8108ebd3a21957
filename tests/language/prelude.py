"""A short example comes in; the policy texts that stand before it go out, so that the example can be short.

Each file of prelude/ is left out where the example defines something that it defines, or that it needs.
"""

from pathlib import Path

from lifeseg.syntax import definitions as d
from lifeseg.syntax.definitions import File
from lifeseg.syntax.from_text import from_text

FOLDER = Path(__file__).with_name("prelude")
# Each file with what it needs of those before it.
FILES = {
    "header": "",
    "customer": "",
    "usage": "",
    "payment": "",
    "levels": "customer",
    "loyalty": "levels",
}


def text_of(name: str) -> str:
    return (FOLDER / f"{name}.seg").read_text(encoding="utf-8")


def defined(text: str) -> set[str]:
    """The names of a text's definitions; a header's is `policy`."""
    found: set[str] = set()
    for node in from_text(text, "text")[0].definitions:
        match node:
            case d.Header():
                found.add("policy")
            case d.Block():
                found |= {item.name for item in node.items}
            case d.Named():
                found.add(node.name)
    return found


def before(texts: list[str]) -> list[tuple[str, str]]:
    """The files of the prelude that fit before some texts, by name."""
    own = set().union(*map(defined, texts))
    left_out: set[str] = set()
    found: list[tuple[str, str]] = []
    for name, needed in FILES.items():
        text = text_of(name)
        if needed in left_out or defined(text) & own:
            left_out.add(name)
        else:
            found.append((f"prelude/{name}.seg", text))
    return found


def pack(name: str) -> list[File]:
    """A policy that examples may use."""
    return [from_text(text_of(name), f"{name}.seg")[0]]
