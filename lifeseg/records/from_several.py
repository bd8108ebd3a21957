"""A folder of files or a pattern comes in; one table of texts goes out, whatever order the files' columns have.

The folders a file lies in may be columns too, as in `region=north/part-0.parquet`. A column that only some files
have is empty in the others; what a file must have is looked for in every one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

from lifeseg.diagnostics.diagnostic import problem
from lifeseg.records.files import files_of, is_pattern, partitions
from lifeseg.records.findings import LINES_OF_A_FILE
from lifeseg.records.source import Batch, Part, Source, Table, UnreadableError

Opened = Callable[[Source], AbstractContextManager[Table]]


@contextmanager
def several_table(source: Source, opened: Opened) -> Iterator[Table]:
    """The rows of all files, one file after the other."""
    files = files_of(source)
    if not files:
        key = "data-file.pattern" if is_pattern(source.path) else "data-file.empty-folder"
        raise UnreadableError(problem(key, None, path=source.path))
    endings = sorted({path.suffix.lower() for path in files})
    if len(endings) > 1:
        raise UnreadableError(
            problem("data-format.mixed", None, path=source.path, endings=" and ".join(endings))
        )
    headings, unsuitable, total, line = [], dict[str, str](), 0, 1
    for path in files:
        with opened(replace(source, path=path)) as table:
            headings.append(table.heading)
            unsuitable |= {table.heading[place]: held for place, held in table.unsuitable.items()}
            total, line = total + table.total, table.line
    folders = [partitions(source, path) for path in files]
    whole = tuple(dict.fromkeys([*chained(headings), *chained(folders)]))
    places = {whole.index(name): held for name, held in unsuitable.items()}
    batches = rows(source, files, folders, whole, opened)
    parts = [
        Part(str(path), (*dict.fromkeys([*heading, *folder]),) if folder else heading)
        for path, heading, folder in zip(files, headings, folders, strict=True)
    ]
    yield Table(whole, line, batches, total, places, tuple(parts))


def chained(names: Sequence[Sequence[str] | Mapping[str, str]]) -> Iterator[str]:
    return (name for some in names for name in some)


def rows(
    source: Source,
    files: Sequence[Path],
    folders: Sequence[Mapping[str, str]],
    whole: Sequence[str],
    opened: Opened,
) -> Iterator[Batch]:
    """The batches of each file, their rows in the columns of all."""
    before = 0
    for number, (path, folder) in enumerate(zip(files, folders, strict=True)):
        with opened(replace(source, path=path)) as table:
            done = 0
            for lines, texts, done in table.batches:
                numbered = [number * LINES_OF_A_FILE + line for line in lines]
                yield Batch(numbered, arranged(texts, table.heading, folder, whole), before + done)
            before += done


def arranged(
    texts: Sequence[Sequence[str]], heading: Sequence[str], folder: Mapping[str, str], whole: Sequence[str]
) -> list[Sequence[str]]:
    """The rows in other columns; one with too few or too many cells stays so."""
    if tuple(heading) == whole and not folder:
        return list(texts)
    width = len(heading)
    positions = {name: place for place, name in reversed(list(enumerate(heading)))}
    places = [None if name in folder else positions.get(name) for name in whole]
    fixed = [folder.get(name, "") for name in whole]
    return [
        [text if place is None else row[place] for place, text in zip(places, fixed, strict=True)]
        if len(row) == width
        else [*row, *[""] * max(0, len(whole) - width)]
        for row in texts
    ]
