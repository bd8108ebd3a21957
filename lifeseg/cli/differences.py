"""What changed between two versions of a policy comes in; text for a terminal, a pull request or a program goes out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from lifeseg.cli.words import aligned, counted

if TYPE_CHECKING:
    from lifeseg.pipeline.diffing import Difference, EntityMoves, Mover
    from lifeseg.records.results_compared import Went
    from lifeseg.review.rules import Line, RuleChange

MOST_LINES = 12
"""Lines that are shown of one change."""
WORST = 10
NOWHERE = "none"


# ---- In words -------------------------------------------------------------------------------------


def heading(change: RuleChange) -> str:
    """`parameter stable_relationship 0.48 → 0.50`, or what kind of part was added, removed or changed."""
    unit = change.unit
    of = f" of {unit.of}" if unit.of else ""
    what = f"{unit.kind} {unit.name}".rstrip() + of
    if change.how != "changed":
        return f"{what} {change.how}"
    if change.reordered:
        return f"{what}: the same lines in another order"
    if not change.means:
        return what if unit.kind == "test" else f"{what}: in words only"
    short = short_of(change.lines)
    return f"{what}: {short}" if short else what


def short_of(lines: Sequence[Line]) -> str | None:
    """A single line in which only a part differs: `0.48 → 0.50`, with the words around it where it has a name of its own."""
    if len(lines) != 1 or lines[0].before is None or lines[0].after is None:
        return None
    before, after = lines[0].before.split(" "), lines[0].after.split(" ")
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    if len(old) > MOST_LINES or len(new) > MOST_LINES:
        return None
    around = " ".join(before[len(before) - end :]) if start == 0 else ""
    return " ".join(filter(None, [" ".join(old) or "nothing", "→", " ".join(new) or "nothing", around]))


def place_of(change: RuleChange) -> str:
    return f"{change.unit.file}:{change.span.line}"


def lines_of(change: RuleChange) -> Iterator[str]:
    """What was and what is, where the heading does not say it."""
    if change.how != "changed" or (change.means and not change.reordered and short_of(change.lines)):
        return
    for line in change.lines[:MOST_LINES]:
        if line.before is not None:
            yield f"- {line.before}"
        if line.after is not None:
            yield f"+ {line.after}"
    if len(change.lines) > MOST_LINES:
        yield f"  and {counted(len(change.lines) - MOST_LINES, 'line')} more"


def summary(found: Difference) -> str:
    """How many parts changed, and how many of them mean something else."""
    count, meant = len(found.rules), sum(change.means for change in found.rules)
    if not count:
        return "no rule differs"
    said = f"{counted(count, 'part')} {'differs' if count == 1 else 'differ'}"
    if not meant:
        return f"{said}, in words only"
    if found.equivalent:
        return f"{said}, and every decision is proved to be the same"
    return f"{said} in meaning" if meant == count else f"{said}, {meant} in meaning"


def owners_of(found: Difference) -> list[str]:
    """Who answers for parts that mean something else."""
    return sorted(
        {change.unit.owner for change in found.rules if change.means and change.unit.owner is not None}
    )


def moved_line(top: EntityMoves, value: str | None) -> str:
    share = f" ({100 * top.moved / top.count:.1f} %)" if top.count and top.moved else ""
    said = f"{top.moved:,} of {counted(top.count, top.entity)} {'moves' if top.moved == 1 else 'move'}{share}"
    if top.worth is not None and top.moved:
        said += f", with {value} {plain(top.worth)} in all"
    extra = [f"{number:,} {word}" for number, word in ((top.new, "new"), (top.gone, "gone")) if number]
    return ", ".join([said, *extra])


def plain(amount: Any) -> str:
    return f"{amount:,.2f}".rstrip("0").rstrip(".")


def keys_of(went: Went) -> str:
    more = went.count - len(went.keys)
    said = " · ".join("/".join(key) for key in went.keys)
    return f"{said} and {more:,} more" if more else said


def case(name: str | None) -> str:
    return name if name is not None else NOWHERE


def cause_of(mover: Mover) -> str:
    if mover.causes is None:
        return ""
    return "several changes together" if mover.together else ", ".join(mover.causes)


def causes_of(top: EntityMoves) -> dict[str, int]:
    """How many of the listed movers each change moves."""
    found: dict[str, int] = {}
    for mover in top.movers:
        for name in [cause_of(mover)] if mover.together else mover.causes or ():
            found[name] = found.get(name, 0) + 1
    return dict(sorted(found.items(), key=lambda item: -item[1]))


# ---- For a terminal -------------------------------------------------------------------------------


def to_console(found: Difference) -> str:
    lines = [f"{found.old.label} → {found.new.label}: {summary(found)}"]
    rows = [(heading(change), place_of(change), list(lines_of(change))) for change in found.rules]
    widest = max((len(title) for title, *_ in rows), default=0)
    for title, place, beneath in rows:
        lines.append(f"  {title:{widest}}   {place}")
        lines += [f"      {line}" for line in beneath]
    lines += proof_lines(found)
    for moves in found.moves:
        if moves is found.top or moves.moved or moves.new or moves.gone:
            lines += ["", moved_line(moves, found.value), *table_of(moves)]
    if owners := owners_of(found):
        lines.insert(1 + sum(1 + len(beneath) for *_, beneath in rows), f"  to be asked: {', '.join(owners)}")
    lines += [f"cut of {cut.rank}.{cut.name}: {case(cut.before)} → {case(cut.after)}" for cut in found.cuts]
    lines += [f"{name}: {kpi_text(before)} → {kpi_text(after)}" for name, before, after in found.kpis]
    top = found.top
    if top is not None and (causes := causes_of(top)):
        lines += ["", "by", *(f"  {name}   {counted(count, top.entity)}" for name, count in causes.items())]
    if found.gates:
        lines.append("")
        lines += [
            f"gate {one.gate.text}: {one.amount}{'  FAILED' if one.fails else ''}" for one in found.gates
        ]
    return "".join(f"{line}".rstrip() + "\n" for line in lines)


def proof_lines(found: Difference) -> Iterator[str]:
    """What can happen to anybody, decision by decision; then those that are proved to stay as they are."""
    if not found.proofs:
        return
    yield ""
    for one in found.proofs:
        if one.verdict == "refuted":
            ways = ", ".join(
                f"{case(text(change.before))} → {case(text(change.after))}" for change in one.changes
            )
            yield f"{one.name} can go {ways}{', and no other way' if one.all_found else ', and perhaps in others'}"
        elif one.verdict != "proved":
            yield f"{one.name}: not decided, {', '.join(one.tried) or 'in the time given'}"
    same = [one.name for one in found.proofs if one.verdict == "proved"]
    if same:
        yield f"proved to stay as it is of everybody: {', '.join(same)}"


def text(value: object) -> str | None:
    """A case, or what a flag says."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if value is None else str(value)


