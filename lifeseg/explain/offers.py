"""A block of offers comes in; out goes what became of each in the policy's words, and why.

The policy's offers were made into flags, segments and indexes before anything was evaluated: of `fibre` the trace holds
`fibre_worth`, with its condition, and `fibre_outcome`, with every reason for and against. Here they are one line again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lifeseg.explain import amounts
from lifeseg.explain.catalogue import Catalogue
from lifeseg.explain.conditions import label
from lifeseg.explain.evidence import Telling, demands
from lifeseg.explain.explanation import Line
from lifeseg.explain.prose import found, title_of
from lifeseg.explain.scope import Scope
from lifeseg.frozen import dataclass
from lifeseg.functions import exact
from lifeseg.interpreter.trace import CaseTrace, Clause, DefinitionTrace
from lifeseg.model.personal import MASK

_EXCLUDED, _APART = "excluded_by_", "not_with_"
_OUTCOMES = ("made", "no_places", "over_budget", "not_with", "not_among_best", "excluded", "not_open")
_CLOSED = ("excluded", "not_open")
_LIMITS = ("no_places", "over_budget")


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer to one record: what became of it, by which case of its outcome, and what it is worth."""

    flag: DefinitionTrace
    outcome: str
    case: CaseTrace
    worth: DefinitionTrace
    condition: Clause | None  # None where it is open to everybody
    hidden: bool  # what it is worth gives away a personal fact


def is_offers(definition: DefinitionTrace) -> bool:
    """Whether it is a block of offers, or one of them."""
    return definition.kind in ("flags", "flag") and "offers" in definition.remarks


def offer_of(flag: DefinitionTrace, scope: Scope) -> Offer:
    """The offer that a flag stands for."""
    outcome, worth = (scope.names[f"{flag.name}_{part}"] for part in ("outcome", "worth"))
    assert isinstance(outcome, DefinitionTrace)
    assert isinstance(worth, DefinitionTrace)
    case = next(case for case in outcome.cases if case.taken)
    kind = next((kind for kind in _OUTCOMES if case.name.startswith(kind)), case.name)
    exclusions = sum(case.name.startswith(_EXCLUDED) for case in outcome.cases)
    parts = worth.formula.parts if worth.formula is not None else ()
    test = next((part for part in parts if part.verdict is not None), None)
    if test is not None and exclusions:
        test = test.parts[exclusions] if test.operation == "and" and len(test.parts) > exclusions else None
    if test is not None and test.operation == "constant":
        test = None
    return Offer(flag, kind, case, worth, test, worth.value == MASK)


def offers_of(block: DefinitionTrace, scope: Scope) -> list[Offer]:
    """All offers of a block: those made, those that were open, those that were not; by worth."""
    flags = [scope.names[name] for name in block.uses]
    offers = [offer_of(flag, scope) for flag in flags if isinstance(flag, DefinitionTrace)]
    return sorted(
        offers, key=lambda offer: (offer.outcome != "made", offer.outcome in _CLOSED, -_size(offer))
    )


def _size(offer: Offer) -> int:
    value = offer.worth.value
    if value is None or not amounts.is_number(value):
        return 0
    return exact.rescale(*exact.from_text(value), exact.DIVISION_DECIMALS)


# ---- In words ------------------------------------------------------------------------------------


def became(offer: Offer, scope: Scope, words: Catalogue) -> str:
    """What became of an offer: `made`, `no place is left`, `excluded: wants no offers`."""
    match offer.outcome:
        case "excluded":
            return words.say("offer.excluded", reason=exclusion(offer, scope, words))
        case "not_with":
            other = scope.definition(offer.case.name.removeprefix(_APART))
            title = words.inside(words.title(other.titles, other.name)) if other is not None else ""
            return words.say("offer.not_with", other=title)
        case "not_open":
            unknown = "defaulted" in offer.worth.remarks
            return words.say("offer.worth_unknown" if unknown else "offer.worth_nothing")
        case outcome:
            return words.say(f"offer.{outcome}")


def exclusion(offer: Offer, scope: Scope, words: Catalogue) -> str:
    """The title of what excludes a record."""
    return title_of(offer.case.clause, scope, words) if offer.case.clause is not None else ""


def measured(offer: Offer, words: Catalogue) -> str:
    """What an offer is worth, and where a limit that it met ended."""
    if offer.outcome in _CLOSED:
        return ""
    worth = _amount(offer.worth.value, offer, words)
    if offer.outcome not in _LIMITS or offer.case.clause is None:
        return words.say("offer.worth", worth=worth)
    end = next((part.right for part in _inside(offer.case.clause) if part.operation == "compare"), None)
    if end is None:
        return words.say(f"offer.{offer.outcome}_tied", worth=worth)
    return words.say(f"offer.{offer.outcome}_end", worth=worth, end=_amount(end, offer, words))


