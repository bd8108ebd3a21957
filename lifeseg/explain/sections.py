"""A decision comes in, its lines go out: what it came to, the case that was taken, why others were not."""

from __future__ import annotations

from lifeseg.explain import amounts
from lifeseg.explain.catalogue import Catalogue
from lifeseg.explain.conditions import label, number_of, phrase, value_title
from lifeseg.explain.decisions import decided, flags_of
from lifeseg.explain.evidence import Telling, demands
from lifeseg.explain.explanation import Line
from lifeseg.explain.links import in_book
from lifeseg.explain.offers import excluded_by, is_offers, offer_line, offer_lines, offer_of
from lifeseg.explain.prose import next_step
from lifeseg.explain.scope import Scope, case_titles, condition_of
from lifeseg.interpreter.trace import CaseTrace, DefinitionTrace, Threshold, Verdict

MOST_CASES = 6
_REMARKS = ("defaulted", "reweighted", "capped", "no-history", "no-case", "several-cases", "kept")


def section(definition: DefinitionTrace, scope: Scope, telling: Telling) -> Line:
    """A decision with its value and, from detail 2, what led to it."""
    words = telling.words
    return Line(
        "decision",
        label=label(definition.name, definition.titles, words),
        text=value_text(definition, scope, words),
        note=remarks(definition, words),
        place=definition.place,
        lines=_lines(definition, scope, telling) if telling.detail >= 2 else (),
        anchor=in_book(scope.record.entity, definition.name),
    )


def value_text(definition: DefinitionTrace, scope: Scope, words: Catalogue) -> str:
    """What a decision came to; the title beside the name where it says more."""
    if definition.kind == "flags":
        flags = {flag.name: flag for flag in flags_of(definition, scope)}
        held = [
            label(name, flags[name].titles if name in flags else {}, words) for name in definition.members
        ]
        if held:
            return words.listed(held, "and")
        reason = excluded_by(definition, scope, words) if is_offers(definition) else ""
        none = words.say("tree.none")
        return words.say("sentence.named", name=none, title=reason) if reason else none
    value = definition.band if definition.kind == "score" else definition.value
    if value is None:
        return words.say("tree.nothing")
    return named_value(definition, value, words)


def named_value(definition: DefinitionTrace, value: str, words: Catalogue) -> str:
    """A case by its name and, where that says more, its title: `C · General customer`."""
    titles = case_titles(definition).get(value, {})
    title = words.title(titles, value) if titles else value
    same = set(_plain(value).split()) <= set(_plain(title).split())
    if words.in_titles and definition.kind != "rank":
        return title
    return value if same else words.say("tree.value", value=value, title=title)


def remarks(definition: DefinitionTrace, words: Catalogue) -> str:
    said = [
        words.say(f"note.{remark.replace('-', '_')}") for remark in _REMARKS if remark in definition.remarks
    ]
    if definition.stale_since is not None:
        said.append(words.say("note.stale", day=definition.stale_since))
    return words.listed(said, "and")


def _plain(text: str) -> str:
    return text.replace("_", " ").casefold()


def _lines(definition: DefinitionTrace, scope: Scope, telling: Telling) -> tuple[Line, ...]:
    if not decided(definition):
        return where_lines(definition, scope, telling)
    match definition.kind:
        case "lifecycle" | "segment" | "table":
            return _case_lines(definition, scope, telling)
        case "flags":
            lines = offer_lines if is_offers(definition) else _flag_lines
            return lines(definition, scope, telling)
        case "rank" | "score":
            return (measure(definition, scope, telling),)
        case "index" | "flag":
            return ()


def where_lines(definition: DefinitionTrace, scope: Scope, telling: Telling) -> tuple[Line, ...]:
    """Why a decision is not asked of this record."""
    if definition.where is None:
        return ()
    lines = demands(definition.where, scope, telling, everything=False)
    condition = phrase(definition.where, scope, telling.words)
    if len(lines) != 1:
        return lines
    text = telling.words.say("tree.where", condition=condition)
    return (Line("case", text=text, verdict=lines[0].verdict, note=lines[0].note),)


# ---- Cases -------------------------------------------------------------------------------------


def _case_lines(definition: DefinitionTrace, scope: Scope, telling: Telling) -> tuple[Line, ...]:
    taken = [case for case in definition.cases if case.taken or _clashes(case, definition)]
    others = [case for case in definition.cases if case not in taken and case.how in ("when", "row")]
    if definition.kind == "table" and taken:
        others = []
    lines = [case_line(case, definition, scope, telling) for case in taken]
    everything = telling.detail >= 3
    most = len(others) if everything else MOST_CASES
    lines += [case_line(case, definition, scope, telling, everything) for case in others[:most]]
    if len(others) > most:
        count = str(len(others) - most)
        lines.append(Line("remark", text=telling.words.say("note.more_cases", count=count)))
    return tuple(lines)


def _clashes(case: CaseTrace, definition: DefinitionTrace) -> bool:
    return "several-cases" in definition.remarks and case.verdict == "yes"


