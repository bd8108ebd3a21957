"""A trace comes in, an explanation goes out: a sentence, decisions, as much evidence as `detail` asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lifeseg.explain.catalogue import Catalogue, catalogue, languages
from lifeseg.explain.conditions import label
from lifeseg.explain.decisions import decided, decisions, headline
from lifeseg.explain.earlier import earlier_lines
from lifeseg.explain.evidence import Telling
from lifeseg.explain.explanation import Beside, Explanation, Line, Way
from lifeseg.explain.inputs import input_lines
from lifeseg.explain.links import in_book
from lifeseg.explain.masking import is_personal, masked
from lifeseg.explain.offers import is_offers
from lifeseg.explain.scope import Scope, children, scope_of
from lifeseg.explain.sections import section, value_text
from lifeseg.explain.sentence import sentence
from lifeseg.explain.ways import FEW, SEVERAL, ways_line
from lifeseg.explain.why_not import UnknownCase, find_case, why_not_lines, why_not_sentence
from lifeseg.interpreter.trace import DefinitionTrace, Trace
from lifeseg.model.personal import MASK

LEVELS = ("the sentence", "decisions", "conditions", "scores", "facts and statistics")
"""What each level of detail adds."""


def explain(
    trace: Trace,
    beside: Beside | None = None,
    *,
    language: str = "en",
    detail: int = 2,
    why_not: str | None = None,
    show_personal: bool = False,
    titled: bool = False,
) -> Explanation:
    """Why a record came out as it did, in one language, down to a level of detail from 0 to 4 (see LEVELS).

    `why_not` asks about one case, bare (`stabilization`) or qualified (`conversion_type.stabilization`). Personal facts are
    masked unless `show_personal`; `titled` speaks in the policy's titles throughout, whatever the language. Raises
    UnknownCase, UnknownLanguage, and ValueError for a level there is not.
    """
    if not 0 <= detail < len(LEVELS):
        raise ValueError(f"detail goes from 0 to {len(LEVELS) - 1}, not {detail}")
    words, beside = catalogue(language), beside or Beside()
    words = words.titled() if titled else words
    name = beside.name
    if not show_personal:
        name = MASK if name is not None and is_personal(trace, name) else name
        trace = masked(trace)
    scope = scope_of(trace)
    telling = Telling(words, detail, beside)
    if why_not is None:
        text, lines = sentence(scope, words), _lines(trace, scope, telling, beside)
    else:
        asked = find_case(scope, why_not)
        text, lines = why_not_sentence(asked, scope, words), why_not_lines(asked, scope, telling)
        lines += _ways(beside.ways, scope, replace(telling, detail=min(detail, 2)))
    return Explanation(
        key=trace.record.key,
        name=name,
        about=about(trace, beside.run, words),
        sentence=text,
        lines=lines if detail else (),
        more=_more(scope, telling, why_not) if detail else (),
        language=language,
        detail=detail,
        run=beside.run,
        shows_personal=show_personal,
        beside=replace(beside, name=name),
    )


def about(trace: Trace, run: str | None, words: Catalogue) -> tuple[str, ...]:
    """Which policy, day and run an explanation is of."""
    said = [f"{trace.policy} {trace.policy_version}", words.say("header.as_of", day=trace.as_of)]
    return (*said, words.say("header.run", run=run)) if run is not None else tuple(said)


def _lines(trace: Trace, scope: Scope, telling: Telling, beside: Beside) -> tuple[Line, ...]:
    scored = telling.detail >= 3
    shown = (
        found for found in decisions(scope)
        if (decided(found) or scored) and not (found.kind == "score" and scored)
    )  # fmt: skip
    lines = [section(definition, scope, telling) for definition in shown]
    lines += _child_lines(scope, telling)
    lines += earlier_lines(beside.earlier, scope, telling)
    lines += input_lines(scope, telling) if telling.detail >= 2 else ()
    lines += _ways(beside.ways, scope, telling)
    if scored:
        from lifeseg.explain.scores import fact_lines, index_lines, score_lines, statistic_lines

        lines += index_lines(scope, telling) + score_lines(scope, telling)
        if telling.detail >= 4:
            lines += fact_lines(scope, telling) + statistic_lines(trace, scope, telling)
    return tuple(lines)


def _ways(ways: Sequence[Way], scope: Scope, telling: Telling) -> tuple[Line, ...]:
    """The nearest changes of one fact, where conditions are told."""
    if telling.detail < 2 or not ways:
        return ()
    main = {found.name for found in headline(scope)}
    line = ways_line(ways, scope, telling.words, most=SEVERAL if telling.detail >= 3 else FEW, main=main)
    return () if line is None else (line,)


def _child_lines(scope: Scope, telling: Telling) -> list[Line]:
    """What is decided about child records: one decision, a row for each child."""
    rows: dict[str, list[tuple[Scope, DefinitionTrace]]] = {}
    for child in children(scope):
        for definition in decisions(child):
            chosen = definition.kind in ("segment", "table", "lifecycle", "rank") or is_offers(definition)
            if chosen and decided(definition):
                rows.setdefault(definition.name, []).append((child, definition))
    words = telling.words
    return [
        Line(
            "decision",
            label=label(name, found[0][1].titles, words),
            place=found[0][1].place,
            anchor=in_book(found[0][0].record.entity, name),
            lines=tuple(
                Line(
                    "row",
                    label=child.record.key,
                    text=value_text(definition, child, words),
                    lines=section(definition, child, telling).lines if telling.detail >= 3 else (),
                )
                for child, definition in found
            ),
        )
        for name, found in rows.items()
    ]


def _more(scope: Scope, telling: Telling, why_not: str | None) -> tuple[str, ...]:
    """The commands that say more than this explanation does."""
    words = telling.words
    next_level = {1: "conditions", 2: "scores", 3: "facts"}.get(telling.detail)
    hints = [words.say(f"more.{next_level}")] if next_level and why_not is None else []
    case = _another_case(scope) if why_not is None else None
    if case is not None:
        hints.append(words.say("more.why_not", case=case))
    spoken = {language for found in decisions(scope) for language in found.titles} & set(languages())
    hints += [words.say("more.language", language=other) for other in sorted(spoken - {words.language})]
    return tuple(hints)


def _another_case(scope: Scope) -> str | None:
    """A case that was not taken, of the last decision that has one: the one people ask about."""
    for definition in reversed(
        [found for found in decisions(scope) if found.kind in ("lifecycle", "segment")]
    ):
        if decided(definition):
            others = [case.name for case in definition.cases if not case.taken and case.clause is not None]
            if others:
                return others[-1] if names_one(scope, others[-1]) else f"{definition.name}.{others[-1]}"
    return None


def names_one(scope: Scope, case: str) -> bool:
    """Whether the bare name of a case will do."""
    try:
        find_case(scope, case)
    except UnknownCase:
        return False
    return True
