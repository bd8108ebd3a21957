"""A clause comes in; out goes what was found, as part of a sentence: true whatever the condition asked.

So a condition that failed is told by what was the case instead, and nothing needs to be negated.
"""

from __future__ import annotations

from collections.abc import Sequence

from lifeseg.explain import amounts
from lifeseg.explain.catalogue import Catalogue
from lifeseg.explain.cells import asks_for_a_value
from lifeseg.explain.conditions import (
    asked_of,
    bare,
    body_of,
    entity_of,
    nearest_threshold,
    number_of,
    sides_of,
    value_title,
)
from lifeseg.explain.formula import formula
from lifeseg.explain.scope import Named, Scope, meaning, sibling_of
from lifeseg.interpreter.trace import Clause, DefinitionTrace, FactTrace, Threshold
from lifeseg.model.personal import MASK

MOST_REASONS = 4

_NOT = ": not "

_LESS = {"<": "below", "<=": "at_most", ">": "above", ">=": "at_least", "=": "equal"}
_DAYS = {"<": "before", "<=": "until", ">": "after", ">=": "from", "=": "equal"}
_OPPOSITE = {
    "below": "at_least", "at_most": "above", "above": "at_most", "at_least": "below", "equal": "not_equal",
    "before": "from", "until": "after", "after": "until", "from": "before",
}  # fmt: skip


def found(clause: Clause, scope: Scope, words: Catalogue) -> str:
    """What was found, in words: `every product under contract is marked “about to end” (2 of 2)`."""
    if clause.verdict == "unknown" and clause.operation != "and":
        return words.say("reason.unknown", text=formula(clause.text, scope, words))
    match clause.operation:
        case "and" | "or":
            return _several(clause, scope, words)
        case "not" if clause.parts:
            return found(clause.parts[0], scope, words)
        case "quantified" if clause.among is not None:
            return _quantified(clause, scope, words)
        case "compare" if len(clause.parts) == 2:
            return _compared(clause, scope, words)
        case "one_of":
            return _chosen(clause, scope, words)
        case "field":
            return _held(clause, scope, words)
        case "is_missing" if clause.parts:
            missing = (clause.verdict == "yes") is not asks_for_a_value(clause)
            title = _own(clause.parts[0], scope, words)
            return words.say("reason.missing" if missing else "reason.known", title=title)
        case _:
            key = "reason.formula" if clause.verdict == "yes" else "reason.not_formula"
            return words.say(key, text=formula(clause.text, scope, words))


def decisive(clause: Clause) -> tuple[Clause, ...]:
    """The parts of a condition that made it come out as it did."""
    if clause.operation not in ("and", "or") or clause.verdict is None:
        return (clause,)
    all_count = clause.verdict == ("yes" if clause.operation == "and" else "no")
    chosen = [part for part in clause.parts if part.verdict == clause.verdict]
    kept = chosen if all_count else chosen[:1]
    return tuple(piece for part in kept for piece in decisive(part)) or (clause,)


def title_of(clause: Clause, scope: Scope, words: Catalogue) -> str:
    """A subject as a sentence names it; a formula without a name in the policy's text."""
    named_thing = meaning(scope, clause)
    if named_thing is None or clause.operation not in ("field", "band"):
        return formula(clause.text, scope, words)
    return words.inside(words.title(named_thing.titles, named_thing.name))


def _own(clause: Clause, scope: Scope, words: Catalogue) -> str:
    """A subject as the record's own: `its lifecycle stage`."""
    title = title_of(clause, scope, words)
    return words.say("reason.own", title=title) if meaning(scope, clause) is not None else title


def _several(clause: Clause, scope: Scope, words: Catalogue) -> str:
    parts = decisive(clause)
    if parts == (clause,):
        return words.say("reason.unknown", text=formula(clause.text, scope, words))
    return found_together(parts, scope, words)


def found_together(clauses: Sequence[Clause], scope: Scope, words: Catalogue) -> str:
    """What several conditions found, one after the other.

    Flags that fail are told in one go; `some x: c` with `some x: not c` is told as `not every`.
    """
    failed = [title for clause in clauses if (title := _failed_flag(clause, scope, words))]
    failed = list(dict.fromkeys(failed))
    some = {clause.text for clause in clauses if clause.operation == "quantified" and clause.verdict == "yes"}
    told: dict[str, None] = {}
    for clause in clauses:
        if clause.text in some and clause.text.replace(_NOT, ": ") in some - {clause.text}:
            continue
        divided = clause.text in some and clause.text.replace(": ", _NOT, 1) in some
        text = _quantified(clause, scope, words, divided) if divided else found(clause, scope, words)
        if len(failed) > 1 and _failed_flag(clause, scope, words):
            text = words.say("reason.fail", titles=words.listed([f"“{title}”" for title in failed], "nor"))
        told[text] = None
    reasons = list(told)
    if len(reasons) > MOST_REASONS:
        more = words.say("reason.more", count=str(len(reasons) - MOST_REASONS))
        reasons = [*reasons[:MOST_REASONS], more]
    return words.listed(reasons, "clauses")


