"""A seed, a stream's name and a row's two numbers come in; SQL for a number that looks random goes out.

Only multiplication, shifts and xor of 64-bit integers are used, so that no version of DuckDB, no machine
and no number of threads gives other values. `mixed`, `drawn` and `normal` are the same in Python, for tests
and for what is drawn once.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

MASK = 2**32 - 1
DEVIATION = 26_755
"""The deviation of `normal`: the sum of two evenly spread 16-bit numbers."""

_FIRST, _SECOND = 0x21F0AAAD, 0x735A2D97  # below 2 ** 31: the product of 32 bits with them fits 63


def key(*words: object) -> int:
    """A 32-bit number for a stream; the words are told apart by their length."""
    text = "".join(f"{len(str(word))}:{word}" for word in words)
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:4])


@lru_cache(4096)
def multiplier(*words: object) -> int:
    """An odd number of 31 bits for a stream."""
    return key(*words) >> 2 | 1 << 30 | 1


def mixed(number: int) -> int:
    """Every bit of the result depends on every bit of the 32-bit number; different numbers stay different."""
    number ^= number >> 16
    number = number * _FIRST & MASK
    number ^= number >> 15
    number = number * _SECOND & MASK
    return number ^ number >> 15


def mixed_sql(number: str) -> str:
    first = f"(xor({number}, ({number}) >> 16) * {_FIRST} & {MASK})"
    second = f"(xor({first}, {first} >> 15) * {_SECOND} & {MASK})"
    return f"xor({second}, {second} >> 15)"


def drawn(first: int, second: int, *stream: object) -> int:
    """A number of 32 bits, from a row's two numbers of 32 bits."""
    left, right = multiplier(*stream, 1), multiplier(*stream, 2)
    return (first * left ^ second * right) >> 16 & MASK


def drawn_sql(*stream: object, first: str = "h1", second: str = "h2") -> str:
    left, right = multiplier(*stream, 1), multiplier(*stream, 2)
    return f"((xor({first} * {left}, {second} * {right}) >> 16) & {MASK})"


def normal(first: int, second: int, *stream: object) -> int:
    """A number about 0, near ones more often, between -65,535 and 65,535."""
    found = drawn(first, second, *stream)
    return (found & 65535) + (found >> 16) - 65535


def normal_sql(*stream: object) -> str:
    found = drawn_sql(*stream)
    return f"(({found} & 65535) + ({found} >> 16) - 65535)"


def floored(number: str, divisor: int, most: int) -> str:
    """Division of integers, rounded down, of a number whose quotient is at least -`most`."""
    if divisor & (divisor - 1):
        return f"((({number}) + {most * divisor}) // {divisor} - {most})"
    return f"(((({number}) + {most * divisor}) >> {divisor.bit_length() - 1}) - {most})"
