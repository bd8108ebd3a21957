"""The example comes in; pictures of its pages go out, as the manual shows them.

    python docs/screenshots.py [NAME ...]

Each page is made by the command line and photographed by the Chromium of the machine, without a network. Look at them before
committing them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
BROWSER = "chromium"
PAGES = {
    "report": (["report", "--value", "customer_value"], 1100, 1250),
    "report-phone": (["report", "--value", "customer_value", "--lang", "zh"], 500, 1000),
    "book": (["docs"], 1280, 1000),
    "sensitivity": (
        [
            "sensitivity",
            "stable_relationship",
            "--from",
            "0.40",
            "--to",
            "0.56",
            "--step",
            "0.01",
            "--format",
            "html",
        ],
        1050,
        1100,
    ),
    "explanation": (["explain", "C19", "--format", "html"], 1000, 1000),
}
"""By the name of the picture: the command that prints the page, and how wide and high the window is."""


def photographed(name: str, folder: Path) -> Path:
    """The picture of a page."""
    words, wide, tall = PAGES[name]
    page, picture = folder / f"{name}.html", folder / f"{name}.png"
    command = [sys.executable, "-m", "lifeseg", *words]
    page.write_bytes(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    options = [
        "--headless", "--disable-gpu", "--no-sandbox", "--hide-scrollbars", "--no-first-run", "--disable-sync",
        "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND",
        f"--user-data-dir={folder}/profile", f"--window-size={wide},{tall}", f"--screenshot={picture}",
    ]  # fmt: skip
    subprocess.run([BROWSER, *options, page.as_uri()], check=True, timeout=120, stderr=subprocess.DEVNULL)
    return picture


def main(names: list[str]) -> None:
    IMAGES.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="lifeseg-pictures-") as folder:
        for name in names or PAGES:
            shutil.copyfile(photographed(name, Path(folder)), IMAGES / f"{name}.png")


if __name__ == "__main__":
    main(sys.argv[1:])
