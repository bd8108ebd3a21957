"""What is shown of findings: at most a screenful, counts for the rest, and nothing personal."""

import ast
from pathlib import Path

import pytest

from lifeseg import records
from lifeseg.diagnostics.catalogue import entries, severity, words
from lifeseg.diagnostics.diagnostic import problem
from lifeseg.records.findings import MILD, SCREENFUL, Findings, at, nearest, shown
from tests.records.customers import customers, errors, in_words, keys, load_texts, one, only, said

HEADING = "customer_id,satisfaction,income\n"


def test_five_of_a_pattern_and_a_count(tmp_path: Path) -> None:
    rows = "".join(f"C{number},{9 if number % 2 else 4},\n" for number in range(84))
    loaded = customers(tmp_path, HEADING + rows)
    assert [found.key for found in errors(loaded)] == [*["data-range"] * 5, "data-more"]
    *located, more = errors(loaded)
    assert [in_words(found).partition(":")[0] for found in located] == ["customer.csv"] * 5
    assert [found.span and found.span.line for found in located] == [3, 5, 7, 9, 11]
    assert in_words(more) == "customer.csv:13: and 37 more like this in column `satisfaction`"


def test_patterns_are_counted_for_each_column(tmp_path: Path) -> None:
    rows = "".join(f"C{number},9,{'x' if number < 7 else ''}\n" for number in range(8))
    loaded = customers(tmp_path, HEADING + rows)
    assert "and 3 more like this in column `satisfaction`" in said(loaded)
    assert "and 2 more like this in column `income`" in said(loaded)


@pytest.mark.parametrize("kinds", [4, 7, 19, 20, 21, 500])
def test_at_most_a_screenful(kinds: int) -> None:
    findings = Findings()
    for number in range(kinds * 9):
        findings.add(problem("data-range", at("a.csv", number + 2), column=f"c{number % kinds}"))
    listed = findings.listed()
    assert len(listed) <= SCREENFUL
    located = sum(found.code != "data-more" for found in listed)
    counted = sum(
        int(found.arguments["count"]) for found in listed if found.key in ("data-more", "data-more.rows")
    )
    rest = sum(int(found.arguments["count"]) for found in listed if found.key == "data-more.all")
    assert located + (rest or counted) == kinds * 9


def test_errors_come_first(tmp_path: Path) -> None:
    loaded = customers(tmp_path, "customer_id,satisfaction,extra\nC1,9,\n")
    assert [severity(found) for found in loaded.diagnostics] == ["error", "note", "warning"]


@pytest.mark.parametrize("name", ["satisfaction", "income", "wallet_share", "hours", "partnership", "since"])
def test_each_names_file_row_column_and_value(tmp_path: Path, name: str) -> None:
    found = only_cell(tmp_path, name, "no such value")
    assert found == f"customer.csv:2: `no such value` in `{name}` is not"


def only_cell(folder: Path, name: str, value: str) -> str:
    loaded = one(folder, **{name: value})
    found = next(found for found in loaded.diagnostics if found.arguments.get("column") == name)
    return " ".join(in_words(found).split()[:8])


def test_values_are_shortened_and_made_safe(tmp_path: Path) -> None:
    loaded = one(tmp_path, income="\x1b[31m" + "x" * 1000 + "\n")
    assert f"`\ufffd[31m{'x' * 34}…` in `income`" in said(loaded)
    assert shown("a\nb\u202ec") == "a⏎b\ufffdc"


def test_personal_values_are_masked(tmp_path: Path) -> None:
    loaded = one(tmp_path, phone="#N/A")
    assert "`•••` in `phone` is an error of a spreadsheet" in said(loaded)
    assert all("#N/A" not in value for found in loaded.diagnostics for value in found.arguments.values())


def test_nearest() -> None:
    assert nearest("Satisfaction ", ["satisfaction", "income"]) == "satisfaction"
    assert nearest("zip", ["satisfaction", "income"]) is None
    assert nearest("satisfaction" * 1000, ["satisfaction"]) is None


def reported() -> set[str]:
    """The keys in the code of this room."""
    modules = Path(records.__file__).parent.glob("*.py")
    nodes = [node for module in modules for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))]
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {text for text in texts if text.startswith("data-") and " " not in text}


def test_the_catalogue_says_what_the_code_reports() -> None:
    assert reported() == {key for key in entries("en") if key.startswith("data-")}


def test_what_fails_a_load_is_what_the_catalogue_calls_an_error() -> None:
    assert {key for key in reported() if severity(problem(key, None)) != "error"} == MILD


def test_every_placeholder_is_filled(tmp_path: Path) -> None:
    loaded = load_texts(
        tmp_path,
        customer="customer_id,satisfaction,incom\nC1,9,\nC1,4,\n,4\nC5,NULL,1\n",
        usage="customer_id,product\nC9,datas\n",
    )
    assert len({found.code for found in loaded.diagnostics}) >= 8
    assert all("{" not in in_words(found) for found in loaded.diagnostics)
    assert all(words(found).message != found.key for found in loaded.diagnostics)


def test_a_clean_load_has_no_findings(tmp_path: Path) -> None:
    cells = ["income", "wallet_share", "hours", "partnership", "since", "arrears", "programme", "phone"]
    assert keys(one(tmp_path, **dict.fromkeys(cells, ""))) == []


def test_a_whole_column_that_is_wrong_is_one_pattern(tmp_path: Path) -> None:
    rows = "".join(f'C{number},4,"1,{number:03}"\n' for number in range(900))
    loaded = customers(tmp_path, HEADING + rows)
    assert [found.key for found in errors(loaded)] == [*["data-type.thousands"] * 5, "data-more"]
    assert "(write `1000`)" in said(loaded)


def test_one_finding_of_a_pattern_has_no_count(tmp_path: Path) -> None:
    assert only(customers(tmp_path, HEADING + "C1,9,\n")).key == "data-range"
