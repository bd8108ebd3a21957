"""The text of a gate comes in, such as `moved > 2%`; a test of what a change does goes out.

moved > 2%            of all customers; or their number: moved > 10
A lost > 0            customers whom a case loses; `gained` likewise; value_level.A where several have an A
value moved > 1000000 what those who move are worth
rules changed > 5     parts of the policy
not equivalent        something in the policy means something else, or may
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Literal, cast

from lifeseg.frozen import dataclass

FORM = re.compile(
    r"\s*(?:(?P<bare>not\s+equivalent)|(?P<what>moved|value\s+moved|rules\s+changed|(?P<case>[^\s]+)\s+(?P<way>lost|gained))"
    r"\s*(?P<sign>>=|<=|>|<|=)\s*(?P<limit>\d+(?:\.\d+)?)\s*(?P<percent>%)?)\s*"
)
SIGNS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "=": operator.eq,
}  # fmt: skip

What = Literal["moved", "value moved", "rules changed", "lost", "gained", "not equivalent"]


@dataclass(frozen=True, slots=True)
class Gate:
    """What must not be. `case` is one whose customers are counted; `limit` is a share of all where `share`."""

    text: str
    what: What
    case: str | None = None
    sign: str = ">"
    limit: Fraction = Fraction(0)
    share: bool = False

    def shuts(self, amount: Fraction) -> bool:
        return SIGNS[self.sign](amount, self.limit)


def gate(text: str) -> Gate | None:
    """The gate that a text means, or None."""
    found = FORM.fullmatch(text)
    if found is None:
        return None
    if found["bare"]:
        return Gate(text, "not equivalent")
    what = found["way"] or " ".join(found["what"].split())
    share = found["percent"] is not None
    if share and what in ("value moved", "rules changed"):
        return None
    limit = Fraction(found["limit"]) / (100 if share else 1)
    return Gate(text, cast("What", what), found["case"], found["sign"], limit, share)
