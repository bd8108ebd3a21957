"""A page comes in; the stretches of it that are written by a test go out, and the page with new ones."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
STRETCH = re.compile(r"(?<=<!-- recorded: )([^>]+?) -->\n(.*?)(?=<!-- end -->)", re.DOTALL)


def stretches(text: str) -> dict[str, str]:
    """The recorded stretches of a page by name."""
    return {found[1]: found[2] for found in STRETCH.finditer(text)}


def rewritten(text: str, produce: Mapping[str, Callable[[], str]]) -> str:
    """The page with what its recorded stretches should read."""
    return STRETCH.sub(lambda found: f"{found[1]} -->\n{produce[found[1]]()}", text)


def pages() -> list[Path]:
    return sorted(DOCS.rglob("*.md"))


def page_name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()