def table_of(moves: EntityMoves) -> Iterator[str]:
    """Who went where, definition by definition."""
    rows = [
        [went.column, f"{case(went.before)} → {case(went.after)}", f"{went.count:,}", keys_of(went)]
        for went in sorted(moves.went, key=lambda one: one.column)
    ]
    last = None
    for row in rows:
        row[0], last = ("" if row[0] == last else row[0]), row[0]
    if rows:
        yield from (f"  {line}" for line in aligned(rows, [False, False, True, False]))
    changed = [f"{name} of {count:,}" for name, count in moves.amounts.items()]
    if changed:
        yield f"  other amounts: {', '.join(changed)}"


def kpi_text(told: Any) -> str:
    if "cases" in told:
        return ", ".join(f"{name} {amount}" for name, amount in told["cases"].items())
    return str(told["value"])


# ---- For a pull request ---------------------------------------------------------------------------


def to_markdown(found: Difference) -> str:
    """Tables that fit a comment: changed parts, moves, the worst of those who move, gates."""
    lines = [f"### Policy change: {summary(found)}", "", f"`{found.old.label}` → `{found.new.label}`", ""]
    if found.rules:
        lines += ["| changed | where |", "|---|---|"]
        lines += [f"| {cell(heading(change))} | `{place_of(change)}` |" for change in found.rules]
        for change in found.rules:
            if beneath := list(lines_of(change)):
                lines += [
                    "",
                    f"<details><summary>{cell(heading(change))}</summary>",
                    "",
                    "```diff",
                    *beneath,
                    "```",
                    "</details>",
                ]
    if owners := owners_of(found):
        lines += ["", f"To be asked: {cell(', '.join(owners))}"]
    for line in proof_lines(found):
        lines += [cell(line), ""] if line else [""]
    for moves in found.moves:
        if moves is not found.top and not moves.moved:
            continue
        lines += ["", f"**{moved_line(moves, found.value)}**", ""]
        if moves.went:
            lines += ["| definition | from | to | number | for example |", "|---|---|---|---:|---|"]
            for one in moves.went:
                names = map(cell, (one.column, case(one.before), case(one.after)))
                lines.append(f"| {' | '.join(names)} | {one.count:,} | {cell(keys_of(one))} |")
    lines += worst(found.top) if found.top is not None else []
    if found.gates:
        lines += ["", "| gate | found | |", "|---|---|---|"]
        lines += [
            f"| `{cell(one.gate.text)}` | {one.amount} | {'**failed**' if one.fails else 'passed'} |"
            for one in found.gates
        ]
    return "".join(f"{line}\n" for line in lines)


