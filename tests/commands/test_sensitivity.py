"""How much a policy depends on its numbers: every figure is that of a plain run of the policy with the other number."""

import csv
import json
import shutil
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifeseg.cli.sensitivities.document import SensitivityDocument
from lifeseg.cli.sensitivities.to_html import to_html
from lifeseg.cli.sensitivities.words import rounded
from lifeseg.pipeline.sensitivity import Reach, sensitivity
from lifeseg.pipeline.setting import settle
from lifeseg.review.adjusting import shared
from tests.commands.conftest import ROOT, Finished, Lifeseg


def told(lifeseg: Lifeseg, *words: str, code: int = 0) -> str:
    finished: Finished = lifeseg("sensitivity", *words)
    assert finished.code == code, finished.err
    return finished.out if code == 0 else " ".join(finished.err.split())


def document(lifeseg: Lifeseg, *words: str) -> dict[str, Any]:
    text = told(lifeseg, *words, "--format", "json")
    SensitivityDocument.model_validate_json(text)
    found: dict[str, Any] = json.loads(text)
    return found


def edit(workspace: Path, *pairs: tuple[str, str]) -> None:
    """The policy with other words."""
    path = next(
        one for one in workspace.rglob("*.seg") if "tests" not in one.name and "titles" not in one.name
    )
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def run(lifeseg: Lifeseg, engine: str) -> dict[str, list[dict[str, str]]]:
    """What a plain run gives, by entity."""
    finished = lifeseg("run", "--engine", engine, "--out", "out", "--format", "csv")
    assert finished.code == 0, finished.err
    return {
        path.stem: list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        for path in Path("out").glob("*.csv")
    }


def counts(rows: list[dict[str, str]], column: str) -> Counter[str]:
    cells = [row[column] for row in rows if row[column]]
    return Counter(case for cell in cells for case in (json.loads(cell) if cell.startswith("[") else [cell]))


SWEEPS = (
    ("stable_relationship", "0.44", ('relationship" = 0.48', 'relationship" = 0.44')),
    ("stable_product", "0.61", ('product" = 0.54', 'product" = 0.61')),
    ("potential.important", "0.65", ('prospect" = 0.60', 'prospect" = 0.65')),
    (
        "potential.customer_capacity", "0.55",
        ("0.70 customer_capacity", "0.55 customer_capacity"), ("0.30 demand_intensity", "0.45 demand_intensity"),
    ),
    ("customer_value.revenue", "0.4", ("0.75 revenue", "0.4 revenue"), ("0.25 cost", "0.6 cost")),
)  # fmt: skip


@pytest.mark.parametrize("engine", ["interpreter", "duckdb"])
@pytest.mark.parametrize("asked", SWEEPS, ids=[one[0] for one in SWEEPS])
def test_a_point_is_a_run_of_the_edited_policy(
    asked: Any, engine: str, lifeseg: Lifeseg, orgcust: Path
) -> None:
    """Sizes, and what they come to, and who moves."""
    name, value, *pairs = asked
    found = document(
        lifeseg, name, "--from", value, "--to", value, "--step", "1", "--value", "customer_value", "--engine", engine
    )  # fmt: skip
    [point] = found["number"]["points"]
    before = run(lifeseg, "interpreter")
    edit(orgcust.parents[1] / "rules", *pairs)
    after = run(lifeseg, "interpreter")
    columns: dict[str, set[str]] = {}
    for size in point["sizes"]:
        entity, column, case = size["entity"], size["decision"], size["case"]
        columns.setdefault(entity, set()).add(column)
        assert size["size"]["count"] == counts(after[entity], column)[case], (column, case)
        if entity == "customer" and not after[entity][0][column].startswith("["):
            worth = sum(Decimal(row["customer_value"]) for row in after[entity] if row[column] == case)
            assert Decimal(size["size"]["amount"]) == worth
    entity = found["policy"]["entity"]
    moved = [
        one for one, two in zip(before[entity], after[entity], strict=True) if any(one[c] != two[c] for c in columns[entity])
    ]  # fmt: skip
    assert point["moved"]["count"] == len(moved)
    assert moved, "a sweep that moves nobody would prove nothing"
    for other in before.keys() - {"run"}:  # what is not told does not differ
        silent = before[other][0].keys() - columns.get(other, set())
        decisions = {c for c in silent if c in ("stage", "conversion_type", "value_level", "intensity")}
        assert all(
            one[c] == two[c] for one, two in zip(before[other], after[other], strict=True) for c in decisions
        )


