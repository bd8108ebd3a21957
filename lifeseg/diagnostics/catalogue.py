"""A finding comes in, its words in the reader's language go out: how severe it is, message, label, help.

The words are data: `catalogue/NAME.en.toml` holds them in English and says how severe each finding is,
`catalogue/NAME.zh.toml` and so on translate them, entry by entry, in whatever file. Nothing is read before
a finding must be shown. An entry:

    [unknown-name.fact]                 # a code, or a code and a variant
    severity = "error"                  # error (the default), warning or note
    message = "no fact of {entity} is called `{name}`"
    label = "did you mean `{suggestion}`?"
    help = "declare it under `entity {entity}`"
    labels.entity = "{entity} is declared here"

A text that names an argument the finding does not have is left out; of several in brackets the first that
can be filled is said. A second place NAME gives an argument NAME_at: `line 31`, or `flags.seg, line 31`.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from functools import lru_cache
from pathlib import Path
from typing import Any

from lifeseg.diagnostics.diagnostic import Diagnostic, Several, Span
from lifeseg.frozen import dataclass

SEVERITIES = ("error", "warning", "note")
LONGEST_ARGUMENT = 300
TRANSLATED = ("kind", "left", "right", "found", "wanted", "style", "expected")

_HERE = Path(__file__).parent
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
# What a reader cannot see or what would turn the text around, apart from the line break.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


Texts = str | Sequence[str] | None


@dataclass(frozen=True, slots=True)
class Entry:
    """What the catalogue says about a key; of several texts the first that can be filled is shown."""

    severity: str | None
    message: Texts
    label: Texts
    help: Texts
    labels: Mapping[str, Texts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Worded:
    """A finding as people read it; `labels` are the other places with their texts."""

    severity: str
    code: str
    message: str
    label: str | None
    help: str | None
    labels: tuple[tuple[Span, str], ...]


def words(diagnostic: Diagnostic, language: str = "en") -> Worded:
    """The finding in a language; what is not translated stays English, a key without entry shows as it is."""
    english = entries("en").get(diagnostic.key)
    translated = (entries(language).get(diagnostic.key) if language != "en" else None) or english
    arguments = {f"{place.name}_at": at(place.span, diagnostic.span, language) for place in diagnostic.labels}
    known = phrases(language)
    arguments |= {
        name: shown(named(value, language)) for name, value in diagnostic.arguments.items() if value
    }
    said = arguments | {
        name: in_phrases(arguments[name], known) for name in TRANSLATED if known and name in arguments
    }
    message = label = help_text = None
    labels: list[tuple[Span, str]] = []
    if translated is not None:
        message = filled(translated.message, arguments, said)
        label, help_text = filled(translated.label, arguments, said), filled(translated.help, arguments, said)
        for place in diagnostic.labels:
            text = filled(translated.labels.get(place.name), arguments, said)
            if text is not None:
                labels.append((place.span, text))
    return Worded(
        severity(diagnostic),
        diagnostic.code,
        message or bare(diagnostic.key, arguments),
        label,
        help_text,
        tuple(labels),
    )


def severity(diagnostic: Diagnostic) -> str:
    """error, warning or note; a variant that does not say takes its code's; what nobody knows is an error."""
    if diagnostic.severity is not None:
        return diagnostic.severity
    known = entries("en")
    for key in (diagnostic.key, diagnostic.code):
        if (entry := known.get(key)) is not None and entry.severity is not None:
            return entry.severity
    return "error"


def counted(findings: Sequence[Diagnostic], language: str = "en") -> str:
    """How many there are of each severity: `2 errors, 1 warning`; empty if there are none."""
    counts = Counter(severity(finding) for finding in findings)
    found = [(name, counts[name]) for name in SEVERITIES if counts[name]]
    if language == "zh":
        chinese = {"error": "个错误", "warning": "个警告", "note": "条提示"}
        return "，".join(f"{count} {chinese[name]}" for name, count in found)
    return ", ".join(f"{count} {name}{'s' if count > 1 else ''}" for name, count in found)


def all_codes() -> tuple[str, ...]:
    """Every code lifeseg may report, sorted."""
    return tuple(sorted({key.partition(".")[0] for key in entries("en")}))


