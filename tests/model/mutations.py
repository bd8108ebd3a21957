"""A policy's text comes in; texts that somebody typing carelessly, or with ill intent, might have made of it go out."""

import random
import re

TOKEN = re.compile(r'"[^"\n]*"|\d+(?:\.\d+)?|\w+|\|\||[^\w\s]|[ \t]+|\n')
STRANGE = (
    "0",
    "1",
    "-1",
    "99999999999999999999",
    "0.000000001",
    "missing",
    "not",
    "is",
    "today",
    "known",
    "%",
    "all",
    "yes",
)


def mutated(text: str, source: random.Random, most: int = 4) -> str:
    """The text with one to so many changes of a token or a line."""
    for _ in range(source.randint(1, most)):
        text = source.choice(CHANGES)(text, source)
    return text


def line_changed(text: str, source: random.Random) -> str:
    """Deletes, doubles or swaps a line."""
    lines = text.split("\n")
    first, second = source.randrange(len(lines)), source.randrange(len(lines))
    match source.randrange(4):
        case 0:
            del lines[first]
        case 1:
            lines.insert(second, lines[first])
        case 2:
            lines[first], lines[second] = lines[second], lines[first]
        case _:
            lines.insert(first, lines[first])
    return "\n".join(lines)


def token_changed(text: str, source: random.Random) -> str:
    """Deletes, doubles, swaps or replaces a token; the other one comes from nearby or from anywhere."""
    tokens = TOKEN.findall(text)
    places = [place for place, token in enumerate(tokens) if not token.isspace()]
    if len(places) < 2:
        return text
    first = source.randrange(len(places))
    second = source.choice(
        (source.randrange(len(places)), min(len(places) - 1, first + source.randint(1, 6)))
    )
    a, b = places[first], places[second]
    match source.randrange(5):
        case 0:
            tokens[a] = ""
        case 1:
            tokens[a] += " " + tokens[a]
        case 2:
            tokens[a], tokens[b] = tokens[b], tokens[a]
        case 3:
            tokens[a] = source.choice(STRANGE)
        case _:
            tokens[a] = tokens[b]
    return "".join(tokens)


def name_changed(text: str, source: random.Random) -> str:
    """Puts one word of the text in place of another of much the same kind: what parses and may mean something."""
    words = list(re.finditer(r"[^\W\d]\w*", text))
    if not words:
        return text
    place = source.choice(words)
    return text[: place.start()] + source.choice(words).group() + text[place.end() :]


def number_changed(text: str, source: random.Random) -> str:
    """Another number, far away or of other decimals."""
    numbers = list(re.finditer(r"\d+(?:\.\d+)?", text))
    if not numbers:
        return text
    place = source.choice(numbers)
    found = source.choice(
        ("0", "1", "2", "1000000000000", "0.5", "0.123456789012345", source.choice(numbers).group())
    )
    return text[: place.start()] + found + text[place.end() :]


CHANGES = (
    line_changed,
    token_changed,
    token_changed,
    name_changed,
    name_changed,
    name_changed,
    number_changed,
)
