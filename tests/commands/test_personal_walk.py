"""Every command is walked through, in every form in which it writes: nothing personal is in what it says or writes unless it
is asked for, but for what is data by its nature, which is named here with the reason.
"""

from __future__ import annotations

import csv
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import click
import duckdb
import pytest
import typer
from typer.testing import CliRunner

from lifeseg.cli.application import application
from lifeseg.model.personal import MASK
from tests.commands.personal_workspace import ERROR, FACTS, FIRST, KEYS, made, secrets

COLUMNS = "name,phone,income,born,faith,earnings,loyalty"

WALK: dict[str, list[str]] = {
    "init": ["init new"],
    "check": ["check --format json", "check --lang zh"],
    "lint": ["lint"],
    "fmt": ["fmt", "fmt --diff"],
    "run": ["run --out written --explain", "run --out written --engine duckdb"],
    "list": [
        f"list --columns {COLUMNS}", "list line --columns customer.name,customer.earnings,caller,bill,billed,minutes",
        "list --cross name,care", "list --cross faith", "list --cross earnings,income --format json",
        "list rich --sort income",
    ],
    "flags": ["flags"],
    "explain": [
        "explain ID --detail 4", "explain ID --lang zh --detail 4", "explain ID --why-not rich --detail 4",
        "explain ID --at 2024-02-29 --detail 4", "explain ID --since 2024-01-31 --detail 4 --format json",
        "explain ID --since 2024-01-31 --detail 4",
    ],
    "whatif": ["whatif ID --set income=771999 --set satisfaction=1", "whatif ID --set faith=tulip --lang zh"],
    "nearest": ["nearest --segment wait --to call --value earnings", "nearest ID --to call"],
    "sensitivity": ["sensitivity", "sensitivity loyal_from --value earnings"],
    "history": ["history ID --why", "history ID"],
    "transitions": ["transitions", "transitions --flapping", "transitions care --from none --to call"],
    "simulate": ["simulate --months 2 --value earnings"],
    "tasks": ["tasks", "tasks --preview", "tasks --out written.csv", "tasks --out written.json", "tasks --out written"],
    "outcomes": ["outcomes outcomes.csv"],
    "loop": ["loop", "loop --by care"],
    "override": [
        "override --list", "override --end 1", "override ID --to care.wait --reason because --owner desk --until 2024-12-31",
    ],
    "export": ["export written"],
    "test": ["test", "test --coverage", "test --mutants", "test --generate --out written.seg"],
    "prove": ["prove --seconds 1"],
    "diff": ["diff HEAD --value earnings", "diff HEAD --engine duckdb", "diff HEAD --text-only"],
    "log": ["log"],
    "report": ["report --out written", "report --out written --value earnings --engine duckdb"],
    "docs": ["docs --out written"],
    "generate": ["generate --customers 5 --out written"],
    "sample": [
        "sample --size 3 --out written.csv", "sample --size 3 --records written", "sample --size 3",
        "sample --size 13 --method stratified --by name --out written.csv",
    ],
    "sql": ["sql", "sql --engine postgres"],
    "help": ["help", "help list"],
    "learn clusters": ["learn clusters --columns income,satisfaction --classes 2 --profile faith"],
    "learn scorecard": ["learn scorecard --target content --columns income,faith --hold-out 0%"],
    "learn rules": ["learn rules --target content --columns income,faith --least 1 --hold-out 0%"],
    "learn weights": ["learn weights --columns contentment,satisfaction"],
    "git install": ["git install"],
    "git text": ["git text rules/personal.seg"],
    "table export": ["table export --out written.xlsx"],
    "table import": ["table import book.xlsx", "table import book.xlsx --write"],
}  # fmt: skip
NOT_A_FORM = {"pdf": "takes a browser, which prints the page of the form html"}
REMEMBERED = {
    "lifeseg.duckdb": "the result store is joined with the data that it came from",
    "cache": "answers of the result store, beside the data of whoever asked",
}
IN_FILES = {
    "run": "results are joined with the data that they came from",
    "export": "what the store remembers, for a database",
    "tasks": "who is to do something has to know for whom",
    "sample": "the keys, or the facts, of those drawn are what is asked for",
    "generate": "nobody is in the data: they are invented",
}
IN_WORDS = {
    "history": "the key was typed",
    "override ID": "the key was typed",
    "tasks": "who is to do something has to know for whom",
    "sample": "the keys of those drawn are what is asked for",
}
AMOUNTS = {
    "loop": "what people are worth on average",
    "learn clusters": "means of classes",
    "learn scorecard": "a limit that separates people stands in a policy, whoever has just that",
    "learn rules": "a limit that separates people stands in a policy, whoever has just that",
}


