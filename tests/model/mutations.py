"""A policy's text comes in; texts that somebody typing carelessly, or with ill intent, might have made go out."""

import random
import re

TOKEN = re.compile(r'"[^"\n]*"|\d+(?:\.\d+)?|\w+|\|\||[^\w\s]|[ \t]+|\n')
WORD = re.compile(r"[^\W\d]\w*")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
STRANGE = (
    "0", "1", "-1", "99999999999999999999", "0.000000001", "missing", "not", "is", "today", "known", "%", "all",
    "yes", "0000-00-00", "9999-12-31", "months",
)  # fmt: skip
NUMBERS = ("0", "1", "2", "12", "1000000000000", "0.5", "0.123456789012345")


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
    near = min(len(places) - 1, first + source.randint(1, 6))
    a, b = places[first], places[source.choice((source.randrange(len(places)), near))]
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


def word_changed(text: str, source: random.Random) -> str:
    """Puts one word of the text in place of another: what often parses, and may mean something."""
    words = list(WORD.finditer(text))
    return replaced(text, source.choice(words), source.choice(words).group()) if words else text


def number_changed(text: str, source: random.Random) -> str:
    """Another number, far away or of other decimals."""
    numbers = list(NUMBER.finditer(text))
    if not numbers:
        return text
    return replaced(text, source.choice(numbers), source.choice((*NUMBERS, source.choice(numbers).group())))


def replaced(text: str, place: re.Match[str], other: str) -> str:
    return text[: place.start()] + other + text[place.end() :]


CHANGES = (
    line_changed,
    token_changed,
    token_changed,
    word_changed,
    word_changed,
    word_changed,
    number_changed,
)
