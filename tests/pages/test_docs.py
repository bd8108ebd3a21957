"""`lifeseg docs`: what is written is whole, a browser prints it, and git knows what it was before."""

import os
import subprocess
import sys
import time
from pathlib import Path
from unicodedata import normalize

import pytest
from pypdf import PdfReader
from typer.testing import CliRunner

from lifeseg.cli.application import application
from lifeseg.pages.printing import to_pdf
from lifeseg.pipeline.book.from_policy import Wish, book_of
from lifeseg.pipeline.errors import ConfigurationError
from lifeseg.pipeline.setting import settle
from tests.pages.book import ROOT, pack, to_html, to_markdown, written
from tests.pages.test_book import SMALL, ids, parsed, targets


def docs(*words: str | Path) -> tuple[int, str]:
    """The exit code, and what was said on both doors."""
    finished = CliRunner().invoke(application, ["docs", *map(str, words)], prog_name="lifeseg")
    return finished.exit_code, finished.output


# ---- The command -----------------------------------------------------------------------------------


def test_a_book_in_a_folder_is_called_as_the_policy(tmp_path: Path) -> None:
    code, said = docs(written(tmp_path, SMALL), "--out", tmp_path, "--lang", "both")
    assert (code, said) == (0, f"{tmp_path / 'small.html'} written\n")
    assert "小策略" in (tmp_path / "small.html").read_text(encoding="utf-8")


def test_a_policy_with_errors_has_no_book(tmp_path: Path) -> None:
    target = tmp_path / "book.html"
    code, said = docs(
        written(tmp_path, SMALL.replace("satisfaction / 5", "satisfactoin / 5")), "--out", target
    )
    assert code == 1
    assert "error[unknown-name]" in said
    assert not target.exists()


def test_where_no_book_can_be_written_it_is_said(tmp_path: Path) -> None:
    target = tmp_path / "nowhere" / "book.html"
    code, said = docs(written(tmp_path, SMALL), "--out", target)
    assert code == 2
    assert "cannot-write" in said


def test_proofs_are_told_of_each_definition(tmp_path: Path) -> None:
    book = book_of(settle(written(tmp_path, SMALL)), Wish(prove=True))
    text = to_markdown(book)
    assert "**proved**: everybody has a case" in text
    assert "**refuted**: it holds of nobody" in text, "who is gone stays so, however happy"
    assert "proved" not in to_markdown(book_of(settle(written(tmp_path, SMALL)), Wish()))


def test_without_the_records_there_is_a_book_all_the_same(tmp_path: Path) -> None:
    file = written(tmp_path, SMALL)
    settings = 'policy = "small.seg"\n\n[data]\ncustomer = "gone.csv"\norder = "gone.csv"\n'
    (tmp_path / "lifeseg.toml").write_text(settings, encoding="utf-8")
    text = to_markdown(book_of(settle(file), Wish()))
    assert "2 name records that are not here, and were not run." in text


def test_what_a_policy_takes_from_another_is_in_its_book(tmp_path: Path) -> None:
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "small.seg").write_text(SMALL, encoding="utf-8")
    (tmp_path / "south").mkdir()
    south = 'policy south "South"\n  version 1.0.0\n  use small 1.2.0\n\nchange params\n  window = 45 days\n'
    (tmp_path / "south" / "south.seg").write_text(south, encoding="utf-8")
    text = to_markdown(book_of(settle(tmp_path / "south"), Wish()))
    assert text.startswith("# South\n")
    assert "**45 days**" in text
    assert "**30 days**" not in text
    assert '<a id="loyalty"></a>' in text


# ---- History ---------------------------------------------------------------------------------------


def git(folder: Path, *words: str, day: str = "2024-03-01") -> None:
    moment = f"{day}T12:00:00Z"
    who = {
        f"GIT_{role}_{part}": value
        for role in ("AUTHOR", "COMMITTER")
        for part, value in (("NAME", "analyst"), ("EMAIL", "a@example.org"), ("DATE", moment))
    }
    subprocess.run(
        ["git", "-C", str(folder), *words], check=True, capture_output=True, env={**os.environ, **who}
    )


def test_parameters_have_the_history_that_git_knows(tmp_path: Path) -> None:
    file = written(tmp_path, SMALL)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "small.seg")
    git(tmp_path, "commit", "-qm", "First")
    file.write_text(SMALL.replace("= 30 days", "= 60 days"), encoding="utf-8")
    git(tmp_path, "commit", "-qam", "A longer window\n\nApproved-by: board", day="2024-04-01")
    text = to_markdown(book_of(settle(file), Wish()))
    rows = [line for line in text.split("\n") if line.startswith("| 2024-")]
    assert len(rows) == 1, "what a parameter was at first is no change"
    assert rows[0].startswith(
        "| 2024-04-01 | [Window](#window) | 30 days → **60 days** | A longer window | board |"
    )


