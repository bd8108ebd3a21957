"""Pages as a browser shows them: quiet, narrow enough for a telephone, legible by day and night, within reach of keys."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from typer.testing import CliRunner

from lifeseg.cli.application import application
from tests.pages.book import ROOT, of_text, pack, to_html
from tests.pages.seen import DESK, PHONE, Light, Seen, shown
from tests.pages.test_book import SMALL

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]

REPORT = "report --value customer_value --records 12 --explained 1"
COMMANDS = {
    "report": REPORT,
    "report in Chinese": f"{REPORT} --lang zh",
    "explanation": "explain C19 --format html",
    "explanation in Chinese": "explain C19 --format html --lang zh",
    "sensitivity": "sensitivity --format html",
    "difference": "diff old rules/orgcust --format html",
}
PAGES = [*COMMANDS, "book"]
ONE_LANGUAGE = [name for name in PAGES if "Chinese" not in name]
OLD, NEW = 'relationship" = 0.48', 'relationship" = 0.55'


def said(command: str) -> str:
    done = CliRunner().invoke(application, command.split(), prog_name="lifeseg")
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of pages: of the example in its second month, after a threshold was raised."""
    folder = tmp_path_factory.mktemp("pages")
    for name in ("rules", "examples"):
        shutil.copytree(ROOT / name / "orgcust", folder / name / "orgcust")
    shutil.copytree(ROOT / "rules" / "orgcust", folder / "old")
    settings = (ROOT / "lifeseg.toml").read_text(encoding="utf-8")
    (folder / "lifeseg.toml").write_text(f'book = "policy.html"\n{settings}', encoding="utf-8")
    policy = folder / "rules" / "orgcust" / "orgcust.seg"
    text = policy.read_text(encoding="utf-8")
    assert OLD in text
    policy.write_text(text.replace(OLD, NEW), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        said("run --as-of 2013-05-31")
        for name, command in COMMANDS.items():
            (folder / f"{name}.html").write_text(said(command), encoding="utf-8")
    (folder / "small").mkdir()
    book = to_html(of_text(folder / "small", SMALL, ("en", "zh")))
    (folder / "book.html").write_text(book, encoding="utf-8")
    return folder


@pytest.fixture
def report(browser: Browser, pages: Path) -> Iterator[Seen]:
    with shown(browser, pages / "report.html", DESK) as seen:
        yield seen


# ---- Every page ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_it_is_quiet_loads_nothing_and_fits_a_telephone(browser: Browser, pages: Path, name: str) -> None:
    with shown(browser, pages / f"{name}.html", PHONE) as seen:
        assert (seen.beyond(), seen.unfolded().beyond()) == ([], []), "nothing is wider than the window"
        assert (seen.said, seen.asked) == ([], [])
        assert seen.unnamed() == [], "each picture is told in words"


@pytest.mark.parametrize("name", ONE_LANGUAGE)
def test_it_is_in_order_for_those_who_hear_it_or_have_no_mouse(
    browser: Browser, pages: Path, name: str
) -> None:
    with shown(browser, pages / f"{name}.html") as seen:
        assert seen.unfolded().hard_to_use() == []


@pytest.mark.parametrize("name", ONE_LANGUAGE)
@pytest.mark.parametrize("light", ["light", "dark", "print"])
def test_its_letters_are_legible(browser: Browser, pages: Path, name: str, light: Light) -> None:
    with shown(browser, pages / f"{name}.html", DESK, light) as seen:
        assert seen.unfolded().hard_to_read() == []


def test_day_night_and_paper_differ(browser: Browser, pages: Path) -> None:
    papers: dict[Light, str] = {}
    for light in ("light", "dark", "print"):
        with shown(browser, pages / "report.html", DESK, light) as seen:
            papers[light] = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert seen.page.locator("nav").is_visible() == (light != "print")
    assert papers["light"] == papers["print"] == "rgb(255, 255, 255)"
    assert papers["dark"] != papers["light"]


@pytest.mark.parametrize(
    ("name", "wide"), [("orgcust", DESK), ("clm", PHONE), ("mobile_value", DESK), ("lifecycles", PHONE)]
)
def test_books_of_packs_are_quiet_and_fit(browser: Browser, tmp_path: Path, name: str, wide: int) -> None:
    (tmp_path / "book.html").write_text(to_html(pack(name)), encoding="utf-8")
    with shown(browser, tmp_path / "book.html", wide) as seen:
        assert seen.unfolded().beyond(wide) == []
        assert (seen.said, seen.asked, seen.unnamed()) == ([], [], [])


def test_what_is_wrong_with_a_page_is_noticed(browser: Browser, tmp_path: Path) -> None:
    """Or the tests above would say nothing."""
    faulty = """<!doctype html><html lang="en"><title>Faulty</title>
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
    <body style="background: #fff"><main><h1>One</h1><h3>Three</h3>
    <div style="width: 900px; color: #bbb">Wide and faint</div><p style="color: #555">Soft</p>
    <svg role="img" viewBox="0 0 9 9"><text fill="#ccc">hazy</text></svg><img src="https://example.org/picture.png">
    </main></body></html>"""
    (tmp_path / "faulty.html").write_text(faulty, encoding="utf-8")
    with shown(browser, tmp_path / "faulty.html") as seen:
        assert any("900" in one for one in seen.beyond())
        assert len(seen.unnamed()) == 2
        assert any("Content Security Policy" in one for one in seen.said)
        rules = {one.partition(":")[0] for one in seen.hard_to_use()}
        assert {"heading-order", "image-alt", "svg-img-alt"} <= rules
        assert seen.hard_to_read() == ["Wide and faint", "hazy"]


# ---- The report ------------------------------------------------------------------------------------


def rows(seen: Seen) -> list[str]:
    """The keys that the list shows."""
    return seen.page.locator("#list tbody tr:visible th").all_inner_texts()


def test_the_list_is_searched_as_one_types(report: Seen) -> None:
    field, everybody = report.page.locator("#find"), rows(report)
    field.press_sequentially("warning")
    some = rows(report)
    assert 0 < len(some) < len(everybody)
    assert some == [key for key in everybody if key in some], "in the order that they had"
    assert all(
        "warning" in text.lower() for text in report.page.locator("#list tbody tr:visible").all_inner_texts()
    )
    expect(report.page.locator("#found")).to_contain_text(str(len(some)))
    field.press_sequentially(" nobody-is-called-so")
    assert rows(report) == []
    field.clear()
    assert rows(report) == everybody


def test_who_is_explained_is_reached_from_the_list(report: Seen) -> None:
    link = report.page.locator("#list a").first
    key = link.inner_text()
    told = report.page.locator("details.one").filter(has_text=f"{key} · ")
    expect(told.locator(".answer")).to_be_hidden()
    link.click()
    expect(told.locator(".answer")).to_be_in_viewport()
    report.page.go_back()
    expect(link).to_be_in_viewport()


def test_an_address_opens_the_explanation_that_it_names(browser: Browser, pages: Path, report: Seen) -> None:
    target = report.page.locator("#list a").first.get_attribute("href")
    assert target is not None
    report.page.goto(f"{(pages / 'report.html').as_uri()}{target}")
    report.page.reload()
    expect(report.page.locator(f"{target} .answer")).to_be_in_viewport()


def test_keys_lead_to_the_search_the_list_and_the_folds(report: Seen) -> None:
    met = []
    for _ in range(200):
        report.page.keyboard.press("Tab")
        met.append(report.page.evaluate("document.activeElement.id || document.activeElement.localName"))
        if met[-1] == "find":
            break
    assert met[-1] == "find"
    everybody = rows(report)
    report.page.keyboard.type("warning")
    assert 0 < len(rows(report)) < len(everybody)
    fold = report.page.locator("details.one > summary").first
    fold.focus()
    report.page.keyboard.press("Enter")
    expect(report.page.locator("details.one .answer").first).to_be_visible()
    report.page.keyboard.press("Tab")
    assert report.page.evaluate("document.activeElement.closest('details.one') !== null"), "and on within it"


def test_without_the_script_everything_is_there(browser: Browser, pages: Path, report: Seen) -> None:
    everybody = rows(report)
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto((pages / "report.html").as_uri())
        expect(page.locator("#list tbody tr")).to_have_count(len(everybody))
        expect(page.locator("#find")).to_be_hidden()
        page.locator("details.one > summary").first.click()
        expect(page.locator("details.one .answer").first).to_be_visible()
    finally:
        context.close()