def _failed_flag(clause: Clause, scope: Scope, words: Catalogue) -> str | None:
    """The title of a flag that does not hold, if that is what a clause found."""
    pieces = decisive(clause)
    piece = pieces[0].parts[0] if len(pieces) == 1 and pieces[0].operation == "not" else pieces[0]
    flag = meaning(scope, piece) if piece.operation == "field" and piece.verdict == "no" else None
    return title_of(piece, scope, words) if len(pieces) == 1 and isinstance(flag, DefinitionTrace) else None


def _held(clause: Clause, scope: Scope, words: Catalogue) -> str:
    named_thing = meaning(scope, clause)
    if isinstance(named_thing, FactTrace):
        title = _own(clause, scope, words)
        return words.say("reason.fact", title=title, value=words.say(f"verdict.{clause.verdict}"))
    key = "reason.holds" if clause.verdict == "yes" else "reason.fails"
    return words.say(key, title=title_of(clause, scope, words))


def _chosen(clause: Clause, scope: Scope, words: Catalogue) -> str:
    asked = asked_of(clause)
    if asked is None:
        return words.say(
            "reason.formula" if clause.verdict == "yes" else "reason.not_formula",
            text=formula(clause.text, scope, words),
        )
    subject = meaning(scope, asked.subject)
    title = _own(asked.subject, scope, words)
    if not isinstance(subject, DefinitionTrace):
        value = subject.value if subject is not None else asked.subject.value
        if value is None:
            return words.say("reason.missing", title=title)
        return words.say("reason.fact", title=title, value=value)
    if subject.kind == "score" and subject.value is not None:
        band = words.inside(value_title(subject, subject.band or "", words))
        if "kept" in subject.remarks:
            return words.say("reason.score_kept", title=title, value=band, kept=kept(subject, words))
        return words.say("reason.score", title=title, value=band, number=number_of(subject))
    if subject.value is None:
        return words.say("reason.none" if "outside" in subject.remarks else "reason.missing", title=title)
    return words.say(
        "reason.choice", title=title, value=words.inside(value_title(subject, subject.value, words))
    )


def _compared(clause: Clause, scope: Scope, words: Catalogue) -> str:
    left, right = clause.parts
    title = _own(left, scope, words)
    if clause.left is None or clause.right is None:
        absent = left if clause.left is None else right
        return words.say("reason.missing", title=_own(absent, scope, words))
    sides = sides_of(clause, scope, words)
    if clause.distance in (None, MASK):
        return words.say("reason.same", title=title, value=sides.left)
    if sides.direction == 0:
        return words.say("reason.at", title=title, value=sides.left)
    key = ("earlier", "later") if sides.dates else ("below", "above")
    return words.say(
        f"reason.{key[sides.direction > 0]}",
        title=title,
        value=sides.left,
        distance=sides.distance,
        limit=sides.right,
    )


# ---- Children ----------------------------------------------------------------------------------


def _quantified(clause: Clause, scope: Scope, words: Catalogue, divided: bool = False) -> str:
    entity, body = entity_of(clause), body_of(clause)
    holding, among = clause.holding or 0, clause.among or 0
    title = words.inside(words.title(scope.entities.get(entity, {}), entity))
    if among == 0:
        return words.say("reason.without", entity=title)
    settled = all(child.clause is None or child.clause.verdict != "unknown" for child in clause.children)
    if body is not None and body.operation == "not" and body.parts and settled and holding in (0, among):
        body, holding = body.parts[0], among - holding
    told = words.say("predicate.formula", text=formula(clause.text.partition(": ")[2], scope, words))
    if body is not None:
        told = predicate(body, sibling_of(scope, entity), words)
    if holding == among:
        key = "every"
    elif holding == 0 and settled:
        key = "no"
    elif divided:
        key = "some_not_every"
    else:
        key = "not_every" if clause.text.startswith("every ") else "some"
    return words.say(f"reason.{key}", entity=title, predicate=told, holding=str(holding), among=str(among))


