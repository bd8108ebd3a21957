"""What the parser makes of a text: nodes with the places they were written at."""

import dataclasses
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t
from lifeseg.syntax.from_text import from_text

CORPUS = Path(__file__).with_name("corpus.seg").read_text(encoding="utf-8")


def read(text: str) -> tuple[Any, ...]:
    file, found = from_text(text, "policy.seg")
    assert not found
    return file.definitions


def condition(text: str) -> Any:
    return read(f'never "x" of customer when {text}\n')[0].condition


def name(text: str) -> t.Name:
    return t.Name(Span("", 0, 0, 0, 0), tuple(text.split(".")))


def part(text: str, span: Span) -> str:
    """The stretch of a text that a span covers."""
    lines = text.split("\n")[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "\n".join(lines)


def nodes(node: Any) -> Iterator[Any]:
    if isinstance(node, tuple) and not isinstance(node, Span):
        for item in node:
            yield from nodes(item)
    elif dataclasses.is_dataclass(node):
        yield node
        for field in dataclasses.fields(node):
            yield from nodes(getattr(node, field.name))


def test_every_kind_of_node_is_in_the_corpus() -> None:
    found = {type(node) for node in nodes(read(CORPUS))}
    kinds = {
        kind
        for module in (t, d)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, t.Node) and kind not in (t.Node, t.Named, d.Comment)
    }
    assert not kinds - found


def test_spans_cover_what_was_written() -> None:
    for node in nodes(read(CORPUS)):
        covered = part(CORPUS, node.span)
        assert covered == covered.strip()
        match node:
            case t.Name(parts=parts):
                assert covered == ".".join(parts)
            case t.Text(value=value):
                assert covered.strip('"') == value
            case t.Number():
                assert covered.startswith(node.text)
            case t.Named(name=name):
                assert part(CORPUS, node.name_span) == name
            case t.Information(word=word):
                assert covered.startswith(word.split()[0])


def test_a_span_includes_the_brackets_inside_it() -> None:
    text = 'never "x" of customer when (a or b) and (c or d)\n'
    assert part(text, read(text)[0].condition.span) == "(a or b) and (c or d)"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a or b", t.Or), ("not a or b", t.Or), ("not a = b", t.Not), ("a + b = c", t.Compare),
        ("a + b * c = d", t.Compare), ("every a: b or c", t.Quantified), ("a is missing", t.IsMissing),
        ("a is not b", t.Is), ("a was b", t.Is), ("(every a: b) and c", t.And), ("f(a)", t.Call),
        ("yes", t.Truth),
    ],
)  # fmt: skip
def test_how_tightly_expressions_bind(text: str, kind: type) -> None:
    assert type(condition(text)) is kind


def test_operators_of_one_strength_go_from_left_to_right() -> None:
    difference = condition("a - b - c = d").left
    assert difference.operator == "-"
    assert difference.right == name("c")
    quotient = condition("a / b * c = d").left
    assert (quotient.operator, quotient.right) == ("*", name("c"))


def test_lines_count_as_bracketed() -> None:
    found = condition("a\n  and b or c\n  and some usage: d and e")
    assert isinstance(found, t.And)
    assert found.lines
    assert [type(item) for item in found.items] == [t.Name, t.Or, t.Quantified]


def test_a_line_that_begins_with_and_in_brackets_goes_on_inside_them() -> None:
    assert condition("(a\n  and b)") == condition("a and b")


def test_numbers() -> None:
    found = condition("30% < 0.50 CNY")
    assert (found.left.value, found.left.unit, found.left.text) == (Decimal("0.30"), "%", "30")
    assert (found.right.value, found.right.unit, found.right.text) == (Decimal("0.50"), "CNY", "0.50")


@pytest.mark.parametrize(
    "text",
    [
        "flags a of customer\n  when when of\n  otherwise otherwise\n  next when first > rest\n",
        "entity key of count dated source\n  top text key\n  key one of source, key optional\n",
        "segment where of first first match where where\n  match when missing is missing\n",
    ],
)
def test_words_of_the_language_are_names_where_nothing_else_could_be_meant(text: str) -> None:
    assert read(text)


def test_names_in_any_script_are_compared_in_one_form() -> None:
    composed, taken_apart = "caf\u00e9", "cafe\u0301"
    (one,), (other,) = (
        read(f"flags {composed} of नागरिक\n  b when 收入\n"),
        read(f"flags {taken_apart} of नागरिक\n  b when 收入\n"),
    )
    assert one == other
    assert one.name == composed


def test_order_without_meaning_is_not_in_the_tree() -> None:
    one = read('entity a\n  b count optional key\n    note "n"\n    source "s"\n')
    assert one == read('entity a\n  b count key optional source "s"\n    note "n"\n')


def test_comments_and_their_places() -> None:
    file, _ = from_text('# one\nflags a of b  # two\n  c when d = "# no comment"  # three  \n', "policy.seg")
    assert [(c.text, c.alone, c.span.line, c.span.column) for c in file.comments] == [
        ("# one", True, 1, 1), ("# two", False, 2, 15), ("# three", False, 3, 30),
    ]  # fmt: skip


def test_one_mistake_does_not_hide_another() -> None:
    text = (
        "flags a of b\n  c whem d\n  e when f\n  g if h\n\nsegmnt i of b\n\nrank j of b by k\n  l top 10%\n"
    )
    file, found = from_text(text, "policy.seg")
    assert [finding.span[1:3] for finding in found if finding.span] == [(2, 5), (4, 5), (6, 1)]
    assert [type(node) for node in file.definitions] == [d.Rank]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("entity a\n  b count key optional key\n", "key"),
        ("entity a\n  b count step 1 step 2\n", "step"),
        ("score a of b\n  1 c\n  weights d\n  weights e\n", "weights"),
        (
            "lifecycle a of b\n  state c\n  moves until settled\n  moves until settled\n",
            "moves until settled",
        ),
        ('test "a"\n  today 2013-01-01\n  today 2013-01-02\n  expect b\n', "today"),
        ('test "a"\n  given b C1\n  given b C2\n  expect c\n', "given"),
    ],
)
def test_what_would_be_lost_is_told(text: str, word: str) -> None:
    """A part that a definition has once: a second one would silently count for nothing."""
    (finding,) = from_text(text, "policy.seg")[1]
    assert (finding.key, finding.arguments["word"]) == ("written-twice", word)
