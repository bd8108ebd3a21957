"""A clause comes in; out goes what it says, with its values put in, and by how much it holds or fails.

The phrase is the policy's own text or, where the language's catalogue says so, the same in titles.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from lifeseg.explain import amounts
from lifeseg.explain.catalogue import Catalogue
from lifeseg.explain.cells import asks_for_a_value
from lifeseg.explain.formula import formula
from lifeseg.explain.scope import Named, Scope, case_titles, meaning, sibling_of
from lifeseg.interpreter.trace import Clause, DefinitionTrace, Titles
from lifeseg.model.personal import MASK

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_ASKED = re.compile(r" is (?:not )?(?:one of )?(.+)$", re.DOTALL)


class Asked(NamedTuple):
    """What `subject is one of values` asks: the subject's clause, the names, whether it says `is not`."""

    subject: Clause
    values: tuple[str, ...]
    negated: bool


class Sides(NamedTuple):
    """A comparison as it is shown: both values and how far apart they are, with their units."""

    left: str
    right: str
    distance: str
    direction: int  # -1: left is less, 0: equal or not to be told, 1: left is more
    dates: bool


# ---- What a clause says ------------------------------------------------------------------------


def phrase(clause: Clause, scope: Scope, words: Catalogue) -> str:
    """A condition in one phrase; a comparison and a score's band show the value they had."""
    match clause.operation:
        case "compare":
            return _compared(clause, scope, words)
        case "one_of":
            return _asked_phrase(clause, scope, words)
        case _ if not words.in_titles:
            return clause.text
        case _:
            return _in_titles(clause, scope, words)


def _in_titles(clause: Clause, scope: Scope, words: Catalogue) -> str:
    match clause.operation:
        case "field" | "band" | "parameter":
            return named(clause, scope, words)
        case "not" if clause.parts:
            return words.say("phrase.not", condition=phrase(clause.parts[0], scope, words))
        case "and" | "or":
            parts = [phrase(part, scope, words) for part in clause.parts]
            text = parts[0]
            for part in parts[1:]:
                text = words.say(f"phrase.{clause.operation}", first=text, last=part)
            return text
        case "is_missing" if clause.parts:
            key = "is_known" if asks_for_a_value(clause) else "is_missing"
            return words.say(f"phrase.{key}", subject=named(clause.parts[0], scope, words))
        case "quantified":
            return _quantified(clause, scope, words)
        case _:
            return formula(clause.text, scope, words)


def _quantified(clause: Clause, scope: Scope, words: Catalogue) -> str:
    quantifier, _, rest = clause.text.partition(" ")
    entity = entity_of(clause)
    body = body_of(clause)
    within = sibling_of(scope, entity)
    if body is None or not words.knows(f"phrase.{quantifier}") or " where " in rest.partition(":")[0]:
        return formula(clause.text, scope, words)
    title = words.title(scope.entities.get(entity, {}), entity)
    return words.say(f"phrase.{quantifier}", entity=title, condition=bare(body, within, words))


def bare(clause: Clause, scope: Scope, words: Catalogue) -> str:
    """A condition without the values one record had: what it asks of any."""
    if clause.operation == "one_of":
        return _asked_phrase(clause, scope, words, with_value=False)
    if clause.operation == "compare" or not words.in_titles:
        return formula(clause.text, scope, words)
    if clause.operation == "not" and clause.parts:
        return words.say("phrase.not", condition=bare(clause.parts[0], scope, words))
    return phrase(clause, scope, words)


def _compared(clause: Clause, scope: Scope, words: Catalogue) -> str:
    if len(clause.parts) != 2 or clause.operator is None:
        return formula(clause.text, scope, words)
    left, right = clause.parts
    sides = sides_of(clause, scope, words)
    return (
        f"{_side(left, sides.left, scope, words)} {clause.operator} {_side(right, sides.right, scope, words)}"
    )


def _side(clause: Clause, value: str, scope: Scope, words: Catalogue) -> str:
    """A side of a comparison: a name with its value, or the value alone where the name would say no more."""
    if clause.operation in ("constant", "today") or (
        clause.operation in ("add", "subtract") and _is_day(value)
    ):
        return value
    return f"{named(clause, scope, words)} {value}"


