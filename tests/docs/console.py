"""A page with transcripts comes in; its commands are run in a fresh workspace; the right page goes out.

    ```console                  $ a command, and beneath it what it prints; in a fresh workspace
    ```console empty            … the first of a page: in an empty folder
    ```console new              … in another fresh workspace
    ```console orgcust_year     … the first of a page, or a new one: in a copy of an example
    ```diff rules/orgcust/x.seg an edit: lines that begin with `-` are replaced by those that begin with `+`
    ```pycon                    >>> a line of Python, and beneath it what it shows

Blocks of a page follow one another in one folder and one Python session. Times are not compared.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from lifeseg import LifesegError
from tests.docs.recorded import ROOT
from tests.language.page import Block, blocks, rewritten

KINDS = ("console", "diff", "pycon")
SECONDS = re.compile(r"\b\d+\.\d+ s\b")
COMMAND = f"""#!{sys.executable}
import sys
from lifeseg.cli import main
sys.argv[0] = "lifeseg"
main()
"""


def has_transcripts(page: Path) -> bool:
    return any(block.kind in KINDS for block in blocks(page.read_text(encoding="utf-8")))


def replayed(text: str, folder: Path) -> str:
    """The page as it should read."""
    session = Session(folder)
    outputs: dict[Block, str] = {}
    for block in blocks(text):
        if block.kind == "console":
            outputs[block] = session.console(block)
        elif block.kind == "diff":
            session.edit(block)
        elif block.kind == "pycon":
            outputs[block] = session.python(block)
    return rewritten(text, {block: kept_times(block.text, output) for block, output in outputs.items()})


def kept_times(old: str, new: str) -> str:
    """The old text where only times differ, so that a page is not changed for them."""
    return old if SECONDS.sub("", old) == SECONDS.sub("", new) else new


class Session:
    """A folder in which commands, edits and Python follow one another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.binaries = folder / "bin"
        self.binaries.mkdir()
        (self.binaries / "lifeseg").write_text(COMMAND, encoding="utf-8")
        (self.binaries / "lifeseg").chmod(0o755)
        self.place: Path | None = None
        self.made = 0
        self.status = 0
        self.names: dict[str, object] = {}

    def start(self, words: tuple[str, ...] = ()) -> Path:
        """Where commands run; when nothing is there, or a new one is wanted, a fresh workspace or folder."""
        example = next((word for word in words if (ROOT / "examples" / word).is_dir()), None)
        if example is not None and (self.place is None or "new" in words):
            for part in ("rules", "examples"):
                shutil.copytree(ROOT / part, self.folder / part, ignore=shutil.ignore_patterns("*.duckdb*"))
            self.place = self.folder / "examples" / example
        elif self.place is None or "new" in words:
            self.made += 1
            self.place = self.folder / str(self.made)
            self.place.mkdir()
            if "empty" not in words:
                self.run("lifeseg init")
        return self.place

    # ---- Commands ------------------------------------------------------------------------------

    def console(self, block: Block) -> str:
        self.start(block.words)
        return "".join(f"$ {command}\n{self.run(command)}" for command in commands(block.text))

    def run(self, command: str) -> str:
        """What a command prints, on both its outputs; `cd` changes the place of those that follow."""
        assert self.place is not None
        if command.startswith("cd "):
            self.place = (self.place / command.removeprefix("cd ")).resolve()
            assert self.place.is_dir(), command
            return ""
        finished = subprocess.run(
            ["sh", "-c", f"(exit {self.status}); {command}"],
            cwd=self.place,
            env=environment(self.binaries),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        self.status = finished.returncode
        assert "internal error:" not in finished.stdout, f"{command}\n{finished.stdout}"
        shown = finished.stdout.replace("\ufeff", "")  # files for spreadsheets begin with it
        return "\n".join(line.rstrip() for line in shown.split("\n"))

    # ---- Edits ---------------------------------------------------------------------------------

    def edit(self, block: Block) -> None:
        """Replaces the lines that begin with `-`, which stand once in the file, by those that begin with `+`.

        A file that is not there is made.
        """
        file = self.start() / block.word
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        lines = block.text.splitlines()
        old = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("+"))
        new = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("-"))
        assert not text or text.count(old) == 1, f"{block.word} has this {text.count(old)} times:\n{old}"
        file.write_text(text.replace(old, new) if text else new, encoding="utf-8")

    # ---- Python --------------------------------------------------------------------------------

    def python(self, block: Block) -> str:
        """What the lines of Python show; they run where the commands do."""
        parts = []
        with contextlib.chdir(self.start()):
            for example in doctest.DocTestParser().get_examples(block.text):
                first, *more = example.source.splitlines()
                shown = "".join(f"... {line}".rstrip() + "\n" for line in more)
                parts.append(f">>> {first}\n{shown}{self.output_of(example.source)}")
        return "".join(parts)

    def output_of(self, source: str) -> str:
        """What is printed, or said by an error that users of the library are meant to meet."""
        page = io.StringIO()
        with contextlib.redirect_stdout(page):
            try:
                exec(compile(source, "page", "single"), self.names)
            except LifesegError as error:
                page.write(f"{type(error).__name__}: {error}\n")
        return "\n".join(line.rstrip() for line in page.getvalue().split("\n"))


def commands(text: str) -> Iterator[str]:
    return (line.removeprefix("$ ") for line in text.splitlines() if line.startswith("$ "))


GIT = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (
        ("NAME", "analyst"),
        ("EMAIL", "analyst@example.org"),
        ("DATE", "2013-07-01T09:00:00Z"),
    )
}


def environment(binaries: Path) -> dict[str, str]:
    """As in an analyst's shell; what the tests are told is left out."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LIFESEG_", "PYTEST_"))}
    return {
        **kept,
        "PATH": f"{binaries}{os.pathsep}{kept.get('PATH', '')}",
        "PYTHONPATH": str(ROOT),
        "NO_COLOR": "1",
        "COLUMNS": "100",
        "LC_ALL": "C.UTF-8",
        **GIT,
    }
