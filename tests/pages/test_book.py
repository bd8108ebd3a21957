"""The policy as a book: whole, right, and of use to links; whatever a policy says stays text."""

import os
import re
from fractions import Fraction
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import html5lib
import pytest

from lifeseg.model.model import Index, Score
from lifeseg.pipeline.policy import load
from tests.pages.book import PACKS, ROOT, of_text, pack, to_html, to_markdown

HTML = "{http://www.w3.org/1999/xhtml}"
MATH = "{http://www.w3.org/1998/Math/MathML}"
EXPECTED = Path(__file__).with_name("expected")

SMALL = """\
policy small "Small"
  version 1.2.0
  source "Invented"

params "Set by management"
  window "Window" = 30 days
  loyal_from "Loyal from" = 0.60
    since 2027-01-01 = 0.70

entity customer "Customer"
  customer_id "Number" text key
  name "Name" text personal source "support"
  satisfaction "Satisfaction" rating 1..5 source "survey"
  spent "Spent" money CNY 0..1000 optional source "billing"
  ends "Ends" date

entity order "Order" of customer
  amount "Amount" money CNY 0..1000

indexes measures "Measures" of customer
  satisfaction_level "Satisfaction" = satisfaction / 5
  spent_level "Spending" = spent / mean(known spent over all customer)
    range 0..3
    if missing 0
  steady_level "Steadiness"
    1 when count(order where amount >= 10 CNY) > 2
    0.5 when some order: amount > 0 CNY
    0 otherwise

score loyalty "Loyalty" of customer
  source "Experts"
  0.75 feeling "Feeling"
    0.80 satisfaction_level
    0.20 steady_level
  0.25 spent_level
  bands
    loyal "Loyal" from loyal_from
    loose "Loose" below

flags signs "Signs" of customer
  ending "About to end" when ends <= today + window
  happy "Happy" when satisfaction >= 4 and not ending

lifecycle stage "Stage" of customer
  state fresh "Fresh"
  state kept "Kept"
  state gone "Gone" terminal
  start fresh when not happy
  start kept when happy
  move fresh to kept when happy
  move kept to gone when ending and not happy

segment class "Class" of customer where stage is kept
  regular "Regular" when loyalty is loyal
  guest "Guest" otherwise

rank level "Level" of customer by loyalty
  A "Best" top 10%
  B "Rest" rest

table care "Care" of customer
  gives call "Call"
  gives nothing "Nothing"
  | level | happy || care    |
  | A     | -     || call    |
  | B     | -     || nothing |

never "Happy and gone" of customer when happy and stage is gone

test "Ann is happy" of customer
  today 2024-01-31
  given customer
    satisfaction 5
    ends 2025-01-31
  expect happy

test "Bob is not" of customer
  today 2024-01-31
  given customer
    satisfaction 4
    ends 2024-01-31
  expect happy

titles zh
  small "小策略"
  customer "客户"
  loyalty "忠诚度"
  loyalty.loyal "忠诚"
  stage "阶段"
  stage.kept "留存"
"""


def parsed(page: str) -> ElementTree.Element:
    """The page as a browser reads it; the first mistake in it raises."""
    return html5lib.HTMLParser(strict=True).parse(page)


def ids(page: ElementTree.Element) -> list[str]:
    return [node.get("id", "") for node in page.iter() if node.get("id")]


def targets(page: ElementTree.Element) -> list[str]:
    return [node.get("href", "") for node in page.iter(f"{HTML}a")]


def text_of(node: ElementTree.Element) -> str:
    return "".join(node.itertext())