def leaves(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group) or hasattr(command, "commands"):
            yield from leaves(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


COMMANDS = dict(leaves(typer.main.get_command(application)))


def forms(command: click.Command) -> list[str]:
    return [
        form
        for option in command.params
        if "--format" in option.opts
        for form in option.type.choices
        if form not in NOT_A_FORM
    ]


def walked(name: str) -> Iterator[str]:
    """A command's first call in each form, the others as they stand."""
    first, *others = WALK[name]
    found = [] if "--format" in first else forms(COMMANDS[name])
    yield from (f"{first} --format {form}" for form in found) if found else (first,)
    yield from others


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("personal")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        made(folder)
        yield folder


@pytest.fixture
def workspace(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "workspace"
    shutil.copytree(prepared, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    return folder


@pytest.mark.parametrize(("name", "words"), [(name, words) for name in WALK for words in walked(name)])
def test_nothing_personal_is_said(workspace: Path, name: str, words: str) -> None:
    before = {path: path.stat().st_mtime_ns for path in files(workspace)}
    done = CliRunner().invoke(application, [FIRST if word == "ID" else word for word in words.split()])
    assert done.exit_code in (0, 1), done.output
    assert not ERROR.search(done.output), done.output
    open_to = {
        **(KEYS if words.startswith(tuple(IN_WORDS)) else {}),
        **({"income": ""} if name in AMOUNTS else {}),
    }
    looked_for = {kind: pattern for kind, pattern in {**KEYS, **FACTS}.items() if kind not in open_to}
    assert secrets(done.output, looked_for) == {}
    for path in files(workspace) if name not in IN_FILES else ():
        if before.get(path) != path.stat().st_mtime_ns:
            assert secrets(text_of(path), {**KEYS, **FACTS}) == {}, path


def files(folder: Path) -> list[Path]:
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and not {".git", *REMEMBERED}.intersection(path.relative_to(folder).parts)
    ]


def text_of(path: Path) -> str:
    if path.suffix == ".parquet":
        return "\n".join(map(str, duckdb.sql(f"FROM read_parquet('{path}')").fetchall()))
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            return "\n".join(book.read(name).decode() for name in book.namelist())
    if path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as connection:
            tables = connection.sql(
                "SELECT table_schema, table_name FROM information_schema.tables"
            ).fetchall()
            return "\n".join(
                str(row) for one in tables for row in connection.sql('FROM "{}"."{}"'.format(*one)).fetchall()
            )
    return path.read_bytes().decode(errors="replace")


def test_a_choice_that_is_masked_has_no_cases(workspace: Path) -> None:
    """That nobody has one would tell what everybody has."""
    done = CliRunner().invoke(application, ["list", "--cross", "faith", "--format", "csv"])
    assert done.output.splitlines()[-2:] == ["faith,all", "•••,22"]


def test_what_is_drawn_by_a_personal_fact_is_counted_without_it(workspace: Path) -> None:
    words = "sample --size 9 --method stratified --by faith --out written.csv"
    done = CliRunner().invoke(application, words.split())
    strata = [line.split() for line in done.output.splitlines() if MASK in line]
    assert [name for name, *_ in strata] == [MASK, MASK]
    assert sum(int(drawn) for _, drawn, *_ in strata) == 9


@pytest.mark.parametrize("engine", ["interpreter", "duckdb"])
def test_how_far_a_personal_fact_is_from_a_limit_is_no_result(workspace: Path, engine: str) -> None:
    """Not by its own name, and not by that of an index that says the same; what is computed from others is."""
    words = f"run --engine {engine} --out written --explain --format csv"
    CliRunner().invoke(application, words.split())
    rows = list(csv.DictReader(Path("written/customer.csv").read_text(encoding="utf-8").splitlines()))
    margins = {name for name in rows[0] if name.endswith(" margin")}
    assert "loyalty margin" in margins
    assert not {"wealth margin", "grown margin"} & margins
    text = "\n".join(row[name] for row in rows for name in margins)
    assert secrets(text, {"income": FACTS["how far the income is from a limit"]}) == {}


def test_ends_of_a_personal_fact_are_not_learnt(workspace: Path) -> None:
    done = CliRunner().invoke(application, ["learn", "weights", "--columns", "income,satisfaction"])
    assert "error[learn-column]: `income` is personal" in done.output


@pytest.mark.parametrize(
    "words", ["explain CUSTOMER", "history CUSTOMER", "whatif ID --set line.LINE.minutes=5"]
)
def test_who_has_nearly_that_key_is_not_told(workspace: Path, words: str) -> None:
    """A key that is personal is not suggested to whoever types another one."""
    done = CliRunner().invoke(application, [FIRST if word == "ID" else word for word in words.split()])
    assert "error[no-such-name]" in done.output
    assert secrets(done.output, KEYS) == {}


def test_every_command_is_walked() -> None:
    assert set(WALK) == set(COMMANDS)