def help_page(code: str) -> str | None:
    """The Markdown page that explains a code, or None if there is no such page."""
    path = _HERE / "pages" / f"{code}.md"
    if not re.fullmatch(r"[a-z0-9-]+", code) or not path.is_file():
        return None
    return path.read_text(encoding="utf-8")


def shown(text: str) -> str:
    """Text from outside made safe to show: nothing unseen in it, and no longer than a reader would read."""
    text = seen(text[: LONGEST_ARGUMENT + 1])
    return text if len(text) <= LONGEST_ARGUMENT else text[: LONGEST_ARGUMENT - 1] + "…"


def seen(text: str) -> str:
    """Text from outside with nothing unseen in it, as long as it is."""
    return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text.replace("\t", " "))


def filled(texts: Texts, arguments: Mapping[str, str], said: Mapping[str, str]) -> str | None:
    """The first text whose placeholders all have arguments, with these put in; None if there is none.

    Between back-ticks stands what the policy says, word by word, elsewhere what it is called in the language.
    """
    for text in [texts] if isinstance(texts, str) else texts or ():
        if text and all(name in arguments for name in _PLACEHOLDER.findall(text)):
            parts = text.split("`")
            return "`".join(
                part.format_map(arguments if place % 2 else said) for place, part in enumerate(parts)
            )
    return None


def at(place: Span, main: Span | None, language: str) -> str:
    """A place in words, seen from the finding's own."""
    line = f"第 {place.line} 行" if language == "zh" else f"line {place.line}"
    if main is not None and main.file == place.file:
        return line
    return f"{shown(place.file)} {line}" if language == "zh" else f"{shown(place.file)}, {line}"


def named(value: str, language: str) -> str:
    """An argument, of several texts with the words that a language has for the others."""
    if not isinstance(value, Several) or language != "zh":
        return value
    return "、".join(value.texts) + (f" 等共 {len(value.texts) + value.more:,} 项" if value.more else "")


def bare(key: str, arguments: Mapping[str, str]) -> str:
    """What is left to say when the catalogue has no words: the key and its arguments."""
    said = ", ".join(f"{name} `{value}`" for name, value in arguments.items())
    return f"{key}: {said}" if said else key


@lru_cache(maxsize=8)
def files(language: str) -> Mapping[str, Mapping[str, Any]]:
    """The catalogue files of a language by name; of an unknown language none."""
    if not re.fullmatch(r"[A-Za-z-]+", language):
        return {}
    paths = sorted((_HERE / "catalogue").glob(f"*.{language}.toml"))
    return {path.name: tomllib.loads(path.read_text(encoding="utf-8")) for path in paths}


@lru_cache(maxsize=8)
def entries(language: str) -> Mapping[str, Entry]:
    """All entries of a language by key."""
    found: dict[str, Entry] = {}
    for name, data in files(language).items():
        for key, table in entry_tables(data):
            if key in found:
                raise ValueError(f"{name}: [{key}] stands in two catalogue files")
            found[key] = entry(table)
    return found


def in_phrases(text: str, known: Mapping[str, str]) -> str:
    """A phrase of ours, or a list of them (`a name, a number or …`), as the table of phrases has it."""
    if text in known:
        return known[text]
    return "".join(known.get(part, part) for part in re.split("(, | or )", text))


def phrases(language: str) -> Mapping[str, str]:
    """What the checker calls things (`a number`), in a language: the tables `[phrases]` of its files."""
    return {word: said for data in files(language).values() for word, said in data.get("phrases", {}).items()}


def entry_tables(data: Mapping[str, Any], code: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each table with a message, under its code, or its code and variant."""
    for name, table in data.items():
        if isinstance(table, dict) and name not in ("labels", "phrases"):
            key = f"{code}.{name}" if code else name
            if "message" in table:
                yield key, table
            yield from entry_tables(table, key)


def entry(table: Mapping[str, Any]) -> Entry:
    return Entry(
        table.get("severity"),
        table["message"],
        table.get("label"),
        table.get("help"),
        table.get("labels", {}),
    )
