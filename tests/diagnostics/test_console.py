"""Findings at a terminal: the layout, wide characters, long lines, hostile text, colour."""

import io
import re

import pytest
from rich.cells import cell_len

from lifeseg.diagnostics.diagnostic import Label, Span, problem
from lifeseg.diagnostics.to_console import colour_wanted, render

pytestmark = pytest.mark.usefixtures("small_catalogue")

SOURCE = "\n".join(
    [*[""] * 43, '  income_scale "Income" = annual_income / mean(known annual_income over all customer)']
    + [""] * 18
    + ["    0.0376 wallet_shar"]
)
UNKNOWN = problem(
    "unknown-name",
    Span("orgcust.seg", 63, 12, 63, 23),
    name="wallet_shar",
    suggestion="wallet_share",
    line=31,
)
MISSING = problem("missing-not-handled", Span("orgcust.seg", 44, 27, 44, 40), name="annual_income", line=27)
WEIGHTS = problem(
    "weights-sum", Span("orgcust.seg", 63, 5, 63, 11), name="relationship_stability", sum="0.9999"
)


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").split("\n")]


def test_layout_is_that_of_the_design() -> None:
    page = render([UNKNOWN, MISSING, WEIGHTS], {"orgcust.seg": SOURCE})
    assert lines(page) == lines("""
error[unknown-name]: no index, score or fact is called `wallet_shar`
  orgcust.seg:63:12
   63 |     0.0376 wallet_shar
      |            ^^^^^^^^^^^ did you mean `wallet_share` (a fact of customer, line 31)?
error[missing-not-handled]: `annual_income` can be missing here, and nothing says what happens then
  orgcust.seg:44:27
   44 |   income_scale "Income" = annual_income / mean(known annual_income over all customer)
      |                           ^^^^^^^^^^^^^ optional since line 27
  help: add a line `if missing 0.5` under it, or make the fact required ·
        lifeseg help missing-not-handled
warning[weights-sum]: the leaves of `relationship_stability` sum to 0.9999, not 1
  orgcust.seg:63:5
   63 |     0.0376 wallet_shar
      |     ^^^^^^
""")


def test_no_findings_is_nothing() -> None:
    assert render([], {}) == ""


def test_a_finding_without_a_place() -> None:
    assert render([problem("remark", None, text="the folder holds no policy")], {}) == (
        "note[remark]: the folder holds no policy\n"
    )


def test_a_place_in_a_file_that_is_not_at_hand() -> None:
    finding = problem("remark", Span("customers.csv", 7, 3, 7, 4), text="not a number")
    assert lines(render([finding], {})) == ["note[remark]: not a number", "  customers.csv:7:3"]


def test_a_key_that_the_catalogue_does_not_know() -> None:
    assert render([problem("brand-new", None, name="x", other="y")], {}) == (
        "error[brand-new]: brand-new: name `x`, other `y`\n"
    )


def test_a_message_that_cannot_be_filled() -> None:
    assert render([problem("weights-sum", None, sum=1)], {}) == "warning[weights-sum]: weights-sum: sum `1`\n"


def test_other_places_follow_in_their_own_files() -> None:
    finding = problem(
        "missing-not-handled",
        Span("a.seg", 2, 7, 2, 13),
        Label(Span("a.seg", 1, 3, 1, 9), "fact"),
        Label(Span("b.seg", 1, 1, 1, 5), "fact"),
        Label(Span("b.seg", 1, 1, 1, 5), "unfilled"),
        Label(Span("b.seg", 1, 1, 1, 5), "not in the catalogue"),
        name="income",
        line=1,
    )
    page = render([finding], {"a.seg": "  income money CNY\n  x = income / 2", "b.seg": "many"})
    assert lines(page)[1:-2] == lines("""
  a.seg:2:7
    2 |   x = income / 2
      |       ^^^^^^ optional since line 1
    1 |   income money CNY
      |   ------ it is declared here, and may be missing
  b.seg:1:1
    1 | many
      | ---- it is declared here, and may be missing
""")


def test_carets_stand_under_wide_characters() -> None:
    source = "  收入水平 = 年收入 / 平均值"
    finding = problem("missing-not-handled", Span("p.seg", 1, 10, 1, 13), name="年收入", line=1)
    shown = lines(render([finding], {"p.seg": source}))
    assert shown[2] == "    1 |   收入水平 = 年收入 / 平均值"
    assert shown[3] == "      |              ^^^^^^ optional since line 1"
    assert cell_len(shown[2].split("年收入")[0]) == shown[3].index("^")