def _asked_phrase(clause: Clause, scope: Scope, words: Catalogue, with_value: bool = True) -> str:
    asked = asked_of(clause)
    if asked is None:
        return formula(clause.text, scope, words)
    subject = named(asked.subject, scope, words)
    score = meaning(scope, asked.subject)
    if (
        with_value
        and isinstance(score, DefinitionTrace)
        and score.kind == "score"
        and score.value is not None
    ):
        subject = f"{subject} {number_of(score)}"
    if not words.in_titles:
        _, _, rest = clause.text.partition(" is ")
        return f"{subject} is {rest}"
    values = words.listed([value_title(score, value, words) for value in asked.values], "or")
    return words.say("phrase.is_not" if asked.negated else "phrase.is", subject=subject, value=values)


def label(name: str, titles: Titles, words: Catalogue) -> str:
    """What the tree calls a definition or case."""
    return words.title(titles, name) if words.in_titles else name


def named(clause: Clause, scope: Scope, words: Catalogue) -> str:
    """What a clause is called: its text in the policy, or its title."""
    if not words.in_titles or clause.name is None:
        return formula(clause.text, scope, words)
    if clause.operation == "parameter":
        return words.title(scope.parameters.get(clause.name, {}), clause.name)
    found = meaning(scope, clause) if clause.operation in ("field", "band") else None
    return words.title(found.titles, found.name) if found is not None else formula(clause.text, scope, words)


def entity_of(clause: Clause) -> str:
    """The child entity that a quantifier or aggregate ranges over."""
    if clause.children:
        return clause.children[0].entity
    found = re.match(r"(?:some|every|no) (\w+)", clause.text)
    return found[1] if found else ""


def body_of(clause: Clause) -> Clause | None:
    """What a quantifier asks of a child, as it was asked of one."""
    return next((child.clause for child in clause.children if child.counted and child.clause), None)


# ---- What was asked, and what was found --------------------------------------------------------


def asked_of(clause: Clause) -> Asked | None:
    """The subject and the values of a `one_of`."""
    found = _ASKED.search(clause.text)
    if found is None or not clause.parts:
        return None
    values = tuple(value.strip().strip('"') for value in found[1].split(","))
    return Asked(clause.parts[0], values, " is not " in clause.text)


def value_title(found: Named | None, value: str, words: Catalogue) -> str:
    """The title of a case, class or band, else its name; a class named by a letter keeps it."""
    if not isinstance(found, DefinitionTrace):
        return value
    titles = case_titles(found).get(value)
    if titles is None or found.kind == "rank":
        return value
    return words.title(titles, value)


def number_of(score: DefinitionTrace) -> str:
    """A score at the decimals that show on which side of its nearest threshold it lies."""
    value = score.value or ""
    decimals = amounts.decimals_of(score, value)
    for threshold in score.thresholds:
        if threshold.threshold is not None and threshold.distance is not None:
            exact = amounts.apart(value, threshold.threshold, threshold.distance, decimals)[0]
            if exact != amounts.rounded(value, decimals):
                return exact
    return amounts.rounded(value, decimals)


def sides_of(clause: Clause, scope: Scope, words: Catalogue) -> Sides:
    """Both sides of a comparison, with as many decimals as show which is more."""
    left, right = (*clause.parts, clause, clause)[:2]
    subject, other = meaning(scope, left), meaning(scope, right)
    decimals = amounts.decimals_of(subject, clause.left)
    if decimals is None:
        decimals = amounts.decimals_of(other, clause.right)
    missing = words.say("verdict.missing")
    first, second, distance = clause.left or missing, clause.right or missing, clause.distance or ""
    dates = _is_day(clause.left) or _is_day(clause.right)
    unit = clause.unit
    if not dates:
        first, second, gap = amounts.apart(first, second, distance, decimals)
        first, second = (amounts.with_unit(value, unit, words) for value in (first, second))
        return Sides(first, second, amounts.with_unit(gap, unit, words), amounts.sign(distance), False)
    gap = amounts.with_unit(amounts.size(distance), "day", words)
    return Sides(first, second, gap, amounts.sign(distance), True)


