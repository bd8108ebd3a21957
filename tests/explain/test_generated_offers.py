"""Whatever offers a policy makes, an explanation tells of each what became of it, and names nothing they are made of."""

import re
from collections import Counter

import pytest

from lifeseg.explain.catalogue import catalogue, languages
from lifeseg.explain.evidence import Telling
from lifeseg.explain.from_trace import LEVELS, explain
from lifeseg.explain.offers import is_offers, offer_lines, offer_of
from lifeseg.explain.scope import scope_of
from lifeseg.explain.to_console import to_console
from lifeseg.interpreter.evaluate import evaluate
from lifeseg.interpreter.trace import Trace
from lifeseg.interpreter.tracer import Tracer
from tests.agreement.pairs import Pair, Tally, pairs

CHUNKS, TOGETHER, MOST_RECORDS = 2, 80, 6
MADE_OF = re.compile(r"offer\w*_(worth|cost|outcome)|excluded_by_|not_with_|end of the (places|budget)")


def traces(pair: Pair) -> list[Trace]:
    """Some records of each entity that is made offers."""
    found = []
    results = evaluate(pair.model, pair.population, pair.as_of)
    tracer = Tracer(results)
    for name in pair.model.entities:
        if any(definition.made for definition in pair.model.of(name)):
            found += [tracer.trace(name, at) for at in range(min(MOST_RECORDS, len(results.rows[name])))]
    return found


def told(trace: Trace) -> Counter[str]:
    """What became of the offers; their lines say so, in every language at every level."""
    scope = scope_of(trace)
    outcomes: Counter[str] = Counter()
    for block in scope.record.definitions:
        if block.kind != "flags" or not is_offers(block):
            continue
        offers = {name: offer_of(flag, scope) for name in block.uses if (flag := scope.definition(name))}
        assert {name for name, offer in offers.items() if offer.outcome == "made"} == set(block.members)
        outcomes.update(offer.outcome for offer in offers.values())
        for language in languages():
            lines = offer_lines(block, scope, Telling(catalogue(language), detail=2))
            assert len(lines) in (1, len(offers))
            assert sum(line.taken for line in lines) == len(block.members)
            assert not MADE_OF.search(" ".join(line.text + line.note for line in lines))
    for language in languages():
        for detail in range(len(LEVELS)):
            assert to_console(explain(trace, language=language, detail=detail))
    return outcomes


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_offers_are_told(chunk: int) -> None:
    outcomes: Counter[str] = Counter()
    for pair in pairs(TOGETHER, Tally(), first=30_000 + chunk * 1_000):
        for trace in traces(pair):
            outcomes += told(trace)
    assert {"made", "excluded", "no_places", "over_budget", "not_open"} <= set(outcomes)
