"""What is proved of generated policies no customer contradicts, and whoever is shown shows it.

Policies and customers are those of the agreement suite, hard on everything: missing values, ties, dates at month ends,
children of children. What is proved is compared with all customers; a witness is evaluated again, on its own.
"""

from __future__ import annotations

from collections import Counter

import pytest

from lifeseg.interpreter.evaluate import evaluate
from lifeseg.interpreter.results import Finding
from lifeseg.model.with_past import before, with_past
from lifeseg.prover.answers import Answer
from lifeseg.prover.prove import prove
from lifeseg.prover.session import Limits
from tests.agreement.pairs import Pair, Tally, pairs

KINDS = {"complete": "no-case", "disjoint": "several-cases", "never": "never"}
PAIRS = 40


def contradictions(pair: Pair, answers: tuple[Answer, ...]) -> list[Finding]:
    """Customers who are as the assumptions say, and are what is proved not to be."""
    results = evaluate(pair.model, pair.population, pair.as_of)
    if any(found.kind == "assume" for found in results.findings):
        return []
    proved = {(KINDS.get(one.kind), one.subject, one.entity) for one in answers if one.verdict == "proved"}
    return [
        found
        for found in results.findings
        if (found.kind, found.definition, found.entity) in proved and not remembers(pair, found)
    ]


def remembers(pair: Pair, found: Finding) -> bool:
    """A lifecycle: the customers' pasts are drawn, and may be such as no run leaves (a state without its day)."""
    return any(fact.name == before(found.definition) for fact in pair.model.entities[found.entity].facts)


def shows(pair: Pair, answer: Answer) -> bool:
    """Whether the interpreter sees in the customer what it is to show, and no assumption broken."""
    shown = answer.witness
    assert shown is not None
    results = evaluate(with_past(pair.model), shown.population, shown.as_of, baseline=shown.baseline)
    found = {(one.kind, one.definition, one.entity, one.index) for one in results.findings}
    wanted = (KINDS[answer.kind], answer.subject, answer.entity, 0) if answer.kind in KINDS else None
    return not any(kind == "assume" for kind, _, _, _ in found) and (wanted is None or wanted in found)


@pytest.mark.slow
def test_nobody_contradicts_what_is_proved() -> None:
    verdicts: Counter[str] = Counter()
    for pair in pairs(PAIRS, Tally()):
        answers = prove(pair.model, limits=Limits(1.0, 10.0), day=pair.as_of).answers
        verdicts.update(answer.verdict for answer in answers)
        assert not contradictions(pair, answers), pair.name
        for answer in answers:
            if answer.witness is not None:
                assert shows(pair, answer), (pair.name, answer)
    assert verdicts["proved"] > verdicts["not decided"] > 0, verdicts
    assert verdicts["refuted"], verdicts
