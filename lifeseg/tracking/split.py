"""The section [challenger] of a workspace comes in; how customers are split by it goes out, or what is wrong with it.

A customer has a number below 2^32: the first 8 hexadecimal digits of the MD5 of `SALT/KEY`. The first numbers, as many as the
share of the control says, are held out; the next, by its share, are the challenger's; the rest are the champion's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from lifeseg.frozen import dataclass

SETTINGS: Mapping[str, type] = {"policy": str, "share": object, "control": object, "salt": str}
A_SHARE = "a share from 0 to 1, such as 0.1"
SHARES = ("share", "control")
NUMBERS = 2**32


@dataclass(frozen=True, slots=True)
class Challenger:
    """Another policy, the share of customers who are handed its tasks, the share who are handed none, and the salt."""

    policy: Path | None
    share: Fraction
    control: Fraction
    salt: str

    @property
    def ends(self) -> tuple[int, int]:
        """The numbers below which a customer is held out, or the challenger's."""
        return int(self.control * NUMBERS), int((self.control + self.share) * NUMBERS)


def challenger_of(table: Mapping[str, Any] | None, folder: Path) -> Challenger | None:
    """Shares as they are written, not as a binary fraction comes near them."""
    if table is None:
        return None
    share, control = (exact(table.get(name, 0)) for name in SHARES)
    policy = folder / table["policy"] if "policy" in table else None
    return Challenger(policy, share, control, table.get("salt", ""))


def exact(value: float) -> Fraction:
    return Fraction(repr(value))


def mistakes(table: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, object]]]:
    """Names of settings, and what is wrong with them: shares that are none or more than all, or what else is needed."""
    wrong = [name for name in SHARES if name in table and not is_share(table[name])]
    for name in wrong:
        yield name, "config-value", {"name": name, "wanted": A_SHARE}
    found = [name for name in SHARES if name in table]
    if not wrong and sum(exact(table[name]) for name in found) > 1:
        yield found[-1], "config-value.shares", {}
    for name, other, example in (("policy", "share", "0.2"), ("share", "policy", '"challenger.seg"')):
        if name in table and other not in table:
            yield name, "config-value.rhythm", {"name": name, "other": other, "example": example}


def is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
