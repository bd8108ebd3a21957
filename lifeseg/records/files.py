"""A source comes in; the files it means go out, and a fingerprint of their content.

A source is a file, a folder of Parquet or CSV files, or a pattern such as `2024-*.parquet`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from urllib.parse import unquote

from lifeseg.records.source import Source

BIG = 2 * 1024 * 1024
"""Bytes of data from which a record is looked up; what is less is soon read as a whole."""
DIVIDER = "\x1f"
"""Between the parts of a key, where a key is one text."""
SMALL = 64 * 1024 * 1024
PIECE = 1024 * 1024
PATTERN = "*?["
ENDINGS = (".parquet", ".csv")
PARQUET = "FORMAT parquet, PARQUET_VERSION v2, DICTIONARY_SIZE_LIMIT 5000"
"""How DuckDB writes results: differences of numbers rather than large dictionaries, which is smaller and less work."""
RESULTS = "lifeseg_results"
"""Under this name a DuckDB file of results is attached."""
NO_VALUE = "__HIVE_DEFAULT_PARTITION__"


def table_of_results(name: str) -> str:
    """A table in a DuckDB file of results, as SQL names it."""
    plain = name.replace('"', '""')
    return f'{RESULTS}.main."{plain}"'


def is_big(entities: Collection[str], sources: Mapping[str, Source]) -> bool:
    """Whether there is so much data that one record is better looked up than found among all."""
    if set(entities) != set(sources):
        return False
    files = [path for source in sources.values() for path in files_of(source)]
    return all(path.is_file() for path in files) and sum(path.stat().st_size for path in files) >= BIG


def is_several(source: Source) -> bool:
    """Whether the source is a folder or a pattern."""
    return source.path.is_dir() or is_pattern(source.path)


def is_pattern(path: Path) -> bool:
    return any(letter in str(path) for letter in PATTERN) and not path.exists()


def files_of(source: Source) -> list[Path]:
    """The files in the order of their names; none if there are none."""
    path, base = source.path, base_of(source)
    if path.is_dir():
        found = (one for ending in ENDINGS for one in path.rglob(f"*{ending}"))
    elif is_pattern(path):
        found = base.glob(str(path.relative_to(base)))
    else:
        return [path]
    return sorted(one for one in found if one.is_file() and not is_hidden(one.relative_to(base)))


def base_of(source: Source) -> Path:
    """The folder that is named as it is: the whole path of a folder, what is before the first `*` of a pattern."""
    parts = source.path.parts
    if not is_pattern(source.path):
        return source.path
    first = next(place for place, part in enumerate(parts) if any(letter in part for letter in PATTERN))
    return Path(*parts[:first]) if first else Path()


def is_hidden(path: Path) -> bool:
    """What programs put beside the data: `_temporary`, `.part-0.parquet.crc`."""
    return any(part.startswith((".", "_")) for part in path.parts)


def partitions(source: Source, path: Path) -> dict[str, str]:
    """The columns that the folders of a file are: `region=north` is a column `region`; empty where it is missing."""
    parts = [part.partition("=") for part in path.relative_to(base_of(source)).parent.parts]
    return {
        unquote(name): "" if value == NO_VALUE else unquote(value)
        for name, equals, value in parts
        if equals and name
    }


def is_parquet(source: Source) -> bool:
    """Whether everything a source means is Parquet."""
    ending = (".parquet", ".pq")
    found = files_of(source)
    return source.table is None and bool(found) and all(path.suffix.lower() in ending for path in found)


def size_of(sources: Iterable[Source]) -> int:
    """The bytes of all files that are there."""
    paths = [path for source in sources for path in files_of(source)]
    return sum(path.stat().st_size for path in paths if path.is_file())


def fingerprint(
    sources: Iterable[Source], whole: int = SMALL, known: Mapping[Path, str] | None = None
) -> str:
    """The SHA-256, hexadecimal, of the prints of all files, one after the other, of which some may be known.

    What is mapped in the settings counts too.
    """
    digest = hashlib.sha256()
    for source in sources:
        for path in files_of(source):
            digest.update((known or {}).get(path, "").encode() or print_of_all(path, whole).encode())
        mapped = [source.table, *pairs(source.columns), *pairs(source.constants)]
        if any(mapped):
            digest.update(repr(mapped).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def print_of(path: Path) -> str:
    """The SHA-256, hexadecimal, of a file's size and of its first and last megabyte: of a Parquet file also the footer."""
    with path.open("rb") as file:
        size = path.stat().st_size
        digest = hashlib.sha256(f"{size} ".encode() + file.read(PIECE))
        file.seek(max(size - PIECE, 0))
        digest.update(file.read(PIECE))
    return digest.hexdigest()


def pairs(mapping: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(mapping.items())


def print_of_all(path: Path, whole: int = SMALL) -> str:
    """The SHA-256, hexadecimal, of a file's bytes.

    Of a file of more than 64 MB its size, the time it was last changed, and its first and last megabyte stand for
    all: of a Parquet file that includes the footer.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        status = path.stat()
        if status.st_size <= whole:
            while block := file.read(PIECE):
                digest.update(block)
            return digest.hexdigest()
        digest.update(f"{status.st_size} {status.st_mtime_ns} ".encode())
        digest.update(file.read(PIECE))
        file.seek(-PIECE, 2)
        digest.update(file.read(PIECE))
    return digest.hexdigest()
