"""Of generated policies, in their second month: the page says the same whether the interpreter evaluates it or DuckDB, and
what it says are the results.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from lifeseg.interpreter.results import Results
from lifeseg.model.model import FlagBlock, Index, Score
from lifeseg.pages.report.to_html import to_html
from lifeseg.pipeline.opened import opened
from lifeseg.pipeline.report.content import Report
from lifeseg.pipeline.report.from_run import Asked, report_of
from lifeseg.pipeline.running import run
from lifeseg.pipeline.sensitivity import columns_of, deciding, forms
from lifeseg.pipeline.setting import settle
from lifeseg.pipeline.wish import Wish
from lifeseg.records.results_varied import Form
from tests.agreement.years import Year, write, year

TRIED = 6
Both = tuple[str, Year, Form, dict[str, Report], list[Results]]


def settings(made: Year, folder: Path) -> None:
    """A workspace that keeps its runs."""
    (folder / "generated.seg").write_text(made.text, encoding="utf-8")
    lines = ['policy = "generated.seg"', 'results = "runs.duckdb"', "", "[data]"]
    lines += [f"{json.dumps(one)} = {json.dumps(f'data/{one}.csv')}" for one in made.model.entities]
    (folder / "lifeseg.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "data").mkdir()


def first_form(made: Year) -> Form | None:
    only = deciding(made.model, {(one.entity, one.name) for one in made.model.definitions if not one.made})
    found = forms(made.model, only, None)
    return found[0] if found else None


@pytest.fixture(scope="module", params=range(TRIED))
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    made, folder = year(request.param), tmp_path_factory.mktemp("generated")
    form = first_form(made)
    if form is None:
        pytest.xfail("nothing is decided")
    settings(made, folder)
    amounts = [
        one.name
        for one in made.model.of(form.entity)
        if isinstance(one, Index | Score) and not one.made and one.type.kind != "date"
    ]
    asked, results = Asked("en", amounts[0] if amounts else None, 60, 3), []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for day, population in made.months[:2]:
            write(made.model, population, folder / "data")
            run(settle(None, as_of=str(day)), Wish())
            results.append(opened(settle(None, as_of=str(day))).results)
        found = {
            engine: report_of(settle(None, as_of=str(day), engine=engine), asked)
            for engine in ("interpreter", "duckdb")
        }
        yield made.text, made, form, found, results


def test_both_say_the_same(both: Both) -> None:
    text, _, _, found, _ = both
    one, other = found.values()
    for name in ("title", "day", "entities", "run", "tiles", "stages", "sizes", "moves", "distributions"):
        assert getattr(one, name) == getattr(other, name), f"{name}:\n{text}"
    assert sorted(one.remarks) == sorted(other.remarks)
    assert (one.listed.headings, one.listed.rows) == (other.listed.headings, other.listed.rows), text
    explained = [
        {key: (each.sentence, each.lines) for key, each in report.listed.explained.items()}
        for report in (one, other)
    ]
    assert explained[0] == explained[1], text
    assert len(explained[0]) == min(3, len(one.listed.rows))
    assert to_html(one).count("<h1") == 1


def test_each_is_counted_once_in_each_decision(both: Both) -> None:
    text, made, form, found, (_, results) = both
    for one in found["duckdb"].sizes:
        definition = next(each for each in made.model.of(form.entity) if each.name == one.name)
        (column,) = columns_of(definition)
        cells = results.column(form.entity, column)
        cases = Counter(
            case
            for cell in cells
            for case in (cell if isinstance(cell, tuple) else (cell,))
            if case is not None
        )
        assert {size.name: size.count for size in one.sizes if size.count} == dict(cases), text
        if not isinstance(definition, FlagBlock):
            assert one.without == cells.count(None)


def test_bins_are_those_of_a_plain_count(both: Both) -> None:
    text, made, form, found, (_, results) = both
    for one in found["duckdb"].distributions:
        kind = next(each for each in made.model.of(form.entity) if each.name == one.name).type
        values = [
            Decimal(int(str(value))).scaleb(-kind.scale)
            for value in results.column(form.entity, one.name)
            if value is not None
        ]
        inside = [
            sum(low <= value < high for value in values) for low, high in pairwise(map(Decimal, one.edges))
        ]
        assert list(one.counts) == inside, text
        assert sum(inside) == len(values), text


def test_moves_lead_from_what_was_to_what_is(both: Both) -> None:
    """Whoever has another case than in the run before is counted once, those who have come or gone too."""
    text, made, form, found, months = both
    moves = found["duckdb"].moves
    for sizes, moved in moves:
        definition = next(each for each in made.model.of(form.entity) if each.name == sizes.name)
        (column,) = columns_of(definition)
        before, after = (
            dict(zip(results.keys(form.entity), results.column(form.entity, column), strict=True))
            for results in months
        )
        wanted = Counter(
            (before.get(key), after.get(key))
            for key in before.keys() | after.keys()
            if before.get(key) != after.get(key)
        )
        counted = {way: count for way, count in moved.counts.items() if way[0] != way[1]}
        assert moved.day == date(2023, 5, 31)
        assert counted == dict(wanted), f"{sizes.name}:\n{text}"
