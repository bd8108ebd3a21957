"""An open store comes in; what is set by hand on a day goes out, as far as the table `overrides` says."""

from __future__ import annotations

from datetime import date

from lifeseg.frozen import dataclass
from lifeseg.tracking.place import Session

COLUMNS = 'override, entity, key, definition, "case", reason, owner, valid_from, valid_until'


@dataclass(frozen=True, slots=True)
class Override:
    """From a day to another, both included, a record has a case of a definition, whatever the rules say."""

    override: int
    entity: str
    key: str
    definition: str
    case: str
    reason: str
    owner: str
    valid_from: date
    valid_until: date


@dataclass(frozen=True, slots=True)
class InForce:
    """What is in force, and the last override of all that was known then."""

    overrides: tuple[Override, ...] = ()
    last: int = 0


def on_day(store: Session, policy: str, day: date, by: int | None = None) -> InForce:
    """What is in force on a day, as it is believed today, or was when a run was made."""
    last = known_to(store, by)
    found = tuple(one for one in listed(store, policy, last) if one.valid_from <= day <= one.valid_until)
    return InForce(found, last)


def known_to(store: Session, by: int | None) -> int:
    """The last override that there is, or was when a run was made; runs of old stores do not tell."""
    row = (
        store.execute("SELECT overrides FROM runs WHERE run = ?", (by,)).fetchone()
        if by is not None
        else None
    )
    return int(row[0]) if row is not None and row[0] is not None else next_number(store) - 1


def listed(store: Session, policy: str, last: int) -> list[Override]:
    """What was believed when there were so many."""
    query = (
        f"SELECT {COLUMNS} FROM overrides WHERE policy = ? AND override <= ? AND coalesce(replaced, ? + 1) > ?"
        " ORDER BY override"
    )
    return [Override(*row) for row in store.execute(query, (policy, last, last, last)).fetchall()]


def next_number(store: Session) -> int:
    row = store.execute("SELECT coalesce(max(override), 0) + 1 FROM overrides").fetchone()
    return int(row[0]) if row is not None else 1