# ---- Leading into it --------------------------------------------------------------------------------


def diff_page(folder: Path, book: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The page about a change of a parameter, a flag, a score and a fact."""
    new = SMALL.replace("= 30 days", "= 60 days").replace("satisfaction >= 4", "satisfaction >= 5")
    new = new.replace("0.75 feeling", "0.70 feeling").replace("0.25 spent", "0.30 spent")
    written(folder, new.replace("rating 1..5 source", "rating 1..6 source"))
    (folder / "old.seg").write_text(SMALL, encoding="utf-8")
    (folder / "lifeseg.toml").write_text(f'policy = "small.seg"\nbook = "{book}"\n', encoding="utf-8")
    monkeypatch.chdir(folder)
    words = ["diff", "old.seg", "small.seg", "--text-only", "--format", "html"]
    return CliRunner().invoke(application, words, prog_name="lifeseg").output


def test_each_rule_of_a_difference_leads_into_the_book(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = diff_page(tmp_path, "books/policy.html", monkeypatch)
    led = {target.partition("#")[::2] for target in targets(parsed(page)) if not target.startswith("#")}
    assert {place for place, _ in led} == {"books/policy.html"}
    assert {name for _, name in led} == {
        "window",
        "customer.happy",
        "customer.loyalty",
        "customer.satisfaction",
    }
    assert {name for _, name in led} <= set(ids(parsed(to_html(book_of(settle(), Wish())))))


@pytest.mark.parametrize(
    ("book", "start"),
    [
        ("https://intranet/p.html", "https://intranet/p.html#"),
        ("javascript:alert(1)", "javascript%3Aalert%281%29#"),
    ],
)
def test_a_book_lies_at_an_address_or_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, book: str, start: str
) -> None:
    assert f'href="{start}window"' in diff_page(tmp_path, book, monkeypatch)


# ---- On paper --------------------------------------------------------------------------------------


def test_a_pdf_has_pages_titles_and_bookmarks(tmp_path: Path) -> None:
    target = tmp_path / "book.pdf"
    code, said = docs(written(tmp_path, SMALL), "--out", target, "--format", "pdf", "--lang", "both")
    assert (code, said) == (0, f"{target} written\n")
    reader = PdfReader(target)
    assert len(reader.pages) > 5
    text = normalize("NFKC", "".join(page.extract_text() for page in reader.pages))  # ﬁ and ⼩ are fi and 小
    for title in ("Small", "小策略", "Loyalty", "忠诚度", "Spending", "Glossary and index"):
        assert title in text, title
    assert "Small · 1.2.0" in reader.pages[2].extract_text(), "the head of each page"
    assert reader.outline


def test_without_a_browser_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a book that is there stays."""
    target = tmp_path / "book.pdf"
    target.write_bytes(b"the book of yesterday")
    monkeypatch.setenv("PATH", str(tmp_path))
    code, said = docs(written(tmp_path, SMALL), "--out", target, "--format", "pdf")
    assert code == 2
    assert "install Chromium" in said
    assert target.read_bytes() == b"the book of yesterday"


def fake_browser(folder: Path, script: str) -> None:
    file = folder / "chromium"
    file.write_text(f"#!{sys.executable}\n{script}", encoding="utf-8")
    file.chmod(0o755)


def test_a_browser_that_hangs_is_ended_with_what_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "child"
    fake_browser(
        tmp_path,
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(note)!r}, 'w').write(str(child.pid))\ntime.sleep(60)\n",
    )
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigurationError) as refused:
        to_pdf("<p>", seconds=2)
    assert refused.value.findings[0].key == "pdf-failed"
    child = int(note.read_text())
    for _ in range(50):
        if not runs(child):
            break
        time.sleep(0.1)
    assert not runs(child)


def runs(process: int) -> bool:
    """Whether a process still does anything; one that nobody has asked about since it ended does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_browser_that_fails_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_browser(tmp_path, "import sys\nsys.exit('no room')\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigurationError) as refused:
        to_pdf("<p>")
    assert refused.value.findings[0].arguments["reason"] == "no room"


# ---- Packs -------------------------------------------------------------------------------------------


def test_the_packs_of_this_repository_have_books_with_pictures_of_their_lifecycles() -> None:
    assert (ROOT / "rules" / "lifecycles").is_dir()
    assert to_html(pack("lifecycles")).count('class="states"') == 12
