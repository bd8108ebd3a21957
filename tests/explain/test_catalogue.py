"""The languages say the same things with the same words filled in."""

import re
import string
import tomllib
from pathlib import Path

import pytest

import lifeseg.explain.catalogue as module
from lifeseg.explain.catalogue import UnknownLanguage, catalogue, languages
from tests.explain.conftest import Example

FOLDER = Path(module.__file__).with_name("messages")
PLACES = (
    FOLDER.parent,
    *(
        FOLDER.parents[1] / place
        for place in ("pipeline/book", "pipeline/report", "pages/report", "cli/cheapest")
    ),
    FOLDER.parents[1] / "pages",
)
SOURCES = [path.read_text(encoding="utf-8") for place in PLACES for path in place.glob("*.py")]


def keys(language: str) -> dict[str, str]:
    sections = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return {f"{section}.{key}": text for section, texts in sections.items() for key, text in texts.items()}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", [found for found in languages() if found != "en"])
def test_every_message_is_translated_with_the_same_placeholders(language: str) -> None:
    english, other = keys("en"), keys(language)
    own = {"unit.CNY"}  # a unit that this language has a word for
    assert set(english) - set(other) - {"table.bar"} == set()
    assert set(other) - set(english) - own == set()
    differing = [
        key for key in english if key in other and placeholders(other[key]) != placeholders(english[key])
    ]
    assert differing == []


def test_every_message_is_used() -> None:
    """By its whole key, or by its section and a name that the code computes."""
    code = "\n".join(SOURCES)
    computed = {key for key in keys("en") if f'f"{key.partition(".")[0]}.' in code}
    unused = {key for key in set(keys("en")) - computed if f'"{key}"' not in code and f".{key}" not in code}
    names = {key for key in unused if not re.search(rf'"{re.escape(key.partition(".")[2])}"', code)}
    assert names == set()


def test_an_unknown_language_is_refused(example: Example) -> None:
    with pytest.raises(UnknownLanguage) as refused:
        example.explain("C19", language="tlh")
    assert refused.value.known == ("en", "zh")


def test_another_language_is_another_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, example: Example
) -> None:
    """What it leaves out is said in English; titles it lacks are the policy's own."""
    for path in FOLDER.glob("*.toml"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "de.toml").write_text(
        '[style]\ncapitals_in_sentences = "yes"\n\n[sentence]\nfirst = "{decision} von {who} ist {value}"\n'
        'because = "{main}, weil {reason}"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(module, "_FOLDER", tmp_path)
    for found in (catalogue, module._read):
        found.cache_clear()
    try:
        sentence = example.explain("C19", language="de").sentence
    finally:
        monkeypatch.undo()
        for found in (catalogue, module._read):
            found.cache_clear()
    assert sentence.startswith(
        "Lifecycle stage von C19 ist Conversion and its Type in the conversion stage is"
    )
    assert ", weil every Product under contract" in sentence


def test_joining() -> None:
    english, chinese = catalogue("en"), catalogue("zh")
    assert [english.listed(list("abc")[:size]) for size in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert chinese.listed(["甲", "乙", "丙"]) == "甲、乙和丙"
    assert english.listed(["a", "b"], "or") == "a or b"


@pytest.mark.parametrize(
    ("title", "inside"),
    [
        ("Strategic partnership", "strategic partnership"),
        ("ICT use", "ICT use"),
        ("A", "A"),
        ("5G plan", "5G plan"),
    ],
)
def test_titles_inside_a_sentence(title: str, inside: str) -> None:
    assert catalogue("en").inside(title) == inside
    assert catalogue("zh").inside(title) == title


def test_blanks_between_scripts() -> None:
    assert catalogue("zh").say("sentence.first", who="C19", decision="阶段", value="B") == "C19 的阶段为 B"
    assert (
        catalogue("zh").say("sentence.first", who="华泰", decision="阶段", value="合同期")
        == "华泰的阶段为合同期"
    )
