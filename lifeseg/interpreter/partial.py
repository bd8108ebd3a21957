"""Functions from a row to a value come in where some facts are not given; functions that answer all the same go out.

A test describes a record by a few facts, and an expectation holds only if it holds whatever the others are. So an
answer is given where what is given decides, and otherwise none: `NotGiven` is raised, or shows as UNKNOWN.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from lifeseg.interpreter.link import UNKNOWN, NotGiven, Run
from lifeseg.interpreter.results import Row

Pair = Callable[[Any, Any], Any]
Admitted = Callable[[Row], Sequence[tuple[Row, bool]]]
"""The child rows that may count, each with whether it surely does."""


def attempt(run: Run) -> Run:
    """The value, or UNKNOWN where it depends on what is not given."""

    def answer(row: Row) -> Any:
        try:
            return run(row)
        except NotGiven:
            return UNKNOWN

    return answer


def given(run: Run) -> Run:
    """A value that may be UNKNOWN in its row."""

    def answer(row: Row) -> Any:
        value = run(row)
        if value is UNKNOWN:
            raise NotGiven
        return value

    return answer


def settled(possible: Iterable[Any]) -> Any:
    """The one value it may be."""
    found = list(possible)
    if any(value is UNKNOWN or value != found[0] for value in found):
        raise NotGiven
    return found[0]


def strictly(first: Run, second: Run, operation: Pair) -> Run:
    """A missing side gives a missing result, whatever the other is."""
    left, right = attempt(first), attempt(second)

    def run(row: Row) -> Any:
        a, b = left(row), right(row)
        if a is None or b is None:
            return None
        if a is UNKNOWN or b is UNKNOWN:
            raise NotGiven
        return operation(a, b)

    return run


def joined(runs: Iterable[Run], decisive: bool) -> Run:
    """and, or: the items that are not given only matter if the others do not decide."""
    items = [attempt(run) for run in runs]

    def run(row: Row) -> Any:
        verdicts = [item(row) for item in items]
        if any(verdict is decisive for verdict in verdicts):
            return decisive
        if UNKNOWN in verdicts:
            raise NotGiven
        return None if None in verdicts else not decisive

    return run


def missing(subject: Run, optional: bool) -> Run:
    """Whether a value is missing; what cannot be missing is not, given or not."""
    value = attempt(subject)

    def run(row: Row) -> Any:
        found = value(row)
        if found is UNKNOWN and optional:
            raise NotGiven
        return found is None

    return run


def first_of(steps: Sequence[tuple[Run, Run, bool]], last: Run) -> Run:
    """The value of the first step that holds. A step is its condition, its value, and whether the condition may be
    missing; what every step that may be taken gives is the answer.
    """
    tried = [(attempt(test), attempt(value), optional) for test, value, optional in steps]
    otherwise = attempt(last)

    def possible(row: Row) -> Iterable[Any]:
        for test, value, optional in tried:
            verdict = test(row)
            if verdict is None:
                yield None
                return
            if verdict is not False:
                yield value(row)
            if verdict is True:
                return
            if verdict is UNKNOWN and optional:
                yield None
        yield otherwise(row)

    return lambda row: settled(possible(row))


def any_of(cases: Sequence[tuple[str, Run]], last: tuple[str, ...]) -> Callable[[Row], tuple[str, ...]]:
    """The cases that hold: one that does is the answer, for cases exclude each other."""
    tried = [(name, attempt(test)) for name, test in cases]

    def run(row: Row) -> tuple[str, ...]:
        verdicts = [(name, test(row)) for name, test in tried]
        found = tuple(name for name, verdict in verdicts if verdict is True)
        if not found and any(verdict is UNKNOWN for _, verdict in verdicts):
            raise NotGiven
        return found or last

    return run


def within(where: Run, inner: Run) -> Run:
    """Outside its `where` a definition has no value."""
    test, value = attempt(where), attempt(inner)

    def run(row: Row) -> Any:
        verdict = test(row)
        if verdict is UNKNOWN:
            return settled((None, value(row)))
        return inner(row) if verdict else None

    return run


def total(terms: Sequence[tuple[Run, int]], fallback: Any) -> Run:
    """The weighted sum of a score; one missing leaf is enough for its `if missing`."""
    leaves = [(attempt(value), weight) for value, weight in terms]

    def run(row: Row) -> Any:
        found = [(value(row), weight) for value, weight in leaves]
        if any(amount is None for amount, _ in found):
            return fallback
        if any(amount is UNKNOWN for amount, _ in found):
            raise NotGiven
        return sum(amount * weight for amount, weight in found)

    return run


# ---- Children ------------------------------------------------------------------------------------


def admitted(existing: Callable[[Row], Sequence[Row]], tests: Sequence[Run]) -> Admitted:
    """The child rows for which no test is no, and whether all are yes."""
    test = attempt(joined(tests, False))

    def run(row: Row) -> Sequence[tuple[Row, bool]]:
        verdicts = [(child, test(child)) for child in existing(row)]
        return [
            (child, verdict is True) for child, verdict in verdicts if verdict is True or verdict is UNKNOWN
        ]

    return run


def quantified(quantifier: str, rows: Admitted, body: Run) -> Run:
    """some, every, no: a row that may count or may hold leaves it open, unless another decides."""
    holds = attempt(body)
    decisive, then = (False, False) if quantifier == "every" else (True, quantifier == "some")

    def run(row: Row) -> Any:
        verdicts = [(holds(child), sure) for child, sure in rows(row)]
        if any(verdict is decisive and sure for verdict, sure in verdicts):
            return then
        nobody_yet = quantifier == "every" and not any(sure for _, sure in verdicts)
        if nobody_yet and not verdicts:
            return False
        harmless = not decisive
        if nobody_yet or any(
            verdict is UNKNOWN or (not sure and verdict is not harmless) for verdict, sure in verdicts
        ):
            raise NotGiven
        return None if any(verdict is None for verdict, _ in verdicts) else not then

    return run


def values(rows: Admitted, value: Run, known: bool) -> Callable[[Row], list[Any] | None]:
    """The values to be summed up; None if one of them is missing that is not passed over."""
    amount = attempt(value)

    def run(row: Row) -> list[Any] | None:
        found = [(amount(child), sure) for child, sure in rows(row)]
        if not known and any(one is None and sure for one, sure in found):
            return None
        if any(one is UNKNOWN or (not sure and not (known and one is None)) for one, sure in found):
            raise NotGiven
        return [one for one, _ in found if one is not None]

    return run
