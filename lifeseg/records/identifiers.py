"""Names of a policy come in; identifiers that every database keeps apart go out: short, and distinct in any case.

Databases fold the case of names, cut long ones off, and have names of their own, which begin with `_` here. A name
that is none of this stays as it is, so that people recognise it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

MOST_BYTES = 48
"""PostgreSQL cuts at 63; what is put before or after a name needs some of them."""


def identifiers(names: Iterable[str], taken: Collection[str] = ()) -> dict[str, str]:
    """An identifier for each name; none like another, or like one that is `taken`."""
    used = {name.casefold() for name in taken}
    found: dict[str, str] = {}
    for name in names:
        plain = shortened(name.lstrip("_") or "name", MOST_BYTES)
        chosen, count = plain, 1
        while chosen.casefold() in used:
            count += 1
            chosen = f"{plain}_{count}"
        used.add(chosen.casefold())
        found[name] = chosen
    return found


def shortened(name: str, most: int) -> str:
    """As many whole characters as so many bytes hold."""
    return name.encode()[:most].decode(errors="ignore")
