"""What changed between two versions of a policy comes in; a SARIF 2.1.0 log goes out: a result for each changed part with
what it moves, and an error for each gate that fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lifeseg.cli.differences.words import WORST, causes_of, heading, listed, path_of
from lifeseg.cli.words import counted
from lifeseg.diagnostics.to_sarif import log, uri
from lifeseg.pipeline.causes import told

if TYPE_CHECKING:
    from lifeseg.pipeline.difference import Difference, EntityMoves
    from lifeseg.review.rules import RuleChange

CHANGED, GATE = range(2)
RULES = (
    ("changed-rule", "ChangedRule", "A part of the policy is not what it was", "`lifeseg diff` compares two versions of"
     " a policy. This part was added, removed or changed; the result says whom that moves."),
    ("failed-gate", "FailedGate", "A change does what it must not do", "A test that `lifeseg diff --fail-if` was given"
     " holds. Change the policy, or let somebody who answers for it take the change upon himself."),
)  # fmt: skip

Json = dict[str, Any]


def to_sarif(found: Difference) -> str:
    results = [part(found, change) for change in found.rules]
    results += [gate(found, f"gate {one.gate.text}: {one.amount}") for one in found.gates if one.fails]
    rules: list[Json] = [
        {
            "id": code,
            "name": name,
            "shortDescription": {"text": short},
            "fullDescription": {"text": full},
            "help": {"text": full, "markdown": full},
        }
        for code, name, short, full in RULES
    ]
    return log(rules, results)


def part(found: Difference, change: RuleChange) -> Json:
    moves = moved_by(found.top, told(change)) if found.top is not None and change.means else None
    said = heading(change) + (f"; {moves}" if moves else "")
    return result(CHANGED, "note", said, place(found, change))


def gate(found: Difference, said: str) -> Json:
    """A gate is about the whole change: it points to where that begins, because readers leave out what has no place."""
    return result(GATE, "error", said, *(place(found, change) for change in found.rules[:1]))


def result(rule: int, level: str, said: str, *places: Json) -> Json:
    found: Json = {"ruleId": RULES[rule][0], "ruleIndex": rule, "level": level, "message": {"text": said}}
    return {**found, "locations": list(places)} if places else found


def moved_by(top: EntityMoves, name: str) -> str | None:
    """How many a change moves, and the first ten of them."""
    count = causes_of(top).get(name)
    if not count:
        return None
    keys = ["/".join(one.key) for one in top.movers if not one.together and name in (one.causes or ())]
    more = f" and {count - WORST:,} more" if count > WORST else ""
    return f"moves {counted(count, top.entity)}{listed(top)}: {', '.join(keys[:WORST])}{more}"


def place(found: Difference, change: RuleChange) -> Json:
    address = {"uri": uri(path_of(found, change))}
    return {"physicalLocation": {"artifactLocation": address, "region": {"startLine": change.line}}}
