"""The workspace of docs/loop.md, with customers that change from month to month."""

from __future__ import annotations

import json
from pathlib import Path

from tests.commands.conftest import ROOT, Finished, Lifeseg

PAGE = (ROOT / "docs/loop.md").read_text(encoding="utf-8")
HEADING = "customer_id,contract_end,fee,opted_out\n"
DAYS = {"2013-06": "2013-06-30", "2013-07": "2013-07-31", "2013-08": "2013-08-31", "2014-01": "2014-01-31"}
JUNE = ("C1,2013-08-15,600,no", "C2,2013-07-31,100,yes", "C3,2013-07-31,100,no", "C5,2015-01-31,700,no")


def written(name: str) -> str:
    """A file as the page writes it."""
    text = PAGE.partition(f"```diff {name}\n")[2].partition("```")[0]
    return "".join(line.removeprefix("+") for line in text.splitlines(keepends=True))


def made(folder: Path) -> Path:
    (folder / "data").mkdir()
    for name in ("shop.seg", "lifeseg.toml"):
        (folder / name).write_text(written(name), encoding="utf-8")
    data(folder, "2013-06", *JUNE)
    return folder


def data(folder: Path, month: str, *rows: str) -> None:
    (folder / f"data/{month}.csv").write_text(HEADING + "".join(f"{row}\n" for row in rows), encoding="utf-8")


def run(lifeseg: Lifeseg, month: str, *more: str) -> Finished:
    finished = lifeseg("run", "--as-of", DAYS[month], *more)
    assert finished.code == 0, finished.err
    return finished


def tasks(lifeseg: Lifeseg, month: str, *more: str) -> list[tuple[int, str, str]]:
    """Number, key and name of all tasks of a day."""
    finished = lifeseg("tasks", "--as-of", DAYS[month], "--format", "json", *more)
    assert finished.code == 0, finished.err
    return [(one["task"], one["key"], one["name"]) for one in json.loads(finished.out)["tasks"]]
