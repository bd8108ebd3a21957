"""What lifeseg diff writes for others to read: a page that is read by a real parser, and a log for code scanning."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest

from lifeseg.cli.differences.picture import Matrix, picture, table
from lifeseg.cli.differences.words import case
from tests.commands.conftest import Lifeseg

SVG = "{http://www.w3.org/2000/svg}"


def changed(*edits: tuple[str, str]) -> None:
    """A second version of the policy, in the folder `new`."""
    text = Path("rules/shop/shop.seg").read_text(encoding="utf-8")
    for before, after in edits:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    Path("new").mkdir()
    Path("new/shop.seg").write_text(text, encoding="utf-8")


def read(page: str) -> Element:
    """The page as a browser reads it; whatever is against the standard is an error."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    found: Element = parser.parse(page)
    return found


def text_of(element: Element) -> str:
    return " ".join(" ".join(element.itertext()).split())


THRESHOLD = ("= 0.60", "= 0.61")
HAPPY = ("satisfaction >= 4", "satisfaction >= 2")


@pytest.fixture
def page(lifeseg: Lifeseg, shop: Path) -> Element:
    """A change that does a bit of everything."""
    changed(THRESHOLD, HAPPY)
    words = ("--value", "loyalty", "--prove", "--fail-if", "moved > 50%", "--fail-if", "guest lost > 0")
    return read(lifeseg("diff", "rules/shop", "new", "--format", "html", *words).out)


# ---- The page ------------------------------------------------------------------------------------


def test_the_page_answers_first(page: Element) -> None:
    assert text_of(page.find(".//h1")) == "Policy change: 2 parts differ in meaning"
    header = page.find(".//header")
    assert "2 of 3 customers move (66.7 %), with loyalty 0.85 in all." in text_of(header)
    assert "1 of 2 gates failed" in text_of(header)


def test_the_page_says_all_that_is_known(page: Element) -> None:
    said = text_of(page.find(".//main"))
    for part in (
        "moved > 50% 66.7 % ✗ failed",
        "guest lost > 0 0 ✓ passed",
        'before: loyal_from "Loyal from" = 0.60',
        'after: loyal_from "Loyal from" = 0.61',
        "new/shop.seg:34",
        "flag had it gain it lose it have it happy 2 +1 -0 3",
        "cem loyalty_band loyal → loose parameter loyal_from",
        "loyalty 0.60 → 0.61 (loyal) bob -0.36 ann +0.29",
        "loyalty_band can go loyal → loose, and no other way",
    ):
        assert part in said


def test_the_picture_has_the_numbers_of_the_table(page: Element) -> None:
    drawing = page.find(f".//figure/{SVG}svg")
    assert drawing is not None
    said = [text_of(one) for one in drawing.iter(f"{SVG}text")]
    assert said == ["before", "after", "loyal 2", "loose 1", "loyal 1", "loose 2", "1"]
    assert "2 customers stay where they were. loyal to loose: 1." in text_of(drawing.find(f"{SVG}desc"))
    matrix = next(
        table
        for table in page.iter("table")
        if text_of(table.find("caption")).startswith("loyalty_band: how many")
    )
    rows = [[text_of(cell) for cell in row] for row in matrix.iter("tr")]
    assert rows == [
        ["before ↓ after →", "loyal", "loose", "before, in all"],
        ["loyal", "1", "→ 1", "2"],
        ["loose", "·", "1", "1"],
        ["after, in all", "1", "2", "3"],
    ]


def test_the_page_loads_and_runs_nothing(page: Element) -> None:
    tags = {one.tag for one in page.iter() if isinstance(one.tag, str)}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    addresses = [
        one.get("href") or one.get("src") for one in page.iter() if one.get("href") or one.get("src")
    ]
    assert addresses
    assert all(address.startswith("#") for address in addresses)
    assert not [name for one in page.iter() for name in one.attrib if name.startswith("on")]
    style = text_of(page.find(".//style"))
    assert "url(" not in style
    assert "@import" not in style
    policy = page.find(".//meta[@http-equiv='Content-Security-Policy']")
    assert policy is not None
    assert policy.get("content", "").startswith("default-src 'none'")


