"""The results of a run come in; what those are worth to whom something is handed out goes into the store's table `worths`.

It is kept on the day a task may be handed out and on the day its goal is judged, so the table grows with tasks.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from lifeseg.records.files import RESULTS
from lifeseg.records.typed import quoted, text
from lifeseg.tracking.loop_tables import still_counts
from lifeseg.tracking.memberships import Found, Worth, key_in, table_in
from lifeseg.tracking.place import Session

MAY_BE_HANDED_OUT = """
SELECT m.key FROM memberships m WHERE m.policy = $policy AND m.entity = $entity AND m.replaced IS NULL
AND m.valid_from <= $day AND (m.valid_to IS NULL OR m.valid_to > $day) AND m.definition = {name} AND NOT EXISTS (
    SELECT 1 FROM tasks t WHERE t.entity = m.entity AND t.key = m.key AND t.name = m.definition AND {counts}
)
"""
IS_JUDGED = """
SELECT t.key FROM tasks t JOIN runs r ON r.run = t.run
WHERE r.policy = $policy AND t.entity = $entity AND t.name = ANY($names)
AND t.handed_out < $day AND t.judged <= $day AND NOT EXISTS (
    SELECT 1 FROM runs k WHERE k.policy = $policy AND k.remembered AND k.replaced IS NULL
    AND k.as_of >= t.judged AND k.as_of > t.handed_out AND k.as_of < $day
)
"""
ADDED = """
INSERT INTO worths SELECT $run, $entity, key, $definition, CAST(worth AS DECIMAL(38, 12)) FROM _worths
WHERE key IN ({keys})
"""


def keep(store: Session, run: int, policy: str, day: date, results: Mapping[str, Found]) -> None:
    """Enters what is asked for, after the memberships of the run."""
    for entity, found in results.items():
        for worth in found.worths:
            databases = {RESULTS: found.path} if found.table is not None else {}
            store.load("_worths", told_in(found, worth), databases)
            values: dict[str, Any] = {"run": run, "policy": policy, "entity": entity, "day": day}
            asked = {"names": [name for name, _ in worth.tasks], "definition": worth.definition}
            store.execute(ADDED.format(keys=keys_of(worth)), {**values, **asked})


def keys_of(worth: Worth) -> str:
    """Who may be handed a task, and who has one that is judged."""
    may_be = (
        MAY_BE_HANDED_OUT.format(name=text(name), counts=still_counts(again)) for name, again in worth.tasks
    )
    return " UNION ".join((*may_be, IS_JUDGED))


def told_in(found: Found, worth: Worth) -> str:
    """What everybody is worth of whom that is known."""
    column = quoted(worth.definition)
    return f"SELECT {key_in(found)}, CAST({column} AS VARCHAR) AS worth FROM {table_in(found)} WHERE {column} IS NOT NULL"
