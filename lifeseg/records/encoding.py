"""The bytes of a text file and its declared encoding come in; the encoding it has, or a finding, goes out."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from pathlib import Path

from lifeseg.diagnostics.diagnostic import Diagnostic, problem
from lifeseg.records.findings import at, finding, nearest
from lifeseg.records.source import Source, UnreadableError

KNOWN = ("utf-8", "gb18030", "gbk", "gb2312", "big5", "latin-1", "cp1252", "utf-16", "shift_jis", "euc-kr")
SAMPLE = 64 * 1024
BLOCK = 1024 * 1024

OTHER_FORMATS: Mapping[bytes, str] = {
    b"PK\x03\x04": "an Excel workbook or another zip archive",
    b"PAR1": "a Parquet file",
    b"\xd0\xcf\x11\xe0": "an Excel workbook of the old kind",
    b"\x1f\x8b": "compressed with gzip",
    b"%PDF": "a PDF document",
    b"SQLite format 3": "a SQLite database",
}


def encoding_of(source: Source, start: bytes) -> str:
    """The encoding to read a CSV file with; its first bytes must not belong to something else."""
    for mark, format_ in OTHER_FORMATS.items():
        if start.startswith(mark):
            raise UnreadableError(problem("data-format.disguised", None, path=source.path, format=format_))
    declared = source.encoding or "utf-8"
    try:
        "".encode(declared)  # refuses codecs that do not make bytes of text
        name = codecs.lookup(declared).name
    except (LookupError, ValueError):
        raise UnreadableError(_unknown(source.path, declared)) from None
    if name == "utf-8":
        return "utf-8-sig"
    if start.startswith(codecs.BOM_UTF8) and name != "utf-8-sig":
        raise UnreadableError(problem("data-encoding.mark", at(str(source.path), 1), encoding=declared))
    return name


def _unknown(path: Path, declared: str) -> Diagnostic:
    near, known = nearest(declared, KNOWN), ", ".join(KNOWN)
    return problem("data-encoding.unknown", None, path=path, encoding=declared, suggestion=near, known=known)


def undecodable(path: Path, encoding: str) -> UnreadableError:
    """The finding for a file in another encoding: the first byte that tells, its row, a better encoding."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    line, ends_in_return = 1, False
    with path.open("rb") as file:
        while True:
            block = file.read(BLOCK)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeError as error:
                if not isinstance(error, UnicodeDecodeError):  # no byte order mark where there must be one
                    return _finding(path, encoding, 1, block)
                text = error.object[: error.start].decode(encoding, "replace")
                line += _lines(text, ends_in_return)
                rest = error.object[error.start :] + file.read(SAMPLE)
                return _finding(path, encoding, line, rest)
            if not block:  # read again, it is fine: somebody is writing to it
                return UnreadableError(problem("data-file.unreadable", None, path=path))
            line += _lines(text, ends_in_return)
            ends_in_return = text.endswith("\r")


def _lines(text: str, after_return: bool) -> int:
    """How many line ends there are; one of two characters counts once, even where two blocks meet in it."""
    ends = text.count("\n") + text.count("\r") - text.count("\r\n")
    return ends - (after_return and text.startswith("\n"))


def _finding(path: Path, encoding: str, line: int, rest: bytes) -> UnreadableError:
    declared = encoding.removesuffix("-sig")
    with path.open("rb") as file:
        suggestion = readable_as(file.read(4), rest[:SAMPLE], declared)
    words = {"byte": f"0x{rest[:1].hex().upper()}", "encoding": declared, "suggestion": suggestion}
    return UnreadableError(finding("data-encoding", at(str(path), line), words))


def readable_as(start: bytes, sample: bytes, declared: str) -> str:
    """The likeliest encoding of a file, from its first bytes and a sample that `declared` cannot read."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if declared != "utf-8" and _decoded(sample, "utf-8") is not None:
        return "utf-8"
    if declared != "gb18030" and _is_chinese(_decoded(sample, "gb18030")):
        return "gb18030"
    return "latin-1"


def _decoded(sample: bytes, encoding: str) -> str | None:
    """A sample as text, whose last character may be cut; None if it is in another encoding."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        return decoder.decode(sample)
    except UnicodeDecodeError:
        return None


def _is_chinese(text: str | None) -> bool:
    """Nearly any bytes can be read as GB 18030; only Chinese text gives mostly everyday characters."""
    foreign = [letter for letter in text or "" if ord(letter) > 127]
    everyday = sum(len(letter.encode("gb2312", "ignore")) > 0 for letter in foreign)
    return 2 * everyday > len(foreign)
