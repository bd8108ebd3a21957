"""The JSON documents that commands write, as models; their schemas stand in the folder `schemas` beside
this.

`version` rises when a reader of a document would have to change; fields may be added without that. Values
are texts as in the results: numbers in decimal notation, so that no reader makes floating point of them,
dates as 2013-06-30, null for missing; a flags block is a list.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any, Literal

from pydantic import Field

from lifeseg.cli.cheapest.document import NearestDocument
from lifeseg.cli.differences.document import ChangeDocument
from lifeseg.cli.document import Part
from lifeseg.cli.sensitivities.document import SensitivityDocument

Value = str | list[str] | None


class PolicyName(Part):
    name: str
    version: str


class Listing(Part):
    """What `lifeseg list --format json` writes."""

    version: Literal[1] = 1
    policy: PolicyName
    as_of: date
    entity: str
    total: int = Field(description="how many records are in the cases asked for, shown or not")
    among: int = Field(description="how many records there are")
    records: list[dict[str, Value]] = Field(description="by column: the keys, then facts and definitions")


class Stale(Part):
    """Why a flag is stale."""

    source: str = Field(description="the source that was renewed longest ago")
    refreshed: date = Field(description="when that was")
    since: date = Field(description="the first day that was too late")


class Flag(Part):
    """A flag with what it says of itself."""

    name: str
    titles: dict[str, str] = Field(description="by language, `en` the policy's own")
    entity: str
    block: str | None
    category: str | None
    source: str | None
    refresh: str | None
    owner: str | None
    use: str | None
    note: str | None
    place: str = Field(description="file and line")
    stale: Stale | None


class Flags(Part):
    """What `lifeseg flags --format json` writes."""

    version: Literal[1] = 1
    policy: PolicyName
    as_of: date | None
    among: int = Field(description="how many flags there are")
    flags: list[Flag]


class Changed(Part):
    """A result that would be another one."""

    entity: str
    key: str
    name: str
    before: Value
    after: Value
    band_before: str | None = None
    band_after: str | None = None


class WhatIf(Part):
    """What `lifeseg whatif --format json` writes."""

    version: Literal[1] = 1
    policy: PolicyName
    as_of: date
    key: str
    set: list[str] = Field(description="the changes as they were given")
    language: str
    sentence: str
    changed: list[Changed]


class Failure(Part):
    """An expectation that did not come out."""

    place: str = Field(description="file:line")
    record: str
    name: str | None = Field(description="the definition; null where a condition was expected to hold")
    wanted: str
    found: str


class Outcome(Part):
    """A test of the policy."""

    title: str
    place: str = Field(description="file:line")
    passed: bool
    expectations: int
    failures: list[Failure]


class Unseen(Part):
    """A clause that no test has seen true, or false, or a case that none has taken."""

    place: str = Field(description="file:line")
    definition: str
    text: str | None = Field(description="the clause; null for a case")
    case: str | None
    seen_true: bool
    seen_false: bool


class Covered(Part):
    """With --coverage: what the tests have seen."""

    clauses: int
    cases: int
    unseen: list[Unseen]


class Mistake(Part):
    place: str = Field(description="file:line")
    what: str


class Mistakes(Part):
    """With --mutants: how many small mistakes were made, and those that no test noticed."""

    made: int
    unnoticed: list[Mistake]


class Tests(Part):
    """What `lifeseg test --format json` writes."""

    __test__ = False

    version: Literal[1] = 1
    policy: PolicyName
    tests: list[Outcome]
    coverage: Covered | None = None
    mistakes: Mistakes | None = None


class PolicyText(PolicyName):
    content_hash: str = Field(description="SHA-256 of the policy's texts")


class Baseline(Part):
    """The population statistics of a run, as whole numbers at the statistic's scale."""

    statistics: dict[str, str | list[str | None] | None]
    counts: dict[str, int]


