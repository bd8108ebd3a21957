"""The colours of editors know the words of the grammar."""

import json
import re
from pathlib import Path
from typing import Any

from lifeseg.bundled import grammar_text
from lifeseg.syntax.parse_tables import tables_of

VSCODE = Path(__file__).parents[2] / "editors" / "vscode"


def read(name: str) -> Any:
    return json.loads((VSCODE / name).read_text(encoding="utf-8"))


def test_every_word_of_the_language_has_a_colour() -> None:
    patterns = " ".join(pattern["match"] for pattern in read("syntaxes/lifeseg.tmLanguage.json")["patterns"])
    known = set(re.findall(r"\b[a-z_]+(?:/no)?\b", patterns.replace("\\b", " ").replace("\\s", " ")))
    words = {word for word in tables_of(grammar_text())["literals"] if word[0].isalpha()}
    assert not words - known


def test_the_extension_names_files_that_are_there() -> None:
    contributed = read("package.json")["contributes"]
    assert (VSCODE / contributed["grammars"][0]["path"]).is_file()
    assert read(contributed["languages"][0]["configuration"])["comments"] == {"lineComment": "#"}
