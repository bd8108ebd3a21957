"""A page of HTML comes in; what a browser and axe-core notice of it goes out, each as a list of sentences, best empty."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

PHONE, DESK = 375, 1200
LEAST_CONTRAST = 4.5
Light = Literal["light", "dark", "print"]

UNFOLD = "document.querySelectorAll('details').forEach(one => one.open = true)"
UNNAMED = """() => [...document.querySelectorAll('svg:not([aria-hidden=true]), img')].filter(one => {
    const names = (one.getAttribute('aria-labelledby') || '').split(' ').map(name => document.getElementById(name));
    const label = one.getAttribute('alt') || one.getAttribute('aria-label') || names.map(one => one?.textContent).join('');
    return !label || !(one.tagName === 'IMG' || one.role === 'img');
  }).map(one => one.outerHTML.slice(0, 80))"""
BEYOND = """wide => [...document.querySelectorAll('body *')].filter(one =>
    !one.closest('.scroll') && one.getBoundingClientRect().right > wide + 1
  ).map(one => one.outerHTML.slice(0, 80))"""
# The lightness of letters beside that of what they stand on, in pictures too; axe leaves out what is scrolled away or drawn.
FAINT = """least => {
  const brush = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const lightness = (...colours) => {
    for (const colour of colours) {
      brush.fillStyle = colour;
      brush.fillRect(0, 0, 1, 1);
    }
    const [red, green, blue] = [...brush.getImageData(0, 0, 1, 1).data].map(part =>
      part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const papers = one => one ? [...papers(one.parentElement), getComputedStyle(one).backgroundColor] : ['white'];
  const written = one => [...one.childNodes].some(part => part.nodeType === Node.TEXT_NODE && part.data.trim());
  return [...document.querySelectorAll('body, body *')].filter(one => {
    if (one.closest('script, title, [aria-hidden=true]') || !written(one) || !one.checkVisibility()) return false;
    const style = getComputedStyle(one), beneath = papers(one);
    const paper = lightness(...beneath);
    const ink = lightness(...beneath, one.closest('svg') ? style.fill : style.color);
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05) < least;
  }).map(one => one.textContent.slice(0, 80));
}"""


class Seen:
    """A page that is open, and what was said and asked for since."""

    def __init__(self, page: Page, file: Path) -> None:
        self.page, self.said, self.asked = page, [], []
        page.on("console", lambda one: self.said.append(one.text))
        page.on("pageerror", lambda one: self.said.append(str(one)))
        page.on("request", lambda one: self.asked.append(one.url))
        page.goto(file.as_uri())
        self.asked.remove(file.as_uri())

    said: list[str]
    """In the console: errors and warnings, also of what the page is forbidden to load."""
    asked: list[str]
    """What it wanted to have besides itself."""

    def unfolded(self) -> Seen:
        self.page.evaluate(UNFOLD)
        return self

    def beyond(self, wide: int = PHONE) -> list[str]:
        """What stands out at the right of a window so wide, unless it is moved by itself."""
        assert self.page.evaluate("innerWidth") == wide
        found: list[str] = self.page.evaluate(BEYOND, wide)
        scrolled = self.page.evaluate("document.documentElement.scrollWidth")
        return [*found, *([f"{scrolled} wide"] if scrolled > wide else [])]

    def unnamed(self) -> list[str]:
        """Pictures that have nothing for those who do not see them."""
        found: list[str] = self.page.evaluate(UNNAMED)
        return found

    def hard_to_use(self) -> list[str]:
        """Headings out of order, what keys do not reach, what has no name and so on: the rules of axe-core."""
        found = Axe().run(self.page, options={"resultTypes": ["violations"]}).response["violations"]
        told = ((one["id"], node["html"]) for one in found for node in one["nodes"])
        return [f"{rule}: {html}" for rule, html in told if not linked_formula(rule, html)]

    def hard_to_read(self) -> list[str]:
        """Letters too much like what they stand on."""
        found: list[str] = self.page.evaluate(FAINT, LEAST_CONTRAST)
        return found


def linked_formula(rule: str, html: str) -> bool:
    """A formula is a picture to axe, in which there can be no links; to browsers those of MathML are links."""
    return rule == "nested-interactive" and html.startswith("<math")


@contextmanager
def shown(browser: Browser, file: Path, wide: int = PHONE, light: Light = "light") -> Iterator[Seen]:
    """The page in a window of its own, by day, by night or as it is printed."""
    context = browser.new_context(viewport={"width": wide, "height": 800})
    try:
        page = context.new_page()
        page.emulate_media(
            media="print" if light == "print" else "screen",
            color_scheme="dark" if light == "dark" else "light",
        )
        yield Seen(page, file)
    finally:
        context.close()