class KpiAmount(Part):
    """What a KPI came to: `value`, or by case `cases` and `difference`; amounts as decimals, null where nobody is counted."""

    name: str
    unit: str | None = None
    value: str | None = None
    by: str | None = Field(default=None, description="the definition or fact whose cases it is split by")
    cases: dict[str, str | None] | None = None
    difference: str | None = Field(default=None, description="of the largest case to the smallest")
    target: str | None = None
    met: bool | None = None


class StaleFlag(Part):
    """A flag whose source was not renewed in time: its values stand, and are older than was promised."""

    entity: str
    flag: str
    source: str
    refreshed: date
    since: date


class Run(Part):
    """The `run.json` that `lifeseg run --out` writes beside the results."""

    version: Literal[1] = 1
    lifeseg: str = Field(description="the version that made it")
    policy: PolicyText
    as_of: date
    engine: str
    data_fingerprint: str = Field(description="SHA-256 of the data files")
    rows: dict[str, int] = Field(description="records by entity")
    result_hash: str = Field(
        description="equal for equal results, whatever the engine and the order of records"
    )
    kpis: list[KpiAmount]
    stale: list[StaleFlag] = Field(default=[], description="flags that are stale on the as-of date")
    baseline: Baseline
    timings: dict[str, float] = Field(description="seconds by stage")
    totals: dict[str, Any] | None = Field(
        default=None, description="what `run --changed` goes on from; of a run by DuckDB"
    )
    files: list[str]
    prints: dict[str, str] | None = Field(
        default=None, description="by which `run --changed` knows the files again"
    )


class Difference(Part):
    """A fact or definition that has another value than in the run before; without a name, a child that is new or gone."""

    name: str | None
    of: str | None = Field(description="the key of a child record; null: the record itself")
    before: str | None
    after: str | None


class Change(Part):
    """On a day a record had another case of a definition than before; null: none."""

    day: date
    definition: str
    before: str | None
    after: str | None
    run: int = Field(description="the recorded run that found it")
    rule: str | None = Field(
        default=None, description="the condition of the rule, as the policy of that run has it"
    )
    since: date | None = Field(default=None, description="with --why: the day of the run before")
    changed: list[Difference] | None = Field(
        default=None, description="with --why: what it rests on and had changed; null: not known"
    )


class History(Part):
    """What `lifeseg history --format json` writes."""

    version: Literal[1] = 1
    policy: PolicyName
    entity: str
    key: str
    changes: list[Change] = Field(description="oldest first")


class Size(Part):
    """How many are in a case."""

    case: str
    size: str = Field(description="recorded, or expected with up to two decimals")
    within_80: list[int] | None = Field(
        description="what 80 % of the draws came to; of a recorded month null"
    )
    within_95: list[int] | None
    value: str | None = Field(description="the size times what its records are worth on average today")


class Month(Part):
    month: str = Field(description="like 2013-06")
    recorded: date | None = Field(description="the day of the last run of the month; null of a month to come")
    cases: list[Size]


class Simulation(Part):
    """What `lifeseg simulate --format json` writes."""

    version: Literal[1] = 1
    policy: PolicyName
    definition: str
    steps: int | None = Field(description="how many months the rates were observed over")
    observed: dict[str, int] | None = Field(
        description="by case, of how many records and months it was seen what came next"
    )
    months: list[Month] = Field(description="oldest first")


class HandedOut(Part):
    """Something to be done, handed out once."""

    task: int = Field(description="its number, for good")
    entity: str
    key: str
    name: str
    title: str
    about: str | None
    owner: str | None
    channel: str | None
    handed_out: date
    due: date | None = Field(description="the last day on which it is in time")


class Tasks(Part):
    """What `lifeseg tasks --format json` writes."""

    version: Literal[1] = 1
    policy: PolicyName
    as_of: date
    tasks: list[HandedOut]


class TaskFile(HandedOut):
    """What `lifeseg tasks --out FOLDER` writes for each task."""

    version: Literal[1] = 1
    policy: PolicyName