def _inside(clause: Clause) -> Iterator[Clause]:
    yield clause
    for part in clause.parts:
        yield from _inside(part)


def _amount(value: str | None, offer: Offer, words: Catalogue) -> str:
    if offer.hidden:
        return MASK
    return amounts.shown(offer.worth, value, offer.worth.unit, words)


def told(offer: Offer, scope: Scope, words: Catalogue) -> str:
    """What became of an offer, with what it is worth where that counted."""
    text, note = became(offer, scope, words), measured(offer, words)
    return words.say("sentence.named", name=text, title=note) if note else text


def why(offer: Offer, scope: Scope, words: Catalogue) -> str:
    """The reason for what became of an offer, as a sentence gives it."""
    if offer.outcome == "made":
        return words.say("offer.is_worth", worth=_amount(offer.worth.value, offer, words))
    if offer.outcome == "excluded":
        return words.say("reason.holds", title=exclusion(offer, scope, words))
    if offer.condition is not None and _unmet(offer):
        return found(offer.condition, scope, words)
    return told(offer, scope, words)


def why_all(block: DefinitionTrace, scope: Scope, words: Catalogue) -> str:
    """Why a record is made the offers it is made, or none: told by the one that came nearest."""
    first = next(iter(offers_of(block, scope)), None)
    if first is None or first.outcome == "not_open":
        return words.say("offer.none_open")
    if excluded_by(block, scope, words):
        return ""  # said with the value
    title = words.inside(words.title(first.flag.titles, first.flag.name))
    if first.outcome == "made":
        worth = _amount(first.worth.value, first, words)
        return words.say("offer.title_worth", title=title, worth=worth)
    return words.say("sentence.rest", decision=title, value=why(first, scope, words))


def excluded_by(block: DefinitionTrace, scope: Scope, words: Catalogue) -> str:
    """What excludes a record from every offer of a block, if it is the same for all."""
    offers = offers_of(block, scope)
    titles = {exclusion(offer, scope, words) for offer in offers if offer.outcome == "excluded"}
    same = len(titles) == 1 and all(offer.outcome == "excluded" for offer in offers)
    return titles.pop() if same else ""


def _unmet(offer: Offer) -> bool:
    """Whether it is not open because its condition does not hold."""
    return offer.outcome == "not_open" and offer.condition is not None and offer.condition.verdict != "yes"


# ---- Lines ---------------------------------------------------------------------------------------


def offer_lines(block: DefinitionTrace, scope: Scope, telling: Telling) -> tuple[Line, ...]:
    """A line for each offer; one for all where the same thing excludes from all."""
    offers = offers_of(block, scope)
    if excluded_by(block, scope, telling.words):
        return (replace(offer_line(offers[0], scope, telling), label=telling.words.say("offer.all")),)
    return tuple(offer_line(offer, scope, telling) for offer in offers)


def offer_line(offer: Offer, scope: Scope, telling: Telling, everything: bool = False) -> Line:
    """What became of an offer, above the condition that decided it; of one that is not open the condition alone."""
    words = telling.words
    name = label(offer.flag.name, offer.flag.titles, words)
    place = offer.flag.place if everything else ""
    clause = offer.case.clause if offer.outcome == "excluded" else offer.condition
    lines = demands(clause, scope, telling, everything) if clause is not None else ()
    if _unmet(offer):
        first, *rest = lines
        return Line("case", name, first.text, first.verdict, first.note, place, lines=(*first.lines, *rest))
    if telling.detail >= 3 and offer.outcome not in _CLOSED:
        lines += tuple(_formulas(offer, scope, words))
    return Line(
        "case", name, told(offer, scope, words), place=place, taken=offer.outcome == "made", lines=lines
    )


def _formulas(offer: Offer, scope: Scope, words: Catalogue) -> Iterator[Line]:
    """How its worth was worked out, and its cost."""
    for part in ("worth", "cost"):
        index = scope.definition(f"{offer.flag.name}_{part}")
        if index is None or index.formula is None:
            continue
        written = next((part for part in index.formula.parts if part.verdict is None), index.formula)
        value = _amount(index.value, offer, words)
        text = words.say(f"offer.{part}", **{part: value})
        if written.operation != "constant":
            text = words.say("offer.formula", text=text, formula=written.text)
        yield Line("clause", text=text)
