"""A language comes in, its messages go out: what explanations are made of, read from `messages/*.toml`.

A message that a language lacks is said in English. Another language is another file, nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from lifeseg.frozen import dataclass

_FOLDER = Path(__file__).with_name("messages")
_ENGLISH = "en"
_EAST = "\u3400-\u9fff\uac00-\ud7af"
_BORDER = re.compile(rf"(?<=[{_EAST}])(?=[A-Za-z0-9+-])|(?<=[A-Za-z0-9%])(?=[{_EAST}])")
"""Between East Asian and other letters, where a blank makes both easier to read."""


class UnknownLanguage(ValueError):  # noqa: N818 - it says what is wrong
    """A language without messages; `known` are those that have them."""

    def __init__(self, language: str, known: tuple[str, ...]) -> None:
        super().__init__(f"no messages in `{language}`; there are {', '.join(known)}")
        self.language = language
        self.known = known


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The messages of a language by `section.key`, and how it joins them."""

    language: str
    messages: Mapping[str, str]

    def say(self, key: str, /, **values: str) -> str:
        """The message with its placeholders filled."""
        text = self.messages[key].format_map(values)
        return _BORDER.sub(" ", text) if self.messages["style.space_between_scripts"] == "yes" else text

    def knows(self, key: str) -> bool:
        return key in self.messages

    def listed(self, items: Sequence[str], word: str = "and") -> str:
        """Items as a sentence lists them: `a, b and c`."""
        if len(items) < 2:
            return "".join(items)
        head = self.messages["list.comma"].join(items[:-1])
        return self.say(f"list.{word}", first=head, last=items[-1])

    def title(self, titles: Mapping[str, str], name: str) -> str:
        """A title in this language, else the policy's own, else the name."""
        return titles.get(self.language) or titles.get(_ENGLISH) or name.replace("_", " ")

    def inside(self, title: str) -> str:
        """A title as it stands inside a sentence: `Partnership` loses its capital, `ICT` keeps them."""
        if self.messages["style.capitals_in_sentences"] == "yes" or len(title) < 2:
            return title
        first, _, _ = title.partition(" ")
        return title if any(letter.isupper() for letter in first[1:]) else title[0].lower() + title[1:]

    def titled(self) -> Catalogue:
        """The same, speaking in titles throughout."""
        return Catalogue(self.language, {**self.messages, "style.tree": "titles"})

    @property
    def in_titles(self) -> bool:
        """Whether the tree speaks in titles rather than in the policy's own text."""
        return self.messages["style.tree"] == "titles"


def languages() -> tuple[str, ...]:
    """The languages that have messages."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


@cache
def catalogue(language: str) -> Catalogue:
    """The messages of a language; UnknownLanguage if there are none."""
    known = languages()
    if language not in known:
        raise UnknownLanguage(language, known)
    return Catalogue(language, {**_read(_ENGLISH), **_read(language)})


@cache
def _read(language: str) -> dict[str, str]:
    import tomllib

    sections = tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return {f"{section}.{key}": text for section, texts in sections.items() for key, text in texts.items()}