def predicate(clause: Clause, scope: Scope, words: Catalogue, negated: bool = False) -> str:
    """What a condition says of a child record: `is marked “about to end”`."""
    match clause.operation:
        case "not" if clause.parts:
            return predicate(clause.parts[0], scope, words, not negated)
        case "and" if not negated and clause.parts:
            return words.listed([predicate(part, scope, words) for part in clause.parts])
        case "or" if not negated and clause.parts:
            return words.listed([predicate(part, scope, words) for part in clause.parts], "or")
        case "field":
            return _marked(meaning(scope, clause), title_of(clause, scope, words), words, negated)
        case "one_of" if (asked := asked_of(clause)) is not None:
            subject = meaning(scope, asked.subject)
            values = [words.inside(value_title(subject, value, words)) for value in asked.values]
            key = "predicate.is_not" if asked.negated is not negated else "predicate.is"
            title = title_of(asked.subject, scope, words)
            return words.say(key, title=title, value=words.listed(values, "or"))
        case "is_missing" if clause.parts:
            known = asks_for_a_value(clause) is not negated
            title = title_of(clause.parts[0], scope, words)
            return words.say("predicate.known" if known else "predicate.missing", title=title)
        case "compare" if len(clause.parts) == 2 and not _reads(clause.parts[1]):
            return _limited(clause, scope, words, negated)
        case _:
            key = "predicate.not_formula" if negated else "predicate.formula"
            return words.say(key, text=bare(clause, scope, words))


def _marked(named_thing: Named | None, title: str, words: Catalogue, negated: bool) -> str:
    if isinstance(named_thing, FactTrace):
        return words.say("predicate.not_fact" if negated else "predicate.fact", title=title)
    return words.say("predicate.not_marked" if negated else "predicate.marked", title=title)


def _limited(clause: Clause, scope: Scope, words: Catalogue, negated: bool) -> str:
    sides = sides_of(clause, scope, words)
    key = (_DAYS if sides.dates else _LESS)[clause.operator or "="]
    if negated:
        key = _OPPOSITE[key]
    return words.say(f"predicate.{key}", title=title_of(clause.parts[0], scope, words), limit=sides.right)


def _reads(clause: Clause) -> bool:
    """Whether a formula differs from record to record."""
    return clause.operation in ("field", "band", "aggregate") or any(_reads(part) for part in clause.parts)


# ---- A score against where a class or band begins ----------------------------------------------


def away_from(score: DefinitionTrace, asked: str, words: Catalogue, itself: bool = False) -> str:
    """Why a score has not the band asked for; `score` may carry the classes of a rank by it."""
    found_threshold = nearest_threshold(score, (asked,))
    limit = found_threshold[0] if found_threshold else None
    step = next((step for step in score.thresholds if step.threshold == limit), None)
    return beside(score, step, words, itself)


def beside(score: DefinitionTrace, step: Threshold | None, words: Catalogue, itself: bool = False) -> str:
    """Where a score stands beside the beginning of a class or band; `itself` if the sentence is about it."""
    title = words.say("reason.own", title=words.inside(words.title(score.titles, score.name)))
    if itself:
        title = words.say("reason.it")
    if score.value is None:
        return words.say("reason.missing", title=title)
    if step is None or step.threshold is None or not amounts.is_number(step.distance or ""):
        return words.say("reason.same", title=title, value=number_of(score))
    decimals = amounts.decimals_of(score, score.value)
    value, limit, distance = amounts.apart(score.value, step.threshold, step.distance or "0", decimals)
    name = words.inside(words.title(step.titles, step.name))
    key = {-1: "short_of", 0: "begins", 1: "beyond"}[amounts.sign(step.distance)]
    if step.left:
        key = {-1: "left", 0: "ends", 1: "not_left"}[amounts.sign(step.distance)]
    values = {"title": title, "value": value, "distance": distance, "threshold": limit, "class": name}
    return words.say(f"reason.{key}", **values)


def kept(score: DefinitionTrace, words: Catalogue) -> str:
    """Why a score has a band still that it would not reach."""
    limit = next(step.threshold or "" for step in score.thresholds if step.holds)
    decimals = amounts.decimals_of(score, score.value or "")
    return words.say("reason.kept", number=number_of(score), limit=amounts.rounded(limit, decimals))


def next_step(definition: DefinitionTrace) -> Threshold | None:
    """Where the next better class or band begins; for the best, where it begins itself."""
    holding = next((at for at, step in enumerate(definition.thresholds) if step.holds), None)
    if holding is None:
        return None
    better = [step for step in definition.thresholds[:holding] if step.threshold is not None]
    own = definition.thresholds[holding]
    return better[-1] if better else (own if own.threshold is not None else None)