def case_line(
    case: CaseTrace, definition: DefinitionTrace, scope: Scope, telling: Telling, everything: bool = False
) -> Line:
    """A case with its first condition on its own line and the others beneath it; all of them beneath it where the first says
    otherwise than the case.
    """
    words = telling.words
    name = label(case.name, case.titles, words)
    if definition.kind == "lifecycle" and "moving" not in definition.remarks:
        name = words.say("tree.start", name=name)
    if case.clause is None:
        text = words.say("tree.otherwise" if case.how == "otherwise" else "tree.always")
        return Line("case", label=name, text=text, verdict=case.verdict, taken=case.taken)
    first, *rest = demands(case.clause, scope, telling, everything)
    assumed = first.verdict == "unknown" and case.verdict != "unknown"
    place = case.place if everything else ""
    if first.verdict != case.verdict and not assumed:
        return Line("case", name, verdict=case.verdict, place=place, taken=case.taken, lines=(first, *rest))
    return Line(
        "case",
        label=name,
        text=first.text,
        verdict=case.verdict if assumed else first.verdict,
        note=words.say("note.defaulted") if assumed else first.note,
        place=place,
        taken=case.taken,
        lines=(*first.lines, *rest),
    )


# ---- Flags -------------------------------------------------------------------------------------


def _flag_lines(definition: DefinitionTrace, scope: Scope, telling: Telling) -> tuple[Line, ...]:
    flags = flags_of(definition, scope)
    holding = [flag for flag in flags if flag.value == "yes"]
    others = [flag for flag in flags if flag.value != "yes"]
    room = max(0, MOST_CASES - len(holding)) if telling.detail < 3 else len(others)
    lines = [flag_line(flag, scope, telling) for flag in (*holding, *others[:room])]
    if len(others) > room:
        text = telling.words.say("note.more_flags", count=str(len(others) - room))
        lines.append(Line("remark", text=text))
    return tuple(lines)


def flag_line(flag: DefinitionTrace, scope: Scope, telling: Telling, everything: bool = False) -> Line:
    """A flag of a block with the condition that made it hold or fail, or what became of an offer."""
    if is_offers(flag):
        return offer_line(offer_of(flag, scope), scope, telling, everything)
    words = telling.words
    name = label(flag.name, flag.titles, words)
    verdict: Verdict = "unknown"
    if flag.value is not None:
        verdict = "yes" if flag.value == "yes" else "no"
    condition = condition_of(flag)
    if condition is None:
        return Line(
            "case", name, words.say("tree.always"), verdict, taken=verdict == "yes", note=remarks(flag, words)
        )
    first, *rest = demands(condition, scope, telling, everything)
    assumed = "defaulted" in flag.remarks
    place = flag.place if everything else ""
    if first.verdict != verdict and not assumed:
        note = remarks(flag, words)
        return Line(
            "case",
            name,
            verdict=verdict,
            note=note,
            place=place,
            taken=verdict == "yes",
            lines=(first, *rest),
        )
    said = [part for part in (first.note if not assumed else "", remarks(flag, words)) if part]
    return Line(
        "case",
        label=name,
        text=first.text,
        verdict=verdict if assumed else first.verdict,
        note=", ".join(dict.fromkeys(said)),
        place=place,
        taken=verdict == "yes",
        lines=(*first.lines, *rest),
    )


# ---- Ranks and bands ---------------------------------------------------------------------------


def measure(
    definition: DefinitionTrace, scope: Scope, telling: Telling, step: Threshold | None = None
) -> Line:
    """The number behind a class or band, how far it is from a step (the next better one), the place."""
    words = telling.words
    score = scope.measured(definition)
    value = score.value if score is not None else None
    position = telling.beside.positions.get(definition.name)
    note = ""
    if position is not None:
        note = words.say(
            "note.position", position=str(position[0]), population=amounts.grouped(str(position[1]))
        )
    name = label(score.name, score.titles, words) if score is not None and definition.by else ""
    text = words.say("verdict.missing")
    if score is not None and value is not None:
        text = _measured(definition, score, step or next_step(definition), words)
    return Line("measure", label=name, text=text, note=note)


def toward(definition: DefinitionTrace, name: str) -> Threshold | None:
    """The threshold between a value and a class: its own from below, that of the class above from above."""
    at = next((at for at, step in enumerate(definition.thresholds) if step.name == name), None)
    if at is None:
        return None
    own = definition.thresholds[at]
    if own.threshold is not None and amounts.sign(own.distance) < 0:
        return own
    return definition.thresholds[at - 1] if at else own


def _measured(
    definition: DefinitionTrace, score: DefinitionTrace, step: Threshold | None, words: Catalogue
) -> str:
    value = score.value or ""
    if step is None or step.threshold is None or not amounts.is_number(step.distance or ""):
        return words.say("measure.plain", value=number_of(score))
    decimals = amounts.decimals_of(score, value)
    shown, limit, distance = amounts.apart(value, step.threshold, step.distance or "0", decimals)
    name = value_title(definition, step.name, words) if words.in_titles else step.name
    key = {-1: "short_of", 0: "exactly", 1: "beyond"}[amounts.sign(step.distance)]
    if step.left:
        key = {-1: "left", 0: "ends", 1: "not_left"}[amounts.sign(step.distance)]
    return words.say(f"measure.{key}", value=shown, distance=distance, threshold=limit, **{"class": name})
