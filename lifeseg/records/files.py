"""A source comes in; the files it means go out, and a fingerprint of their content.

A source is a file, a folder of Parquet or CSV files, or a pattern such as `2024-*.parquet`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from lifeseg.records.source import Source

SMALL = 64 * 1024 * 1024
PIECE = 1024 * 1024
PATTERN = "*?["


def is_several(source: Source) -> bool:
    """Whether the source is a folder or a pattern."""
    return source.path.is_dir() or is_pattern(source.path)


def is_pattern(path: Path) -> bool:
    return any(letter in str(path) for letter in PATTERN) and not path.exists()


def files_of(source: Source) -> list[Path]:
    """The files in the order of their names; none if there are none."""
    path = source.path
    if path.is_dir():
        ending = "*.parquet" if any(path.rglob("*.parquet")) else "*.csv"
        return sorted(found for found in path.rglob(ending) if found.is_file())
    if is_pattern(path):
        parts = path.parts
        first = next(place for place, part in enumerate(parts) if any(letter in part for letter in PATTERN))
        base = Path(*parts[:first]) if first else Path()
        return sorted(found for found in base.glob(str(Path(*parts[first:]))) if found.is_file())
    return [path]


def fingerprint(sources: Iterable[Source], whole: int = SMALL) -> str:
    """The SHA-256, hexadecimal, of the files' bytes, one file after the other.

    Of a file of more than 64 MB its size, the time it was last changed, and its first and last megabyte stand for
    all: of a Parquet file that includes the footer. What is mapped in the settings counts too.
    """
    digest = hashlib.sha256()
    for source in sources:
        for path in files_of(source):
            add(digest, path, whole)
        mapped = [source.table, *pairs(source.columns), *pairs(source.constants)]
        if any(mapped):
            digest.update(repr(mapped).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def pairs(mapping: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(mapping.items())


def add(digest: hashlib._Hash, path: Path, whole: int) -> None:
    with path.open("rb") as file:
        status = path.stat()
        if status.st_size <= whole:
            while block := file.read(PIECE):
                digest.update(block)
            return
        digest.update(f"{status.st_size} {status.st_mtime_ns} ".encode())
        digest.update(file.read(PIECE))
        file.seek(-PIECE, 2)
        digest.update(file.read(PIECE))
