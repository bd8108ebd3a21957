"""A folder in a git repository comes in; the repository's settings under which git shows policies well are made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.revisions import git
from lifeseg.workspace import SUFFIX, reason, shown_path

ATTRIBUTE = f"*{SUFFIX} diff=lifeseg"
HEADS = (
    "policy", "params", "entity", "indexes", "score", "weights", "flags", "segment", "table", "clusters", "rank", "lifecycle",
    "offers", "tasks", "kpis", "chain", "titles", "never", "assume", "test", "change",
)  # fmt: skip
"""The words with which a definition begins: git shows the last such line above a change."""

SETTINGS = {
    "diff.lifeseg.xfuncname": f"^(({'|'.join(HEADS)})([[:space:]].*)?)$",
    "diff.lifeseg.textconv": "lifeseg git text",
    "diff.lifeseg.cachetextconv": "true",
}


def installed(folder: Path) -> Iterator[str]:
    """Makes what is missing and says so."""
    top = Path(git(folder, "rev-parse", "--show-toplevel", about=shown_path(folder)).strip())
    attributes = top / ".gitattributes"
    try:
        known = attributes.read_text(encoding="utf-8") if attributes.exists() else ""
        if not re.search(rf"^{re.escape(ATTRIBUTE)}\s*$", known, re.MULTILINE):
            gap = "" if not known or known.endswith("\n") else "\n"
            attributes.write_text(f"{known}{gap}{ATTRIBUTE}\n", encoding="utf-8")
            yield f"added to {shown_path(attributes)}: {ATTRIBUTE}"
    except (OSError, UnicodeDecodeError) as error:
        said = reason(error) if isinstance(error, OSError) else "it is not UTF-8"
        raise refusal("cannot-write", path=shown_path(attributes), reason=said) from error
    for name, value in SETTINGS.items():
        git(top, "config", "--local", name, value)
    yield "git names rules in the differences of policies from now on, in this clone"


def canonical(file: Path) -> str:
    """The text in canonical layout; as it is where its form has a mistake."""
    from lifeseg.syntax.from_text import from_text
    from lifeseg.syntax.to_text import to_text

    try:
        text = file.read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise refusal("cannot-read", path=shown_path(file), reason=reason(error)) from error
    tree, found = from_text(text, file.name)
    return text if found else to_text(tree)
