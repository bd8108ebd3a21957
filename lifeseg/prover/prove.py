"""A checked model comes in; everything that is to be proved of it goes out, answered."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import date

from lifeseg.model.model import Flag, FlagBlock, Lifecycle, Model, Score, Segment, Table
from lifeseg.model.with_past import with_past
from lifeseg.prover.answers import Answer, Proofs
from lifeseg.prover.lifecycles import about_lifecycle
from lifeseg.prover.questions import (
    Asking,
    about_assumptions,
    about_bands,
    about_cases,
    about_claim,
    about_flags,
)
from lifeseg.prover.relations import Related, about_relation
from lifeseg.prover.session import Limits
from lifeseg.prover.to_test import wanted_of, with_test


def prove(
    model: Model,
    *,
    of: str | None = None,
    back_to: str | None = None,
    limits: Limits | None = None,
    day: date | None = None,
) -> Proofs:
    """All proofs, or those `of` one definition, then with the regions of its cases; `day` is what witnesses prefer as today.

    `back_to`: a state that a lifecycle must be able to return to from everywhere but its ends.
    """
    started = time.perf_counter()
    asking = Asking(with_past(model), limits or Limits(), day, of is not None)
    answers = tuple(answered(asking, model, of, back_to))
    return Proofs(answers, time.perf_counter() - started)


def prove_relations(
    model: Model, related: Sequence[Related], *, limits: Limits | None = None, day: date | None = None
) -> Proofs:
    """Only that: what two parts of the policy are to each other."""
    started = time.perf_counter()
    asking = Asking(with_past(model), limits or Limits(), day)
    answers = tuple(answer for one in related for answer in about_relation(asking, one))
    return Proofs(answers, time.perf_counter() - started)


def answered(asking: Asking, model: Model, of: str | None, back_to: str | None) -> Iterator[Answer]:
    for entity in model.entities:
        if of is None and (found := about_assumptions(asking, entity)) is not None:
            yield found
    for definition in sorted(model.definitions, key=lambda one: (one.span.file, one.span.line)):
        if definition.made or of not in (None, definition.name):
            continue
        answers: Iterator[Answer] = iter(())
        if isinstance(definition, Segment | Table):
            answers = about_cases(asking, definition)
        elif isinstance(definition, Score):
            answers = about_bands(asking, definition)
        elif isinstance(definition, FlagBlock):
            flags = [one for one in model.of(definition.entity) if one.name in definition.flags]
            answers = about_flags(asking, definition.name, [one for one in flags if isinstance(one, Flag)])
        elif isinstance(definition, Flag) and (definition.block is None or of == definition.name):
            answers = about_flags(asking, definition.name, [definition])
        elif isinstance(definition, Lifecycle):
            known = any(state.name == back_to for state in definition.states)
            answers = about_lifecycle(asking, definition, back_to if known else None)
        for answer in answers:
            yield with_test(asking.model, answer, wanted_of(asking.model, definition))
    for claim in asking.model.claims:
        if claim.kind == "never" and of in (None, claim.title):
            yield with_test(asking.model, about_claim(asking, claim), wanted_of(asking.model, claim))
