"""Result tables come in; a folder with one Parquet or CSV file per entity and `run.json` goes out, whole or
not at all.

A cell is text, a list of texts, or None for missing. In CSV a missing cell is empty and a list is a JSON
list; in Parquet numbers are exact decimals. Knows nothing of where the results came from.

The result hash is that of result_sums.
"""

from __future__ import annotations

import csv
import errno
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, TextIO

from lifeseg.frozen import dataclass
from lifeseg.model.types import Type
from lifeseg.records.result_sums import Cell, digest, key_text, record_number, sums

Format = Literal["parquet", "csv"]
DESCRIPTION = "run.json"
WRITING = ".lifeseg-writing-"
STRICT_FORM = (
    "auto_detect = false, header = false, delim = ',', quote = '\"', escape = '\"', nullstr = '',"
    " allow_quoted_nulls = false, max_line_size = 100000000"
)


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: Type
    key: bool = False
    row_number: bool = False
    reason: bool = False  # it says why another is what it is, and is no part of the hash


@dataclass(frozen=True, slots=True)
class Table:
    """The results of one entity: its keys, then its definitions."""

    entity: str
    columns: tuple[Column, ...]
    rows: Iterable[Sequence[Cell]]


def result_hash(tables: Sequence[Table]) -> str:
    """What two runs have in common exactly if all their results are equal."""
    return digest([hashed(table) for table in tables])


def hashed(table: Table) -> tuple[str, list[str], int, list[int]]:
    """What the hash is made of, for one entity."""
    keys = [(place, key_text(column.type)) for place, column in enumerate(table.columns) if keyed(column)]
    rows = list(table.rows)
    numbers = [record_number([text(str(row[place])) for place, text in keys]) for row in rows]
    found: list[int] = []
    for place, column in enumerate(table.columns):
        if not column.key and not column.reason:
            found += sums(column.type, numbers, [row[place] for row in rows])
    names = [column.name for column in table.columns if not (column.row_number or column.reason)]
    return table.entity, names, len(rows), found


def keyed(column: Column) -> bool:
    return column.key and not column.row_number


def write(folder: Path, tables: Iterable[Table], description: Mapping[str, Any], file_format: Format) -> None:
    """Writes the files of a run into a folder in place of those of the run before; others in it are left
    alone. The tables may come one after the other, and their rows as well.

    Raises OSError if it cannot be done; then the folder is as it was. `run.json` comes last: while it is
    not there, the folder is being written.
    """
    with staging(folder) as work:
        names = []
        for table in tables:
            names.append(f"{table.entity}.{file_format}")
            (to_csv if file_format == "csv" else to_parquet)(table, work / names[-1])
        finish(work, folder, names, description)


@contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """A folder inside for the new files, to be put in place with `finish`; gone afterwards, whatever happens."""
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "not a folder", str(folder))
    made = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    with alone_in(folder):
        clear_up(folder)
    work = folder / f"{WRITING}{os.getpid()}"
    try:
        work.mkdir()
        yield work
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        for parent in made:
            parent.rmdir()
        raise
    shutil.rmtree(work, ignore_errors=True)


def finish(work: Path, folder: Path, names: Sequence[str], description: Mapping[str, Any]) -> None:
    """Puts the files in place, the description of the run beside them; two runs take turns."""
    text = json.dumps({**description, "files": list(names)}, ensure_ascii=False, indent=2) + "\n"
    (work / DESCRIPTION).write_text(text, encoding="utf-8")
    with alone_in(folder):
        put_in_place(work, folder, [*names, DESCRIPTION])


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Waits for other runs that put their files into the same folder, where the system can tell."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def put_in_place(work: Path, folder: Path, names: Sequence[str]) -> None:
    """Moves the new files in and those of the run before out; if that fails, moves them back."""
    before = work / "before"
    before.mkdir()
    moved: list[tuple[Path, Path]] = []

    def move(source: Path, target: Path) -> None:
        source.rename(target)
        moved.append((source, target))

    try:
        for name in (DESCRIPTION, *dict.fromkeys((*files_before(folder), *names[:-1]))):
            if (folder / name).exists():
                move(folder / name, before / name)
        for name in names:
            move(work / name, folder / name)
    except BaseException:
        for source, target in reversed(moved):
            target.rename(source)
        raise


