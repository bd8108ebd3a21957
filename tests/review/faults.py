"""Policies of packs come in; with one small fault in each they go out, and which of `check`, `test`, `prove`, `diff` find it.

    python -m tests.review.faults [--faults 100] [--seed 1]

Faults are those that people make when they edit text: a limit moved, taken in or left out, a clause or a case left out, `and`
for `or`, `some` for `every`, the wrong way round. Drawn evenly over the kinds of fault, the same ones for the same seed.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import zip_longest
from pathlib import Path

from lifeseg.model.with_past import with_past
from lifeseg.pipeline import diffing, proving, testing
from lifeseg.pipeline.difference import Difference, Wanted
from lifeseg.pipeline.setting import Setting, found_workspace
from lifeseg.pipeline.stages import check
from lifeseg.prover.witness import Evaluated, Interpreter

ROOT = Path(__file__).resolve().parents[2]
PACKS = (
    "orgcust", "rfm", "big_customer", "group_value", "household", "mobile_value", "retention_layers", "complaints",
    "lifecycles", "rfm_published",
)  # fmt: skip
FINDERS = ("check", "test", "prove", "diff: rules", "diff: customers", "diff --prove")
HIDDEN = re.compile(r'"[^"]*"|#.*')
NUMBER = r"\d+(?:\.\d+)?"
CONDITIONS = ("segment", "flags", "lifecycle", "table")
SECONDS = 60.0  # for all the proofs of a policy
ARROW = "→"


@dataclass(frozen=True)
class Fault:
    """What was done to a line of a pack's policy, and the whole text with it."""

    pack: str
    file: str
    line: int
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.pack}/{self.file}:{self.line} {self.kind}"


@dataclass
class Report:
    """Who found a fault; whether it changes nothing for anybody, by proof; and what does not go together."""

    fault: Fault
    found: set[str] = field(default_factory=set)
    harmless: bool = False
    wrong: list[str] = field(default_factory=list)


# ---- Making faults ---------------------------------------------------------------------------------


def faults(seed: int, most: int) -> list[Fault]:
    """As evenly as can be of each kind."""
    by_kind: dict[str, list[Fault]] = {}
    for pack in PACKS:
        for path in sorted((ROOT / "rules" / pack).glob("*.seg")):
            if path.name not in ("tests.seg", "titles.seg"):
                for fault in in_text(pack, path.name, path.read_text(encoding="utf-8")):
                    by_kind.setdefault(fault.kind, []).append(fault)
    chance = random.Random(seed)
    for found in by_kind.values():
        chance.shuffle(found)
    rows = zip_longest(*(by_kind[kind] for kind in sorted(by_kind)))
    return [fault for row in rows for fault in row if fault is not None][:most]


def in_text(pack: str, file: str, text: str) -> Iterator[Fault]:
    """All faults of one file, line by line."""
    lines, block = text.splitlines(), ""
    for place, line in enumerate(lines):
        bare = HIDDEN.sub(lambda found: " " * len(found[0]), line)
        if bare.strip() and not line.startswith(" "):
            block = bare.split()[0]
        for kind, made in KINDS.items():
            for changed in made(block, lines, place, bare):
                yield Fault(pack, file, place + 1, kind, "\n".join(changed) + "\n")


Lines = list[str]
Maker = Callable[[str, Lines, int, str], Iterator[Lines]]


def exchanged(lines: Lines, place: int, start: int, end: int, new: str) -> Lines:
    line = lines[place]
    return [*lines[:place], line[:start] + new + line[end:], *lines[place + 1 :]]


def limit_moved(block: str, lines: Lines, place: int, bare: str) -> Iterator[Lines]:
    before = (
        r"= " if block == "params" else r"(?:[<>]=? |\bfrom )" if block in (*CONDITIONS, "score") else None
    )
    for found in re.finditer(f"{before}({NUMBER})(?![\\d.-])", bare) if before else ():
        decimals = len(found[1].partition(".")[2])
        amount = max(float(found[1]) * 1.1, float(found[1]) + 10**-decimals)
        yield exchanged(lines, place, *found.span(1), f"{amount:.{decimals}f}")


