"""Found ways come in; text goes out: for a terminal, as Markdown, CSV or JSON."""

from __future__ import annotations

import csv
import io
import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lifeseg.cli.cheapest.told import REASONS, Teller, ToldChange, money
from lifeseg.cli.words import aligned
from lifeseg.explain.layout import wrap
from lifeseg.functions.exact import fraction_text
from lifeseg.model.personal import MASK
from lifeseg.pipeline.cheapest import Nearest, Wish, WorkList

if TYPE_CHECKING:
    from lifeseg.cli.cheapest.document import NearestRecord, Status
    from lifeseg.prover.nearest import Way, Ways


MOST_SAID = 4
"""Changes in a sentence; the table beneath has all of them."""


def status(one: Nearest) -> Status:
    if one.ways is None:
        return "there"
    return {"found": "found", "impossible": "impossible", "open": "undecided"}[one.ways.verdict]  # type: ignore[return-value]


# ---- One record ----------------------------------------------------------------------------------


def to_console(tell: Teller, one: Nearest, wish: Wish, width: int, colour: bool) -> str:
    """The sentence, the changes, what is proved, and other ways."""
    lines = [*wrap(sentence(tell, one, wish), width)]
    if one.ways is not None and one.ways.ways:
        first, *others = one.ways.ways
        lines += [
            "",
            *table(tell, tell.changes(one, first), first, colour),
            "",
            *proofs(tell, one.ways, first),
        ]
        if others:
            say = tell.words.say
            rows = [("", tell.cost(way.cost), tell.short(one, way)) for way in others]
            lines += ["", say("nearest.others"), *aligned(rows, [False, True, False], "  ")]
        hidden = tell.masked_key(one.entity, one.key) != one.key
        if not hidden and not any(change.personal for change in tell.changes(one, first)):
            lines += ["", tell.words.say("nearest.more", command=command(tell, one, first))]
    elif one.ways is not None and one.ways.verdict == "impossible":
        lines += [tell.words.say("nearest.why_impossible", count=str(one.levers))]
    return "".join(f"{line}\n" for line in lines)


def sentence(tell: Teller, one: Nearest, wish: Wish) -> str:
    """What is to be done, or why nothing can be."""
    say, who, goal = tell.words.say, tell.who(one), tell.goal(one, wish.bare)
    way = "out" if wish.away else "in"
    if one.ways is None:
        return say(f"nearest.there_{way}", who=who, case=goal)
    if one.ways.ways:
        first = one.ways.ways[0]
        told_ = [said(tell, one, change) for change in tell.changes(one, first)]
        if len(told_) > MOST_SAID + 1:
            told_[MOST_SAID:] = [say("list.more", count=str(len(told_) - MOST_SAID))]
        changes = tell.words.listed(told_)
        return say(f"nearest.comes_{way}", who=who, case=goal, changes=changes, cost=tell.cost(first.cost))
    if one.ways.verdict == "impossible":
        return say(f"nearest.never_{way}", who=who, case=goal)
    return say(f"nearest.undecided_{way}", who=who, case=goal, why=reason(tell, one.ways.why))


def said(tell: Teller, one: Nearest, change: ToldChange) -> str:
    key = "nearest.change_of" if change.of else "nearest.change"
    fact = tell.words.inside(change.title)
    return tell.words.say(key, fact=fact, of=change.of, before=change.before, after=change.after)


def reason(tell: Teller, why: str) -> str:
    return tell.words.say(f"nearest.{why if why in REASONS else 'time'}")


def table(tell: Teller, changes: Sequence[ToldChange], way: Way, colour: bool) -> list[str]:
    rows = list(cells(tell, changes, way))
    right = [False, False, True, True, True, True]
    if not any(change.of for change in changes):  # all are the record's own
        rows, right = [row[1:] for row in rows], right[1:]
    first, *rest = aligned(rows, right)
    return [f"\x1b[2m{first}\x1b[0m" if colour else first, *rest]


