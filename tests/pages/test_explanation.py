"""An explanation as a page: all of it is there, folded; nothing in it is markup but ours, and nothing is loaded."""

import re
from html.parser import HTMLParser

import pytest

from lifeseg.explain.catalogue import languages
from lifeseg.explain.explanation import Beside
from lifeseg.explain.from_trace import explain
from lifeseg.explain.masking import MASK
from lifeseg.pages.explanation import fragment, page
from tests.explain.conftest import Example, example
from tests.explain.test_made import HOSTILE, hostile
from tests.explain.test_masking import SECRETS, secretive

__all__ = ["example"]

KEYS = ("C1", "C9", "C19", "C20", "C28", "C66")
ALONE = {"br", "input", "meta"}


class Reader(HTMLParser):
    """Elements that are opened and closed, attributes, and texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in ALONE:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


def told(example: Example, key: str, language: str = "en", detail: int = 2) -> Reader:
    return Reader(page(example.explain(key, language=language, detail=4, titled=True), detail))


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("language", languages())
def test_everything_is_there_however_far_it_is_unfolded(key: str, language: str, example: Example) -> None:
    whole = told(example, key, language)
    explanation = example.explain(key, language=language, detail=4, titled=True)
    assert whole.open == []
    assert explanation.sentence in whole.text
    for line in explanation.lines:
        assert " ".join(line.label.split()) in whole.text
    assert {told(example, key, language, detail).text for detail in range(5)} == {whole.text}


@pytest.mark.parametrize("key", KEYS)
def test_each_level_unfolds_more(key: str, example: Example) -> None:
    counts = [
        sum("open" in given for tag, given in told(example, key, detail=detail).found if tag == "details")
        for detail in range(5)
    ]
    assert counts == sorted(counts)
    assert counts[0] < counts[2] < counts[3] < counts[4]


@pytest.mark.parametrize("language", languages())
def test_it_says_its_language_and_loads_nothing(language: str, example: Example) -> None:
    whole = told(example, "C19", language)
    given = dict(whole.found)
    assert (given["html"]["lang"] or "").startswith(language)
    links = [
        value
        for _, attributes in whole.found
        for name, value in attributes.items()
        if name in ("href", "src")
    ]
    assert [link for link in links if not (link or "").startswith("#")] == []
    assert {tag for tag, _ in whole.found}.isdisjoint({"script", "img", "link", "iframe"})


def test_a_fragment_has_no_headings_and_stands_alone(example: Example) -> None:
    part = Reader(fragment(example.explain("C19", detail=4, titled=True)))
    assert part.open == []
    assert {tag for tag, _ in part.found}.isdisjoint({"h1", "h2", "html", "style"})


def test_hostile_text_is_text() -> None:
    whole = Reader(page(explain(hostile(HOSTILE), Beside(name=HOSTILE), detail=4, titled=True)))
    assert whole.open == []
    assert "b" not in {tag for tag, _ in whole.found}
    assert "<b>" in whole.text
    assert not set(whole.text) & {"\x1b", "\x00", "\u202e"}


@pytest.mark.parametrize("why_not", [None, "rich"])
def test_personal_facts_are_masked(why_not: str | None) -> None:
    trace, beside = secretive(), Beside(name="Li Ming")
    text = page(explain(trace, beside, detail=4, titled=True, why_not=why_not), 4)
    assert [secret for secret in SECRETS if secret in text] == []
    assert MASK in text
    shown = page(explain(trace, beside, detail=4, titled=True, show_personal=True), 4)
    assert "Li Ming" in shown


def test_tables_are_named_for_who_cannot_see_them(example: Example) -> None:
    whole = told(example, "C19")
    regions = [given for tag, given in whole.found if given.get("class") == "scroll"]
    assert regions
    assert all(given["aria-label"] and given["tabindex"] == "0" for given in regions)
    assert re.search(r"▇", whole.text), "bars are for the eye"
    assert all(given.get("aria-hidden") == "true" for _, given in whole.found if given.get("class") == "bars")
