"""Policy text of any quality comes in; everything a user could do with it is done, which must not raise anything."""

import random
from collections.abc import Mapping, Sequence
from datetime import date

from lifeseg.diagnostics.to_console import render
from lifeseg.interpreter.check_tests import run_tests
from lifeseg.interpreter.evaluate import evaluate
from lifeseg.interpreter.tracer import Tracer
from lifeseg.model.from_trees import from_trees
from lifeseg.model.model import Model
from lifeseg.syntax.from_text import from_text
from tests.model.checking import looked_up
from tests.model.records import population

DAYS = (date(2013, 6, 30), date(2012, 2, 29), date.min, date.max)
MOST_SHOWN = 50


def survive(
    texts: Sequence[tuple[str, str]], seed: int, packs: Mapping[str, str] | None = None
) -> Model | None:
    """Reads, checks, renders, evaluates, traces and tests; gives the model, if there is one."""
    parsed = [from_text(text, name) for name, text in texts]
    model, found = from_trees([file for file, _ in parsed], looked_up(packs or {}))
    findings = [*(finding for _, problems in parsed for finding in problems), *found]
    for language in ("en", "zh"):
        shown = render(findings[:MOST_SHOWN], dict(texts), language)
        assert bool(shown) == bool(findings)
    if model is not None:
        live(model, random.Random(seed))
    return model


def live(model: Model, source: random.Random) -> None:
    """Evaluates generated records on some day, traces each, and runs the policy's tests."""
    records, day = population(model, source), source.choice(DAYS)
    results = evaluate(model, records, day)
    tracer = Tracer(results)
    for entity, rows in results.rows.items():
        for place in range(len(rows)):
            tracer.trace(entity, place)
    for population_of_tests, day_of_tests in ((records, day), (records, None), (None, None)):
        run_tests(model, population_of_tests, day_of_tests)
