"""What a record is by hand comes in and is kept in the store's table `overrides`; what is in force on a day goes out.

A row is never changed: another one for the same record and definition, or its end, leaves it with the number that
`replaced` it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from lifeseg.frozen import dataclass
from lifeseg.tracking.place import Place, Session
from lifeseg.tracking.store import PATIENCE, is_there, opened

COLUMNS = 'override, entity, key, definition, "case", reason, owner, valid_from, valid_until'
IN_FORCE = "policy = ? AND replaced IS NULL"


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


def in_force(
    place: Place, policy: str, day: date | None = None, *, patience: float = PATIENCE
) -> list[Override]:
    """What is in force on a day; without one everything that is believed, of whatever day."""
    if not is_there(place):
        return []
    with opened(place, writing=False, patience=patience) as store:
        found = listed(store, policy) if store is not None else []
    return [one for one in found if day is None or one.valid_from <= day <= one.valid_until]


def listed(store: Session, policy: str) -> list[Override]:
    query = f"SELECT {COLUMNS} FROM overrides WHERE {IN_FORCE} ORDER BY override"
    return [Override(*row) for row in store.execute(query, (policy,)).fetchall()]


def enter(place: Place, policy: str, one: Override, *, patience: float = PATIENCE) -> int:
    """Enters it, in place of what was said of the record and the definition before; gives its number."""
    with opened(place, writing=True, patience=patience) as store:
        assert store is not None
        number = next_number(store)
        before = "entity = ? AND key = ? AND definition = ?"
        store.execute(
            f"UPDATE overrides SET replaced = {number:d} WHERE {IN_FORCE} AND {before}",
            (policy, one.entity, one.key, one.definition),
        )
        put(store, policy, number, one, one.valid_until)
    return number


def end(place: Place, policy: str, number: int, day: date, *, patience: float = PATIENCE) -> Override | None:
    """It is not in force from a day on; None if there is none of that number."""
    with opened(place, writing=True, patience=patience) as store:
        assert store is not None
        found = next((one for one in listed(store, policy) if one.override == number), None)
        if found is None:
            return None
        later = next_number(store)
        store.execute(f"UPDATE overrides SET replaced = {later:d} WHERE override = ?", (number,))
        put(store, policy, later, found, min(found.valid_until, day - timedelta(days=1)))
    return found


def next_number(store: Session) -> int:
    row = store.execute("SELECT coalesce(max(override), 0) + 1 FROM overrides").fetchone()
    return int(row[0]) if row is not None else 1


def put(store: Session, policy: str, number: int, one: Override, until: date) -> None:
    made = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    values = (
        number, policy, one.entity, one.key, one.definition, one.case, one.reason, one.owner, one.valid_from, until, made,
    )  # fmt: skip
    store.many("INSERT INTO overrides VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)", [values])
