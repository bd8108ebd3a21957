"""CSV files as they come: encodings, line ends, delimiters, and files that are no tables."""

import csv
import hashlib
from pathlib import Path

import pytest

from lifeseg.records.from_files import Source, load
from tests.records.customers import (
    CUSTOMER,
    customers,
    errors,
    in_words,
    keys,
    only,
    said,
    values,
    where,
)

HEADING = "customer_id,satisfaction\n"
GOOD = HEADING + "C1,4\nC2,5\n"


def keys_read(folder: Path, text: str | bytes, encoding: str | None = None) -> list[object]:
    return [row[0] for row in values(customers(folder, text, encoding=encoding))]


class TestText:
    def test_plain(self, tmp_path: Path) -> None:
        loaded = customers(tmp_path, GOOD)
        assert [row[:2] for row in values(loaded)] == [("C1", 4), ("C2", 5)]
        assert loaded.population is not None
        assert loaded.population.rows["customer"].lines == [2, 3]
        assert (
            loaded.population.fingerprint
            == hashlib.sha256(hashlib.sha256(GOOD.encode()).hexdigest().encode()).hexdigest()
        )
        assert keys(loaded) == ["data-missing-column.optional"]

    @pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
    def test_line_ends(self, tmp_path: Path, end: str) -> None:
        assert keys_read(tmp_path, GOOD.replace("\n", end)) == ["C1", "C2"]
        assert keys_read(tmp_path, GOOD.replace("\n", end).rstrip()) == ["C1", "C2"]

    @pytest.mark.parametrize("encoding", [None, "utf-8", "UTF8"])
    def test_byte_order_mark(self, tmp_path: Path, encoding: str | None) -> None:
        assert keys_read(tmp_path, GOOD.encode("utf-8-sig"), encoding) == ["C1", "C2"]

    @pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-16", "big5"])
    def test_declared_encoding(self, tmp_path: Path, encoding: str) -> None:
        text = HEADING + "中文,4\n"
        assert keys_read(tmp_path, text.encode(encoding), encoding) == ["中文"]

    def test_latin_1(self, tmp_path: Path) -> None:
        assert keys_read(tmp_path, (HEADING + "Müller,4\n").encode("latin-1"), "latin-1") == ["Müller"]

    def test_quotes_hold_commas_and_line_ends(self, tmp_path: Path) -> None:
        loaded = customers(tmp_path, 'customer_id,satisfaction\n"a, ""b""\nc",4\nC2,9\n')
        assert where(only(loaded)) == ("customer.csv", 4)
        assert keys_read(tmp_path, 'customer_id,satisfaction\n"a, ""b""\nc",4\n') == ['a, "b"\nc']

    @pytest.mark.parametrize("delimiter", [";", "\t"])
    def test_other_delimiters_when_the_heading_is_known_by_them(self, tmp_path: Path, delimiter: str) -> None:
        assert keys_read(tmp_path, GOOD.replace(",", delimiter)) == ["C1", "C2"]

    def test_a_semicolon_in_a_name_is_no_delimiter(self, tmp_path: Path) -> None:
        loaded = customers(tmp_path, "customer_id,satisfaction,a;b\nC1,4,x\n")
        assert [row[:2] for row in values(loaded)] == [("C1", 4)]

    def test_empty_lines_are_no_rows(self, tmp_path: Path) -> None:
        assert keys_read(tmp_path, "\n" + GOOD.replace("\nC2", "\n\nC2") + "\n\n") == ["C1", "C2"]

    def test_rows_of_commas_are_counted(self, tmp_path: Path) -> None:
        loaded = customers(tmp_path, GOOD + ",\n,\n")
        assert len(values(loaded)) == 2
        assert "rows without any text, which are passed over: 2" in said(loaded)

    def test_progress_ends_at_the_whole(self, tmp_path: Path) -> None:
        path = tmp_path / "customer.csv"
        path.write_text(HEADING + "".join(f"C{number},4\n" for number in range(25_000)))
        seen: list[tuple[str, int, int]] = []
        load({"customer": CUSTOMER}, {"customer": Source(path)}, progress=lambda *step: seen.append(step))
        assert len(seen) == 3
        assert seen[-1] == ("customer", path.stat().st_size, path.stat().st_size)


