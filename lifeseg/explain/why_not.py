"""The name of a case comes in, the decision it belongs to goes out, and why the record is not there."""

from __future__ import annotations

from dataclasses import replace

from lifeseg.explain.catalogue import Catalogue
from lifeseg.explain.decisions import decided, flags_of
from lifeseg.explain.evidence import Telling
from lifeseg.explain.explanation import Line
from lifeseg.explain.offers import is_offers, offer_of, why
from lifeseg.explain.prose import away_from, found, found_together
from lifeseg.explain.scope import Scope, condition_of
from lifeseg.explain.sections import case_line, flag_line, measure, section, toward, where_lines
from lifeseg.explain.sentence import capital, reason_of, told_case, told_value
from lifeseg.interpreter.trace import DefinitionTrace

_MOST_SUGGESTIONS = 4


class UnknownCase(ValueError):  # noqa: N818 - it says what is wrong
    """No decision has this case, or several have; `suggestions` are names to ask for instead."""

    def __init__(self, case: str, suggestions: tuple[str, ...], ambiguous: bool = False) -> None:
        problem = f"`{case}` is a case of several definitions" if ambiguous else f"no case is called `{case}`"
        super().__init__(problem)
        self.case = case
        self.suggestions = suggestions
        self.ambiguous = ambiguous


Asked = tuple[DefinitionTrace, str]


def find_case(scope: Scope, case: str) -> Asked:
    """The definition and case that a name means, bare or behind its definition; or UnknownCase."""
    known = _cases(scope)
    if case in known:
        return known[case]
    meant = [name for name in known if name.partition(".")[2] == case]
    choosing = [name for name in meant if known[name][0].kind != "score"]
    if len(choosing or meant) > 1:
        raise UnknownCase(case, tuple(meant), ambiguous=True)
    if not meant:
        raise UnknownCase(case, _nearest(case, known))
    return known[(choosing or meant)[0]]


def _cases(scope: Scope) -> dict[str, Asked]:
    """Everything that can be asked for, by `definition.case`."""
    found_cases: dict[str, Asked] = {}
    for definition in scope.record.definitions:
        if definition.kind in ("flag", "index") or (
            definition.kind == "segment" and "offers" in definition.remarks
        ):
            continue
        names = [case.name for case in definition.cases] + [step.name for step in definition.thresholds]
        names += [flag.name for flag in flags_of(definition, scope)] if definition.kind == "flags" else []
        found_cases.update((f"{definition.name}.{name}", (definition, name)) for name in names)
    return found_cases


def _nearest(case: str, known: dict[str, Asked]) -> tuple[str, ...]:
    from difflib import get_close_matches

    if "." in case:
        return tuple(get_close_matches(case, known, _MOST_SUGGESTIONS))
    bare = dict.fromkeys(name.partition(".")[2] for name in known)
    return tuple(get_close_matches(case, bare, _MOST_SUGGESTIONS))


# ---- The sentence ------------------------------------------------------------------------------


def why_not_sentence(asked: Asked, scope: Scope, words: Catalogue) -> str:
    """Why the record is not in the case asked for, or that it is."""
    definition, case = asked
    who = scope.record.key
    title = words.inside(words.title(definition.titles, definition.name))
    if definition.kind == "flags":
        return _member_sentence(definition, case, title, scope, words)
    value = told_case(definition, case, words)
    if case == (definition.band if definition.kind == "score" else definition.value):
        main = words.say("sentence.first", who=who, decision=title, value=value)
        return _because(main, reason_of(definition, scope, words), words)
    main = words.say("sentence.why_not", who=who, decision=title, value=value)
    text = _because(main, _why_not(definition, case, scope, words), words)
    actual = told_value(definition, scope, words)
    if actual is None:
        return text
    instead = words.say("sentence.instead", value=actual)
    return words.say("sentence.more", text=text, further=words.say("sentence.end", text=instead))


def _because(main: str, reason: str, words: Catalogue) -> str:
    if reason:
        main = words.say("sentence.because", main=main, reason=reason)
    return words.say("sentence.end", text=main)


def _member_sentence(
    definition: DefinitionTrace, member: str, title: str, scope: Scope, words: Catalogue
) -> str:
    flag = scope.definition(member)
    name = words.inside(words.title(flag.titles, flag.name)) if flag is not None else member
    key = "it_is_member" if member in definition.members else "why_not_member"
    main = words.say(f"sentence.{key}", value=name, decision=title, who=scope.record.key)
    condition = condition_of(flag) if flag is not None else None
    reason = found(condition, scope, words) if condition is not None else ""
    if flag is not None and is_offers(flag):
        reason = why(offer_of(flag, scope), scope, words)
    return capital(_because(main, reason, words), scope.record.key)


def _why_not(definition: DefinitionTrace, case: str, scope: Scope, words: Catalogue) -> str:
    if not decided(definition):
        return found(definition.where, scope, words) if definition.where is not None else ""
    if definition.thresholds:
        score = scope.measured(definition)
        if score is None:
            return ""
        with_classes = replace(score, thresholds=definition.thresholds)
        return away_from(with_classes, case, words, itself=score is definition)
    failed = [found_case for found_case in definition.cases if found_case.name == case and found_case.clause]
    taken = next((found_case for found_case in definition.cases if found_case.taken), None)
    if taken is not None and any(found_case.verdict == "yes" for found_case in failed):
        return words.say("sentence.earlier", value=told_case(definition, taken.name, words))
    clauses = [each.clause for each in failed if each.clause is not None]
    return found_together(clauses[:2], scope, words) or reason_of(definition, scope, words)


# ---- The tree ----------------------------------------------------------------------------------


def why_not_lines(asked: Asked, scope: Scope, telling: Telling) -> tuple[Line, ...]:
    """The decision with the case asked for opened up in full, above what was taken instead."""
    definition, case = asked
    top = section(definition, scope, replace(telling, detail=1))
    if not decided(definition):
        lines = where_lines(definition, scope, telling)
    elif definition.kind == "flags":
        flags = [flag for flag in flags_of(definition, scope) if flag.name == case]
        lines = tuple(flag_line(flag, scope, telling, everything=True) for flag in flags)
    elif definition.thresholds:
        lines = (measure(definition, scope, telling, toward(definition, case)),)
    else:
        asked_for = [found_case for found_case in definition.cases if found_case.name == case]
        taken = [
            found_case for found_case in definition.cases if found_case.taken and found_case.name != case
        ]
        lines = tuple(case_line(each, definition, scope, telling, everything=True) for each in asked_for)
        lines += tuple(case_line(each, definition, scope, telling) for each in taken)
    return (replace(top, lines=lines),)
