"""A record's decisions come in, one or two sentences a director understands go out."""

from __future__ import annotations

from collections.abc import Sequence

from lifeseg.explain.catalogue import Catalogue
from lifeseg.explain.conditions import value_title
from lifeseg.explain.decisions import decided, decisions, flags_of, headline
from lifeseg.explain.offers import excluded_by, is_offers, why_all
from lifeseg.explain.prose import beside, found, found_together, kept, next_step
from lifeseg.explain.scope import Scope, case_titles
from lifeseg.interpreter.trace import CaseTrace, DefinitionTrace

_MOST_OTHERS = 3
MOST_LISTED, FIRST_LISTED = 12, 8


def sentence(scope: Scope, words: Catalogue) -> str:
    """What was decided and why, then what else was decided."""
    who = scope.record.key
    first = headline(scope)
    if not first:
        return words.say("sentence.end", text=words.say("sentence.no_decision", who=who))
    told = [_is(definition, who, at == 0, scope, words) for at, definition in enumerate(first)]
    main = words.listed(told, "decisions")
    reason = reason_of(first[-1], scope, words)
    if reason:
        main = words.say("sentence.because", main=main, reason=reason)
    main = words.say("sentence.end", text=capital(main, who))
    others = [
        definition for definition in decisions(scope)
        if definition not in first and decided(definition) and _worth_telling(definition, first)
    ]  # fmt: skip
    if not others:
        return main
    rest = words.messages["list.separator"].join(_named(definition, scope, words) for definition in others)
    return words.say("sentence.more", text=main, further=words.say("sentence.end", text=capital(rest, who)))


def capital(text: str, who: str) -> str:
    """The text as a sentence begins; a record's key keeps its letters as they are."""
    return text if text.startswith(who) else text[:1].upper() + text[1:]


def _worth_telling(definition: DefinitionTrace, first: tuple[DefinitionTrace, ...]) -> bool:
    """A score's band is told where no segment says what the record is."""
    return definition.kind != "score" or all(found.kind == "lifecycle" for found in first)


def _is(definition: DefinitionTrace, who: str, first: bool, scope: Scope, words: Catalogue) -> str:
    title = words.inside(words.title(definition.titles, definition.name))
    for remark in ("no-case", "several-cases"):
        if remark in definition.remarks:
            return words.say(f"sentence.{remark.replace('-', '_')}", decision=title, who=who)
    value = told_value(definition, scope, words)
    if value is None:
        return words.say("sentence.missing", decision=title, who=who)
    return words.say("sentence.first" if first else "sentence.further", who=who, decision=title, value=value)


def _named(definition: DefinitionTrace, scope: Scope, words: Catalogue) -> str:
    title = words.inside(words.title(definition.titles, definition.name))
    value = told_value(definition, scope, words) or words.say("verdict.missing")
    return words.say("sentence.rest", decision=title, value=value)


def told_value(definition: DefinitionTrace, scope: Scope, words: Catalogue) -> str | None:
    """A decision's value in titles, as it stands inside a sentence; None if it has none."""
    if definition.kind == "flags":
        flags = {flag.name: flag.titles for flag in flags_of(definition, scope)}
        held = [words.inside(words.title(flags.get(name, {}), name)) for name in definition.members]
        nothing = words.say("sentence.nothing")
        reason = excluded_by(definition, scope, words) if is_offers(definition) else ""
        if reason:
            return words.say("sentence.named", name=nothing, title=reason)
        return short_list(held, words) if held else nothing
    value = definition.band if definition.kind == "score" else definition.value
    return None if value is None else told_case(definition, value, words)


def short_list(items: Sequence[str], words: Catalogue) -> str:
    """Items as a sentence lists them; of very many the first few, and how many more."""
    if len(items) <= MOST_LISTED:
        return words.listed(items)
    more = words.say("list.more", count=str(len(items) - FIRST_LISTED))
    return words.listed([*items[:FIRST_LISTED], more])


def told_case(definition: DefinitionTrace, value: str, words: Catalogue) -> str:
    """A case in its title; a class of a rank keeps its letter: `C (general customer)`."""
    if definition.kind != "rank":
        return words.inside(value_title(definition, value, words))
    title = words.inside(words.title(case_titles(definition).get(value, {}), value))
    if title.casefold() == value.replace("_", " ").casefold():
        return value
    return words.say("sentence.named", name=value, title=title)


def reason_of(definition: DefinitionTrace, scope: Scope, words: Catalogue) -> str:
    """Why a decision came out as it did: what its taken case found; empty where there is nothing to say."""
    if is_offers(definition):
        return why_all(definition, scope, words)
    if definition.thresholds:
        score = scope.measured(definition)
        if score is None:
            return ""
        if "kept" in definition.remarks:
            return kept(definition, words)
        return beside(score, next_step(definition), words, itself=score is definition)
    taken = next((case for case in definition.cases if case.taken), None)
    if taken is None:
        failed = "no-case" in definition.remarks
        return _others_failed(definition, None, scope, words) if failed else ""
    if taken.clause is not None and taken.how in ("when", "row"):
        return found(taken.clause, scope, words)
    if taken.how == "otherwise" or taken.clause is None:
        return _others_failed(definition, taken, scope, words)
    return ""


def _others_failed(
    definition: DefinitionTrace, taken: CaseTrace | None, scope: Scope, words: Catalogue
) -> str:
    """`otherwise`, in words: what each other case failed at."""
    clauses = [case.clause for case in definition.cases if case is not taken and case.clause is not None]
    if not clauses:
        return ""
    if len(clauses) > _MOST_OTHERS or any(clause.verdict != "no" for clause in clauses):
        return words.say("reason.otherwise")
    return found_together(clauses, scope, words)
