"""A formula of the policy comes in; the same goes out in titles, for languages whose trees speak in them.

What has no title in the language stays as the policy writes it: words of the language, units, and texts in quotes too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lifeseg.explain.catalogue import Catalogue
from lifeseg.explain.scope import Named, Scope, case_titles, children
from lifeseg.interpreter.trace import DefinitionTrace

_WORDS = re.compile(r'"[^"]*"|\d[\d.,]*%?(?: [^\W\d]\w*)?|(?:[^\W\d]\w*\.)*[^\W\d][\w-]*\b(?!\()')
_POPULATION = re.compile(
    r"(?P<function>\w+)\((?:(?:known )?(?P<of>.+?)(?:, (?P<argument>[^ ,]+))?"
    r"(?:, (?P<word>ties|interpolation) (?P<manner>\w+))? over )?"
    r"all (?P<entity>\w+)(?: where (?P<where>.+))?\)",
    re.DOTALL,
)
_BEGINS = re.compile(r"(?P<of>\w+) of (?P<rank>\w+): (?P<classes>.+)")
_DISTANCE = re.compile(r"distance to (?P<classes>[\w, ]+)")
_LISTING = frozenset({"not", "one", "of"})


def formula(text: str, scope: Scope, words: Catalogue) -> str:
    """The formula in titles, or as it is where trees speak in the policy's own text."""
    if not words.in_titles:
        return text
    if found := _POPULATION.fullmatch(text):
        return _population(found, scope, words) or in_titles(text, scope, words)
    if (found := _BEGINS.fullmatch(text)) and (rank := _named(found["rank"], scope)) is not None:
        classes = in_titles(f"{found['rank']} is {found['classes']}", scope, words).partition(" is ")[2]
        of = in_titles(found["of"], scope, words)
        return words.say("statistic.begins", of=of, rank=words.title(rank.titles, rank.name), classes=classes)
    if found := _DISTANCE.fullmatch(text):
        names = found["classes"].split(", ")
        classes = words.listed([_class(name, scope, words) for name in names], "or")
        return words.say("statistic.distance", classes=classes)
    return in_titles(text, scope, words)


def in_titles(text: str, scope: Scope, words: Catalogue) -> str:
    """The text with its names in titles; of what follows `is`, the titles of the cases."""
    subject: Named | None = None
    asked = False

    def said(match: re.Match[str]) -> str:
        nonlocal subject, asked
        word = match[0]
        if not (word[0].isalpha() or word[0] == "_") or (asked and word in _LISTING):
            return word
        if word == "is":
            asked = True
            return word
        if asked and isinstance(subject, DefinitionTrace) and word in case_titles(subject):
            return case_titles(subject)[word].get(words.language, word)
        asked, subject = False, _named(word, scope)
        titles = subject.titles if subject is not None else None
        if titles is None:
            titles = scope.parameters.get(word) or scope.entities.get(word) or {}
        return titles.get(words.language, word)

    return _WORDS.sub(said, text)


def _population(found: re.Match[str], scope: Scope, words: Catalogue) -> str | None:
    """A statistic in words; None if the language has none for its function."""
    key = f"statistic.{found['function']}"
    if not words.knows(key):
        return None
    within = next((one for one in _around(scope) if one.record.entity == found["entity"]), scope)
    entity = words.title(scope.entities.get(found["entity"], {}), found["entity"])
    where = found["where"]
    if where is not None:
        entity = words.say("statistic.where", entity=entity, condition=in_titles(where, within, words))
    of = in_titles(found["of"] or "", within, words)
    said = words.say(key, entity=entity, of=of, argument=found["argument"] or "")
    if found["manner"] is None:
        return said
    return words.say(
        "statistic.taken", statistic=said, manner=words.say(f"manner.{found['word']}_{found['manner']}")
    )


def _class(name: str, scope: Scope, words: Catalogue) -> str:
    """The title of a class of whichever clusters have one of that name."""
    for found in scope.record.definitions:
        if titles := case_titles(found).get(name):
            return titles.get(words.language, name)
    return name


def _named(word: str, scope: Scope) -> Named | None:
    """What a name means here, in what it belongs to, or in what belongs to it; `customer.age` is the customer's."""
    entity, _, name = word.rpartition(".")
    for one in _around(scope):
        if name in one.names and entity in ("", one.record.entity):
            return one.names[name]
    return None


def _around(scope: Scope) -> Iterator[Scope]:
    here: Scope | None = scope
    while here is not None:
        yield here
        here = here.parent
    seen: set[str] = set()
    for child in children(scope):
        if child.record.entity not in seen:
            seen.add(child.record.entity)
            yield child
