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


@dataclass(frozen=True, slots=True)
class InForce:
    """What is in force, and the last override of all that was known then."""

    overrides: tuple[Override, ...] = ()
    last: int = 0


def in_force(
    place: Place, policy: str, day: date, by: int | None = None, *, patience: float = PATIENCE
) -> InForce:
    """What is in force on a day, as it is believed today, or was when a run was made."""
    if not is_there(place):
        return InForce()
    with opened(place, writing=False, patience=patience) as store:
        if store is None:
            return InForce()
        last = known_to(store, by)
        found = listed(store, policy, last)
    return InForce(tuple(one for one in found if one.valid_from <= day <= one.valid_until), last)


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
        later = next_number(store)
        found = next((one for one in listed(store, policy, later - 1) if one.override == number), None)
        if found is None:
            return None
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
