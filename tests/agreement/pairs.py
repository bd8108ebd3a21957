"""A number comes in; a pair goes out: a policy that the checker accepts, and customers for it. Always the same pair."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random

from lifeseg.diagnostics.diagnostic import Diagnostic
from lifeseg.model.from_trees import from_trees
from lifeseg.model.model import Model
from lifeseg.model.with_past import with_past
from lifeseg.records.population import Population
from lifeseg.syntax.from_text import from_text
from tests.agreement.customers import AS_OF, customers
from tests.agreement.policies import policy


@dataclass
class Pair:
    name: str
    text: str
    model: Model
    as_of: date
    population: Population
    past: bool = False  # whether its run knows what everybody was


@dataclass
class Tally:
    """How many policies were made, and how many of them the checker accepted."""

    made: int = 0
    accepted: int = 0

    @property
    def share(self) -> float:
        return self.accepted / self.made if self.made else 0.0


def pair(number: int) -> Pair | None:
    """The pair of that number, every other one in a run that knows what everybody was; None where the checker refuses its
    policy.
    """
    source = Random(number)
    text = policy(source)
    model, _ = checked(text)
    if model is None:
        return None
    as_of = source.choice(AS_OF)
    past = number % 2 == 1
    model = with_past(model) if past else model
    return Pair(f"pair {number}", text, model, as_of, customers(model, as_of, source), past)


def checked(text: str) -> tuple[Model | None, tuple[Diagnostic, ...]]:
    """The model of a policy text, if it is accepted, and what was found."""
    file, found = from_text(text, "generated.seg")
    if found:
        return None, found
    return from_trees([file])


def pairs(count: int, tally: Tally, first: int = 0) -> Iterator[Pair]:
    """So many pairs."""
    number = first
    while count:
        found = pair(number)
        number += 1
        tally.made += 1
        if found is not None:
            tally.accepted += 1
            count -= 1
            yield found
