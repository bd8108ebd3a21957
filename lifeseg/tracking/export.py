"""A store and a policy come in; files of what is known today go out, for tools that read neither the store nor policies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from lifeseg.records.typed import text
from lifeseg.tracking.place import Place, Session
from lifeseg.tracking.store import PATIENCE, asked

WHOSE = "policy = $policy"
KNOWN: Mapping[str, str] = {
    "memberships": f"""
SELECT entity, replace(key, chr(31), '/') AS key, definition, "case", valid_from, valid_to
FROM membership_history WHERE {WHOSE} ORDER BY entity, definition, key, valid_from
""",
    "moves": f"""
SELECT entity, replace(key, chr(31), '/') AS key, definition, case_before, case_after, moved_on
FROM membership_moves WHERE {WHOSE} ORDER BY entity, definition, moved_on, key
""",
    "runs": f"""
SELECT run, as_of, policy_version, content_hash, engine, data_fingerprint, result_hash,
    CAST(parameters AS VARCHAR) AS parameters, CAST(kpis AS VARCHAR) AS kpis, started, finished, made_by
FROM runs WHERE {WHOSE} AND remembered AND replaced IS NULL ORDER BY run
""",
    "tasks": f"""
SELECT task, entity, replace(key, chr(31), '/') AS key, name, owner, channel, about, arm, since, handed_out, due
FROM tasks WHERE {WHOSE} ORDER BY task
""",
    "outcomes": f"""
SELECT o.task, o.outcome, o.day, o.cost, o.revenue, o.note FROM outcomes AS o JOIN tasks AS t ON t.task = o.task
WHERE t.{WHOSE} AND o.replaced IS NULL ORDER BY o.task
""",
    "overrides": f"""
SELECT override, entity, replace(key, chr(31), '/') AS key, definition, "case", reason, owner, valid_from, valid_until, made
FROM overrides WHERE {WHOSE} AND replaced IS NULL ORDER BY override
""",
}
"""What is believed today, in a fixed order."""


def export(
    place: Place, policy: str, folder: Path, ending: str, *, patience: float = PATIENCE
) -> list[str] | None:
    """Writes a file for each kind of rows; None without a store that knows anything of the policy."""

    def written(store: Session) -> list[str]:
        for name, query in KNOWN.items():
            store.save(query, {"policy": policy}, folder / f"{name}.{ending}")
        return list(KNOWN)

    return asked(place, policy, patience, written)


def titles(rows: Sequence[tuple[str, str, str | None, str, str]], path: Path) -> None:
    """What the names in these files are called: entity, definition, case, language, title."""
    import duckdb

    from lifeseg.tracking.in_duckdb import file_format

    with duckdb.connect() as writer:
        writer.execute(
            'CREATE TABLE titles (entity VARCHAR, definition VARCHAR, "case" VARCHAR, language VARCHAR, title VARCHAR)'
        )
        if rows:
            writer.executemany("INSERT INTO titles VALUES (?, ?, ?, ?, ?)", rows)
        writer.execute(f"COPY titles TO {text(str(path))} ({file_format(path)})")
