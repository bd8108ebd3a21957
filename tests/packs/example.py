"""The name of a pack comes in; its example, run as a reader would run it, goes out."""

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path

from lifeseg.pipeline.stages import check
from tests.docs.console import Session, kept_times
from tests.docs.recorded import ROOT
from tests.language.page import Block, blocks, rewritten

AMOUNT = re.compile(r"(-?[0-9.]+|–)( \w+)?")
RECORD = bool(os.environ.get("LIFESEG_RECORD"))


def session_of(pack: str, folder: Path) -> Session:
    """A shell in a copy of the example, beside a copy of the rules, so that runs leave nothing in the checkout."""
    session = Session(folder)
    for part in ("rules", "examples"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("*.duckdb*"))
    session.place = folder / "examples" / pack
    return session


def result_hash(session: Session, engine: str) -> str:
    """What the results of a run hash to; the run must be clean."""
    assert session.place is not None
    printed = session.run(f"lifeseg run --engine {engine} --out out_{engine}")
    assert session.status == 0, printed
    described = json.loads((session.place / f"out_{engine}" / "run.json").read_text(encoding="utf-8"))
    return str(described["result_hash"])


def kpis(session: Session, options: str) -> dict[tuple[str, str], str]:
    """What a run shows of the policy's KPIs: by name and case, the amount as it is shown."""
    found: dict[tuple[str, str], str] = {}
    name = ""
    for line in session.run(f"lifeseg run {options} 2>/dev/null").splitlines():
        first, *words = re.split(r" {2,}", line.rstrip())
        words = [word for word in words if not word.endswith((": met", ": missed"))]
        if words and len(words) <= 2 and (amount := AMOUNT.fullmatch(words[-1])):
            name = first or name
            found[name, words[0] if len(words) == 2 else ""] = amount[1]
    return found


def assert_page_is_true(pack: str, folder: Path) -> None:
    """The transcripts of the example's README are what its commands print; LIFESEG_RECORD=1 writes them anew.

    Edits between them are made in the copy.
    """
    page = ROOT / "examples" / pack / "README.md"
    text = page.read_text(encoding="utf-8")
    session = session_of(pack, folder)
    outputs: dict[Block, str] = {}
    for block in blocks(text):
        if block.kind == "diff":
            session.edit(block)
        elif block.kind == "console":
            outputs[block] = kept_times(block.text, session.console(block))
    assert outputs, f"{page} shows nothing"
    right = rewritten(text, outputs)
    if RECORD:
        page.write_text(right, encoding="utf-8")
        return
    assert text == right, "read it, then record it: LIFESEG_RECORD=1"


def without_chinese(pack: str) -> list[str]:
    """The English titles of a pack that have no Chinese one."""
    titles = list(titled(check(ROOT / "rules" / pack).good()))
    assert titles, f"nothing in {pack} has a title"
    return [each["en"] for each in titles if "zh" not in each]


def titled(part: object) -> Iterator[dict[str, str]]:
    """The titles of whatever has one, by language."""
    if isinstance(part, tuple | Mapping):
        for each in part.values() if isinstance(part, Mapping) else part:
            yield from titled(each)
    elif is_dataclass(part):
        for field in fields(part):
            value = getattr(part, field.name)
            if field.name == "titles" and value:
                yield value
            else:
                yield from titled(value)
