"""Traces made by hand, for what the example never shows: personal facts, hostile text, doubt, no children."""

from decimal import Decimal

from lifeseg.interpreter.trace import (
    CaseTrace,
    Child,
    Clause,
    DefinitionTrace,
    FactTrace,
    RecordTrace,
    Term,
    Threshold,
    Trace,
    Verdict,
)

PLACE = "made.seg:7"


def fact(
    name: str, value: str | None, *, personal: bool = False, key: bool = False, **more: str
) -> FactTrace:
    titles = {"en": more.pop("title", name.replace("_", " ").capitalize())}
    return FactTrace(
        name, titles, value, more.get("unit"), personal, PLACE, more.get("kind", "text"), None, key
    )


def field(name: str, verdict: Verdict | None = None, value: str | None = None, text: str = "") -> Clause:
    return Clause(text or name, "field", PLACE, verdict, value, name=name)


def compare(
    left: Clause, operator: str, right: str, verdict: Verdict, distance: str | None, unit: str | None = None
) -> Clause:
    limit = Clause(right, "constant", PLACE, value=right)
    text = f"{left.text} {operator} {right}"
    return Clause(
        text, "compare", PLACE, verdict, unit=unit, name=left.name, operator=operator, left=left.value,
        right=right, distance=distance, parts=(left, limit),
    )  # fmt: skip


def chosen(subject: Clause, said: str, verdict: Verdict) -> Clause:
    """`subject is …`."""
    return Clause(f"{subject.text} {said}", "one_of", PLACE, verdict, name=subject.name, parts=(subject,))


def both(*parts: Clause, word: str = "and") -> Clause:
    verdicts = [part.verdict for part in parts]
    first, last = ("no", "yes") if word == "and" else ("yes", "no")
    verdict = first if first in verdicts else "unknown" if "unknown" in verdicts else last
    return Clause(f" {word} ".join(part.text for part in parts), word, PLACE, verdict, parts=parts)


def denied(part: Clause) -> Clause:
    verdict = {"yes": "no", "no": "yes"}.get(part.verdict or "", "unknown")
    return Clause(f"not {part.text}", "not", PLACE, verdict, parts=(part,))


def over(quantifier: str, entity: str, body: str, clauses: dict[str, Clause | None]) -> Clause:
    """`some entity: body` over child rows by key; None is a row that `where` left out."""
    children = tuple(Child(entity, key, clause is not None, clause) for key, clause in clauses.items())
    verdicts = [clause.verdict for clause in clauses.values() if clause is not None]
    holding, among = verdicts.count("yes"), len(verdicts)
    holds = {"some": holding > 0, "every": among > 0 and holding == among, "no": holding == 0}[quantifier]
    text = f"{quantifier} {entity}: {body}"
    return Clause(
        text, "quantified", PLACE, "yes" if holds else "no", name=quantifier, children=children,
        holding=holding, among=among,
    )  # fmt: skip


def flag(
    name: str, condition: Clause | None, *remarks: str, title: str = "", uses: tuple[str, ...] = ()
) -> DefinitionTrace:
    verdict = "yes" if condition is None or condition.verdict == "yes" else "no"
    titles = {"en": title or name.replace("_", " ").capitalize()}
    case = CaseTrace(
        name, titles, "when" if condition else "always", verdict, verdict == "yes", condition, PLACE
    )
    return DefinitionTrace(name, "flag", titles, verdict, PLACE, remarks=remarks, cases=(case,), uses=uses)


def block(name: str, *flags: DefinitionTrace) -> DefinitionTrace:
    members = tuple(found.name for found in flags if found.value == "yes")
    titles = {"en": name.capitalize()}
    uses = tuple(found.name for found in flags)
    return DefinitionTrace(name, "flags", titles, ", ".join(members), PLACE, members=members, uses=uses)


def segment(
    name: str,
    cases: dict[str, Clause | None],
    taken: str | None,
    *remarks: str,
    kind: str = "segment",
    **more: object,
) -> DefinitionTrace:
    return DefinitionTrace(
        name,
        kind,
        {"en": name.replace("_", " ").capitalize()},
        taken,
        PLACE,
        remarks=remarks,
        cases=tuple(case(found, clause, found == taken) for found, clause in cases.items()),
        **more,
    )


def case(name: str, clause: Clause | None, taken: bool) -> CaseTrace:
    """A case with that condition; None is `otherwise`."""
    verdict = "yes" if taken else "no"
    if clause is not None and clause.verdict is not None:
        verdict = clause.verdict
    titles = {"en": name.replace("_", " ").capitalize()}
    return CaseTrace(name, titles, "when" if clause else "otherwise", verdict, taken, clause, PLACE)


def score(
    name: str,
    value: str | None,
    bands: dict[str, tuple[str | None, str | None]],
    band: str | None,
    *terms: Term,
) -> DefinitionTrace:
    steps = tuple(
        Threshold(step, {"en": step.capitalize()}, threshold, distance, step == band)
        for step, (threshold, distance) in bands.items()
    )
    return DefinitionTrace(
        name, "score", {"en": name.replace("_", " ").capitalize()}, value, PLACE, band=band, thresholds=steps,
        terms=terms, uses=tuple(term.name for term in terms), reasons=ranked_names(terms),
    )  # fmt: skip


def ranked_names(terms: tuple[Term, ...]) -> tuple[str, ...]:
    losing = [term for term in terms if term.lost is not None and Decimal(term.lost) > 0]
    return tuple(term.name for term in sorted(losing, key=lambda term: -Decimal(term.lost or 0)))


def term(name: str, weight: str, value: str | None, points: str | None, lost: str | None) -> Term:
    return Term((), name, {"en": name.capitalize()}, weight, value, points, lost, PLACE)


def record(
    facts: tuple[FactTrace, ...],
    definitions: tuple[DefinitionTrace, ...],
    *children: RecordTrace,
    key: str = "K1",
) -> RecordTrace:
    return RecordTrace("customer", key, facts, definitions, children)


def trace(found: RecordTrace, **entities: str) -> Trace:
    titles = {name: {"en": title} for name, title in entities.items()}
    return Trace(1, "made", "1.0.0", "0" * 8, "2024-02-29", {}, found, titles)
