"""The section [lint] of a workspace comes in; the rules of lint go out, each with its severity and limits, or what is
wrong with the section.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from fractions import Fraction
from typing import Any, Literal

from lifeseg.diagnostics.diagnostic import Diagnostic
from lifeseg.frozen import dataclass

OFF = "off"
LEVELS = ("error", "warning", "note", OFF)
Limit = int | Fraction | tuple[Fraction, ...]
Mistake = tuple[tuple[str, ...], str, dict[str, object]]


@dataclass(frozen=True, slots=True)
class Rule:
    """`looks_at`: whether it reads the text or the records; `limits` are its numbers with their defaults."""

    looks_at: Literal["text", "data"]
    severity: str
    limits: Mapping[str, Limit] = field(default_factory=dict)


TRIVIAL = (Fraction(0), Fraction(1))
MANY = 100
"""Records from which on shares of them mean something."""

RULES: Mapping[str, Rule] = {
    "number-repeated": Rule("text", "warning", {"definitions": 2, "ignore": TRIVIAL}),
    "number-unnamed": Rule("text", OFF, {"ignore": TRIVIAL}),
    "one-of-spelled-out": Rule("text", "warning"),
    "guard-long": Rule("text", "warning", {"most": 6}),
    "title-missing": Rule("text", "warning"),
    "group-sum": Rule("text", "warning", {"within": Fraction(2, 100)}),
    "weight-small": Rule("text", "warning", {"share": Fraction(5, 1000)}),
    "index-idle": Rule("text", "warning"),
    "index-constant": Rule("data", "warning", {"records": MANY}),
    "indexes-correlated": Rule("data", "warning", {"correlation": Fraction(98, 100), "records": MANY}),
    "weight-without-effect": Rule("data", "warning", {"records": MANY}),
    "threshold-crowded": Rule(
        "data", "warning", {"within": Fraction(1, 100), "share": Fraction(1, 10), "records": MANY}
    ),
    "case-small": Rule("data", "warning", {"share": Fraction(1, 100), "records": MANY}),
}

A_LEVEL = '"error", "warning", "note" or "off"'
A_COUNT = "a whole number from 1"
A_SHARE = "a share from 0 to 1, such as 0.1"
NUMBERS = "numbers in brackets, such as [0, 1]"
NAMES = "names in brackets and quotes"
COUNTED = ("definitions", "most", "records")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A rule as a workspace wants it; it is silent about the definitions of these names."""

    severity: str
    limits: Mapping[str, Limit] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()

    def count(self, name: str) -> int:
        found = self.limits[name]
        assert isinstance(found, int)
        return found

    def share(self, name: str) -> Fraction:
        found = self.limits[name]
        assert isinstance(found, Fraction)
        return found

    def numbers(self, name: str) -> tuple[Fraction, ...]:
        found = self.limits[name]
        assert isinstance(found, tuple)
        return found


Choice = Mapping[str, Chosen]


@dataclass(frozen=True, slots=True)
class Found:
    """A finding, and the definition that it is about."""

    subject: str
    finding: Diagnostic


def chosen(table: Mapping[str, Any] | None = None) -> Choice:
    """All rules as the section wants them, which has no mistakes."""
    return {code: chosen_rule(rule, (table or {}).get(code, {})) for code, rule in RULES.items()}


def chosen_rule(rule: Rule, wanted: str | Mapping[str, Any]) -> Chosen:
    if isinstance(wanted, str):
        return Chosen(wanted, rule.limits)
    limits = {
        name: limit(name, wanted[name]) if name in wanted else rule.limits[name] for name in rule.limits
    }
    return Chosen(wanted.get("severity", rule.severity), limits, frozenset(wanted.get("except", ())))


def limit(name: str, value: Any) -> Limit:
    """Numbers as they are written, not as a binary fraction comes near them."""
    if isinstance(value, list):
        return tuple(Fraction(repr(one)) for one in value)
    return value if name in COUNTED else Fraction(repr(value))


def wanted_among(choice: Choice, looks_at: str) -> dict[str, Chosen]:
    """The rules of a kind that are not switched off."""
    return {
        code: one for code, one in choice.items() if one.severity != OFF and RULES[code].looks_at == looks_at
    }


# ---- Mistakes -----------------------------------------------------------------------------------


def mistakes(table: Mapping[str, Any]) -> Iterator[Mistake]:
    """The path of a setting, and what is wrong with it."""
    for code, wanted in table.items():
        if code not in RULES:
            yield unknown((code,), RULES)
        elif isinstance(wanted, str):
            if wanted not in LEVELS:
                yield wrong((code,), A_LEVEL)
        elif isinstance(wanted, dict):
            yield from mistakes_of(code, wanted)
        else:
            yield wrong((code,), f"{A_LEVEL}, or a table")


def mistakes_of(code: str, wanted: Mapping[str, Any]) -> Iterator[Mistake]:
    known = ("severity", "except", *RULES[code].limits)
    for name, value in wanted.items():
        if name not in known:
            yield unknown((code, name), known)
        elif (words := lacking(name, value)) is not None:
            yield wrong((code, name), words)


def lacking(name: str, value: Any) -> str | None:
    """What a setting should be, if it is something else."""
    if name == "severity":
        return None if isinstance(value, str) and value in LEVELS else A_LEVEL
    if name == "except":
        return None if isinstance(value, list) and all(isinstance(one, str) for one in value) else NAMES
    if name == "ignore":
        return None if isinstance(value, list) and all(map(is_number, value)) else NUMBERS
    if name in COUNTED:
        return None if isinstance(value, int) and is_number(value) and value >= 1 else A_COUNT
    return None if is_number(value) and 0 <= value <= 1 else A_SHARE


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")


def unknown(path: tuple[str, ...], known: Iterable[str]) -> Mistake:
    import difflib

    names = list(known)
    close = difflib.get_close_matches(path[-1], names, 1)
    told: dict[str, object] = {
        "name": path[-1],
        "suggestion": close[0] if close else None,
        "known": ", ".join(names),
    }
    return path, "config-unknown-setting", told


def wrong(path: tuple[str, ...], wanted: str) -> Mistake:
    return path, "config-value", {"name": path[-1], "wanted": wanted}
