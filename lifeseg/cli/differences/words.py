"""Parts of what changed between two versions of a policy come in; the words in which all forms speak of them go out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from lifeseg.cli.words import counted

if TYPE_CHECKING:
    from lifeseg.pipeline.difference import Difference, EntityMoves, Mover, Near, Nearest
    from lifeseg.records.results_compared import Went
    from lifeseg.review.rules import Line, RuleChange

MOST_LINES = 12
"""Lines that are shown of one change."""
WORST = 10
"""Records that are named one by one."""
NOWHERE = "none"


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
    return f"{change.unit.file}:{change.line}"


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


def way(went: Went) -> str:
    """From which case to which, or the flag that is gained or lost."""
    if went.flag is not None:
        return f"{'loses' if went.before == 'yes' else 'gains'} {went.flag}"
    return f"{case(went.before)} → {case(went.after)}"


def threshold(one: Nearest) -> str:
    """Of what amount, where it was and is, and what it decides: `potential 0.60 → 0.62 (important)`."""
    where = f"{one.before} → {one.after}" if one.before not in (None, one.after) else one.after
    band = one.decision == f"{one.column}_band"
    name = one.flag or " ".join(filter(None, ("" if band else one.decision, one.case)))
    return f"{one.column} {where} ({name})"


def distance(one: Nearest, near: Near) -> str:
    """By how much a record has more than a threshold, or less: four digits, or two decimals."""
    apart = one.distance(near)
    digits = max(2, 3 - apart.adjusted()) if apart else 2
    said = f"{apart:,.{digits}f}".rstrip("0").rstrip(".") or "0"
    return f"{'+' if near in one.reached else '-'}{said}"


def cause_of(mover: Mover) -> str:
    if mover.causes is None:
        return ""
    return "several changes together" if mover.together else ", ".join(mover.causes)


def listed(top: EntityMoves) -> str:
    """Whether causes were looked for only of some of those who move."""
    some = top.sole is None and top.moved > len(top.movers)
    return f" of the first {len(top.movers):,}" if some else ""


def causes_of(top: EntityMoves) -> dict[str, int]:
    """How many of the listed movers each change moves; a change that is the only one moves all."""
    if top.sole is not None and top.moved:
        return {top.sole: top.moved}
    found: dict[str, int] = {}
    for mover in top.movers:
        for name in [cause_of(mover)] if mover.together else mover.causes or ():
            found[name] = found.get(name, 0) + 1
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def path_of(found: Difference, change: RuleChange) -> str:
    side = found.old if change.how == "removed" else found.new
    return side.written if side.path.is_file() else f"{side.written}/{change.unit.file}"


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


def kpi_text(told: Any) -> str:
    if "cases" in told:
        return ", ".join(f"{name} {amount}" for name, amount in told["cases"].items())
    return str(told["value"])
