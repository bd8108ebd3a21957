"""lifeseg prove: a policy comes in; what holds of every customer it allows goes out, or a customer of whom it does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lifeseg.cli.options import AsOf, Policy
from lifeseg.cli.output import FINDINGS, coloured, say, show
from lifeseg.cli.words import aligned, counted

if TYPE_CHECKING:
    from lifeseg.cli import documents
    from lifeseg.model.model import Model
    from lifeseg.pipeline.proving import Proved
    from lifeseg.prover.answers import Answer, Described, Witness

Of = Annotated[
    str | None, typer.Option("--of", metavar="NAME", help="Only this definition, or claim by its title.")
]
BackTo = Annotated[
    str | None,
    typer.Option("--back-to", metavar="STATE", help="Also ask whether every state leads back to this one."),
]
That = Annotated[
    list[str] | None,
    typer.Option(
        "--that",
        metavar="SENTENCE",
        help="Only this: `A implies B`, `A excludes B`, or `A same as B`; repeatable.",
    ),
]
Seconds = Annotated[float, typer.Option(metavar="N", min=0.001, help="Longest time for a question.")]
Overall = Annotated[float, typer.Option(metavar="N", min=0.001, help="Longest time for all questions.")]
Format = Annotated[Literal["console", "json"], typer.Option("--format", help="How to write it.")]
Save = Annotated[
    Path | None,
    typer.Option("--tests", metavar="FILE", help="Write a test for each refutation that has one."),
]

GOOD = {
    "complete": "complete", "disjoint": "disjoint", "never": "holds of nobody", "deterministic": "one move at most",
    "nobody lost": "nobody is lost", "no dead end": "no dead end",
    "can return": "can be returned to", "can end": "can end", "settles": "nobody goes in circles",
    "possible": "somebody is as assumed",
    "implied": "holds of everybody", "exclusive": "nobody is both", "equivalent": "the same of everybody",
}  # fmt: skip
BAD = {
    "complete": "somebody has no case", "disjoint": "somebody has several cases", "never": "it holds of somebody",
    "deterministic": "two moves hold at once", "nobody lost": "somebody has no state any more",
    "no dead end": "is never left, and is not terminal",
    "can return": "leads back there by no moves", "can end": "leads to no terminal state",
    "settles": "somebody goes in circles while nothing changes", "possible": "the assumptions contradict each other",
    "implied": "somebody is the first and not the second", "exclusive": "somebody is both",
    "equivalent": "they differ of somebody",
}  # fmt: skip
COLOURS = {"proved": "32", "proved up to": "32", "refuted": "1;31", "not decided": "33"}


def prove(
    policy: Policy = None, of: Of = None, that: That = None, back_to: BackTo = None, seconds: Seconds = 10,
    overall: Overall = 120, format_: Format = "console", tests: Save = None, as_of: AsOf = None,
) -> None:  # fmt: skip
    """Prove what holds of every customer, whatever the data.

    Cases leave nobody out, exclude each other and can be reached; a `never` holds of nobody. What does not hold is shown
    by a customer. Exits 1 if anything is refuted or not decided.
    """
    from lifeseg.pipeline import proving
    from lifeseg.pipeline.setting import settle

    setting = settle(policy, as_of=as_of)
    if that:
        proved = proving.prove_that(setting, that, seconds, overall)
    else:
        proved = proving.prove(setting, of, back_to, seconds, overall)
    show(to_console(proved) if format_ == "console" else to_json(proved))
    if tests is not None:
        say(f"{counted(proving.save_tests(proved, tests), 'test')} written to {tests}\n")
    if not proved.proofs.good:
        raise typer.Exit(FINDINGS)


def to_console(proved: Proved) -> str:
    """A line for each definition, and beneath it what does not hold."""
    model, answers = proved.checked.good(), proved.proofs.answers
    groups: dict[tuple[str, str], list[Answer]] = {}
    for answer in answers:
        groups.setdefault((answer.entity, answer.subject), []).append(answer)
    heads = [
        (subject, worst(group), in_short(group), place_of(group[0])) for (_, subject), group in groups.items()
    ]
    shown: list[str] = []
    rows = aligned(heads, [False] * 4) if heads else []
    for head, line, group in zip(heads, rows, groups.values(), strict=True):
        shown.append(painted(line, head[1]))
        shown += [f"  {row}" for answer in group for row in details(model, answer)]
    said = ", ".join(
        f"{number} {verdict}"
        for verdict in ("proved", "proved up to", "refuted", "not decided")
        if (number := sum(answer.verdict == verdict for answer in answers))
    )
    shown.append(
        f"{model.name} {model.version}: {said or 'nothing to prove'} · {proved.proofs.seconds:.2f} s"
    )
    return "".join(f"{line}\n" for line in shown)


def painted(line: str, verdict: str) -> str:
    if not coloured():
        return line
    return line.replace(verdict, f"\x1b[{COLOURS[verdict]}m{verdict}\x1b[0m", 1)


def worst(group: Sequence[Answer]) -> str:
    order = ("refuted", "not decided", "proved up to", "proved")
    return min((answer.verdict for answer in group), key=order.index)


def place_of(answer: Answer) -> str:
    return f"{answer.span.file}:{answer.span.line}"


def in_short(group: Sequence[Answer]) -> str:
    """What was proved."""
    parts = [
        GOOD[one.kind]
        for one in group
        if one.kind in GOOD and one.verdict.startswith("proved") and not one.cases
    ]
    parts += [GOOD["possible"] for one in group if one.kind == "possible" and one.verdict == "proved"]
    for kind, word in (
        ("reachable", "reachable"),
        ("can happen", "moves possible"),
        ("can return", "lead back"),
        ("can end", "can end"),
    ):
        asked = [one for one in group if one.kind == kind]
        if asked:
            number = sum(one.verdict == "proved" for one in asked)
            parts.append(f"{number} of {len(asked)} {word}")
    return ", ".join(parts)


def details(model: Model, answer: Answer) -> Iterator[str]:
    """What does not hold, and who shows it."""
    if answer.verdict == "proved":
        if answer.by:
            earlier = ", ".join(f"`{name}`" for name in answer.by)
            yield f"`{answer.cases[0]}` is left those whom {earlier} did not take"
        return
    if answer.verdict == "proved up to":
        yield f"{answer.kind}: proved of whoever has up to {answer.most} of each kind below"
        return
    if answer.verdict == "not decided":
        tried = "; ".join(answer.tried) or "no time was left"
        yield f"{sentence(answer, GOOD)}: not decided in {answer.seconds:.1f} s ({tried})"
        return
    missing = ", only when data is missing" if answer.only_missing else ""
    yield f"{sentence(answer, BAD)}{missing}  {place_of(answer)}"
    if answer.witness is not None:
        yield from (f"  {row}" for row in told(model, answer.witness))


def sentence(answer: Answer, words: dict[str, str]) -> str:
    names = ", ".join(f"`{name}`" for name in answer.cases)
    if answer.kind in ("reachable", "can happen"):
        if words is GOOD:
            return f"{names} can {'be reached' if answer.kind == 'reachable' else 'happen'}"
        by = (
            f": {', '.join(f'`{name}`' for name in answer.by)} takes whoever it asks for" if answer.by else ""
        )
        return f"{names} {'is never reached' if answer.kind == 'reachable' else 'never happens'}{by}"
    if answer.kind in ("no dead end", "can return", "can end"):
        return f"{names} {words[answer.kind]}"
    return f"{words[answer.kind]}{': ' if names else ''}{names if answer.kind != 'possible' else ''}".rstrip(
        ": "
    )


def told(model: Model, shown: Witness) -> Iterator[str]:
    """The customer, as a test if it can be one."""
    if shown.test is not None:
        yield from shown.test.splitlines()
        return
    yield f"as of {shown.as_of.isoformat()}"
    yield from described(model, shown.asked)
    for key, value in shown.statistics.items():
        yield f"with a population whose {key} is {value}"
    if shown.why_no_test:
        yield f"no test says this: {shown.why_no_test}"


def described(model: Model, record: Described, indent: str = "") -> Iterator[str]:
    """A record's facts in a line, its children beneath."""
    from lifeseg.prover.to_test import cell

    entity = model.entities[record.entity]
    known = {fact.name for fact in entity.facts}
    facts = [f"{name} {cell(entity, name, value)}" for name, value in record.facts.items() if name in known]
    past = [
        f"{name}: {value}" for name, value in record.facts.items() if name not in known and value is not None
    ]
    yield f"{indent}{record.entity}: {', '.join([*facts, *past]) or 'anything'}"
    if record.parent is not None:
        yield from described(model, record.parent, f"{indent}  of ")
    for below in record.children.values():
        for child in below:
            yield from described(model, child, f"{indent}  ")