def test_engines_agree_on_everything(lifeseg: Lifeseg, shop: Path) -> None:
    for words in ((), ("loyal_from",), ("loyalty.spent_level", "--value", "loyalty")):
        one, other = (document(lifeseg, *words, "--engine", engine) for engine in ("interpreter", "duckdb"))
        assert one == other


def test_what_a_weight_moves_is_what_diff_says(lifeseg: Lifeseg, shop: Path) -> None:
    """Loyalty of Cem is 0.60025: with less weight for what he is pleased with, he is loose."""
    found = document(lifeseg)
    weights = {one["name"]: one for one in found["weights"]}
    assert weights["loyalty.satisfaction_level"]["less"]["count"] == 1
    assert weights["loyalty.spent_level"]["more"]["count"] == 1
    kept = {(one["decision"], one["case"]): (one["kept"], one["count"]) for one in found["cases"]}
    assert kept["class", "regular"] == (1, 1)
    assert kept["loyalty_band", "loyal"] == (1, 2)
    old = shop / "old"
    old.mkdir()
    (old / "shop.seg").write_text((shop / "rules/shop/shop.seg").read_text(), encoding="utf-8")
    edit(
        shop / "rules",
        ("0.50 satisfaction_level", "0.45 satisfaction_level"),
        ("0.50 spent_level", "0.55 spent_level"),
    )
    moved = json.loads(lifeseg("diff", "old", "rules/shop", "--format", "json").out)
    assert moved["moves"][0]["moved"] == 1


def test_who_is_near(lifeseg: Lifeseg, shop: Path) -> None:
    """Cem is 0.00025 above the threshold; Bob, at 0.25, is 0.35 below it."""
    near = lambda reach: document(lifeseg, "--near", reach, "--value", "loyalty")["thresholds"][0]  # noqa: E731
    assert near("0.0002")["near"]["count"] == 0
    assert near("0.00025")["near"] == {"count": 1, "amount": "0.60025"}
    assert near("0.35")["near"]["count"] == 3
    assert near("1%")["within"] == "0.009"  # satisfaction is a fifth at least: the score goes from 0.1 to 1


def test_near_is_reckoned_from_what_an_index_is(lifeseg: Lifeseg, shop: Path) -> None:
    """Not from what its facts may be at most: the mean of the level of spending is not near everybody."""
    signs = '  happy "Happy" when satisfaction >= 4'
    edit(shop / "rules", (signs, f'{signs}\n  spender "Spends" when spent_level >= 0.5'))
    rows = list(csv.DictReader((shop / "data/customer.csv").read_text().splitlines()))
    levels = [Decimal(row["spent"]) / 1000 for row in rows]
    found = next(one for one in document(lifeseg)["thresholds"] if one["of"] == "spent_level")
    assert Decimal(found["within"]) == (max(levels) - min(levels)) / 100


def test_the_numbers_of_a_day(lifeseg: Lifeseg, shop: Path) -> None:
    """Of a parameter with dated values the one in force is changed."""
    edit(shop / "rules", ("= 0.60", "= 0.60\n    since 2024-01-01 = 0.80"))
    assert "now 0.80" in told(lifeseg, "loyal_from")
    assert "now 0.60" in told(lifeseg, "loyal_from", "--as-of", "2023-06-30")


def test_units_are_those_of_the_policy(lifeseg: Lifeseg, shop: Path) -> None:
    edit(shop / "rules", ("= 0.60", "= 60%"))
    assert "from 50% to 70%, now 60%" in told(
        lifeseg, "loyal_from", "--from", "50%", "--to", "0.7", "--step", "5%"
    )


