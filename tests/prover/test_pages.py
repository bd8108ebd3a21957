"""Every page here says what `lifeseg prove` answers of a policy; LIFESEG_RECORD=1 writes what it does.

```seg                      policy text; `everywhere`: a file of every example that follows
```prove --of NAME          what the command prints of the policy under this heading, but for the seconds
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lifeseg.cli.application import application
from tests.language.page import Block, Example, pages, parts, rewritten
from tests.language.run import HEADER

HERE = Path(__file__).parent / "pages"
RECORD = bool(os.environ.get("LIFESEG_RECORD"))
SECONDS = re.compile(r" · \d+\.\d+ s$| in \d+\.\d+ s", re.MULTILINE)


def replayed(text: str, folder: Path) -> str:
    """The page as it should read."""
    everywhere: list[str] = []
    own: list[str] = []
    outputs: dict[Block, str] = {}
    for part in parts(text):
        if isinstance(part, Example):
            own = []
        elif part.kind == "seg":
            (everywhere if "everywhere" in part.words else own).append(part.text)
        elif part.kind == "prove":
            file = folder / "page.seg"
            file.write_text("\n".join([HEADER, *everywhere, *own]), encoding="utf-8")
            words = shlex.split(" ".join(part.words))
            done = CliRunner().invoke(application, ["prove", str(file), *words], prog_name="lifeseg")
            assert done.stdout, done.stderr
            outputs[part] = "\n".join(line.rstrip() for line in SECONDS.sub("", done.stdout).split("\n"))
    return rewritten(text, outputs)


@pytest.mark.parametrize("page", pages(HERE), ids=lambda page: page.stem)
def test_page(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    right = replayed(text, tmp_path)
    if RECORD:
        page.write_text(right, encoding="utf-8")
        return
    assert text == right


def test_the_pages_show_every_kind_of_question_and_every_verdict() -> None:
    said = "".join(page.read_text(encoding="utf-8") for page in pages(HERE))
    wanted = (
        "proved up to", "not decided", "only when data is missing", "somebody has no case", "somebody has several cases",
        "is never reached", "is left those whom", "two moves hold at once", "never happens", "is never left",
        "leads to no terminal state", "goes in circles", "lead back", "nobody is lost", "it holds of somebody",
        "contradict each other", "holds of everybody", "nobody is both", "the same of everybody", "somebody is both",
        "the first and not the second", "they differ",
    )  # fmt: skip
    assert [words for words in wanted if words not in said] == []
