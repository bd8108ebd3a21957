"""What a policy hands out and the memberships of its flags come in; tasks are entered into the store, each once, and go out.

A task has a number for good. For one record and one name there is none as long as an earlier one counts: one that was handed
out since the reason came, or, where the policy says after how long it may be again, one that was handed out later than that.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from lifeseg.diagnostics.diagnostic import problem
from lifeseg.frozen import dataclass
from lifeseg.tracking.loop_tables import still_counts
from lifeseg.tracking.place import Place, Session, UnusableStoreError
from lifeseg.tracking.store import PATIENCE, is_there, opened

SPLIT = "substr(md5($salt || '/' || split_part(m.key, chr(31), 1)), 1, 8)"
"""Eight hexadecimal digits that stay with the first part of a key: its children are where it is. As texts of one length they
are in the order of their numbers.
"""
HELD = """m.policy = $by AND m.entity = $entity AND m.replaced IS NULL AND m.valid_from <= $day
AND (m.valid_to IS NULL OR m.valid_to > $day)"""
CASE = f"""
(SELECT max(m."case") FROM memberships m WHERE {HELD} AND m.definition = $TOLD AND m.key = r.key)
"""
REASONS = f"""
SELECT m.key AS key, m.valid_from AS since, {{arm}} AS arm FROM memberships m WHERE {HELD} AND m.definition = $name
AND NOT EXISTS (
    FROM tasks t WHERE t.policy = $policy AND t.entity = $entity AND t.key = m.key AND t.name = $name AND {{counts}}
)
"""
NEW = """
INSERT INTO _new SELECT $place, $entity, r.key, $name, r.since, $due, $judged, {owner}, {channel}, {about}, r.arm, $run
FROM ({reasons}) r WHERE r.arm IN {arms}
"""
TABLE = """
DROP TABLE IF EXISTS _new;
CREATE TEMP TABLE _new (
    place INTEGER, entity VARCHAR, key VARCHAR, name VARCHAR, since DATE, due DATE, judged DATE,
    owner VARCHAR, channel VARCHAR, about VARCHAR, arm VARCHAR, run INTEGER
)
"""
NUMBERED = """
INSERT INTO tasks
SELECT (SELECT coalesce(max(task), 0) FROM tasks) + row_number() OVER (ORDER BY place, length(key), key),
    $policy, entity, key, name, since, $day, due, judged, owner, channel, about, arm, run
FROM _new
"""
OF_THE_DAY = """
SELECT task, entity, key, name, owner, channel, about, due, handed_out, arm FROM tasks
WHERE policy = $policy AND handed_out = $day ORDER BY task
"""


@dataclass(frozen=True, slots=True)
class Told:
    """A text, or the definition whose case it is."""

    text: str | None = None
    definition: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A task of a policy; `again` as SQL counts it, such as `6 MONTH`, or none: once for each time that the reason comes."""

    name: str
    entity: str
    owner: Told
    channel: Told
    about: Told
    due: date | None
    judged: date | None
    again: tuple[int, str] | None


@dataclass(frozen=True, slots=True)
class Arm:
    """A policy, by its name and text, whose tasks are handed out to one part of the records: those with numbers from `low` to
    before `high`.
    """

    name: str
    policy: str
    content_hash: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Split:
    """Which arm a number belongs to: those below `control` get nothing, those below `challenger` what the challenger says."""

    salt: str
    control: int
    challenger: int


@dataclass(frozen=True, slots=True)
class HandOut:
    """What is to be handed out on a day; the first arm is the policy whose loop it is."""

    day: date
    arms: tuple[Arm, ...]
    split: Split | None = None

    @property
    def policy(self) -> str:
        return self.arms[0].policy


@dataclass(frozen=True, slots=True)
class Task:
    """A task as it was handed out; `due` may never come."""

    task: int
    entity: str
    key: str
    name: str
    owner: str | None
    channel: str | None
    about: str | None
    due: date | None
    handed_out: date
    arm: str