def limit_left_out(block: str, lines: Lines, place: int, bare: str) -> Iterator[Lines]:
    for found in re.finditer(r"([<>])(=?) ", bare) if block in CONDITIONS else ():
        yield exchanged(lines, place, *found.span(), f"{found[1]}{'' if found[2] else '='} ")


def clause_left_out(block: str, lines: Lines, place: int, bare: str) -> Iterator[Lines]:
    if block not in CONDITIONS:
        return
    if bare.lstrip().startswith("and "):
        yield [*lines[:place], *lines[place + 1 :]]
    elif (at := bare.find(" and ")) > 0:
        yield exchanged(lines, place, at, len(bare), "")


def or_for_and(block: str, lines: Lines, place: int, bare: str) -> Iterator[Lines]:
    for found in re.finditer(r"\b(and|or) ", bare) if block in CONDITIONS else ():
        yield exchanged(lines, place, *found.span(1), "or" if found[1] == "and" else "and")


def turned_round(block: str, lines: Lines, place: int, bare: str) -> Iterator[Lines]:
    for found in re.finditer(r" is (not )?", bare) if block in CONDITIONS else ():
        yield exchanged(lines, place, *found.span(), " is " if found[1] else " is not ")


def some_for_every(block: str, lines: Lines, place: int, bare: str) -> Iterator[Lines]:
    for found in re.finditer(r"\b(every|some|no) (?=\w+:)", bare) if block in CONDITIONS else ():
        yield exchanged(lines, place, *found.span(1), "some" if found[1] == "every" else "every")


def weights_exchanged(block: str, lines: Lines, place: int, bare: str) -> Iterator[Lines]:
    weight = re.compile(rf"  ({NUMBER}) \w")
    one, other = weight.match(bare), weight.match(lines[place + 1]) if place + 1 < len(lines) else None
    if block == "score" and one and other and one[1] != other[1]:
        first = exchanged(lines, place, *one.span(1), other[1])
        yield exchanged(first, place + 1, *other.span(1), one[1])


def cases_exchanged(block: str, lines: Lines, place: int, bare: str) -> Iterator[Lines]:
    case = re.compile(r'  (\w+(?: "[^"]*")?) when ')
    one = case.match(lines[place])
    later = next((at for at in range(place + 1, len(lines)) if not lines[at].startswith("    ")), len(lines))
    other = case.match(lines[later]) if later < len(lines) else None
    if block == "segment" and one and other:
        first = exchanged(lines, place, *one.span(1), other[1])
        yield exchanged(first, later, *other.span(1), one[1])


def case_left_out(block: str, lines: Lines, place: int, bare: str) -> Iterator[Lines]:
    if block == "segment" and re.match(r"  \w+ +when ", bare):
        later = next(
            (at for at in range(place + 1, len(lines)) if not lines[at].startswith("    ")), len(lines)
        )
        yield [*lines[:place], *lines[later:]]


KINDS: dict[str, Maker] = {
    "limit moved": limit_moved,
    "limit taken in or left out": limit_left_out,
    "clause left out": clause_left_out,
    "`or` for `and`": or_for_and,
    "`is not` for `is`": turned_round,
    "`some` for `every`": some_for_every,
    "weights exchanged": weights_exchanged,
    "cases exchanged": cases_exchanged,
    "case left out": case_left_out,
}


# ---- Looking for them ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sound:
    """What is found of a pack as it is, without any fault."""

    findings: Counter[str]
    answers: frozenset[object]


@cache
def sound(pack: str) -> Sound:
    setting = setting_of(pack)
    checked = check(setting.policy, setting.policies)
    return Sound(Counter(one.key for one in checked.findings), answers(setting))


def setting_of(pack: str, policy: Path | None = None) -> Setting:
    """The workspace of the pack's example, perhaps with another policy."""
    workspace = found_workspace(ROOT / "examples" / pack)
    assert workspace is not None
    assert workspace.policy is not None
    return Setting(policy or workspace.policy, workspace, None, None, workspace.as_of, "interpreter")


def answers(setting: Setting) -> frozenset[object]:
    """What is proved of a policy, without places and customers."""
    proofs = proving.prove(setting, None, None, 5.0, SECONDS).proofs
    return frozenset((one.subject, one.kind, one.cases, one.by, one.verdict) for one in proofs.answers)