def to_json(proved: Proved) -> str:
    """A versioned document."""
    from lifeseg.cli import documents

    model = proved.checked.good()
    answers = [
        documents.ProofAnswer(
            subject=answer.subject, entity=answer.entity, kind=answer.kind, verdict=answer.verdict, place=place_of(answer),
            cases=list(answer.cases), taken_by=list(answer.by), only_when_data_is_missing=answer.only_missing,
            most_children=answer.most or None, free=list(answer.free), tried=list(answer.tried),
            witness=shown_witness(model, answer.witness),
        )
        for answer in proved.proofs.answers
    ]  # fmt: skip
    name = documents.PolicyName(name=model.name, version=model.version)
    return documents.written(documents.ProofsDocument(policy=name, good=proved.proofs.good, answers=answers))


def shown_witness(model: Model, shown: Witness | None) -> documents.ProofWitness | None:
    if shown is None:
        return None
    from lifeseg.cli import documents

    return documents.ProofWitness(
        as_of=shown.as_of, record=plain(model, shown.asked), statistics=dict(shown.statistics), test=shown.test,
        why_no_test=shown.why_no_test or None,
    )  # fmt: skip


def plain(model: Model, record: Described) -> dict[str, object]:
    """A record as results write it, its children as lists."""
    from lifeseg.interpreter.values import short_text

    types = {fact.name: fact.type for fact in model.entities[record.entity].facts}
    found: dict[str, object] = {
        name: short_text(value, types[name]) if name in types else value
        for name, value in record.facts.items()
    }
    for name, below in record.children.items():
        found[name] = [plain(model, child) for child in below]
    if record.parent is not None:
        found[record.parent.entity] = plain(model, record.parent)
    return found
