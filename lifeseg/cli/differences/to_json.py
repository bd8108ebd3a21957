"""What changed between two versions of a policy comes in; a JSON document with all of it goes out."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lifeseg.cli.differences.words import path_of, text

if TYPE_CHECKING:
    from lifeseg.cli.differences import document as d
    from lifeseg.pipeline.difference import Difference, EntityMoves, Mover, Near, Nearest
    from lifeseg.prover.compare import Compared
    from lifeseg.records.results_compared import Went
    from lifeseg.review.rules import RuleChange


def to_json(found: Difference) -> str:
    from lifeseg.cli.differences import document as d
    from lifeseg.cli.documents import written

    return written(
        d.ChangeDocument(
            old=found.old.label,
            new=found.new.label,
            equivalent=found.equivalent,
            rules=[rule(found, change) for change in found.rules],
            moves=[entity(moves) for moves in found.moves],
            can_happen=[possible(one) for one in found.proofs],
            cuts=[
                d.CutChange(rank=cut.rank, case=cut.name, before=cut.before, after=cut.after)
                for cut in found.cuts
            ],
            kpis=[d.KpiChange(name=name, before=before, after=after) for name, before, after in found.kpis],
            gates=[d.GateFound(text=one.gate.text, found=one.amount, fails=one.fails) for one in found.gates],
            population=found.unread is None and bool(found.moves),
        )
    )


def rule(found: Difference, change: RuleChange) -> d.ChangedRule:
    from lifeseg.cli.differences import document as d

    unit = change.unit
    return d.ChangedRule(
        how=change.how,
        kind=unit.kind,
        name=unit.name,
        of=unit.of,
        owner=unit.owner,
        file=path_of(found, change),
        line=change.line,
        meaning=change.means,
        reordered=change.reordered,
        lines=[
            d.ChangedLine(line=line.number, before=line.before, after=line.after) for line in change.lines
        ],
    )


def possible(one: Compared) -> d.Possible:
    from lifeseg.cli.differences import document as d

    changes = [d.PossibleChange(before=text(each.before), after=text(each.after)) for each in one.changes]
    return d.Possible(
        entity=one.entity, name=one.name, verdict=one.verdict, complete=one.all_found, changes=changes
    )


def entity(moves: EntityMoves) -> d.Moves:
    from lifeseg.cli.differences import document as d

    return d.Moves(
        entity=moves.entity,
        records=moves.count,
        new=moves.new,
        gone=moves.gone,
        moved=moves.moved,
        value=amount(moves.worth),
        went=[way(one) for one in moves.went],
        sizes={
            name: {case: list(pair) for case, pair in sizes.items()} for name, sizes in moves.sizes.items()
        },
        amounts=dict(moves.amounts),
        movers=[mover(one) for one in moves.movers],
        nearest=[nearest(one) for one in moves.nearest],
    )


def way(one: Went) -> d.Way:
    from lifeseg.cli.differences import document as d

    return d.Way(
        definition=one.column,
        flag=one.flag,
        before=one.before,
        after=one.after,
        count=one.count,
        value=amount(one.worth),
        examples=["/".join(key) for key in one.keys],
    )


def mover(one: Mover) -> d.MovedRecord:
    from lifeseg.cli.differences import document as d

    return d.MovedRecord(
        key=list(one.key),
        cases={
            name: d.BeforeAfter(before=before, after=after) for name, (before, after) in one.cases.items()
        },
        causes=list(one.causes) if one.causes is not None else None,
        together=one.together,
    )


def nearest(one: Nearest) -> d.NearestRecords:
    from lifeseg.cli.differences import document as d

    def near(records: Sequence[Near]) -> list[d.NearRecord]:
        return [
            d.NearRecord(
                key=list(each.key), amount=trimmed(each.amount), distance=trimmed(one.distance(each))
            )
            for each in records
        ]

    return d.NearestRecords(
        decision=one.decision,
        case=one.case,
        flag=one.flag,
        column=one.column,
        before=one.before,
        after=one.after,
        short=near(one.short),
        reached=near(one.reached),
    )


def amount(value: Any) -> str | None:
    return str(value) if value is not None else None


def trimmed(value: Decimal) -> str:
    return f"{value.normalize():f}"
