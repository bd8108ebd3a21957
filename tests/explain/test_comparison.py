"""What changes between two traces of one customer."""

from dataclasses import replace

from lifeseg.explain.comparison import compare
from lifeseg.explain.to_console import to_console
from lifeseg.interpreter.trace import RecordTrace, Trace
from tests.explain import made
from tests.explain.conftest import Example


def test_nothing_differs(example: Example) -> None:
    trace = example.trace("C19")
    explanation = compare(trace, trace)
    assert explanation.sentence == "Nothing differs for C19."
    assert [line.label for line in explanation.lines] == ["unchanged"]


def test_a_decision_changes_without_a_fact_as_on_another_day(example: Example) -> None:
    before, after = example.trace("C19"), example.changed(("usage", ("C19", "data"), "satisfaction", 3))
    after = replace(after, record=replace(after.record, children=with_facts_of(before, after)))
    assert compare(before, after).sentence.startswith(
        "C19's type in the conversion stage changes from warning"
    )


def with_facts_of(before: Trace, after: Trace) -> tuple[RecordTrace, ...]:
    pairs = zip(before.record.children, after.record.children, strict=True)
    return tuple(replace(new, facts=old.facts) for old, new in pairs)


def test_a_child_is_added_or_removed(example: Example) -> None:
    trace = example.trace("C19")
    fewer = replace(trace, record=replace(trace.record, children=trace.record.children[:1]))
    assert "product under contract internet removed" in compare(trace, fewer).sentence
    assert "product under contract internet added" in compare(fewer, trace).sentence


def test_only_the_rows_that_turned_are_shown(example: Example) -> None:
    before = example.trace("C19")
    after = example.changed(("usage", ("C19", "data"), "satisfaction", 3))
    text = to_console(compare(before, after))
    warning = text.partition("  warning")[2].partition("  detainment")[0]
    assert "data" in warning
    assert "internet" not in warning
    assert "2 of 2 → 1 of 2" in warning


def test_indexes_that_change_are_shown(example: Example) -> None:
    text = to_console(
        compare(example.trace("C19"), example.changed(("usage", ("C19", "data"), "satisfaction", 3)))
    )
    indexes = text.partition("\nindexes\n")[2].partition("\nscores\n")[0]
    assert indexes.split() == ["product_satisfaction", "of", "data", "0.4000", "→", "0.6000"]


def test_a_band_that_changes_is_told() -> None:
    traces = []
    for value, distance, band in (("0.5", "-0.04", "low"), ("0.6", "0.06", "high")):
        risk = made.score("risk", value, {"high": ("0.54", distance), "low": (None, None)}, band)
        traces.append(made.trace(made.record((made.fact("age", value),), (risk,))))
    explanation = compare(*traces)
    assert explanation.sentence == "With age at 0.6 instead of 0.5, K1's risk changes from low to high."
    assert "0.5000 → 0.6000 · low → high" in to_console(explanation)