def looked_for(fault: Fault) -> Report:
    """What each of the finders says."""
    report = Report(fault)
    with changed(fault) as setting:
        checked = check(setting.policy, setting.policies)
        if Counter(one.key for one in checked.findings) - sound(fault.pack).findings:
            report.found.add("check")
        found = difference(fault, setting)
        if any(change.means for change in found.rules):
            report.found.add("diff: rules")
        if checked.model is not None:
            by_model(report, found, setting)
    return report


@contextmanager
def changed(fault: Fault) -> Iterator[Setting]:
    """The workspace of the pack, with the fault in its policy."""
    with tempfile.TemporaryDirectory() as folder:
        policy = Path(folder) / "rules" / fault.pack
        shutil.copytree(ROOT / "rules", policy.parent)
        (policy / fault.file).write_text(fault.text, encoding="utf-8")
        yield setting_of(fault.pack, policy)


def difference(fault: Fault, setting: Setting) -> Difference:
    """What the fault changes, of the workspace's customers and of any."""
    whole = setting_of(fault.pack)
    return diffing.diff(whole, Wanted((str(whole.policy), str(setting.policy)), proofs=True))


def by_model(report: Report, found: Difference, setting: Setting) -> None:
    if testing.run_tests(setting).failed:
        report.found.add("test")
    if answers(setting) != sound(report.fault.pack).answers:
        report.found.add("prove")
    if any(moves.moved for moves in found.moves):
        report.found.add("diff: customers")
    if any(one.verdict == "refuted" for one in found.proofs):
        report.found.add("diff --prove")
    report.harmless = found.equivalent
    report.wrong += [*seen_but_proved(found), *not_as_told(found)]


def seen_but_proved(found: Difference) -> Iterator[str]:
    """Customers of today who move as it is proved that nobody can."""
    proved = {(one.entity, one.name): one for one in found.proofs}
    for moves in found.moves:
        for went in moves.went:
            one = proved.get((moves.entity, went.column))
            known = one is not None and (
                one.verdict == "proved" or (one.verdict == "refuted" and one.all_found)
            )
            if (
                one is not None
                and known
                and (went.before, went.after) not in {(way.before, way.after) for way in one.changes}
            ):
                yield f"{went.column} {went.before} {ARROW} {went.after} of {went.keys[0]} against the proof"


def not_as_told(found: Difference) -> Iterator[str]:
    """Witnesses of whom the interpreter says otherwise."""
    assert found.after.model is not None
    interpreter = Interpreter(with_past(found.after.model))
    for one in found.proofs:
        for way in one.changes:
            if Evaluated(interpreter, way.witness).value(one.name) != way.after:
                yield f"{one.name}: the witness of {way.before} {ARROW} {way.after} is not {way.after}"


# ---- Counting --------------------------------------------------------------------------------------


def table(reports: Sequence[Report]) -> str:
    """How many faults of each kind each finder finds."""
    rows = [["fault", "number", *FINDERS, "harmless, by proof"]]
    kinds = sorted({one.fault.kind for one in reports})
    for kind in [*kinds, "all"]:
        own = [one for one in reports if kind in (one.fault.kind, "all")]
        counts = [sum(finder in one.found for one in own) for finder in FINDERS]
        rows.append([kind, *map(str, (len(own), *counts, sum(one.harmless for one in own)))])
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], f"|---|{'---:|' * (len(rows[0]) - 1)}", *lines[1:]])


def main() -> int:
    parser = argparse.ArgumentParser(description="faults, and who finds them")
    parser.add_argument("--faults", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    wish = parser.parse_args()
    reports = []
    for fault in faults(wish.seed, wish.faults):
        report = looked_for(fault)
        reports.append(report)
        said = ", ".join(finder for finder in FINDERS if finder in report.found) or "nobody"
        print(
            f"{len(reports)} {fault}: {'harmless; ' if report.harmless else ''}{said}",
            file=sys.stderr,
            flush=True,
        )
        for wrong in report.wrong:
            print(f"   wrong: {wrong}", file=sys.stderr, flush=True)
    print(table(reports))
    return int(any(one.wrong or not one.found for one in reports))


if __name__ == "__main__":
    sys.exit(main())
