"""A refuted answer comes in; a test of the policy's own language goes out that fails as long as the answer stands.

The test gives what the answer depends on and nothing else. Whether that is enough is asked of the interpreter: where a mean
of the population matters as well, there is no such test, and why is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import TypeVar

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.frozen import dataclass
from lifeseg.interpreter.check_tests import Benches, run_check
from lifeseg.interpreter.values import short_text
from lifeseg.model import expression as e
from lifeseg.model.expression import Expression, Value
from lifeseg.model.model import AnyDefinition, Check, Claim, Entity, Expected, Given, Model
from lifeseg.model.types import TRUTH
from lifeseg.model.with_past import defined, is_since, of_before, since
from lifeseg.prover.answers import Answer, Described, Witness

Kept = TypeVar("Kept")

PLAIN = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What must hold of everybody, and as the policy's language says it."""

    condition: Expression
    text: str


def with_test(model: Model, answer: Answer, expected: Wanted) -> Answer:
    """The answer whose witness carries a test, or why it has none."""
    shown = answer.witness
    if shown is None or answer.verdict != "refuted":
        return answer
    reason, wanted = why_none(shown), expected.condition
    ready = Benches(model, None)
    if not reason and not fails(ready, shown.as_of, shown.asked, wanted):
        reason = (
            "it depends on the population" if shown.statistics else "it depends on what a test cannot give"
        )
    if reason:
        return replace(answer, witness=replace(shown, why_no_test=reason))
    given = fewest(shown.asked, lambda fewer: fails(ready, shown.as_of, fewer, wanted))
    title = f"{answer.subject}: {answer.kind}"
    text = lines(model, given, shown.as_of, title, expected.text)
    return replace(answer, witness=replace(shown, asked=given, test="".join(f"{line}\n" for line in text)))


def why_none(shown: Witness) -> str:
    """What a test could not say of this customer."""
    waiting = [shown.asked]
    while waiting:
        record = waiting.pop()
        if record.parent is not None:
            return "tests describe no record with the one above it"
        deep = any(child.children for below in record.children.values() for child in below)
        if deep and any(
            any(child.children.values()) for below in record.children.values() for child in below
        ):
            return "tests describe no children of children"
        below = [child for found in record.children.values() for child in found]
        if any(
            is_since(name) and value is not None for child in below for name, value in child.facts.items()
        ):
            return "tests do not say since when a child was what it was"
        waiting += below
    return ""


# ---- Does it fail? ---------------------------------------------------------------------------------


def wanted_of(model: Model, subject: AnyDefinition | Claim) -> Wanted:
    """A claim is not so; a definition has a case."""
    text = wanted_text(model, subject)
    if isinstance(subject, Claim):
        return Wanted(e.Not(subject.span, TRUTH, subject.condition), text)
    field = e.Field(subject.span, subject.type.maybe(), subject.entity, subject.name)
    return Wanted(e.OneOf(subject.span, TRUTH, field, subject.type.options, False, True), text)


def fails(ready: Benches, day: date | None, asked: Described, wanted: Expression) -> bool:
    """Whether the test, whatever is not given, finds the opposite of what is wanted."""
    check = Check(given_of(asked, wanted.span), (Expected(wanted, span=wanted.span),), wanted.span)
    return [failure.found for failure in run_check(ready.of(day, check.given), check)] == ["no"]


def given_of(asked: Described, span: Span) -> Given:
    """The record as a test gives it."""
    children = {name: tuple(child.facts for child in below) for name, below in asked.children.items()}
    return Given(asked.entity, None, asked.facts, children, span)