class TestWrongEncoding:
    @pytest.mark.parametrize(
        ("name", "written", "declared", "suggestion"),
        [
            ("Müller", "latin-1", None, "latin-1"),
            ("Café", "latin-1", None, "latin-1"),
            ("广东移动", "gbk", None, "gb18030"),
            ("广东移动", "gb18030", "utf-8", "gb18030"),
            ("㐀𠀀", "gb18030", "gb2312", "latin-1"),
            ("广东", "utf-8", "ascii", "utf-8"),
            ("Müller", "utf-8", "utf-16", "utf-8"),
        ],
    )
    def test_names_the_row_and_a_better_one(
        self, tmp_path: Path, name: str, written: str, declared: str | None, suggestion: str
    ) -> None:
        text = HEADING + "C1,4\n" * (1 if declared == "utf-16" else 30_000) + f"{name},4\n"
        found = only(customers(tmp_path, text.encode(written), encoding=declared))
        assert found.key == "data-encoding"
        assert where(found) == ("customer.csv", 1 if declared == "utf-16" else 30_002)
        assert found.arguments["suggestion"] == suggestion

    def test_words(self, tmp_path: Path) -> None:
        found = only(customers(tmp_path, (HEADING + "Müller,4\n").encode("latin-1")))
        assert in_words(found) == (
            "customer.csv:2: the byte 0xFC is not utf-8 text (the file reads as latin-1: "
            'declare `encoding = "latin-1"` for it, or save it as UTF-8)'
        )

    def test_utf_16_undeclared(self, tmp_path: Path) -> None:
        found = only(customers(tmp_path, GOOD.encode("utf-16")))
        assert (found.key, found.arguments["suggestion"]) == ("data-encoding", "utf-16")
        assert only(customers(tmp_path, GOOD.encode("utf-16-le"))).key == "data-encoding.nul"

    def test_mark_of_utf_8_under_another_declaration(self, tmp_path: Path) -> None:
        assert only(customers(tmp_path, GOOD.encode("utf-8-sig"), encoding="gbk")).key == "data-encoding.mark"

    @pytest.mark.parametrize("encoding", ["gkb", "base64", "rot13", "u\0", "x" * 1000])
    def test_unknown_encoding(self, tmp_path: Path, encoding: str) -> None:
        found = only(customers(tmp_path, GOOD, encoding=encoding))
        assert found.key == "data-encoding.unknown"
        assert found.arguments.get("suggestion") == ("gbk" if encoding == "gkb" else None)


