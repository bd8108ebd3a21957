"""The tables of the store that the operating loop needs, as text of SQL, and when a task stands against another one."""

from __future__ import annotations

LOOP = """
ALTER TABLE runs ADD COLUMN kpis JSON;
COMMENT ON COLUMN runs.kpis IS 'What the KPIs of the policy came to';
CREATE TABLE tasks (
    task INTEGER PRIMARY KEY,
    policy VARCHAR NOT NULL,
    entity VARCHAR NOT NULL,
    key VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    since DATE NOT NULL,
    handed_out DATE NOT NULL,
    due DATE,
    judged DATE,
    owner VARCHAR,
    channel VARCHAR,
    about VARCHAR,
    arm VARCHAR NOT NULL,
    run INTEGER NOT NULL,
    UNIQUE (policy, entity, key, name, handed_out)
);
COMMENT ON TABLE tasks IS 'What was handed out to be done, each once';
COMMENT ON COLUMN tasks.key IS 'The key; the parts of a key of several parts are divided by the character U+001F';
COMMENT ON COLUMN tasks.since IS 'The day on which the reason was found';
COMMENT ON COLUMN tasks.judged IS 'The first run on this day or later says whether the goal is reached';
COMMENT ON COLUMN tasks.arm IS 'champion, challenger, or control: held out, nothing was handed out';
COMMENT ON COLUMN tasks.run IS 'The run that gave the reason';
CREATE TABLE outcomes (
    task INTEGER NOT NULL,
    outcome VARCHAR NOT NULL,
    day DATE NOT NULL,
    cost DECIMAL(18, 2) NOT NULL,
    revenue DECIMAL(18, 2) NOT NULL,
    note VARCHAR,
    reading INTEGER NOT NULL,
    replaced INTEGER
);
COMMENT ON TABLE outcomes IS 'What became of tasks; corrected rows stay, with the reading that replaced them';
CREATE TABLE overrides (
    override INTEGER PRIMARY KEY,
    policy VARCHAR NOT NULL,
    entity VARCHAR NOT NULL,
    key VARCHAR NOT NULL,
    definition VARCHAR NOT NULL,
    "case" VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    owner VARCHAR NOT NULL,
    valid_from DATE NOT NULL,
    valid_until DATE NOT NULL,
    made TIMESTAMP NOT NULL,
    replaced INTEGER
);
COMMENT ON TABLE overrides IS 'What a record is by hand, whatever the rules say; replaced rows stay';
COMMENT ON COLUMN overrides.valid_until IS 'The last day';
"""
WORTHS = """
CREATE TABLE worths (
    run INTEGER NOT NULL,
    entity VARCHAR NOT NULL,
    key VARCHAR NOT NULL,
    definition VARCHAR NOT NULL,
    worth DECIMAL(38, 12) NOT NULL
);
COMMENT ON TABLE worths IS 'What a record with a task was worth by a run: when it was handed out, and when it was judged';
COMMENT ON COLUMN worths.definition IS 'The index or score that says so';
"""

KNOWN_BY_HAND = """
ALTER TABLE runs ADD COLUMN overrides INTEGER;
COMMENT ON COLUMN runs.overrides IS 'The last override that was known to the run; empty where that was not kept';
"""


def still_counts(again: tuple[int, str] | None) -> str:
    """Whether a task `t` stands against another one for the reason `m`."""
    if again is None:
        return "t.handed_out >= m.valid_from"
    count, unit = again
    return f"t.handed_out + INTERVAL {count:d} {'MONTH' if unit == 'month' else 'DAY'} > $day"