def test_weights_of_a_panel(lifeseg: Lifeseg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A point is a run of the policy with these weights written down."""
    for name in ("rules/rfm", "examples/rfm"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.duckdb*"))
    monkeypatch.chdir(tmp_path / "examples/rfm")
    name, value = "judged_value.monetary_score", "0.4"
    [point] = document(lifeseg, name, "--from", value, "--to", value, "--step", "1")["number"]["points"]
    before = run(lifeseg, "interpreter")["customer"]
    panel = "  weights ten_judges\n  recency_score\n  frequency_score\n  monetary_score\n"
    edit(
        tmp_path / "rules",
        (panel, "  0.274827 recency_score\n  0.325173 frequency_score\n  0.4 monetary_score\n"),
    )
    after = run(lifeseg, "interpreter")["customer"]
    moved = sum(one["value_level"] != two["value_level"] for one, two in zip(before, after, strict=True))
    assert point["moved"]["count"] == moved > 0
    for size in point["sizes"]:
        assert size["size"]["count"] == counts(after, size["decision"])[size["case"]]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("loyal_form",), "did you mean `loyal_from`?"),
        (("loyal_from", "--step", "0"), "a step of 0 or less leads nowhere"),
        (("loyal_from", "--from", "0.7", "--to", "0.5"), "`--from` 0.7 is above `--to` 0.5"),
        (("loyal_from", "--from", "0", "--to", "1", "--step", "0.001"), "1,001 values, and 200 are the most"),
        (("loyal_from", "--to", "much"), "`much` is not a number like the one in the policy"),
        (("loyal_from", "--to", "70%"), "a percent sign only where the policy has one"),
        (("loyal_from", "--to", "1e999"), "is not a number like the one in the policy"),
        (("loyalty.spent_level", "--to", "1.1"), "lies between 0 and 1.00"),
        (("loyalty.spent_level", "--from", "-0.1"), "lies between 0 and 1.00"),
        (("--from", "0.5"), "need the number"),
        (("--near", "close"), "`close` is not a distance from a threshold"),
        (("--by", "0"), "`0` is not by how much a weight can be changed"),
        (("--by", "100%"), "`100%` is not by how much"),
        (("--value", "worth"), "defines no `worth`"),
        (("--engine", "spark"), "error[sensitivity-engine]"),
    ],
)
def test_what_is_refused(words: tuple[str, ...], said: str, lifeseg: Lifeseg, shop: Path) -> None:
    assert said in told(lifeseg, *words, code=2)


def test_a_number_that_nothing_depends_on(lifeseg: Lifeseg, shop: Path) -> None:
    edit(shop / "rules", ('"Loyal from" = 0.60', '"Loyal from" = 0.60\n  idle = 3'))
    assert "no decision depends on `idle`" in told(lifeseg, "idle", code=2)


def test_the_number_of_today_moves_nobody(lifeseg: Lifeseg, shop: Path) -> None:
    [point] = document(lifeseg, "loyal_from", "--from", "0.60", "--to", "0.60", "--step", "1")["number"][
        "points"
    ]
    assert point["moved"]["count"] == 0
    sizes = {one["case"]: one["size"]["count"] for one in point["sizes"] if one["decision"] == "class"}
    assert sizes == counts(run(lifeseg, "interpreter")["customer"], "class")


def test_a_number_that_makes_no_policy(lifeseg: Lifeseg, shop: Path) -> None:
    """The threshold of a band cannot be passed by the one beneath it."""
    loose = '    loose "Loose" below'
    edit(
        shop / "rules", (loose, f"    usual from 0.30\n{loose}"), ("loyalty is loose", "loyalty is not loyal")
    )
    assert "error[bands-order]" in told(lifeseg, "loyalty.usual", "--to", "0.9", code=2)


def test_without_data(lifeseg: Lifeseg, shop: Path) -> None:
    (shop / "data/customer.csv").unlink()
    assert "customer.csv" in told(lifeseg, "loyal_from", code=1)


def test_forms_hold_every_point(lifeseg: Lifeseg, shop: Path) -> None:
    words = ("loyal_from", "--from", "0.1", "--to", "0.9", "--step", "0.05")
    points = document(lifeseg, *words)["number"]["points"]
    assert len(points) == 17
    rows = list(csv.DictReader(told(lifeseg, *words, "--format", "csv").splitlines()))
    assert {row["value"] for row in rows} == {one["value"] for one in points}
    moved = [row["count"] for row in rows if row["case"] == "moved"]
    assert moved == [str(one["moved"]["count"]) for one in points]
    head = told(lifeseg, *words, "--format", "markdown").split("|")
    assert all(f" {one['value']} " in head for one in points)
    shown = told(lifeseg, *words).splitlines()[3].split()
    assert (shown[0], shown[-2], shown[-1]) == ("0.10", "0.90", "curve")
    assert len(shown) < len(points)


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=12), st.integers(0, 10_000))
def test_the_others_make_up_for_a_weight(parts: list[int], total: int) -> None:
    """They come to the total exactly, and none is further from its proportion than one unit of the last decimal."""
    if not sum(parts):
        return
    given_ = [Decimal(part).scaleb(-4) for part in parts]
    found = shared(given_, Decimal(total).scaleb(-4), 4)
    assert sum(found) == Decimal(total).scaleb(-4)
    for one, part in zip(found, given_, strict=True):
        assert abs(one - part * total / sum(parts)) <= Decimal("0.0001") * 1


# ---- The page --------------------------------------------------------------------------------------


class Page(HTMLParser):
    """What a page loads and runs, and the texts of its rows."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.tags: Counter[str] = Counter()
        self.rows: list[list[str]] = []
        self.dots: list[str] = []
        self.inside: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.inside.append(tag)
        self.loaded += [str(value) for name, value in attrs if name in ("src", "srcset", "action", "data")]
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.inside[-2:] == ["circle", "title"]:
            self.dots.append(data)
        elif "td" in self.inside or "th" in self.inside:
            self.rows[-1][-1] += data


def test_the_page_says_what_the_table_says(lifeseg: Lifeseg, shop: Path) -> None:
    found = document(lifeseg, "--value", "loyalty", "--near", "0.35")
    page = Page(told(lifeseg, "--value", "loyalty", "--near", "0.35", "--format", "html"))
    assert not page.loaded
    assert page.tags["script"] == 0
    assert page.tags["h1"] == 1
    assert page.tags["caption"] == page.tags["table"]
    near = [row for row in page.rows if "within" in row[0]]
    told_near = [(one["near"]["count"], Fraction(one["near"]["amount"])) for one in found["thresholds"]]
    assert [row[1] for row in near] == [f"{count:,}{rounded(worth)}" for count, worth in told_near]
    weights = {row[0].partition("now")[0]: row for row in page.rows if "now" in row[0]}
    for one in found["weights"]:
        cells = weights[one["name"]]
        assert cells[1].startswith(str(one["less"]["count"]))
        assert cells[3].startswith(str(one["more"]["count"]))
    kept = [row[1] for row in page.rows if " of " in row[1]]
    assert kept == [f"{one['kept']:,} of {one['count']:,}" for one in found["cases"]]


def test_a_curve_has_each_value_that_was_run(lifeseg: Lifeseg, shop: Path) -> None:
    words = ("loyal_from", "--from", "0.1", "--to", "0.9", "--step", "0.1", "--value", "loyalty")
    points = document(lifeseg, *words)["number"]["points"]
    page = Page(told(lifeseg, *words, "--format", "html"))
    assert not page.loaded
    assert page.dots[: len(points)] == [f"{one['moved']['count']} at {one['value']}" for one in points]
    sizes = [
        f"{one['size']['count']} at {point['value']}"
        for point in points
        for one in point["sizes"]
        if (one["decision"], one["case"]) == ("loyalty_band", "loyal")
    ]
    assert set(sizes) <= set(page.dots)


def test_the_page_has_curves_of_what_matters_most(lifeseg: Lifeseg, shop: Path) -> None:
    """The threshold that people are near, and the weight that moves somebody, as if they had been asked for by name."""
    whole = Page(told(lifeseg, "--format", "html"))
    for name in ("loyal_from", "loyalty.spent_level"):
        own = Page(told(lifeseg, name, "--format", "html"))
        places = [at for at, dot in enumerate(whole.dots) if dot == own.dots[0]]
        assert any(whole.dots[at : at + len(own.dots)] == own.dots for at in places), name


def test_a_curve_leaves_out_what_would_be_no_policy(lifeseg: Lifeseg, shop: Path) -> None:
    """A threshold that goes past the one beneath it."""
    loose = '    loose "Loose" below'
    edit(
        shop / "rules", (loose, f"    usual from 0.55\n{loose}"), ("loyalty is loose", "loyalty is not loyal")
    )
    page = Page(told(lifeseg, "--format", "html"))
    values = {dot.partition(" at ")[2] for dot in page.dots}
    assert {"0.57", "0.60", "0.72"} <= values
    assert not {"0.48", "0.51", "0.54"} & values  # loyal_from would be below `usual`


def test_a_curve_of_one_value_stands_where_it_is(lifeseg: Lifeseg, shop: Path) -> None:
    words = ("loyal_from", "--from", "0.7", "--to", "0.7", "--step", "1", "--format", "html")
    page = Page(told(lifeseg, *words))
    assert set(page.dots) >= {"1 at 0.7"}


def test_names_are_texts_on_the_page(shop: Path) -> None:
    found = sensitivity(settle(None), Reach(Fraction(1, 100), True), Fraction(1, 10), "loyalty", None)
    hostile = replace(found, value="<script>alert(1)</script>", entity="<b>")
    page = Page(to_html(hostile))
    assert page.tags["script"] == page.tags["b"] == 0


def test_what_offers_are_chosen_by_is_no_threshold_of_the_text(lifeseg: Lifeseg, shop: Path) -> None:
    """That an offer is worth something at all is asked, but nobody wrote a number that could be another."""
    offers = """
offers gifts "Gifts" of customer
  choose 1 by worth
  voucher "Voucher" always
    worth 5 CNY
"""
    path = shop / "rules" / "shop" / "shop.seg"
    path.write_text(path.read_text(encoding="utf-8") + offers, encoding="utf-8")
    assert {one["of"] for one in document(lifeseg)["thresholds"]} == {"loyalty"}