def cells(tell: Teller, changes: Sequence[ToldChange], way: Way) -> Iterator[tuple[str, ...]]:
    say = tell.words.say
    unit = tell.unit if tell.unit is not None else say("nearest.points")
    cost = f"{say('nearest.cost')}, {unit}" if unit else say("nearest.cost")
    yield ("", *(say(f"nearest.{name}") for name in ("fact", "now", "then", "steps")), cost)
    for one in changes:
        yield one.of, one.title, one.before, one.after, str(one.steps), money(one.cost)
    if len(changes) > 1:
        yield "", say("nearest.total"), "", "", "", money(way.cost)


def proofs(tell: Teller, ways: Ways, first: Way) -> Iterator[str]:
    """How sure it is, and what it rests on."""
    say = tell.words.say
    if first.proved:
        yield say("nearest.proved")
    else:
        yield say("nearest.not_proved", least=tell.cost(first.least), why=reason(tell, ways.why))
    if first.proved and ways.why:
        yield say("nearest.no_more", why=reason(tell, ways.why))
    yield say("nearest.declared" if tell.unit is not None else "nearest.assumed")


def command(tell: Teller, one: Nearest, way: Way) -> str:
    """What shows everything that would be otherwise then."""
    words = ["lifeseg", "whatif", one.key]
    for change in tell.changes(one, way):
        inner = f"{change.entity}.{change.key.rpartition('/')[2]}." if change.of else ""
        words += ["--set", f"{inner}{change.fact}={change.after}"]
    return shlex.join(words)


def to_markdown(tell: Teller, one: Nearest, wish: Wish) -> str:
    lines = [sentence(tell, one, wish), ""]
    for way in one.ways.ways if one.ways is not None else ():
        assert one.ways is not None
        heading, *rows = cells(tell, tell.changes(one, way), way)
        lines += ["| " + " | ".join(heading) + " |", "|---|---|---:|---:|---:|---:|"]
        lines += ["| " + " | ".join(map(escaped, row)) + " |" for row in rows]
        lines += ["", *(f"{line}  " for line in proofs(tell, one.ways, way)), ""]
    return "".join(f"{line}\n" for line in lines).rstrip("\n") + "\n"