def worst(top: EntityMoves) -> Iterator[str]:
    """The first of those who move, with what moves them."""
    if top.movers:
        yield from ("", f"| {top.entity} | moves | by |", "|---|---|---|")
    for mover in top.movers[:WORST]:
        ways = "; ".join(f"{name} {case(one)} → {case(other)}" for name, (one, other) in mover.cases.items())
        yield f"| {cell('/'.join(mover.key))} | {cell(ways)} | {cell(cause_of(mover))} |"


def cell(text: str) -> str:
    """Text that cannot end a cell, nor be taken for anything else."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def to_github(found: Difference) -> str:
    """Annotations of the changed parts with what they do, the first ten, and of gates that fail."""
    lines = []
    causes = causes_of(found.top) if found.top is not None else {}
    for change in found.rules[:WORST]:
        name = f"{change.unit.kind} {change.unit.name}".rstrip()
        said = heading(change) + (f"; moves {causes[name]:,}" if name in causes else "")
        where = f"file={escaped(path_of(found, change))},line={change.span.line}"
        lines.append(f"::notice {where},title=lifeseg diff::{message(said)}")
    lines += [
        f"::error title=lifeseg diff::{message(f'gate {one.gate.text}: {one.amount}')}"
        for one in found.gates
        if one.fails
    ]
    return "".join(f"{line}\n" for line in lines)


def path_of(found: Difference, change: RuleChange) -> str:
    side = found.old if change.how == "removed" else found.new
    return side.written if side.path.is_file() else f"{side.written}/{change.unit.file}"


def message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escaped(text: str) -> str:
    return message(text).replace(":", "%3A").replace(",", "%2C")


# ---- For programs ---------------------------------------------------------------------------------


def to_json(found: Difference) -> str:
    document = {
        "version": 1,
        "old": found.old.label,
        "new": found.new.label,
        "equivalent": found.equivalent,
        "rules": [rule(found, change) for change in found.rules],
        "moves": [entity(moves) for moves in found.moves],
        "can_happen": [
            {
                "entity": one.entity,
                "name": one.name,
                "verdict": one.verdict,
                "complete": one.all_found,
                "changes": [
                    {"from": text(change.before), "to": text(change.after)} for change in one.changes
                ],
            }
            for one in found.proofs
        ],
        "cuts": [
            {"rank": cut.rank, "case": cut.name, "before": cut.before, "after": cut.after}
            for cut in found.cuts
        ],
        "kpis": [{"name": name, "before": before, "after": after} for name, before, after in found.kpis],
        "gates": [{"text": one.gate.text, "found": one.amount, "fails": one.fails} for one in found.gates],
        "population": found.unread is None and bool(found.moves),
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def rule(found: Difference, change: RuleChange) -> dict[str, Any]:
    unit = change.unit
    return {
        "how": change.how,
        "kind": unit.kind,
        "name": unit.name,
        "of": unit.of,
        "owner": unit.owner,
        "file": path_of(found, change),
        "line": change.span.line,
        "meaning": change.means,
        "reordered": change.reordered,
        "lines": [{"before": line.before, "after": line.after} for line in change.lines],
    }


def entity(moves: EntityMoves) -> dict[str, Any]:
    return {
        "entity": moves.entity,
        "records": moves.count,
        "new": moves.new,
        "gone": moves.gone,
        "moved": moves.moved,
        "value": str(moves.worth) if moves.worth is not None else None,
        "went": [
            {
                "definition": one.column, "from": one.before, "to": one.after, "count": one.count,
                "value": str(one.worth) if one.worth is not None else None, "examples": ["/".join(key) for key in one.keys],
            }
            for one in moves.went
        ],
        "sizes": moves.sizes,
        "amounts": moves.amounts,
        "movers": [
            {
                "key": list(mover.key),
                "cases": {name: {"before": one, "after": other} for name, (one, other) in mover.cases.items()},
                "causes": mover.causes,
                "together": mover.together,
            }
            for mover in moves.movers
        ],
    }  # fmt: skip
