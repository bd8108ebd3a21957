"""A CSV file comes in; a table of texts goes out, batch by batch, whatever the size of the file.

Fields may be quoted and then hold commas and line ends. Semicolons and tabs are taken for commas only where
the heading is recognised by them. No row is read into memory that is longer than a million characters.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import BinaryIO, TextIO

from lifeseg.records.encoding import encoding_of, undecodable
from lifeseg.records.findings import at, finding
from lifeseg.records.source import ROWS_IN_A_BATCH, Batch, Source, Table, UnreadableError

LONGEST_ROW = 1_000_000
BUFFER = 1024 * 1024
DELIMITERS = (",", ";", "\t")


class _Lines:
    """The lines of a file, counted; refuses a row that goes on and on, and lines with NUL characters."""

    def __init__(self, path: Path, binary: BinaryIO, file: TextIO) -> None:
        self.path, self.binary, self.file = path, binary, file
        self.total = path.stat().st_size
        self.number = 0
        self.row_starts = 1

    def next_row(self) -> int:
        """The next line begins a row: its number."""
        self.row_starts = self.number + 1
        return self.row_starts

    def __iter__(self) -> Iterator[str]:
        readline, row_starts, size = self.file.readline, 0, 0
        while line := readline(LONGEST_ROW):
            self.number += 1
            size = len(line) if row_starts != self.row_starts else size + len(line)
            row_starts = self.row_starts
            if size >= LONGEST_ROW:
                raise self.problem("data-line-too-long", most=f"{LONGEST_ROW:,}")
            if "\0" in line:
                raise self.problem("data-encoding.nul", self.number)
            yield line

    def problem(self, key: str, line: int | None = None, **words: object) -> UnreadableError:
        place = at(str(self.path), line or self.row_starts)
        return UnreadableError(finding(key, place, words))


@contextmanager
def csv_table(source: Source, wanted: Collection[str]) -> Iterator[Table]:
    """Open a CSV file; `wanted` are the names of columns by which its delimiter is recognised."""
    path = source.path
    with path.open("rb", buffering=BUFFER) as binary:
        encoding = encoding_of(source, binary.read(16))
        binary.seek(0)
        lines = _Lines(path, binary, TextIOWrapper(binary, encoding=encoding, errors="strict", newline=""))
        try:
            yield _table(lines, wanted)
        except UnicodeError:
            raise undecodable(path, encoding) from None
        except csv.Error as error:
            raise _malformed(lines, error) from None


def _table(lines: _Lines, wanted: Collection[str]) -> Table:
    following = iter(lines)
    first = next((line for line in following if line.strip("\ufeff \r\n")), None)
    if first is None:
        raise lines.problem("data-empty", 1, path=lines.path)
    lines.row_starts = lines.number
    delimiter = _delimiter(lines, first.lstrip("\ufeff"), wanted)
    rows = csv.reader(chain([first.lstrip("\ufeff")], following), delimiter=delimiter, strict=True)
    heading_line = lines.number
    heading = tuple(name.strip() for name in next(rows))
    return Table(heading, heading_line, _batches(lines, rows), lines.total)


def _delimiter(lines: _Lines, first: str, wanted: Collection[str]) -> str:
    """The comma, unless another delimiter makes more names of the heading known."""

    def known(delimiter: str) -> int:
        try:
            names = next(csv.reader([first], delimiter=delimiter))
        except csv.Error:
            return 0
        return len({name.strip() for name in names} & set(wanted))

    best = max(DELIMITERS, key=known)
    if not known(best) and "," not in first:
        strange = next((found for found in (";", "\t", "|") if found in first), None)
        if strange is not None:
            words = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}[strange]
            raise lines.problem("data-format.delimiter", delimiter=words)
    return best


def _batches(lines: _Lines, rows: Iterator[Sequence[str]]) -> Iterator[Batch]:
    """The rows in batches; lines without any text are no rows."""
    numbers: list[int] = []
    batch: list[Sequence[str]] = []
    starts, next_row, position = lines.next_row(), lines.next_row, lines.binary.tell
    for row in rows:
        if row:
            numbers.append(starts)
            batch.append(row)
            if len(batch) >= ROWS_IN_A_BATCH:
                yield Batch(numbers, batch, position())
                numbers, batch = [], []
        starts = next_row()
    if batch:
        yield Batch(numbers, batch, position())


def _malformed(lines: _Lines, error: csv.Error) -> UnreadableError:
    """The finding for the words of Python's reader, which does not tell the kinds apart otherwise."""
    words = str(error)
    if "field larger than field limit" in words:
        return lines.problem("data-line-too-long.cell", most=f"{csv.field_size_limit():,}")
    if "unexpected end of data" in words:
        return lines.problem("data-quote.unclosed")
    return lines.problem("data-quote")