def test_the_page_is_read_by_ear_and_by_keys(page: Element) -> None:
    """A language, a title, headings in order, heads of tables, words for pictures, links that lead somewhere."""
    assert page.get("lang") == "en"
    assert text_of(page.find("head/title"))
    assert [one.tag for one in page.find("body") or ()] == ["header", "main", "footer"]
    levels = [int(one.tag[1]) for one in page.iter() if re.fullmatch("h[1-6]", str(one.tag))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for one in page.iter("table"):
        assert text_of(one.find("caption"))
        assert all(head.get("scope") for head in one.iter("th"))
        assert all(row.find("th") is not None for row in one.iter("tr"))
    for drawing in page.iter(f"{SVG}svg"):
        words = [drawing.find(f"*[@id='{name}']") for name in drawing.get("aria-labelledby", "").split()]
        assert drawing.get("role") == "img"
        assert len(words) == 2
        assert all(text_of(one) for one in words if one is not None)
    names = [one.get("id") for one in page.iter() if one.get("id")]
    assert len(names) == len(set(names))
    assert {one.get("href", "")[1:] for one in page.iter("a")} <= set(names)
    assert {one.get("aria-labelledby") for one in page.iter("section")} <= set(names)
    assert {one.get("tabindex") for one in page.iter("div") if one.get("class") == "scroll"} == {"0"}


def test_colours_can_be_told_from_the_paper() -> None:
    """By day, by night and in print every colour of letters has a contrast of at least 4.5 to the paper and the shade."""
    style = Path("lifeseg/pages/base.css")
    text = (Path(__file__).parents[2] / style).read_text(encoding="utf-8")
    palettes = [
        dict(re.findall(r"--(\w+): (#[0-9a-f]{3,6})", block))
        for block in re.findall(r":root \{(.*?)\}", text, re.DOTALL)
    ]
    assert len(palettes) == 3
    for palette in palettes:
        for name in ("ink", "soft", "move", "gone", "come", "link"):
            for paper in ("paper", "shade"):
                assert contrast(palette[name], palette[paper]) >= 4.5, (name, palette[name])


def contrast(one: str, other: str) -> float:
    """As the guidelines for accessible content reckon it."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


HOSTILE = "</title><script>alert(1)</script><img src=x onerror=alert(2)>\u202e&amp;"


def test_names_are_only_names(lifeseg: Lifeseg, shop: Path) -> None:
    """Whatever a title, a condition or a key of a customer says, it is text and nothing else."""
    customers = Path("data/customer.csv")
    customers.write_text(customers.read_text().replace("cem", HOSTILE), encoding="utf-8")
    changed(THRESHOLD, ('"Happy" when', '"</ul><script>x</script>" when'), HAPPY)
    finished = lifeseg("diff", "rules/shop", "new", "--format", "html", "--nearest", "9")
    assert "<script" not in finished.out
    assert "\u202e" not in finished.out
    page = read(finished.out)
    assert not [one for one in page.iter() if one.tag in ("script", "img")]
    said = text_of(page.find(".//main"))
    assert "<img src=x onerror=alert(2)>\N{REPLACEMENT CHARACTER}&amp;" in said
    assert '"</ul><script>x</script>"' in said


def test_a_page_without_customers(lifeseg: Lifeseg, shop: Path) -> None:
    changed(("spent / 1000 CNY", "spend / 1000 CNY"))
    page = read(lifeseg("diff", "rules/shop", "new", "--format", "html").out)
    assert "Nobody was evaluated" in text_of(page.find(".//header"))
    assert [one.get("aria-labelledby") for one in page.iter("section")] == ["changed"]


def test_a_page_of_words_only(lifeseg: Lifeseg, shop: Path) -> None:
    changed(('"Loyal from"', '"Loyal from here on"'))
    page = read(lifeseg("diff", "rules/shop", "new", "--format", "html").out)
    assert "Nobody moves" in text_of(page.find(".//header"))


# ---- The picture ---------------------------------------------------------------------------------


def heights(drawing: str) -> dict[str, float]:
    """By its title how thick each band is, from its outline."""
    found = {}
    for title, start, end in re.findall(r"<title>([^<]*: [^<]*)</title>", drawing) and re.findall(
        r'd="M\d+ ([\d.]+)C[^V]*V[\d.]+C[\d. ]* ([\d.]+) \d+ [\d.]+Z"[^>]*><title>([^<]*)</title>', drawing
    ):
        found[end] = float(start) - float(title)
    return found


def test_bands_are_as_thick_as_there_are_customers() -> None:
    found = Matrix("level", "customer", ("a", "b"), {("a", "a"): 500, ("a", "b"): 250, ("b", "b"): 250})
    thick = heights(picture(found, 1))
    assert thick["a: 500 stay"] == pytest.approx(2 * thick["a → b: 250"], abs=0.2)
    assert thick["b: 250 stay"] == pytest.approx(thick["a → b: 250"], abs=0.2)


def test_one_of_a_million_can_be_seen() -> None:
    found = Matrix("level", "customer", ("a", "b"), {("a", "a"): 999_999, ("a", "b"): 1})
    assert heights(picture(found, 1))["a → b: 1"] == pytest.approx(2, abs=0.1)
    assert "→ 1</td>" in table(found)
    assert "999,999" in table(found)


def test_who_had_no_case_has_a_row() -> None:
    found = Matrix("level", "customer", ("a", case(None)), {("a", case(None)): 2})
    assert (found.before("a"), found.after("none"), found.moved) == (2, 2, 2)


# ---- Code scanning -------------------------------------------------------------------------------


def log(lifeseg: Lifeseg, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(lifeseg("diff", "rules/shop", "new", "--format", "sarif", *words).out)
    return found


def test_sarif(lifeseg: Lifeseg, shop: Path) -> None:
    """A result for each changed part on its line, with whom it moves; a gate that fails is an error."""
    changed(THRESHOLD, HAPPY, ('"Buys" when', '"Has bought" when'))
    found = log(lifeseg, "--fail-if", "moved > 0", "--fail-if", "moved > 99%")
    assert (found["version"], len(found["runs"])) == ("2.1.0", 1)
    (run,) = found["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [one["id"] for one in rules] == ["changed-rule", "failed-gate"]
    assert all(one["help"]["text"] and one["fullDescription"]["text"] for one in rules)
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])
    assert [(one["level"], one["message"]["text"], line_of(one)) for one in run["results"]] == [
        ("note", "parameter loyal_from: 0.60 → 0.61; moves 1 customer: cem", 5),
        ("note", "flag buys of customer: in words only", 33),
        ("note", "flag happy of customer: 4 → 2; moves 1 customer: bob", 34),
        ("error", "gate moved > 0: 2", 5),
    ]


def line_of(result: dict[str, Any]) -> int:
    (place,) = result["locations"]
    assert place["physicalLocation"]["artifactLocation"] == {"uri": "new/shop.seg"}
    line: int = place["physicalLocation"]["region"]["startLine"]
    return line


def test_sarif_names_ten(lifeseg: Lifeseg, shop: Path) -> None:
    people = "".join(f"c{number:02},4,400\n" for number in range(12))
    Path("data/customer.csv").write_text(
        f"customer_id,satisfaction,spent\nann,5,800\n{people}", encoding="utf-8"
    )
    Path("data/order.csv").write_text("customer_id,amount\n", encoding="utf-8")
    changed(("= 0.60", "= 0.59"))
    changed_nobody = log(lifeseg)["runs"][0]["results"][0]["message"]["text"]
    assert changed_nobody == "parameter loyal_from: 0.60 → 0.59"
    Path("new/shop.seg").write_text(
        Path("new/shop.seg").read_text(encoding="utf-8").replace("= 0.59", "= 0.61"), encoding="utf-8"
    )
    said = log(lifeseg)["runs"][0]["results"][0]["message"]["text"]
    assert said.endswith("moves 12 customers: c00, c01, c02, c03, c04, c05, c06, c07, c08, c09 and 2 more")


def test_nothing_changed(lifeseg: Lifeseg, shop: Path) -> None:
    changed()
    assert log(lifeseg)["runs"][0]["results"] == []