@dataclass(frozen=True, slots=True)
class HandedOut:
    """All tasks of the day, those held out included; how many of all are new, and a later day that was handed out already."""

    tasks: tuple[Task, ...]
    new: int
    later: date | None


class NoRunError(Exception):
    """The day has no recorded run of a policy as it is now."""

    def __init__(self, policy: str) -> None:
        super().__init__(policy)
        self.policy = policy


def hand_out(place: Place, wanted: HandOut, *, record: bool = True, patience: float = PATIENCE) -> HandedOut:
    """Enters what is new, all or nothing, and gives all of the day; without `record` the store stays as it was."""
    if not is_there(place):
        raise NoRunError(wanted.policy)
    with opened(place, writing=True, patience=patience) as store:
        if store is None:
            raise UnusableStoreError(problem("store-foreign", None, path=str(place)))
        of_day: dict[str, Any] = {"policy": wanted.policy, "day": wanted.day}
        later = first(
            store, "SELECT max(handed_out) FROM tasks WHERE policy = $policy AND handed_out > $day", of_day
        )
        before = first(store, "SELECT count(*) FROM tasks", {})
        if later is None:
            enter(store, wanted)
        rows = store.execute(OF_THE_DAY, of_day).fetchall()
        new = first(store, "SELECT count(*) FROM tasks", {}) - before
        if not record:
            store.undo()
    return HandedOut(tuple(Task(*row) for row in rows), new, later)


def first(store: Session, query: str, values: dict[str, Any]) -> Any:
    row = store.execute(query, values).fetchone()
    return row[0] if row is not None else None


def enter(store: Session, wanted: HandOut) -> None:
    """The new tasks of all arms, numbered in the order of the policy and of the keys."""
    store.execute(TABLE)
    for arm in wanted.arms:
        run = run_of(store, arm, wanted.day)
        for place, rule in enumerate(arm.rules):
            query, values = query_of(wanted, arm, rule)
            store.execute(query, {**values, "place": place, "run": run})
    store.execute(NUMBERED, {"policy": wanted.policy, "day": wanted.day})


def run_of(store: Session, arm: Arm, day: date) -> int:
    query = (
        "SELECT content_hash, run FROM runs WHERE policy = ? AND as_of = ? AND remembered AND replaced IS NULL"
        " ORDER BY run DESC LIMIT 1"
    )
    row = store.execute(query, (arm.policy, day)).fetchone()
    if row is None or row[0] != arm.content_hash:
        raise NoRunError(arm.policy)
    return int(row[1])


def query_of(wanted: HandOut, arm: Arm, rule: Rule) -> tuple[str, dict[str, Any]]:
    """Who is to get a task and does not have it yet."""
    values: dict[str, Any] = {
        "policy": wanted.policy, "by": arm.policy, "entity": rule.entity, "day": wanted.day, "name": rule.name,
        "due": rule.due, "judged": rule.judged,
    }  # fmt: skip
    arms, told = f"'{arm.name}'", f"'{arm.name}'"
    if wanted.split is not None:
        told = f"CASE WHEN {SPLIT} < $control THEN 'control' WHEN {SPLIT} < $challenger THEN 'challenger' ELSE 'champion' END"
        values |= {
            "salt": wanted.split.salt,
            "control": digits(wanted.split.control),
            "challenger": digits(wanted.split.challenger),
        }
        arms = "'champion', 'control'" if arm is wanted.arms[0] else arms
    words = dict(parts_told(rule, values))
    reasons = REASONS.format(arm=told, counts=still_counts(rule.again))
    return NEW.format(reasons=reasons, arms=f"({arms})", **words), values


def digits(number: int) -> str:
    """Below which digits the numbers below a number are; behind all of them there is no number."""
    return f"{number:08x}" if number < 2**32 else "g"


def parts_told(rule: Rule, values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Owner, channel and what it is about: as a text, or as the case that the record has."""
    for word, told in (("owner", rule.owner), ("channel", rule.channel), ("about", rule.about)):
        values[word] = told.text if told.definition is None else told.definition
        yield word, f"${word}" if told.definition is None else CASE.replace("$TOLD", f"${word}")