class TaskMeasures(Part):
    """What came of a task: shares as parts of 1, amounts and the return on them as decimals, null where nothing is known."""

    task: str
    case: str | None
    handed_out: int
    held_out: int
    done: int
    overdue: int
    judged: int
    worth_before: str | None = Field(description="of a customer on average, when the task is handed out")
    worth_after: str | None = Field(description="the same when it is judged")
    measures: dict[str, str | None]


class TaskTarget(Part):
    task: str
    measure: str
    target: str
    case: str | None
    arm: str | None = Field(description="null for all but those held out, as `case`")
    value: str | None
    met: bool | None = Field(description="null where nothing is known yet")
    spent: str | None = Field(description="what part of a budget is spent")


class LoopRun(Part):
    run: int
    as_of: date
    kpis: list[dict[str, Any]] = Field(description="as `run.json` has them")


class ArmDifference(Part):
    """An arm beside another, with the ends of the 95 % interval: Newcombe's for shares, Welch's for worth and profit."""

    task: str
    case: str | None
    what: Literal["goal", "churn", "accuracy", "response", "worth", "profit"]
    arm: str
    other: str
    counts: list[int] = Field(description="how many there are of each")
    difference: str
    low: str | None
    high: str | None
    few: bool = Field(description="fewer than 30 on either side")


class Loop(Part):
    """What `lifeseg loop --format json` writes."""

    version: Literal[1] = 1
    policy: PolicyName
    as_of: date
    by: str | None
    tasks: list[TaskMeasures]
    targets: list[TaskTarget]
    runs: list[LoopRun] = Field(description="the last run and the one before")
    arms: dict[str, list[TaskMeasures]]
    differences: list[ArmDifference]


class ProofWitness(Part):
    """A customer that shows an answer, as far as the answer depends on it."""

    as_of: date
    record: dict[str, Any] = Field(description="facts by name, children as lists under their entity's name")
    statistics: dict[str, str] = Field(description="what the population gives, where it matters")
    test: str | None = Field(description="a test of the policy that fails as long as the answer stands")
    why_no_test: str | None


class ProofAnswer(Part):
    """A question about a definition or a claim."""

    subject: str
    entity: str
    kind: str
    verdict: Literal["proved", "proved up to", "refuted", "not decided"]
    place: str = Field(description="file:line")
    cases: list[str] = Field(description="the cases, rows, states or moves it is about")
    taken_by: list[str] = Field(description="the earlier cases that take whoever a case asks for")
    only_when_data_is_missing: bool
    most_children: int | None = Field(description="proved of whoever has at most so many of each kind")
    free: list[str] = Field(description="what stood for any value in its range")
    tried: list[str]
    witness: ProofWitness | None


class ProofsDocument(Part):
    """What `lifeseg prove --json` writes."""

    version: Literal[1] = 1
    policy: PolicyName
    good: bool = Field(description="nothing is refuted or not decided")
    answers: list[ProofAnswer]


DOCUMENTS: dict[str, type[Part]] = {
    "flags": Flags,
    "list": Listing,
    "whatif": WhatIf,
    "nearest": NearestDocument,
    "test": Tests,
    "run": Run,
    "history": History,
    "simulate": Simulation,
    "tasks": Tasks,
    "task": TaskFile,
    "loop": Loop,
    "prove": ProofsDocument,
    "diff": ChangeDocument,
    "sensitivity": SensitivityDocument,
}


def written(document: Part) -> str:
    """The document as indented JSON text, ending with a line break."""
    content = document.model_dump(mode="json", exclude_unset=True)
    return json.dumps({"version": 1, **content}, ensure_ascii=False, indent=2) + "\n"


def schema(name: str) -> str:
    """The JSON Schema of a command's document, as the published file holds it."""
    return json.dumps(DOCUMENTS[name].model_json_schema(mode="serialization"), indent=2) + "\n"
