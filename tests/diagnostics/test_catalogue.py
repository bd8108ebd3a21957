"""The catalogue against the code that reports, against the help pages, and against the house style."""

import re
from typing import get_args

import pytest

from lifeseg.diagnostics.catalogue import (
    SEVERITIES,
    Entry,
    all_codes,
    counted,
    entries,
    help_page,
    phrases,
    severity,
    shown,
    words,
)
from lifeseg.diagnostics.diagnostic import Label, Several, Span, problem
from lifeseg.model.symbols import KINDS
from lifeseg.model.types import Kind, kind_text
from lifeseg.records.from_cell import WANTED
from lifeseg.workspace import WORDS
from tests.diagnostics.keys import PACKAGE, reported, written_texts

ENGLISH = entries("en")
CHINESE = entries("zh")
PAGES = PACKAGE / "diagnostics" / "pages"
PLACEHOLDER = re.compile(r"\{\w+\}")
NOT_FOR_ANALYSTS = re.compile(
    r"(?i)\b(tokens?|terminals?|nonetype|int|integers?|str|strings?|bool(ean)?s?|floats?|null|traceback|exception|parsers?"
    r"|lark|python|ast|nodes?|regex|lexer)\b"
)


def texts(entry: Entry) -> list[tuple[str, str]]:
    """Every text of an entry with the part of it that it is for."""
    parts = {"message": entry.message, "label": entry.label, "help": entry.help} | dict(entry.labels)
    return [
        (name, text)
        for name, part in parts.items()
        for text in ([part] if isinstance(part, str) else part or ())
    ]


def test_each_key_that_is_reported_has_words() -> None:
    keys, patterns = reported()
    assert not sorted(keys - set(ENGLISH)), "add them to lifeseg/diagnostics/catalogue/*.en.toml"
    assert all(any(re.fullmatch(pattern, key) for key in ENGLISH) for pattern in patterns)


def test_each_entry_is_reported() -> None:
    keys, patterns = reported()
    known = keys | {text for text in written_texts() if text in ENGLISH}
    known |= {key for key in ENGLISH if any(re.fullmatch(pattern, key) for pattern in patterns)}
    assert not sorted(set(ENGLISH) - known)


@pytest.mark.parametrize("key", sorted(ENGLISH))
def test_an_entry_keeps_the_style(key: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)?", key)
    assert ENGLISH[key].severity in (None, *SEVERITIES)
    for name, text in texts(ENGLISH[key]):
        assert text[0].islower() or text[0] in "`{", f"{name} begins with a capital"
        assert not text.endswith((".", "!")), f"{name} ends with a period"
        assert text == " ".join(text.split()), f"{name} has odd spaces"
        assert text.count("`") % 2 == 0, f"{name} leaves a quote open"
        plain = re.sub(r"`[^`]*`", "", text)
        assert not NOT_FOR_ANALYSTS.search(plain), f"{name} speaks of how lifeseg is made"


def test_each_entry_is_there_in_chinese() -> None:
    assert set(CHINESE) == set(ENGLISH), "translate it in lifeseg/diagnostics/catalogue/*.zh.toml"


@pytest.mark.parametrize("key", sorted(CHINESE))
def test_a_translation_says_what_the_english_says(key: str) -> None:
    chinese, english = CHINESE[key], ENGLISH[key]
    assert chinese.severity is None, "how severe it is stands in the English entry"
    assert set(chinese.labels) == set(english.labels)
    assert [name for name, _ in texts(chinese)] == [name for name, _ in texts(english)]
    for (_, translation), (_, original) in zip(texts(chinese), texts(english), strict=True):
        assert set(PLACEHOLDER.findall(translation)) == set(PLACEHOLDER.findall(original))
        assert re.search("[\u4e00-\u9fff]", translation)
        assert not translation.endswith("。")


@pytest.mark.parametrize(
    "phrase", sorted({*map(kind_text, get_args(Kind)), *KINDS.values(), *WANTED.values(), *WORDS.values()})
)
def test_what_findings_call_things_is_there_in_chinese(phrase: str) -> None:
    assert phrase in phrases("zh")


def test_what_the_policy_says_is_not_translated() -> None:
    """A word of the language stays as it is written; what a thing is called is said in Chinese."""
    found = problem("unused-definition", None, kind="index", name="index")
    assert words(found, "zh").message == "没有任何地方用到指标 `index`"
    found = problem("empty-definition", None, kind="index", name="income")
    assert words(found, "zh").message == "`index income` 下面没有内容"


@pytest.mark.parametrize("code", all_codes())
def test_each_code_has_a_page(code: str) -> None:
    page = help_page(code)
    assert page is not None, f"write lifeseg/diagnostics/pages/{code}.md"
    assert page.startswith(f"# {code}\n\n")
    assert 5 <= len(page.splitlines()) <= 60


def test_each_page_is_of_a_code() -> None:
    assert not {page.stem for page in PAGES.iterdir()} - set(all_codes())


def test_help_of_what_is_no_code() -> None:
    assert help_page("no-such-code") is None
    assert help_page("../catalogue") is None


def test_words_of_a_finding(small_catalogue: None) -> None:
    here, there = Span("a.seg", 2, 1, 2, 3), Span("b.seg", 1, 1, 1, 3)
    finding = problem("missing-not-handled", here, Label(there, "fact"), name="`income`", line=7, unused=None)
    said = words(finding)
    assert said.severity == "error"
    assert said.message == "``income`` can be missing here, and nothing says what happens then"
    assert said.label == "optional since line 7"
    assert said.labels == ((there, "it is declared here, and may be missing"),)


def test_a_text_that_cannot_be_filled_is_left_out(small_catalogue: None) -> None:
    said = words(problem("missing-not-handled", None, name="income"))
    assert said.label is None
    assert said.help is not None


def test_what_the_checker_calls_things_is_translated() -> None:
    found = problem("not-a-number", None, operator="a number", kind="a text")
    assert words(found, "zh").message == "`a number` 只用于数字，而这里是文本"
    assert words(found).message == "`a number` is for numbers, and this is a text"


def test_arguments_are_no_templates(small_catalogue: None) -> None:
    assert words(problem("remark", None, text="{name} {0} {}")).message == "{name} {0} {}"


def test_severities(small_catalogue: None) -> None:
    keys = ["unknown-name", "weights-sum", "parted.other", "parted.unheard-of", "unheard-of", "remark"]
    found = [problem(key, None) for key in keys]
    assert [severity(finding) for finding in found] == [
        "error",
        "warning",
        "warning",
        "warning",
        "error",
        "note",
    ]
    assert counted(found) == "2 errors, 3 warnings, 1 note"
    assert counted(found[:1]) == "1 error"
    assert counted(found, "zh") == "2 个错误，3 个警告，1 条提示"
    assert counted([]) == ""


def test_shown_text_is_safe() -> None:
    assert shown("a\tb\x00\u202e\n") == "a b\ufffd\ufffd\ufffd"
    assert len(shown("x" * 10_000_000)) == 300


def test_how_many_more_there_are_is_said_in_the_language() -> None:
    some = problem("case-empty", None, cases=Several.first(["`a.b`", "`a.c`", "`a.d`"], 2))
    assert words(some).message == "nobody is in `a.b`, `a.c` and 1 more"
    assert words(some, "zh").message == "没有人属于 `a.b`、`a.c` 等共 3 项"
    assert words(problem("case-empty", None, cases=Several(["`a.b`"], 1)), "zh").message == "没有人属于 `a.b`"