# ---- What is recorded ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("languages", "name"), [(("en",), "small.md"), (("zh",), "small_zh.md"), (("en", "zh"), "small_both.md")]
)
def test_small_policy_as_markdown(tmp_path: Path, languages: tuple[str, ...], name: str) -> None:
    found = to_markdown(of_text(tmp_path, SMALL, languages))
    file = EXPECTED / name
    if os.environ.get("LIFESEG_RECORD"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(found, encoding="utf-8")
    assert found == file.read_text(encoding="utf-8")


def test_a_book_is_the_same_whenever_it_is_made(tmp_path: Path) -> None:
    assert to_html(of_text(tmp_path, SMALL)) == to_html(of_text(tmp_path, SMALL))


# ---- Every pack ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PACKS)
class TestPack:
    def test_page_is_read_without_a_mistake_and_every_link_leads_somewhere(self, name: str) -> None:
        page = parsed(to_html(pack(name)))
        found = ids(page)
        assert len(found) == len(set(found)), "an anchor stands once"
        lost = {target for target in targets(page) if unquote(target).removeprefix("#") not in found}
        assert not lost

    def test_every_definition_has_its_anchors(self, name: str) -> None:
        found = set(ids(parsed(to_html(pack(name)))))
        model = load(ROOT / "rules" / name).model
        written = [one for one in model.definitions if not one.made]
        wanted = {one.name for one in written} | {f"{one.entity}.{one.name}" for one in written}
        wanted |= {
            f"{entity.name}.{fact.name}" for entity in model.entities.values() for fact in entity.facts
        }
        wanted |= {*model.entities, *model.parameters, *model.panels, *model.chains}
        wanted |= {kpi.name for kpi in model.kpis}
        assert not {one for one in wanted - found if not is_of_tasks(one, model)}

    def test_markdown_leads_where_the_page_does(self, name: str) -> None:
        text = to_markdown(pack(name))
        anchors = re.findall(r'<a id="([^"]*)"></a>', text)
        assert len(anchors) == len(set(anchors))
        assert {unquote(target) for target in re.findall(r"\]\(#([^)]*)\)", text)} <= set(anchors)

    def test_every_weight_is_in_the_book(self, name: str) -> None:
        page = parsed(to_html(pack(name)))
        articles = {node.get("id"): text_of(node) for node in page.iter(f"{HTML}article")}
        for score in load(ROOT / "rules" / name).model.definitions:
            if isinstance(score, Score):
                for leaf in score.leaves:
                    part = Fraction(leaf.weight, 10**score.weight_scale) * 100
                    shown = f"{float(part):.10f}".rstrip("0").rstrip(".")
                    assert f"{shown} %" in articles[score.name], (score.name, leaf.path)

    def test_no_test_of_the_pack_failed(self, name: str) -> None:
        page = parsed(to_html(pack(name)))
        assert not [text_of(node) for node in page.iter() if node.get("class") == "failed"]


def is_of_tasks(name: str, model: object) -> bool:
    """The flags of goals, which tasks stand for and nobody wrote."""
    parts = name.rpartition(".")[2].rpartition("_")
    return parts[2] in ("goal", "goals")


# ---- Formulas ---------------------------------------------------------------------------------------


def value(node: ElementTree.Element, known: dict[str, Fraction]) -> Fraction:
    """What a typeset formula comes to, read off the page: fractions, sums, products and brackets."""
    tag = node.tag.removeprefix(MATH)
    parts = [child for child in node if text_of(child).strip() != "="]
    match tag:
        case "mn":
            return Fraction(text_of(node).split()[0])
        case "mtext":
            link = node.find(f"{HTML}a")
            assert link is not None, text_of(node)
            return known[unquote(link.get("href", "")).removeprefix("#")]
        case "mfrac":
            return value(parts[0], known) / value(parts[1], known)
        case "mtable":
            return in_order([cell for row in parts for column in row for cell in column], known)
        case _:
            return in_order(parts, known)


def in_order(parts: list[ElementTree.Element], known: dict[str, Fraction]) -> Fraction:
    """Products before sums; brackets say nothing that the tree does not."""
    total, sign, product = Fraction(0), 1, None
    for part in parts:
        text = text_of(part).strip() if part.tag == f"{MATH}mo" else None
        if text in ("(", ")", "=", "×"):
            continue
        if text in ("+", "−"):
            total += sign * (product or 0) if product is not None else 0
            sign, product = (1 if text == "+" else -1), None
            continue
        factor = value(part, known)
        product = factor if product is None else product * factor
    return total + sign * (product if product is not None else 0)


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        ("a / 5", Fraction(4, 5)),
        ("1 - a / 12", Fraction(2, 3)),
        ("0.25 * a + 0.75 * b - 1", Fraction(3)),
        ("(a + b) / (a - 1)", Fraction(8, 3)),
        ("a - (b - 1)", Fraction(1)),
        ("a * (b + 1) / 2", Fraction(10)),
        ("0.11 * a + 0.12 * b + 0.13 * a + 0.14 * b + 0.15 * a + 0.16 * b + 0.17 * a", Fraction("3.92")),
        ("-(a + b) + 10", Fraction(2)),
        ("a - b * (a - 1) + b", Fraction(-4)),
    ],
)  # fmt: skip
def test_a_formula_says_what_the_policy_says(tmp_path: Path, formula: str, wanted: Fraction) -> None:
    text = f"""\
policy p
  version 1.0.0

entity customer
  customer_id text key
  a "An amount with quite a long title" count 2..9
  b "Another amount with a title" count 1..9

indexes of customer
  made = {formula}
    range -100..100
"""
    page = parsed(to_html(of_text(tmp_path, text)))
    article = next(node for node in page.iter(f"{HTML}article") if node.get("id") == "made")
    math = next(article.iter(f"{MATH}math"))
    assert value(math, {"a": Fraction(4), "b": Fraction(4)}) == wanted


