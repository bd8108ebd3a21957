"""Explaining on a terminal imports nothing heavy: the whole command has six tenths of a second."""

import subprocess
import sys

HEAVY = ("pydantic", "rich.console", "rich.markdown", "duckdb", "lark", "difflib", "typer")


def test_the_way_to_the_console_is_light() -> None:
    code = (
        "import sys, lifeseg.explain.from_trace, lifeseg.explain.to_console, lifeseg.explain.to_json\n"
        "import lifeseg.explain.to_markdown, lifeseg.explain.comparison\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
