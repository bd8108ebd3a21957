"""What holds of lint whatever the policy: it asks without failing, engines agree on what it adds, and mending is harmless."""

from __future__ import annotations

import re
from dataclasses import replace

from lifeseg.interpreter.evaluate import evaluate
from lifeseg.pipeline.linting import with_fixes
from lifeseg.review.lint_data import DATA_RULES, asked, with_copies
from lifeseg.review.lint_rules import RULES, chosen
from lifeseg.review.lint_text import Read, lint_text
from tests.agreement.compare import difference, report
from tests.agreement.engines import DuckDB
from tests.agreement.outcome import of_results
from tests.agreement.pairs import Pair, Tally, checked, pairs

EAGEREST = {
    "definitions": 1,
    "most": 1,
    "records": 1,
    "correlation": 0,
    "within": 1,
    "share": 1,
    "ignore": [],
}
EAGER = chosen(
    {
        code: {"severity": "warning"} | {name: EAGEREST[name] for name in rule.limits}
        for code, rule in RULES.items()
    }
    | {"threshold-crowded": {"within": 1, "share": 0, "records": 1}}
)
"""Limits by which everything is asked about that can be."""

GENERATED = list(pairs(60, Tally()))
SPELLED_OUT = re.compile(r'(?<![\w.])([\w.]+) is one of ("[^"\n]*"|\w+), ("[^"\n]*"|\w+)(?!,)')


def test_nothing_in_a_policy_makes_it_fail() -> None:
    found = {code for pair in GENERATED for code, _ in lint_text(own(pair), EAGER)}
    assert {"number-repeated", "number-unnamed", "guard-long", "title-missing"} <= found


def own(pair: Pair) -> Read:
    return Read(pair.model, frozenset({"generated.seg"}))


def test_mending_changes_no_result() -> None:
    """What the policies say in one question is first said in two."""
    mended_ones = 0
    for pair in GENERATED:
        long = SPELLED_OUT.sub(r"(\1 is \2 or \1 is \3)", pair.text)
        model, _ = checked(long)
        if long == pair.text or model is None:
            continue
        fixes = [
            found.finding.fix
            for _, found in lint_text(Read(model, frozenset({"generated.seg"})), EAGER)
            if found.finding.fix is not None
        ]
        short, count = with_fixes(long, fixes)
        again, problems = checked(short)
        assert again is not None, (problems, short)
        one, other = (
            of_results(replace(pair, model=which), evaluate(which, pair.population, pair.as_of))
            for which in (model, again)
        )
        assert one == other
        mended_ones += count
    assert mended_ones >= 5


def test_what_is_compared_is_the_same_on_both_engines() -> None:
    """It gets columns of its own; whatever is asked about the records is added up from columns."""
    engine, added = DuckDB(), 0
    for pair in GENERATED:
        model, _ = with_copies(pair.model, asked(own(pair), list(DATA_RULES)))
        extended = replace(pair, model=model)
        assert (found := difference(extended, engine)) is None, report(extended, "duckdb", found)
        added += len(model.definitions) - len(pair.model.definitions)
    assert added >= len(GENERATED)