def test_tabs_are_shown_as_the_reader_of_policies_counts_them() -> None:
    shown = lines(render([problem("remark", Span("p.seg", 1, 3, 1, 4), text="here")], {"p.seg": "a\tb\tc"}))
    assert shown[2:] == ["    1 | a       b       c", "      |         ^"]


def test_a_place_after_the_end_of_the_line() -> None:
    shown = lines(render([problem("remark", Span("p.seg", 1, 4, 1, 5), text="here")], {"p.seg": "abc"}))
    assert shown[2:] == ["    1 | abc", "      |    ^"]


def test_a_stretch_over_several_lines_is_marked_to_the_end_of_the_first() -> None:
    shown = lines(render([problem("remark", Span("p.seg", 1, 3, 2, 2), text="here")], {"p.seg": "abcd\nef"}))
    assert shown[2:] == ["    1 | abcd", "      |   ^^"]


def test_a_long_line_is_cut_around_the_caret() -> None:
    source = "x" * 5_000 + " odd_name " + "年" * 5_000
    finding = problem(
        "unknown-name", Span("p.seg", 1, 5_002, 1, 5_010), name="odd_name", suggestion="old", line=1
    )
    for width in (40, 60, 100):
        shown = lines(render([finding], {"p.seg": source}, width=width))
        place = next(number for number, line in enumerate(shown) if line.startswith("  p.seg"))
        line, marks = shown[place + 1 : place + 3]
        assert line.split("|")[1].startswith(" …x")
        assert line.endswith("…")
        assert cell_len(line) <= width
        assert cell_len(line.split("odd_name")[0]) == marks.index("^")
        assert marks.count("^") == len("odd_name")


def test_a_label_that_does_not_fit_stands_beneath() -> None:
    finding = problem("unknown-name", Span("p.seg", 1, 60, 1, 66), name="wallet", suggestion="w" * 30, line=1)
    shown = lines(render([finding], {"p.seg": "x" * 59 + "wallet"}))
    assert shown[3].endswith("^^^^^^")
    assert all(cell_len(line) <= 100 for line in shown)
    assert "did you mean" in shown[4]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", [40, 72, 100])
def test_no_line_is_wider_than_wanted(language: str, width: int) -> None:
    page = render([UNKNOWN, MISSING, WEIGHTS], {"orgcust.seg": SOURCE}, language, width=width)
    assert all(cell_len(line) <= width for line in page.split("\n"))


def test_chinese() -> None:
    page = render([MISSING], {"orgcust.seg": SOURCE}, "zh")
    assert lines(page) == lines("""
错误[missing-not-handled]: `annual_income` 在这里可能缺失，但没有说明缺失时怎么办
  orgcust.seg:44:27
   44 |   income_scale "Income" = annual_income / mean(known annual_income over all customer)
      |                           ^^^^^^^^^^^^^ 第 27 行起为可选
  办法: 在它下面加一行 `if missing 0.5`，或把该字段改为必填 · lifeseg help missing-not-handled
""")


def test_what_is_not_translated_stays_english() -> None:
    assert "no index, score or fact" in render([UNKNOWN], {}, "zh")
    assert "no index, score or fact" in render([UNKNOWN], {}, "fr")


@pytest.mark.parametrize("colour", [False, True])
def test_text_from_outside_cannot_speak_for_us(colour: bool) -> None:
    hostile = "[bold red]x[/] \x1b[2J\u202e\x00\r\nerror[fake]: y"
    finding = problem("remark", Span("p\x1b.seg", 1, 1, 1, 4), text=hostile)
    page = render([finding], {"p\x1b.seg": hostile}, colour=colour)
    ours = (
        page.replace("\x1b[0m", "").replace("\x1b[1;36m", "").replace("\x1b[36m", "").replace("\x1b[2m", "")
    )
    ours = ours.replace("\x1b[1m", "")
    assert "[bold red]x[/]" in ours
    assert not set(ours) & set("\x1b\u202e\x00\r")
    assert not any(line.startswith("error") for line in ours.split("\n"))


def test_a_very_long_name_is_cut() -> None:
    page = render([problem("unknown-name", None, name="x" * 1_000_000)], {})
    assert len(page) < 500


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colour_only_at_a_terminal_that_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert colour_wanted(Terminal())
    assert not colour_wanted(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not colour_wanted(Terminal())
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not colour_wanted(Terminal())


def test_colour_changes_nothing_but_the_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")  # the caller has decided
    sources = {"orgcust.seg": SOURCE}
    coloured = render([UNKNOWN, MISSING, WEIGHTS], sources, colour=True)
    assert "\x1b[1;31merror[unknown-name]" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render([UNKNOWN, MISSING, WEIGHTS], sources)