def fewest(asked: Described, enough: Callable[[Described], bool]) -> Described:
    """The record without whatever is not needed for what the test is to show."""
    for name in asked.facts:
        fewer = replace(asked, facts=without(asked.facts, *told_with(name)))
        asked = fewer if enough(fewer) else asked
    for entity, below in asked.children.items():
        if not below:
            fewer = replace(asked, children=without(asked.children, entity))
            asked = fewer if enough(fewer) else asked
        for name in dict.fromkeys(name for child in below for name in child.facts):
            rows = tuple(replace(child, facts=without(child.facts, name)) for child in asked.children[entity])
            fewer = replace(asked, children={**asked.children, entity: rows})
            asked = fewer if enough(fewer) else asked
    return asked


def told_with(name: str) -> tuple[str, ...]:
    """What a test cannot say without it: since when somebody was in a state that it does not say."""
    return (name, since(defined(name))) if of_before(name) and not is_since(name) else (name,)


def without(found: Mapping[str, Kept], *names: str) -> dict[str, Kept]:
    return {other: value for other, value in found.items() if other not in names}


# ---- The text ----------------------------------------------------------------------------------------


def wanted_text(model: Model, subject: AnyDefinition | Claim) -> str:
    if isinstance(subject, Claim):
        return f"not ({quoted(model, subject.condition)})"
    options = ", ".join(word(option) for option in subject.type.options)
    return (
        f"{subject.name} is one of {options}"
        if len(subject.type.options) > 1
        else f"{subject.name} is {options}"
    )


def quoted(model: Model, node: Expression) -> str:
    """A condition as the policy has it, on one line, each of its own lines in brackets."""
    span = node.span
    rows = model.sources[span.file].split("\n")[span.line - 1 : span.end_line]
    if len(rows) == 1:
        return rows[0][span.column - 1 : span.end_column - 1]
    rows = [rows[0][span.column - 1 :], *rows[1:-1], rows[-1][: span.end_column - 1]]
    parts = [re.sub(r"\s+#\s.*$", "", row).strip() for row in rows]
    joined = [re.sub(r"^(and|or else|or)\s+", "", part) for part in parts]
    joiner = "and" if parts[-1].startswith("and") else "or"
    return f" {joiner} ".join(f"({part})" for part in joined)


def lines(model: Model, asked: Described, today: date | None, title: str, wanted: str) -> Iterator[str]:
    entity = model.entities[asked.entity]
    yield f'test "{title}"'
    if today is not None:
        yield f"  today {today.isoformat()}"
    yield f"  given {asked.entity}"
    for name, value in asked.facts.items():
        if not is_since(name):
            day = asked.facts.get(since(defined(name))) if of_before(name) else None
            yield f"    {heading(name)} {cell(entity, name, value)}{f' since {day}' if day is not None else ''}"
    for name, below in asked.children.items():
        yield from children_lines(model.entities[name], below)
    yield f"  expect {wanted}"


def children_lines(entity: Entity, below: tuple[Described, ...]) -> Iterator[str]:
    names = list(dict.fromkeys(name for child in below for name in child.facts if not is_since(name)))
    if not below:
        yield f"    no {entity.name}"
        return
    names = names or [entity.facts[0].name]  # a row has a cell, if only for what nobody knows
    known = (
        [cell(entity, name, child.facts[name]) if name in child.facts else "-" for name in names]
        for child in below
    )
    rows = [list(map(heading, names)), *known]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    yield f"    {entity.name}"
    for row in rows:
        cells = " | ".join(part.ljust(width) for part, width in zip(row, widths, strict=True))
        yield f"      | {cells} |"


def heading(name: str) -> str:
    """A fact as a test names it, and what was in the run before."""
    return f"was {defined(name)}" if of_before(name) else name


def cell(entity: Entity, name: str, value: Value) -> str:
    """A value as tests write it."""
    if value is None:
        return "missing"
    fact = next(fact for fact in entity.facts if fact.name == name)
    if isinstance(value, str):
        return word(value) if fact.type.kind == "choice" else f'"{value}"'
    if isinstance(value, date):
        return value.isoformat()
    return short_text(value, fact.type) or ""


def word(option: str) -> str:
    return option if PLAIN.fullmatch(option) else f'"{option}"'