def escaped(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", " ")


# ---- Many ----------------------------------------------------------------------------------------


def list_cells(tell: Teller, found: WorkList, entity: str) -> Iterator[tuple[str, ...]]:
    say = tell.words.say
    unit = tell.unit if tell.unit is not None else say("nearest.points")
    named = any(one.name is not None for one in found.rows)
    heads = [entity.replace("_", " "), *([say("nearest.name")] if named else [])]
    heads += [found.value] if found.value is not None else []
    yield (*heads, f"{say('nearest.cost')}, {unit}" if unit else say("nearest.cost"), say("nearest.what"))
    for one in found.rows:
        row = [tell.who(one), *([tell.name(one) or ""] if named else [])]
        row += [value_of(tell, found, one)] if found.value is not None else []
        yield (*row, *told(tell, one))


def told(tell: Teller, one: Nearest) -> tuple[str, str]:
    """Cost and changes, or why there are none."""
    say = tell.words.say
    if one.ways is None:
        return "0", say("nearest.there")
    if not one.ways.ways:
        return "", say("nearest.impossible" if one.ways.verdict == "impossible" else "nearest.undecided")
    first = one.ways.ways[0]
    sure = "" if first.proved else say("nearest.perhaps", least=tell.cost(first.least))
    return money(first.cost), f"{tell.short(one, first)}{sure}"


def value_of(tell: Teller, found: WorkList, one: Nearest) -> str:
    from lifeseg.cli.listing import shown

    return shown(exact_value(tell, found, one), "number")


def exact_value(tell: Teller, found: WorkList, one: Nearest) -> str | None:
    from lifeseg.interpreter.values import short_text
    from lifeseg.pipeline.listing import column_of, is_personal

    if found.value is None:
        return None
    column = column_of(tell.model, one.entity, found.value)
    if one.value is not None and not tell.show_personal and is_personal(tell.model, one.entity, column):
        return MASK
    return short_text(one.value, column.type)


def list_to_console(tell: Teller, found: WorkList, entity: str, width: int | None, colour: bool) -> str:
    heading, *rows = list_cells(tell, found, entity)
    right = [False] * (len(heading) - 2 - (found.value is not None))
    right += [True] * (1 + (found.value is not None)) + [False]
    first, *rest = aligned([heading, *rows], right)
    lines = [f"\x1b[2m{first}\x1b[0m" if colour else first, *rest] if rows else []
    return "".join(f"{line}\n" for line in [*lines, closing(tell, found)])


def closing(tell: Teller, found: WorkList) -> str:
    """`7 of 7 can come there, 5 proved to be the cheapest way · orgcust 1.0.0 · as of 2013-06-30`"""
    say = tell.words.say
    open_ = sum(status(one) == "undecided" for one in found.rows)
    able = sum(one.good for one in found.rows)
    said_ = [say("nearest.able", able=str(able), shown=str(len(found.rows)))]
    if open_:
        said_.append(say("nearest.open", count=str(open_)))
    if found.total > len(found.rows):
        said_.append(say("nearest.shown", count=f"{found.total:,}"))
    model = tell.model
    said_ += [f"{model.name} {model.version}", say("header.as_of", day=tell.results.as_of.isoformat())]
    return f"{' · '.join(said_)}\n{say('nearest.declared' if tell.unit is not None else 'nearest.assumed')}"


def list_to_markdown(tell: Teller, found: WorkList, entity: str) -> str:
    heading, *rows = list_cells(tell, found, entity)
    lines = ["| " + " | ".join(heading) + " |", "|" + "---|" * len(heading)]
    lines += ["| " + " | ".join(map(escaped, row)) + " |" for row in rows]
    return "".join(f"{line}\n" for line in [*lines, "", closing(tell, found)])


# ---- Documents -----------------------------------------------------------------------------------


def to_csv(tell: Teller, records: Sequence[Nearest], found: WorkList | None) -> str:
    """A line for each change of each way."""
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    value = [found.value] if found is not None and found.value is not None else []
    heads = ["way", "way_cost", "proved", "of_entity", "of_key", "fact", "before", "after", "steps", "cost"]
    writer.writerow(["key", "name", *value, "status", *heads])
    for one in records:
        head = [tell.who(one), tell.name(one) or ""]
        head += [exact_value(tell, found, one) or ""] if found is not None and value else []
        ways = one.ways.ways if one.ways is not None else ()
        if not ways:
            writer.writerow([*head, status(one), *[""] * len(heads)])
        for number, way in enumerate(ways, 1):
            sure = "yes" if way.proved else "no"
            for change in tell.changes(one, way):
                own = tell.masked_key(change.entity, change.key)
                writer.writerow([
                    *head, status(one), number, fraction_text(way.cost), sure, change.entity, own, change.fact,
                    change.before, change.after, change.steps, fraction_text(change.cost),
                ])  # fmt: skip
    return page.getvalue()


def to_json(tell: Teller, records: Sequence[Nearest], wish: Wish, found: WorkList | None) -> str:
    """A versioned document."""
    from lifeseg.cli import documents
    from lifeseg.cli.cheapest.document import NearestDocument, NearestPolicy

    model = tell.model
    return documents.written(NearestDocument(
        policy=NearestPolicy(name=model.name, version=model.version), as_of=tell.results.as_of, to=wish.case,
        among=list(found.cases) if found is not None else [],
        total=found.total if found is not None else 1, unit=tell.unit,
        valued_by=found.value if found is not None else None,
        records=[as_record(tell, one, found) for one in records],
    ))  # fmt: skip


def as_record(tell: Teller, one: Nearest, found: WorkList | None) -> NearestRecord:
    from lifeseg.cli.cheapest.document import NearestChange, NearestRecord, NearestWay

    ways = []
    for way in one.ways.ways if one.ways is not None else ():
        changes = [
            NearestChange(
                entity=change.entity, key=tell.masked_key(change.entity, change.key), fact=change.fact,
                before=change.before, after=change.after, steps=change.steps, cost=fraction_text(change.cost),
            )
            for change in tell.changes(one, way)
        ]  # fmt: skip
        ways.append(NearestWay(cost=fraction_text(way.cost), proved=way.proved, changes=changes))
    least = fraction_text(one.ways.least) if one.ways is not None else None
    return NearestRecord(
        entity=one.entity, key=tell.who(one), name=tell.name(one), status=status(one), at_least=least,
        value=exact_value(tell, found, one) if found is not None else None, ways=ways,
    )  # fmt: skip
