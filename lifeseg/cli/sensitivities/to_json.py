"""What was found about a policy's numbers comes in; a JSON document goes out."""

from __future__ import annotations

from lifeseg.cli import documents
from lifeseg.cli.sensitivities import document as d
from lifeseg.functions.exact import fraction_text
from lifeseg.pipeline.sensitivity import Point, Sensitivity, Sweep
from lifeseg.records.results_varied import Part


def to_json(found: Sensitivity | Sweep) -> str:
    everybody = counted(found.everybody)
    about = d.About(
        name=found.model.name, version=found.model.version, as_of=found.as_of.isoformat(), entity=found.entity,
        count=everybody.count, amount=everybody.amount,
    )  # fmt: skip
    if isinstance(found, Sweep):
        return documents.written(d.SensitivityDocument(policy=about, value=found.value, number=number(found)))
    return documents.written(
        d.SensitivityDocument(
            policy=about,
            value=found.value,
            by=fraction_text(found.by),
            thresholds=[
                d.NearThreshold(
                    entity=one.threshold.entity, decision=one.threshold.decision, case=one.threshold.case,
                    flag=one.threshold.flag, of=one.threshold.column, at=fraction_text(one.threshold.value),
                    within=fraction_text(one.reach), near=counted(one.part),
                )
                for one in found.near
            ],
            weights=[
                d.TurnedWeight(
                    name=one.weight.name, weight=f"{one.weight.value:f}", less=counted(one.less), more=counted(one.more)
                )
                for one in found.weights
            ],
            cases=[
                d.KeptCase(entity=one.entity, decision=one.column, case=one.case, count=one.count, kept=one.kept)
                for one in found.classes
            ],
        )
    )  # fmt: skip


def number(found: Sweep) -> d.NumberSwept:
    one = found.number
    points = [point(found, at) for at in found.points]
    return d.NumberSwept(name=one.name, kind=one.kind, now=f"{one.value:f}", unit=one.unit, points=points)


def point(found: Sweep, at: Point) -> d.SweepPoint:
    """Cases that nobody is in are there as well."""
    sizes = [
        d.CaseSize(
            entity=entity,
            decision=column,
            case=case,
            size=counted(at.sizes[entity, column].get(case, found.nobody)),
        )
        for (entity, column), cases in found.cases.items()
        for case in cases
    ]
    return d.SweepPoint(value=f"{at.value:f}", moved=counted(at.moved), sizes=sizes)


def counted(one: Part) -> d.Counted:
    return d.Counted(count=one.count, amount=fraction_text(one.worth) if one.worth is not None else None)