@pytest.mark.parametrize("name", PACKS)
def test_formulas_are_mathml_core(name: str) -> None:
    known = {
        "math", "mrow", "mi", "mn", "mo", "mtext", "mfrac", "msup", "msqrt", "munder", "mtable", "mtr", "mtd",
    }  # fmt: skip
    page = parsed(to_html(pack(name)))
    tags = {node.tag.removeprefix(MATH) for node in page.iter() if str(node.tag).startswith(MATH)}
    assert tags <= known
    model = load(ROOT / "rules" / name).model
    if any(isinstance(one, Index | Score) and not one.made for one in model.definitions):
        assert "math" in tags


# ---- Whatever a policy says stays text ----------------------------------------------------------------

HOSTILE = "</style></title><script>alert(1)</script><img src=x onerror=alert(1)> [a](javascript:x) `|`"


def test_hostile_titles_stay_text(tmp_path: Path) -> None:
    text = (
        SMALL.replace('"Small"', f'"{HOSTILE}"')
        .replace('"Class"', f'"{HOSTILE}"')
        .replace('"Regular"', f'"{HOSTILE}"')
    )
    book = of_text(tmp_path, text.replace('"Invented"', f'"{HOSTILE}"'))
    page = parsed(to_html(book))
    tags = {str(node.tag).removeprefix(HTML) for node in page.iter()}
    assert not tags & {"script", "img", "iframe", "object", "link"}
    assert HOSTILE in text_of(next(page.iter(f"{HTML}h1")))
    markdown = to_markdown(book)
    prose = re.sub(r"(?ms)^```text$.*?^```$", "", markdown)
    assert "<script" not in prose
    assert "<img" not in prose
    assert not re.search(r"(?<!\\)\]\(javascript", prose)


def test_the_page_loads_and_runs_nothing() -> None:
    tree = parsed(to_html(pack("orgcust")))
    policy = next(node for node in tree.iter(f"{HTML}meta") if node.get("http-equiv"))
    assert policy.get("content") == "default-src 'none'; style-src 'unsafe-inline'"
    assert not [node for node in tree.iter() if {"src", "onclick", "onload"} & set(node.keys())]
    assert all(target.startswith("#") for target in targets(tree))


def test_three_thousand_flags_make_a_book_that_opens(tmp_path: Path) -> None:
    flags = "\n".join(f'  f{n} "Flag {n}" when a >= {n % 9 + 1}' for n in range(3000))
    text = (
        'policy p\n  version 1.0.0\n\nentity customer\n  customer_id text key\n  a "A" count 0..99\n\n'
        f'flags many "Many" of customer\n{flags}\n'
    )
    page = to_html(of_text(tmp_path, text))
    assert len(page.encode()) < 3_000_000
    assert page.count("Flag 2999") >= 2
