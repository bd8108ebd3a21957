"""A page of HTML comes in; the same as a PDF goes out, printed by a Chromium that is found on the machine.

Nothing is downloaded. The browser gets a profile of its own, no network and a limited time, and is gone afterwards with all
that it has started.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from lifeseg.pipeline.errors import refusal

BROWSERS = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge",
)  # fmt: skip
SECONDS = 120.0
OPTIONS = (
    "--headless", "--disable-gpu", "--no-first-run", "--no-default-browser-check", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
    "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND", "--no-pdf-header-footer",
    "--generate-pdf-document-outline",
)  # fmt: skip


def to_pdf(page: str, seconds: float = SECONDS) -> bytes:
    """The PDF; a finding that says what to install where there is no browser, or why it did not print."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise refusal("pdf-browser", names=", ".join(BROWSERS[:3]))
    with TemporaryDirectory(prefix="lifeseg-pdf-", ignore_cleanup_errors=True) as folder:
        source, target = Path(folder) / "page.html", Path(folder) / "page.pdf"
        source.write_text(page, encoding="utf-8")
        command = [browser, *OPTIONS, f"--user-data-dir={folder}/profile", f"--print-to-pdf={target}"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--no-sandbox")  # which root has none of
        said = printed([*command, source.as_uri()], seconds)
        if not target.is_file() or not (content := target.read_bytes()).startswith(b"%PDF"):
            raise refusal("pdf-failed", browser=browser, reason=said)
        return content


def printed(command: list[str], seconds: float) -> str:
    """Runs the browser in a group of its own, which is ended whatever happens; what it said last."""
    try:
        browser = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
        )  # fmt: skip
    except OSError as error:
        return str(error)
    late = False
    try:
        _, said = browser.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        late = True
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(browser.pid, signal.SIGKILL)
        if late or browser.returncode is None:
            browser.communicate()
    if late:
        return f"it took longer than {seconds:.0f} s"
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else f"it ended with {browser.returncode}"