class TestNoTable:
    @pytest.mark.parametrize("text", ["", "\n\n", "\ufeff", " \n"])
    def test_empty_file(self, tmp_path: Path, text: str) -> None:
        assert only(customers(tmp_path, text)).key == "data-empty"

    def test_heading_without_rows(self, tmp_path: Path) -> None:
        assert "data-empty.rows" in keys(customers(tmp_path, HEADING))

    @pytest.mark.parametrize("begin", [GOOD, "", HEADING + 'C1,"'])
    def test_a_line_of_10_mb(self, tmp_path: Path, begin: str) -> None:
        found = only(customers(tmp_path, begin + "x" * 10_000_000))
        assert found.key == "data-line-too-long"
        assert where(found) == ("customer.csv", begin.count("\n") + 1)

    def test_a_line_of_10_mb_of_cells(self, tmp_path: Path) -> None:
        assert only(customers(tmp_path, GOOD + "x," * 5_000_000)).key == "data-line-too-long"

    def test_a_long_cell(self, tmp_path: Path) -> None:
        found = only(customers(tmp_path, GOOD + "C3," + "4" * (csv.field_size_limit() + 1) + "\nC4,5\n"))
        assert (found.key, where(found)) == ("data-line-too-long.cell", ("customer.csv", 4))

    def test_a_quote_that_is_never_closed(self, tmp_path: Path) -> None:
        found = only(customers(tmp_path, GOOD + 'C3,"4\nC4,5\nC5,5\n'))
        assert (found.key, where(found)) == ("data-quote.unclosed", ("customer.csv", 4))
        found = only(customers(tmp_path, GOOD + 'C3,"4\n' + "C4,5\n" * 100_000))
        assert (found.key, where(found)) == ("data-line-too-long.cell", ("customer.csv", 4))

    def test_text_after_a_closing_quote(self, tmp_path: Path) -> None:
        found = only(customers(tmp_path, GOOD + '"C3"x,5\n'))
        assert (found.key, where(found)) == ("data-quote", ("customer.csv", 4))

    def test_nul(self, tmp_path: Path) -> None:
        found = only(customers(tmp_path, GOOD + "C3\0,4\n"))
        assert (found.key, where(found)) == ("data-encoding.nul", ("customer.csv", 4))

    def test_delimiter_that_is_not_read(self, tmp_path: Path) -> None:
        assert only(customers(tmp_path, GOOD.replace(",", "|"))).key == "data-format.delimiter"

    @pytest.mark.parametrize("start", [b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0", b"\x1f\x8b"])
    def test_another_format_under_the_name_of_csv(self, tmp_path: Path, start: bytes) -> None:
        assert only(customers(tmp_path, start + b"\0\0")).key == "data-format.disguised"

    def test_ragged_rows(self, tmp_path: Path) -> None:
        loaded = customers(tmp_path, GOOD + "C3\nC4,4,extra\n")
        assert [(found.key, where(found)[1]) for found in errors(loaded) if found.code != "data-more"] == [
            ("data-row-length.short", 4),
            ("data-row-length", 5),
        ]


class TestNoFile:
    def test_missing(self, tmp_path: Path) -> None:
        loaded = load({"customer": CUSTOMER}, {"customer": Source(tmp_path / "none.csv")})
        assert keys(loaded) == ["data-file"]
        for name in ("none/customer.csv", "customer\0.csv", "broken"):
            (tmp_path / "broken").unlink(missing_ok=True)
            (tmp_path / "broken").symlink_to(tmp_path / "none")
            assert keys(load({"customer": CUSTOMER}, {"customer": Source(tmp_path / name)})) == ["data-file"]

    def test_folder(self, tmp_path: Path) -> None:
        assert keys(load({"customer": CUSTOMER}, {"customer": Source(tmp_path)})) == [
            "data-file.empty-folder"
        ]

    def test_no_permission(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "customer.csv"
        path.write_text(GOOD)

        def refuse(*_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", refuse)
        assert keys(load({"customer": CUSTOMER}, {"customer": Source(path)})) == ["data-file.permission"]

    @pytest.mark.parametrize(("name", "key"), [("a.xls", "data-format.old-excel"), ("a.json", "data-format")])
    def test_unknown_ending(self, tmp_path: Path, name: str, key: str) -> None:
        (tmp_path / name).write_text(GOOD)
        assert keys(load({"customer": CUSTOMER}, {"customer": Source(tmp_path / name)})) == [key]

    def test_no_ending(self, tmp_path: Path) -> None:
        (tmp_path / "data").write_text(GOOD)
        loaded = load({"customer": CUSTOMER}, {"customer": Source(tmp_path / "data")})
        assert "has no ending" in said(loaded)

    def test_entity_without_file_and_file_without_entity(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text(GOOD)
        loaded = load({"customer": CUSTOMER}, {"custmer": Source(tmp_path / "a.csv")})
        assert keys(loaded) == ["data-file.no-entity", "data-file.not-given"]
        assert "did you mean `customer`?" in said(loaded)