def files_before(folder: Path) -> list[str]:
    """What the run before wrote, as its description says."""
    try:
        description = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        names = [name for name in description["files"] if isinstance(name, str)]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [name for name in names if name == Path(name).name and name.endswith((".csv", ".parquet"))]


def clear_up(folder: Path) -> None:
    """Removes what a killed run has left, after putting back what it had moved out of the way."""
    for work in folder.glob(f"{WRITING}*"):
        process = work.name.removeprefix(WRITING)
        if process.isdigit() and int(process) != os.getpid() and alive(int(process)):
            continue
        if not (folder / DESCRIPTION).exists() and (work / "before" / DESCRIPTION).exists():
            for file in sorted((work / "before").iterdir(), key=lambda file: file.name == DESCRIPTION):
                remove(folder / file.name)
                file.rename(folder / file.name)
        shutil.rmtree(work, ignore_errors=True)


def alive(process: int) -> bool:
    if os.name != "posix":
        return True  # where asking would end it
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


# ---- Files -------------------------------------------------------------------------------------


def to_csv(table: Table, path: Path) -> None:
    """A CSV file as people and programs read it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        write_csv(table, file)


def write_csv(table: Table, file: TextIO) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(distinct(column.name for column in table.columns))
    for row in table.rows:
        writer.writerow(
            [json.dumps(cell, ensure_ascii=False) if isinstance(cell, tuple) else cell for cell in row]
        )


def to_parquet(table: Table, path: Path) -> None:
    """A Parquet file: DuckDB reads a strict CSV file, whose types are given, and writes it again."""
    import duckdb

    strict = path.with_suffix(".strict")
    with strict.open("w", encoding="utf-8", newline="") as file:
        file.writelines(strict_lines(table))
    types = ", ".join(f"c{place}: '{sql_type(column)}'" for place, column in enumerate(table.columns))
    names = distinct(column.name for column in table.columns)
    shown = ", ".join(f"c{place} AS {identifier(name)}" for place, name in enumerate(names))
    try:
        with duckdb.connect() as connection:
            connection.execute(
                f"COPY (SELECT {shown} FROM read_csv({quoted(str(strict))}, columns = {{{types}}}, {STRICT_FORM}))"
                f" TO {quoted(str(path))} (FORMAT parquet, COMPRESSION zstd)"
            )
    except duckdb.Error as error:
        raise OSError(errno.EIO, str(error).partition("\n")[0], str(path)) from error
    strict.unlink()


def strict_lines(table: Table) -> Iterator[str]:
    """Every cell in quotes, nothing at all for a missing one."""
    for row in table.rows:
        yield ",".join("" if cell is None else strict_cell(cell) for cell in row) + "\n"


def strict_cell(cell: str | tuple[str, ...]) -> str:
    text = json.dumps(cell, ensure_ascii=False) if isinstance(cell, tuple) else cell
    return '"' + text.replace('"', '""') + '"'


def sql_type(column: Column) -> str:
    """The type of a column in Parquet; it depends on the policy alone, not on the values."""
    found = column.type
    if column.row_number or (column.key and found.kind == "number" and found.scale == 0):
        return "BIGINT"
    if found.kind == "number":
        largest = max(abs(found.low), abs(found.high)) * Fraction(10) ** found.scale
        return f"DECIMAL({18 if largest < 10**18 and found.scale < 18 else 38}, {found.scale})"
    return {"truth": "BOOLEAN", "date": "DATE", "flags": "VARCHAR[]"}.get(found.kind, "VARCHAR")


def distinct(names: Iterable[str]) -> list[str]:
    """Names that readers who do not tell `A` from `a` keep apart, as DuckDB writes them: the second becomes `a_1`."""
    found: list[str] = []
    used: set[str] = set()
    for name in names:
        count, chosen = 0, name
        while chosen.lower() in used:
            count += 1
            chosen = f"{name}_{count}"
        used.add(chosen.lower())
        found.append(chosen)
    return found


def identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
