"""Every command is walked through, in every form in which it writes: nothing personal is in what it says or writes unless it
is asked for, but for what is data by its nature, which is named here with the reason.
"""

from __future__ import annotations

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
from tests.commands.personal_workspace import ERROR, FACTS, FIRST, KEYS, made, secrets

COLUMNS = "name,phone,income,born,faith,earnings,loyalty"

WALK: dict[str, list[str]] = {
    "explain": [
        "explain ID --detail 4", "explain ID --lang zh --detail 4", "explain ID --why-not rich --detail 4",
        "explain ID --at 2024-02-29 --detail 4", "explain ID --since 2024-01-31 --detail 4 --format json",
        "explain ID --since 2024-01-31 --detail 4",
    ],
    "whatif": ["whatif ID --set income=771999 --set satisfaction=1", "whatif ID --set faith=orchid --lang zh"],
    "nearest": ["nearest --segment wait --to call --value earnings", "nearest ID --to call"],
    "override": ["override --list", "override --end 1"],
    "diff": ["diff HEAD --value earnings", "diff HEAD --engine duckdb", "diff HEAD --text-only"],
}  # fmt: skip
NOT_A_FORM = {"pdf": "takes a browser, which prints the page of the form html"}
REMEMBERED = {
    "lifeseg.duckdb": "the result store is joined with the data that it came from",
    "cache": "answers of the result store, beside the data of whoever asked",
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


def walked() -> Iterator[str]:
    """Each command's first call in each form, the others as they stand."""
    for name, calls in WALK.items():
        found = forms(COMMANDS[name])
        for place, words in enumerate(calls):
            yield from (f"{words} --format {form}" for form in found) if found and not place else (words,)


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


@pytest.mark.parametrize("words", list(walked()))
def test_nothing_personal_is_said(workspace: Path, words: str) -> None:
    before = {path: path.stat().st_mtime_ns for path in files(workspace)}
    done = CliRunner().invoke(application, [FIRST if word == "ID" else word for word in words.split()])
    assert done.exit_code in (0, 1), done.output
    assert not ERROR.search(done.output), done.output
    assert secrets(done.output, {**KEYS, **FACTS}) == {}
    for path in files(workspace):
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


@pytest.mark.parametrize(
    "words", ["explain CUSTOMER", "history CUSTOMER", "whatif ID --set line.LINE.minutes=5"]
)
def test_who_has_nearly_that_key_is_not_told(workspace: Path, words: str) -> None:
    """A key that is personal is not suggested to whoever types another one."""
    done = CliRunner().invoke(application, [FIRST if word == "ID" else word for word in words.split()])
    assert "error[no-such-name]" in done.output
    assert secrets(done.output, KEYS) == {}


def test_only_commands_are_walked() -> None:
    assert set(WALK) <= set(COMMANDS)