def _is_day(text: str | None) -> bool:
    return text is not None and _DATE.fullmatch(text) is not None


# ---- By how much -------------------------------------------------------------------------------


def note(clause: Clause, scope: Scope, words: Catalogue) -> str:
    """How far a condition is from turning over: `30 days to spare`, `0.0278 below 0.5400`, `2 of 2`."""
    match clause.operation:
        case "compare":
            return _compare_note(clause, scope, words)
        case "one_of":
            return _asked_note(clause, scope, words)
        case "quantified" if clause.among is not None:
            return words.say("note.counts", holding=str(clause.holding), among=str(clause.among))
        case "not" if clause.parts:
            return note(clause.parts[0], scope, words)
        case "field" if isinstance(found := meaning(scope, clause), DefinitionTrace) and found.stale_since:
            return words.say("note.stale", day=found.stale_since)
        case _:
            return ""


def _compare_note(clause: Clause, scope: Scope, words: Catalogue) -> str:
    if clause.distance is None or clause.distance == MASK or clause.verdict is None:
        return ""
    sides = sides_of(clause, scope, words)
    holds = clause.verdict == "yes"
    if clause.operator == "=":
        return "" if holds else words.say("note.off", distance=sides.distance)
    if sides.direction == 0:
        return words.say("note.exact")
    if holds and clause.operator == ">" and not amounts.sign(clause.right):
        return ""  # more than nothing: by how much is no margin
    if holds:
        return words.say("note.spare", distance=sides.distance)
    if sides.dates:
        return words.say("note.late" if sides.direction > 0 else "note.early", distance=sides.distance)
    return words.say("note.over" if sides.direction > 0 else "note.short", distance=sides.distance)


def _asked_note(clause: Clause, scope: Scope, words: Catalogue) -> str:
    asked = asked_of(clause)
    found = meaning(scope, asked.subject) if asked else None
    if asked is None or found is None:
        return ""
    if isinstance(found, DefinitionTrace) and found.kind == "score":
        return _band_note(found, asked, words)
    if found.value is None:
        outside = isinstance(found, DefinitionTrace) and "outside" in found.remarks
        return words.say("note.no_value" if outside else "note.missing")
    if (found.value in asked.values) and len(asked.values) == 1:
        return ""
    return words.say(
        "note.actual", value=value_title(found, found.value, words) if words.in_titles else found.value
    )


def _band_note(score: DefinitionTrace, asked: Asked, words: Catalogue) -> str:
    """How far a score is from the threshold that would change the answer."""
    threshold = nearest_threshold(score, asked.values)
    if threshold is None or score.value is None:
        return ""
    limit, away = threshold
    _, shown, distance = amounts.apart(score.value, limit, away, amounts.decimals_of(score, score.value))
    if not amounts.sign(away):
        return words.say("note.at", threshold=shown)
    return words.say(
        "note.above" if amounts.sign(away) > 0 else "note.below", threshold=shown, distance=distance
    )


def nearest_threshold(score: DefinitionTrace, asked: tuple[str, ...]) -> tuple[str, str] | None:
    """The threshold next to the score whose crossing changes whether its band is among those asked for.

    Bands stand from the highest threshold down. Gives the threshold and the score's distance from it.
    """
    holding = next((at for at, band in enumerate(score.thresholds) if band.holds), None)
    if holding is None:
        return None
    inside = score.thresholds[holding].name in asked
    above = [at for at in range(holding) if (score.thresholds[at].name in asked) is not inside]
    below = [
        at
        for at in range(holding + 1, len(score.thresholds))
        if (score.thresholds[at].name in asked) is not inside
    ]
    crossings = [*above[-1:], *(at - 1 for at in below[:1])]
    found = [
        (band.threshold, band.distance)
        for band in (score.thresholds[at] for at in crossings)
        if band.threshold is not None and band.distance is not None
    ]
    return min(found, key=lambda crossing: _magnitude(crossing[1]), default=None)


def _magnitude(distance: str) -> tuple[int, str]:
    """Orders plain decimal numbers by size without turning them into floats."""
    whole, _, rest = amounts.size(distance).partition(".")
    return int(whole) if whole.isdigit() else 0, rest
