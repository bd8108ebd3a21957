"""What a proof says, as plain data: questions about definitions, verdicts, and the customers that show them.

Four verdicts. "proved": of everybody, on every day, in every population. "proved up to": of whoever has at most `most`
children of each entity. "refuted": with a customer whom the interpreter has evaluated again, or because something can
never happen. "not decided": with what was tried.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from typing import Literal

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.frozen import dataclass
from lifeseg.interpreter.results import Baseline
from lifeseg.model.expression import Value
from lifeseg.records.population import Population

Verdict = Literal["proved", "proved up to", "refuted", "not decided"]
Kind = Literal[
    "complete", "disjoint", "reachable", "never", "deterministic", "nobody lost", "can happen", "no dead end",
    "can return", "can end", "settles", "possible", "equivalent", "implied", "exclusive",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Described:
    """A record as far as the answer depends on it: facts by name, and its children by entity."""

    entity: str
    facts: Mapping[str, Value]
    children: Mapping[str, tuple[Described, ...]]
    parent: Described | None = None


@dataclass(frozen=True, slots=True)
class Witness:
    """A customer that shows an answer. `population` holds it as the first record of its entity, filled up with plain
    values; `asked` is what matters; `statistics` are those that matter of `baseline`.
    """

    as_of: date
    asked: Described
    statistics: Mapping[str, str]
    population: Population = field(repr=False)
    baseline: Baseline = field(repr=False)
    test: str | None = None  # a test of the policy's own syntax that fails as long as the answer stands
    why_no_test: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked of what, and the verdict."""

    subject: str  # a definition, or the title of a claim
    entity: str
    kind: Kind
    verdict: Verdict
    span: Span = field(compare=False, repr=False)
    cases: tuple[str, ...] = ()  # which are meant, or meet
    by: tuple[str, ...] = ()  # earlier cases: what takes all, or some, of whom they ask for
    witness: Witness | None = None
    only_missing: bool = False  # it happens to whom something is missing of, and to nobody else
    most: int = 0
    free: tuple[str, ...] = ()  # what stood for any value in its range
    tried: tuple[str, ...] = ()
    seconds: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class Proofs:
    """All answers about a policy, in the order of its text."""

    answers: tuple[Answer, ...]
    seconds: float = field(default=0.0, compare=False)

    @property
    def good(self) -> bool:
        return all(answer.verdict.startswith("proved") for answer in self.answers)
