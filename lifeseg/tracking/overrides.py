"""What a record is by hand comes in and is kept in the store's table `overrides`; what is in force on a day goes out.

A row is never changed: another one for the same record and definition, or its end, leaves it with the number that
`replaced` it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from lifeseg.tracking.in_force import InForce, Override, listed, next_number, on_day
from lifeseg.tracking.place import Place, Session
from lifeseg.tracking.store import PATIENCE, is_there, opened

IN_FORCE = "policy = ? AND replaced IS NULL"


def in_force(
    place: Place, policy: str, day: date, by: int | None = None, *, patience: float = PATIENCE
) -> InForce:
    """What is in force on a day, as it is believed today, or was when a run was made."""
    if not is_there(place):
        return InForce()
    with opened(place, writing=False, patience=patience) as store:
        return on_day(store, policy, day, by) if store is not None else InForce()


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


def put(store: Session, policy: str, number: int, one: Override, until: date) -> None:
    made = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    values = (
        number, policy, one.entity, one.key, one.definition, one.case, one.reason, one.owner, one.valid_from, until, made,
    )  # fmt: skip
    store.many("INSERT INTO overrides VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)", [values])
